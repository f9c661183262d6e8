// SPDX-License-Identifier: Apache-2.0
// A stdio peer that misbehaves on request: `node hostile.mjs MODE [ARG...]`. Plain Node, no SDK, so
// that every byte it writes is the one the test asked for.

import { createHash } from 'node:crypto';
import { closeSync, readSync, writeSync } from 'node:fs';

const [mode, ...args] = process.argv.slice(2);

const write = (value) => writeAll(Buffer.from(value));
const send = (message) => write(JSON.stringify(message) + '\n');

/** Blocking write of everything: what was written is out, whatever happens to this process next. */
function writeAll(bytes) {
  let sent = 0;
  while (sent < bytes.length) {
    try {
      sent += writeSync(1, bytes, sent);
    } catch (error) {
      if (error.code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      else throw error;
    }
  }
}

/** Calls `on_line` for each line of stdin and `on_end` at its end, which gets all bytes' digest. */
function read_lines(on_line, on_end = () => {}) {
  const hash = createHash('sha256');
  let bytes = 0;
  let parts = [];
  process.stdin.on('data', (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
    let start = 0;
    for (let end; (end = chunk.indexOf(0x0a, start)) >= 0; start = end + 1) {
      on_line(Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8'));
      parts = [];
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  });
  process.stdin.on('end', () => on_end({ bytes, sha256: hash.digest('hex') }));
}

const received = (total) =>
  send({ jsonrpc: '2.0', method: 'notifications/received', params: total });

/** Answers every request; a batch is answered by a batch. `result_of` makes the result. */
function answer(line, result_of) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return;
  }
  const one = (m) => ({ jsonrpc: '2.0', id: m.id, result: result_of(m) });
  const wants = (m) => m && typeof m.method === 'string' && m.id !== undefined;
  if (Array.isArray(message)) {
    const answers = message.filter(wants).map(one);
    if (answers.length > 0) send(answers);
  } else if (wants(message)) {
    send(one(message));
  }
}

const kModes = {
  /** Echoes the parameters of each request; at the end of input tells what it received. */
  echo: () => read_lines((line) => answer(line, (m) => ({ echo: m.params ?? null })), received),

  /** As echo, with one tool that is read-only and one that is not. */
  tools: () => {
    const tools = [
      { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
      { name: 'act', inputSchema: { type: 'object' }, annotations: { readOnlyHint: false } },
    ];
    const result_of = (m) =>
      m.method === 'tools/list' ? { tools } : { content: [], got: m.params };
    read_lines((line) => answer(line, result_of), received);
  },

  /** Each answer is one line of args[0] bytes. */
  big: () =>
    read_lines((line) => answer(line, () => ({ fill: 'x'.repeat(Number(args[0])) })), received),

  /** Writes args[0] lines of args[1] bytes as fast as they are taken, then waits for the end. */
  flood: () => {
    read_lines(() => {}, received);
    const line = JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'info', data: 'f'.repeat(Number(args[1])) },
    });
    for (let i = 0; i < Number(args[0]); ++i) write(line + '\n');
    send({ jsonrpc: '2.0', method: 'notifications/flood/done' });
  },

  /** Writes for ever; ends when nobody reads any more. */
  endless: () => {
    for (;;) send({ jsonrpc: '2.0', method: 'notifications/message', params: { data: 'more' } });
  },

  /** Reads 1 KiB per 10 ms for args[0] milliseconds, then the rest at full speed. */
  slow: () => {
    const hash = createHash('sha256');
    const piece = Buffer.alloc(65536);
    const clock = new Int32Array(new SharedArrayBuffer(4));
    const slow_until = Date.now() + Number(args[0]);
    let bytes = 0;
    for (;;) {
      const slow = Date.now() < slow_until;
      if (slow) Atomics.wait(clock, 0, 0, 10);
      const n = readSync(0, piece, 0, slow ? 1024 : piece.length, null);
      if (n === 0) break;
      hash.update(piece.subarray(0, n));
      bytes += n;
    }
    received({ bytes, sha256: hash.digest('hex') });
  },

  /** Ends with status args[0] as soon as a line arrives, without an answer. */
  die: () => read_lines(() => process.exit(Number(args[0]))),

  /** As die, after a piece of an answer without its newline. */
  die_inside_a_line: () =>
    read_lines(() => {
      write('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"te');
      process.exit(Number(args[0]));
    }),

  /** Sends itself the signal args[0] as soon as a line arrives. */
  die_by_signal: () => read_lines(() => process.kill(process.pid, args[0])),

  /** Ends at once with status args[0]. */
  exit: () => process.exit(Number(args[0])),

  /** Says ready; on SIGTERM or SIGINT tells which one came and ends with status 5. */
  signals: () => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
      process.on(name, () => {
        send({ jsonrpc: '2.0', method: 'notifications/signal', params: { name } });
        process.exit(5);
      });
    }
    read_lines(() => {});
    send({ jsonrpc: '2.0', method: 'notifications/ready', params: { pid: process.pid } });
  },

  /** Writes after the end of its input, as a server that finishes its work does. */
  late: () => {
    read_lines(
      () => {},
      (total) => setTimeout(() => received(total), 200),
    );
  },

  /** Closes its output first and ends when its input ends. */
  close_output: () => {
    send({ jsonrpc: '2.0', method: 'notifications/last' });
    closeSync(1);
    process.stdin.on('data', () => {});
    process.stdin.on('end', () => process.exit(0));
  },

  /** Tells how it was started. */
  self: () => {
    process.stderr.write('a line on stderr\n');
    send({
      jsonrpc: '2.0',
      method: 'notifications/self',
      params: { args, env: process.env, cwd: process.cwd() },
    });
    read_lines(() => {}, received);
  },

  /** Writes the bytes that args[0] holds in base64, then waits for the end. */
  raw: () => {
    read_lines(() => {}, received);
    writeAll(Buffer.from(args[0], 'base64'));
  },
};

kModes[mode]();
