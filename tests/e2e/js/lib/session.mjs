// SPDX-License-Identifier: Apache-2.0
// What every session program shares: its command line, the server's command with a prefix before it
// (empty, a tap, `tallystick wrap ... --`, or several in a row), the environment and the time
// limit.
//
//   node sessions/NAME.mjs [--result OUT.json] [--prefix '["tallystick","wrap","--"]'] [--work DIR]
//   node sessions/NAME.mjs --url URL [--transport http|sse] [--frames OUT.ndjson]   over HTTP, where it can

import { mkdtempSync, rmSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Transcript, describe_error } from './transcript.mjs';

/** Longest a whole session may take; a session that hangs is a failure with a message. */
const kSessionLimitMs = 60_000;

const require = createRequire(import.meta.url);

/** Path of an official server's program, wherever npm put the package. */
export function package_program(name, file = 'dist/index.js') {
  return join(dirname(require.resolve(`${name}/package.json`)), file);
}

/** The environment of the server: nothing of the caller's but what is needed to run. */
export function server_environment() {
  const env = {};
  for (const name of ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'TMPDIR']) {
    if (process.env[name] !== undefined) env[name] = process.env[name];
  }
  return env;
}

/** {command, args} for a client's stdio transport: the prefix, then the server's own command. */
export function spawn_parameters(prefix, command, args) {
  const [program, ...rest] = [...prefix, command, ...args];
  return { command: program, args: rest, env: server_environment() };
}

/** A promise with a limit and a name, so that a hang says where. */
export function within(ms, what, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${ms} ms`)), ms);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** Waits until `test()` is true, asking often; for conditions that arrive by notification. */
export async function until(what, test, ms = 10_000) {
  const end = Date.now() + ms;
  while (!test()) {
    if (Date.now() > end) throw new Error(`${what}: not seen within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * Runs a session: `body({transcript, prefix, work, remote})` with a private directory, a time limit and a
 * transcript, which is written at the end. `remote` = {url, kind, frames} with --url, else undefined. Ends the process
 * with 0 or 1.
 */
export async function run_session(body) {
  const { values } = parseArgs({
    options: {
      result: { type: 'string' },
      prefix: { type: 'string', default: '[]' },
      work: { type: 'string' },
      url: { type: 'string' },
      transport: { type: 'string', default: 'http' },
      frames: { type: 'string' },
    },
  });
  const remote =
    values.url === undefined
      ? undefined
      : { url: new URL(values.url), kind: values.transport, frames: values.frames };
  const prefix = JSON.parse(values.prefix);
  const own_directory = values.work === undefined;
  const work = own_directory ? mkdtempSync(join(tmpdir(), 'tally-session-')) : values.work;
  mkdirSync(work, { recursive: true });

  const transcript = new Transcript([[work, '<work>']]);
  let status = 0;
  try {
    await within(kSessionLimitMs, 'session', body({ transcript, prefix, work, remote }));
    transcript.write(values.result);
  } catch (error) {
    process.stderr.write(`session failed: ${error?.stack ?? error}\n`);
    process.stderr.write(JSON.stringify(describe_error(error)) + '\n');
    transcript.write(values.result);
    status = 1;
  } finally {
    if (own_directory) rmSync(work, { recursive: true, force: true });
  }
  process.exit(status);
}
