// SPDX-License-Identifier: Apache-2.0
// What a client sent and received over HTTP, message by message, with the ids of the events that brought them: a client that
// resumes a stream gets messages again.

import { appendFileSync } from 'node:fs';
import { createParser } from 'eventsource-parser';

const writer = (path) => (record) => appendFileSync(path, JSON.stringify(record) + '\n');

/** Writes {"dir", "frame"} to `path` for everything that `transport` of an SDK client sends; and what it receives. */
export function record_frames(transport, path, { received = true } = {}) {
  if (path === undefined) return transport;
  const write = writer(path);
  const note = (dir, message) => write({ dir, frame: JSON.stringify(message) });
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    for (const one of [message].flat()) note('c2s', one);
    return send(message, options);
  };
  if (!received) return transport;
  // An SDK chains handlers by reading the old one, so a message may come by more than once.
  const seen = new WeakSet();
  let receive = transport.onmessage;
  Object.defineProperty(transport, 'onmessage', {
    get: () => receive,
    set: (handler) => {
      receive = (message, extra) => {
        if (!seen.has(message)) note('s2c', message);
        seen.add(message);
        handler?.(message, extra);
      };
    },
  });
  return transport;
}

/** A fetch that writes {"dir": "s2c", "frame", "event"} to `path` for every message in an answer. */
export function recording_fetch(path) {
  if (path === undefined) return fetch;
  const write = writer(path);
  // A server keeps empty events only to have an id in the stream: they are no messages.
  const note = (frame, event) => {
    if (frame.includes('"jsonrpc"')) write({ dir: 's2c', frame, event });
  };
  return async (url, init) => {
    const response = await fetch(url, init);
    const type = response.headers.get('content-type') ?? '';
    const { status, statusText, headers } = response;
    if (type.startsWith('application/json')) {
      const text = await response.text();
      if (response.ok) for (const one of [JSON.parse(text)].flat()) note(JSON.stringify(one));
      return new Response(text, { status, statusText, headers });
    }
    if (!type.startsWith('text/event-stream')) return response;
    const parser = createParser({ onEvent: ({ data, id }) => note(data, id) });
    const decoder = new TextDecoder();
    const transform = (chunk, controller) => {
      parser.feed(decoder.decode(chunk, { stream: true }));
      controller.enqueue(chunk);
    };
    const body = response.body.pipeThrough(new TransformStream({ transform }));
    return new Response(body, { status, statusText, headers });
  };
}

/** Frames without those that came again: events with an id that was seen, and answers to what was answered. */
export function without_replays(frames) {
  const seen = new Set();
  return frames.filter(({ dir, text, event }) => {
    const { id, method } = JSON.parse(text);
    const key = dir === 's2c' ? event : method === undefined && `answer ${JSON.stringify(id)}`;
    if (!key) return true;
    const again = seen.has(key);
    seen.add(key);
    return !again;
  });
}
