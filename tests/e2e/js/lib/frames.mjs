// SPDX-License-Identifier: Apache-2.0
// What a client sent and received, as its SDK saw it: for transports whose bytes no tap can split into messages.

import { appendFileSync } from 'node:fs';

/** `transport` of an SDK client; writes {"dir", "frame"} lines to `path` from now on. Returns the transport. */
export function record_frames(transport, path) {
  if (path === undefined) return transport;
  const note = (dir, message) =>
    appendFileSync(path, JSON.stringify({ dir, frame: JSON.stringify(message) }) + '\n');
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    for (const one of [message].flat()) note('c2s', one);
    return send(message, options);
  };
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
