// SPDX-License-Identifier: Apache-2.0
// Hostile peers: servers and clients that die, stall, flood, send garbage or vanish, with and
// without `tallystick wrap` between them. Each case runs twice and both runs must give the client
// the same.
//
//   node hostile.mjs --tallystick PATH [--only TEXT] [--memory-mib N] [--keep]
//
// `--tallystick none` runs both sides without wrap, to test the cases themselves.

import { closeSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Peer } from './lib/peer.mjs';
import { run } from './lib/process.mjs';
import { failure_cases } from './cases/failure.mjs';
import { malformed_cases } from './cases/malformed.mjs';
import { pressure_cases } from './cases/pressure.mjs';
import { process_cases } from './cases/process.mjs';

const kServer = join(dirname(fileURLToPath(import.meta.url)), 'servers', 'hostile.mjs');

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    only: { type: 'string' },
    'memory-mib': { type: 'string', default: '32' },
    keep: { type: 'boolean', default: false },
  },
});

if (options.tallystick === undefined) {
  process.stderr.write(
    'usage: node hostile.mjs --tallystick PATH|none [--only TEXT] [--memory-mib N]\n',
  );
  process.exit(2);
}
const tallystick = options.tallystick === 'none' ? null : resolve(options.tallystick);

// What our own parent left open without close-on-exec would reach the servers that are started directly; wrap passes
// on the three standard streams and nothing else.
for (const name of readdirSync('/proc/self/fd')) {
  if (Number(name) <= 2) continue;
  try {
    const flags = readFileSync(`/proc/self/fdinfo/${name}`, 'utf8').match(/flags:\s+0?(\d+)/)?.[1];
    if (flags !== undefined && (parseInt(flags, 8) & 0o2000000) === 0) closeSync(Number(name));
  } catch {
    // The descriptor of the listing itself.
  }
}
const root = mkdtempSync(join(tmpdir(), 'tally-hostile-'));

/** What a case may use: a private directory, the binary, its log and its environment. */
class Context {
  constructor(name) {
    this.directory = join(root, name.replaceAll(/[^a-z0-9]+/gi, '-'));
    this.log = join(this.directory, 'log');
    this.tallystick = tallystick;
    this.server = kServer;
    this.memory_mib = Number(options['memory-mib']);
    mkdirSync(join(this.directory, 'config'), { recursive: true });
    mkdirSync(join(this.directory, 'state'), { recursive: true });
    this.env = {
      PATH: process.env.PATH,
      HOME: this.directory,
      XDG_CONFIG_HOME: join(this.directory, 'config'),
      XDG_STATE_HOME: join(this.directory, 'state'),
    };
  }

  /** The command line that runs `command` behind wrap; the command itself when there is no wrap. */
  wrapped(command) {
    if (this.tallystick === null) return command;
    return [this.tallystick, 'wrap', '--log', this.log, '--name', 'hostile', '--', ...command];
  }

  hostile(mode, ...args) {
    return [process.execPath, this.server, mode, ...args.map(String)];
  }

  start([command, ...args], extra = {}) {
    return new Peer(command, args, { env: this.env, cwd: this.directory, ...extra });
  }

  tally(...args) {
    return run(this.tallystick, args, { env: this.env });
  }

  /** Every record of the log, oldest first. */
  async events() {
    const query = await this.tally('query', '--log', this.log, '--format', 'ndjson');
    if (query.code !== 0) throw new Error(`query: status ${query.code}: ${query.stderr}`);
    const lines = query.stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line)).sort((a, b) => a.seq - b.seq);
  }
}

/** Runs one side of a case: starts the command, lets the client do its part, waits for the end. */
async function run_side(context, test, command) {
  const peer = context.start(command, test.spawn?.(context));
  const side = { peer };
  try {
    side.seen = await test.client(peer, context);
    side.status = await peer.exited;
  } finally {
    peer.child.kill('SIGKILL');
  }
  side.stdout = peer.stdout;
  side.stderr = peer.stderr;
  side.timed_out = peer.timed_out === true;
  return side;
}

function first_difference(a, b) {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) ++at;
  const near = (bytes) =>
    JSON.stringify(bytes.subarray(Math.max(0, at - 40), at + 40).toString('latin1'));
  return `stdout differs at byte ${at} of ${a.length} and ${b.length}: ${near(a)} and ${near(b)}`;
}

function compare_sides(test, direct, wrapped) {
  const problems = [];
  if (wrapped.timed_out) problems.push('did not end in time');
  if (direct.status !== wrapped.status) {
    problems.push(`exit status ${wrapped.status} behind wrap, ${direct.status} without`);
  }
  if (test.same_output !== false && !direct.stdout.equals(wrapped.stdout)) {
    problems.push(first_difference(direct.stdout, wrapped.stdout));
  }
  if (!wrapped.stderr.includes(direct.stderr)) {
    problems.push(`stderr of the server did not come through: ${wrapped.stderr}`);
  }
  return problems;
}

/**
 * A case is {name, server: [mode, ...args], client(peer), check?({...})} or {name, run(context)}.
 */
async function run_case(test) {
  const context = new Context(test.name);
  if (test.run) return test.run(context);

  const command = test.command ?? context.hostile(...test.server);
  const direct = await run_side(context, test, command);
  const wrapped = await run_side(context, test, context.wrapped(command));
  const problems = compare_sides(test, direct, wrapped);
  problems.push(...((await test.same?.({ direct, wrapped, context })) ?? []));
  if (tallystick === null) return problems;

  const verify = await context.tally('verify', '--log', context.log);
  if (verify.code !== 0) problems.push(`verify: ${verify.code}: ${verify.stdout}${verify.stderr}`);
  const events = await context.events();
  problems.push(...((await test.check?.({ direct, wrapped, events, context })) ?? []));
  return problems;
}

let passed = 0;
let failed = 0;
for (const test of [...process_cases, ...pressure_cases, ...malformed_cases, ...failure_cases]) {
  if (options.only !== undefined && !test.name.includes(options.only)) continue;
  if (test.needs_wrap && tallystick === null) continue;
  const began = Date.now();
  let problems;
  try {
    problems = await run_case(test);
  } catch (error) {
    problems = [String(error.stack ?? error)];
  }
  if (problems.length === 0) ++passed;
  else ++failed;
  process.stdout.write(
    `${problems.length === 0 ? 'ok    ' : 'FAILED'} ${test.name} (${Date.now() - began} ms)\n`,
  );
  for (const line of problems.slice(0, 20)) process.stdout.write(`       ${line}\n`);
}
if (options.keep) process.stdout.write(`kept ${root}\n`);
else if (existsSync(root)) rmSync(root, { recursive: true, force: true });
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
