// SPDX-License-Identifier: Apache-2.0
// An independent witness of a stdio wire: `node tap.mjs OUTFILE -- COMMAND [ARG...]` starts
// COMMAND, relays bytes untouched in both directions and writes every newline-ended frame it saw to
// OUTFILE. `%p` in OUTFILE becomes the process id, because one client may start its server more
// than once.
//
// OUTFILE is NDJSON. Each line is one of
//   {"start":{"at":MS}}                   always the first line
//   {"dir":"c2s"|"s2c","frame":"..."}     a frame without its newline, when it is valid UTF-8
//   {"dir":"c2s"|"s2c","b64":"..."}       the same in base64, when it is not
//   {"dir":"c2s"|"s2c","rest":"b64..."}   bytes after the last newline
//   {"dir":"c2s"|"s2c","end":true,"bytes":N,"sha256":"..."}   end of a stream, with its digest
//   {"exit":{"code":N|null,"signal":NAME|null}}
// A frame is written to OUTFILE before it is passed on, so what the other side could have seen is
// always on file.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { constants } from 'node:os';

const split = process.argv.indexOf('--');
if (split !== 3 || process.argv.length < 5) {
  process.stderr.write('usage: node tap.mjs OUTFILE -- COMMAND [ARG...]\n');
  process.exit(2);
}
const out = openSync(process.argv[2].replace('%p', String(process.pid)), 'w', 0o600);
const [command, ...args] = process.argv.slice(split + 1);

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function note(record) {
  writeSync(out, JSON.stringify(record) + '\n');
}

function frame_record(dir, bytes) {
  try {
    return { dir, frame: strict.decode(bytes) };
  } catch {
    return { dir, b64: bytes.toString('base64') };
  }
}

/** Splits a stream into frames and notes them; memory grows only by the frame that is open. */
class Recorder {
  constructor(dir) {
    this.dir = dir;
    this.parts = [];
    this.bytes = 0;
    this.hash = createHash('sha256');
  }

  feed(chunk) {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, start);
      if (end < 0) break;
      this.parts.push(chunk.subarray(start, end));
      note(frame_record(this.dir, Buffer.concat(this.parts)));
      this.parts = [];
      start = end + 1;
    }
    if (start < chunk.length) this.parts.push(Buffer.from(chunk.subarray(start)));
  }

  /** Notes the end of the stream, once: at its end, or when the child is gone and reads no more. */
  finish() {
    if (this.finished) return;
    this.finished = true;
    if (this.parts.length > 0) {
      note({ dir: this.dir, rest: Buffer.concat(this.parts).toString('base64') });
      this.parts = [];
    }
    note({ dir: this.dir, end: true, bytes: this.bytes, sha256: this.hash.digest('hex') });
  }
}

note({ start: { at: Date.now() } });

const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
child.on('error', (error) => {
  process.stderr.write(`tap: cannot start ${command}: ${error.message}\n`);
  process.exit(127);
});

/** Passes chunks on with back-pressure; a sink that is gone stops the writing, not the reading. */
function relay(source, sink, recorder, on_end) {
  let sink_open = true;
  sink.on('error', () => {
    sink_open = false;
    source.resume();
  });
  sink.on('drain', () => source.resume());
  source.on('data', (chunk) => {
    if (!recorder.finished) recorder.feed(chunk);
    if (sink_open && !sink.write(chunk)) source.pause();
  });
  source.on('end', () => {
    recorder.finish();
    on_end();
  });
}

const from_client = new Recorder('c2s');
relay(process.stdin, child.stdin, from_client, () => child.stdin.end());
relay(child.stdout, process.stdout, new Recorder('s2c'), () => {});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}

child.on('close', (code, signal) => {
  from_client.finish();
  note({ exit: { code, signal } });
  const status = code ?? 128 + constants.signals[signal];
  // Everything the child wrote must be out before this process ends.
  process.stdout.end(() => process.exit(status));
  if (process.stdout.destroyed || process.stdout.errored) process.exit(status);
});
