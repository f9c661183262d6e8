// SPDX-License-Identifier: Apache-2.0
// An upstream whose answers are streams: events with the time at which they left, results of any size, event streams in
// every spelling that the standard allows. Prints {"port"} first, {"gone": name, "at": ns} when a client left early.

import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const now = () => process.hrtime.bigint();
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const envelope = (id, text, is_error) => {
  const start = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[{"type":"text","text":"`;
  return [start, text, `"}],"isError":${is_error}}}`];
};

const kEventStream = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

/** Events with the clock in them; the headers go out well before the first. */
async function tick(response, id, { count, pause_ms }) {
  response.writeHead(200, kEventStream);
  response.flushHeaders();
  await pause(100);
  for (let i = 0; i < count; ++i) {
    const params = { progressToken: 1, progress: i, message: String(now()) };
    const note = { jsonrpc: '2.0', method: 'notifications/progress', params };
    response.write(`event: message\ndata: ${JSON.stringify(note)}\n\n`);
    await pause(pause_ms);
  }
  response.end(`event: message\ndata: ${envelope(id, 'done', false).join('')}\n\n`);
}

/** One result of `bytes` bytes of text, as a body or as one event. */
async function large(response, id, { bytes, sse, is_error }) {
  response.writeHead(200, sse ? kEventStream : { 'content-type': 'application/json' });
  const [start, , end] = envelope(id, '', is_error);
  response.write((sse ? 'event: message\ndata: ' : '') + start);
  const block = Buffer.alloc(256 * 1024, 'abcdefghijklmnopqrstuvwxyz012345');
  for (let left = bytes; left > 0; left -= block.length) {
    const chunk = left < block.length ? block.subarray(0, left) : block;
    if (response.destroyed) return;
    if (!response.write(chunk)) await new Promise((resolve) => drained(response, resolve));
  }
  response.end(end + (sse ? '\n\n' : ''));
}

function drained(response, resolve) {
  const done = () => {
    response.off('drain', done);
    response.off('close', done);
    resolve();
  };
  response.on('drain', done);
  response.on('close', done);
}

/** Streams that say the same in other ways: the pieces are written one by one. */
const kSpellings = {
  lf: ['event: message\n', 'data: @\n\n'],
  crlf: ['event: message\r\n', 'data: @\r\n\r\n'],
  cr: ['event: message\r', 'data: @\r\r'],
  'no-space': ['data:@\n\n'],
  bom: ['\ufeffdata: @\n\n'],
  comments: [': keep-alive\n\n', ':\n', 'data: @\n', ': in between\n\n'],
  'field-order': ['id: 7\n', 'retry: 100\n', 'data: @\n', 'event: message\n\n'],
  priming: ['id: 1\ndata:\n\n', 'id: 2\ndata: @\n\n'],
  'unknown-field': ['foo: bar\nfoo\n', 'data: @\n\n'],
  'split-line': ['da', 'ta', ': ', '@', '\n', '\n'],
  'split-crlf': ['data: @\r', '\n\r', '\n'],
  'no-last-blank-line': ['data: @\n'],
};

async function spelling(response, id, { name, size }) {
  response.writeHead(200, kEventStream);
  const text = 'x'.repeat(size ?? 10);
  for (const piece of kSpellings[name]) {
    response.write(piece.replace('@', () => envelope(id, text, true).join('')));
    await pause(5);
  }
  response.end();
}

/** One message over several data: lines, which a reader joins with newlines. */
async function multi_line(response, id) {
  response.writeHead(200, kEventStream);
  const lines = JSON.stringify(JSON.parse(envelope(id, 'x', true).join('')), null, 1).split('\n');
  response.end(`${lines.map((line) => `data: ${line}`).join('\n')}\n\n`);
}

/** A stream that never says anything; tells when the client left. */
function silent(response, id) {
  response.writeHead(200, kEventStream);
  response.flushHeaders();
  response.on('close', () => say({ gone: id, at: String(now()) }));
}

const kTools = { tick, large, spelling, multi_line, silent };

async function body_of(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

const server = createServer(async (request, response) => {
  try {
    const message = await body_of(request);
    const { name, arguments: args } = message.params;
    await kTools[name](response, message.id, args ?? {});
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    response.destroy();
  }
});
server.listen(0, '127.0.0.1', () => say({ port: server.address().port, spellings: Object.keys(kSpellings) }));
process.on('SIGTERM', () => process.exit(0));
