// SPDX-License-Identifier: Apache-2.0
// End-to-end driver: real clients and servers, once directly and once behind `tallystick wrap`.
//
//   node run_sessions.mjs --tallystick PATH [--only NAME] [--keep]
//
// For each session it asserts that the client got the same, that the bytes on both sides of wrap
// are the same, that the log has exactly the records that the wire calls for (counted from an
// independent tap), that no secret of the session is anywhere in the log, and that the log
// verifies. `--tallystick none` runs everything but wrap, to test the driver itself.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  check_definitions,
  check_interactions,
  check_names,
  check_numbers,
  check_outcomes,
  check_process_records,
  of_messages,
} from './lib/checks.mjs';
import { diff_json, diff_records, reduce_event } from './lib/compare.mjs';
import { expected_records } from './lib/expected.mjs';
import { run } from './lib/process.mjs';
import { read_recordings } from './lib/wire.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));
const kTap = join(kHere, 'tap.mjs');

/**
 * `starts`: how often the client starts its server; `secrets`: texts that must not reach the log.
 */
const kSessions = [
  { name: 'everything', starts: 1, secrets: ['hunter2', 'sekrit'] },
  { name: 'filesystem', starts: 1, secrets: [] },
  { name: 'memory', starts: 1, secrets: [] },
  { name: 'modern', starts: 2, secrets: [] },
];

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

let passed = 0;
let failed = 0;

function check(name, problems) {
  if (problems.length === 0) {
    ++passed;
    return;
  }
  ++failed;
  process.stdout.write(`FAILED ${name}\n`);
  for (const line of problems.slice(0, 40)) process.stdout.write(`    ${line}\n`);
}

/** Runs one session program; returns its transcript. */
async function run_session(session, directory, label, prefix, env) {
  const result = join(directory, `${label}.json`);
  const work = join(directory, `work-${label}`);
  const program = join(kHere, 'sessions', `${session.name}.mjs`);
  const args = [program, '--result', result, '--work', work, '--prefix', JSON.stringify(prefix)];
  const done = await run(process.execPath, args, { env, limit_ms: 90_000 });
  const problems = [];
  if (done.timed_out) problems.push('did not end in time');
  if (done.code !== 0) problems.push(`exit status ${done.code ?? done.signal}`, done.stderr);
  check(`${session.name}: the ${label} session runs`, problems);
  try {
    return JSON.parse(readFileSync(result, 'utf8'));
  } catch {
    return null;
  }
}

function check_streams(session, outer, inner) {
  const problems = [];
  if (outer.length !== session.starts || inner.length !== session.starts) {
    problems.push(`taps: ${outer.length} outside, ${inner.length} inside, want ${session.starts}`);
  }
  for (let i = 0; i < Math.min(outer.length, inner.length); ++i) {
    for (const dir of ['c2s', 's2c']) {
      for (const side of [outer[i], inner[i]]) {
        if (!side.streams[dir]) problems.push(`start ${i}: ${side.path} saw no end of ${dir}`);
        if (side.rest[dir]) problems.push(`start ${i}: ${side.path} saw an open frame in ${dir}`);
      }
      problems.push(
        ...diff_json(outer[i].streams[dir], inner[i].streams[dir], `start ${i} ${dir}`),
      );
    }
  }
  check(`${session.name}: the same bytes on both sides of wrap`, problems);
}

/** Records by the process that made them, in order; what the log says of itself is nobody's. */
function group_by_instance(events) {
  const groups = new Map();
  for (const event of events.filter((e) => e.event_type !== 'audit')) {
    if (!groups.has(event.instance)) groups.set(event.instance, []);
    groups.get(event.instance).push(event);
  }
  return [...groups.values()];
}

function check_records(session, outer, events, catalog) {
  const groups = group_by_instance(events);
  check(
    `${session.name}: one instance per process`,
    diff_json(outer.length, groups.length, 'processes on the wire and in the log'),
  );
  outer.forEach((recording, index) => {
    const title = `${session.name}, process ${index + 1}`;
    const expected = expected_records(recording.frames);
    const group = groups[index] ?? [];
    const messages = of_messages(group);
    check(
      `${title}: one record for everything on the wire`,
      diff_records(expected.records, messages.map(reduce_event)),
    );
    check(`${title}: records of the process`, check_process_records(group));
    check(`${title}: tool definitions`, check_definitions(group, expected));
    check(`${title}: interactions`, check_interactions(messages));
    check(`${title}: event names`, check_names(messages, catalog));
    check(`${title}: outcomes`, check_outcomes(messages));
    const counts = `${messages.length} + ${group.length - messages.length}`;
    process.stdout.write(`    ${title}: ${expected.messages} messages, ${counts} records\n`);
  });
}

/** Looks through every file of the log for what must not be in it. */
function check_secrets(session, log, secrets) {
  const problems = [];
  for (const entry of readdirSync(log, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = readFileSync(path);
    for (const secret of secrets) {
      if (bytes.includes(secret)) problems.push(`${path} holds ${secret.slice(0, 12)}`);
    }
  }
  check(`${session.name}: no secret in the log`, problems);
}

async function check_log(session, tallystick, log, env, outer) {
  const query = await run(tallystick, ['query', '--log', log, '--format', 'ndjson'], { env });
  check(`${session.name}: query`, query.code === 0 ? [] : [`status ${query.code}`, query.stderr]);
  const events = query.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.seq - b.seq);
  const catalog = await run(tallystick, ['catalog', '--format', 'json'], { env });
  check(`${session.name}: numbered from 0 without a gap`, check_numbers(events));
  check_records(session, outer, events, JSON.parse(catalog.stdout));
  const states = outer.flatMap((recording) => expected_records(recording.frames).request_states);
  check_secrets(session, log, [...session.secrets, ...states]);
  const verify = await run(tallystick, ['verify', '--log', log], { env });
  const problems = verify.code === 0 ? [] : [`status ${verify.code}`, verify.stdout, verify.stderr];
  check(`${session.name}: verify`, problems);
}

async function one_session(session, tallystick, root) {
  const directory = join(root, session.name);
  const log = join(directory, 'log');
  for (const name of ['config', 'state', 'taps']) {
    mkdirSync(join(directory, name), { recursive: true });
  }
  const env = {
    ...process.env,
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_STATE_HOME: join(directory, 'state'),
  };
  const tap = (name) => [process.execPath, kTap, join(directory, 'taps', `${name}.%p.tap`), '--'];
  const wrap = tallystick ? [tallystick, 'wrap', '--log', log, '--name', session.name, '--'] : [];

  const [direct, wrapped] = await Promise.all([
    run_session(session, directory, 'direct', tap('direct'), env),
    run_session(session, directory, 'wrapped', [...tap('outer'), ...wrap, ...tap('inner')], env),
  ]);
  check(`${session.name}: the client gets the same`, diff_json(direct, wrapped));

  const outer = read_recordings(join(directory, 'taps'), 'outer.');
  const inner = read_recordings(join(directory, 'taps'), 'inner.');
  check_streams(session, outer, inner);
  if (tallystick) await check_log(session, tallystick, log, env, outer);
}

if (options.tallystick === undefined) {
  process.stderr.write(
    'usage: node run_sessions.mjs --tallystick PATH|none [--only NAME] [--keep]\n',
  );
  process.exit(2);
}
const tallystick = options.tallystick === 'none' ? null : resolve(options.tallystick);
const root = mkdtempSync(join(tmpdir(), 'tally-e2e-'));
for (const session of kSessions) {
  if (options.only !== undefined && options.only !== session.name) continue;
  try {
    await one_session(session, tallystick, root);
  } catch (error) {
    check(`${session.name}: the driver`, [String(error.stack ?? error)]);
  }
}
if (options.keep) process.stdout.write(`kept ${root}\n`);
else rmSync(root, { recursive: true, force: true });
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
