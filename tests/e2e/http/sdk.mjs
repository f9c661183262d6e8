// SPDX-License-Identifier: Apache-2.0
// Official SDK clients against official servers over HTTP, directly and through `tallystick serve`: the client gets the
// same, and the log has exactly the records that the exchanged messages call for.
//
//   node sdk.mjs --tallystick PATH|none [--quick] [--only NAME] [--keep]
//
// Without --quick a Backstage backend is among the servers: tools/setup.sh backstage installs it.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { check_interactions, check_outcomes, of_messages } from '../js/lib/checks.mjs';
import { diff_json, diff_records, reduce_event } from '../js/lib/compare.mjs';
import { expected_records } from '../js/lib/expected.mjs';
import { without_replays } from '../js/lib/frames.mjs';
import { run } from '../js/lib/process.mjs';
import { package_program, server_environment } from '../js/lib/session.mjs';
import { start_backstage } from './backstage/server.mjs';
import { Child, free_ports, pause } from './lib/child.mjs';
import { each } from './lib/parallel.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Report } from './lib/report.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));
const kEverything = join(kHere, '..', 'js', 'sessions', 'everything.mjs');
const kOwn = (name) => join(kHere, 'sessions', name);

/** `server` = the mode of server-everything, or our fixture; `quick` = also in the short run. */
const kSessions = [
  { name: 'sdk1-http', program: kEverything, server: 'streamableHttp', quick: true },
  { name: 'sdk1-sse', program: kEverything, server: 'sse', quick: true },
  { name: 'sdk2-http', program: kOwn('client2.mjs'), server: 'streamableHttp', quick: true },
  { name: 'sdk2-sse', program: kOwn('client2.mjs'), server: 'sse', quick: true },
  { name: 'sdk2-stateless', program: kOwn('stateless.mjs'), server: 'fixture', quick: true },
  { name: 'backstage', program: kOwn('backstage.mjs'), server: 'backstage', quick: false },
];
const kPaths = { streamableHttp: '/mcp', sse: '/sse', fixture: '/mcp', backstage: '/api/mcp-actions/v1' };
/** Most of a session is waiting. */
const kAtOnce = 3;
/** What the sessions say that must not be found in a log. */
const kSecrets = ['hunter2', 'sekrit'];

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

/** A server of its own for one run, so that runs do not see each other; resolves to {child, origin, token}. */
async function serve(kind, port, directory) {
  if (kind === 'backstage') return start_backstage(directory, port);
  if (kind === 'fixture') {
    const child = new Child(process.execPath, [join(kHere, 'fixture', 'server.mjs')]);
    return { child, origin: new URL((await child.announced()).url).origin };
  }
  const program = package_program('@modelcontextprotocol/server-everything');
  const env = { ...server_environment(), PORT: String(port) };
  const child = new Child(process.execPath, [program, kind], { env });
  while (!`${child.out}${child.err}`.includes(String(port))) {
    if (child.status !== undefined) throw new Error(child.trouble('no start'));
    await pause(20);
  }
  return { child, origin: `http://127.0.0.1:${port}` };
}

/** One session program on `origin`; resolves to its transcript and the messages it exchanged. */
async function run_client(report, session, label, { origin, token }, directory) {
  const [result, frames] = ['json', 'ndjson'].map((end) => join(directory, `${label}.${end}`));
  const url = origin + kPaths[session.server];
  const kind = session.server === 'sse' ? 'sse' : 'http';
  const args = [session.program, '--url', url, '--transport', kind];
  const done = await run(process.execPath, [...args, '--frames', frames, '--result', result], {
    limit_ms: 90_000,
    env: { ...process.env, TALLY_TOKEN: token ?? '' },
  });
  const ended = done.timed_out ? 'took too long' : `status ${done.code}`;
  report.check(
    `${session.name}: the ${label} session runs`,
    done.code === 0 ? [] : [ended, ...done.stderr.split('\n')],
  );
  const lines = existsSync(frames) ? readFileSync(frames, 'utf8').trim().split('\n') : [];
  return {
    transcript: existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : null,
    frames: lines
      .map((line) => JSON.parse(line))
      .map(({ dir, frame, event }) => ({ dir, text: frame, event })),
  };
}

/** Message records, in the terms of the oracle; an HTTP exchange without JSON-RPC has no direction. */
const messages_of = (events) => of_messages(events).filter((e) => e.details.direction);

async function check_log(report, session, proxy, frames, token) {
  const events = await proxy.events();
  const refused = (event) => event.details.outcome?.http_status === 401;
  const messages = messages_of(events).filter((event) => !refused(event));
  const expected = expected_records(without_replays(frames));
  report.say(`    ${session.name}: ${frames.length} messages, ${messages.length} records`);
  report.check(
    `${session.name}: one record for everything that the client saw`,
    diff_records(expected.records, messages.map(reduce_event)),
  );
  report.check(`${session.name}: interactions`, check_interactions(messages));
  report.check(`${session.name}: outcomes`, check_outcomes(messages));
  const failing = messages.filter((e) => e.target_name === 'no-such-tool' && e.status === 'failed');
  report.check(
    `${session.name}: every message has its HTTP facts`,
    messages.filter((e) => e.details.http === undefined).map((e) => `seq ${e.seq}: no details.http`),
  );
  if (['streamableHttp', 'sse'].includes(session.server)) {
    report.check(
      `${session.name}: the failing tool is a failure`,
      failing.map((e) => e.event_result).join() === 'failure' ? [] : [JSON.stringify(failing)],
    );
  }
  if (session.server === 'backstage') {
    const results = messages_of(events).filter(refused).map((event) => event.event_result);
    report.check(
      `${session.name}: a client without a token is a failure`,
      results.join() === 'failure' ? [] : [results.join()],
    );
  }
  const text = JSON.stringify(events);
  const known = [...kSecrets, token ?? kSecrets[0]].filter((secret) => text.includes(secret));
  report.check(`${session.name}: no secret in the log`, known);
  report.check(`${session.name}: verify`, await proxy.verify());
}

/**
 * The timers of server-everything decide when some notifications come, and so their order among others: when the two sides
 * differ they get a second chance to be the same. What the log has of a session must be right each time.
 */
async function one_session(report, session, binary, root) {
  let differences = [];
  for (const attempt of ['first', 'second']) {
    differences = await both_sides(report, session, binary, join(root, `${session.name}-${attempt}`));
    if (differences.length === 0) break;
    report.say(`    ${session.name}: the two sides differ the ${attempt} time`);
  }
  report.check(`${session.name}: the client gets the same`, differences);
}

/** The session directly and through the proxy; resolves to how what the client got differs. */
async function both_sides(report, session, binary, directory) {
  mkdirSync(directory, { recursive: true });
  // The same port for both: this server tells clients its environment.
  const [port] = await free_ports(1);
  const first = await serve(session.server, port, join(directory, 'first'));
  const direct = await run_client(report, session, 'direct', first, directory);
  await first.child.stop();

  const second = await serve(session.server, port, join(directory, 'second'));
  const upstreams = { upstream: second.origin };
  const flags = ['--mcp-path', kPaths[session.server]];
  // The other half of HTTP+SSE, where clients send.
  if (session.server === 'sse') flags.push('--mcp-path', '/message');
  const proxy =
    binary && (await Proxy.start(binary, join(directory, 'proxy'), upstreams, { flags }));
  const origin = proxy ? proxy.origins.upstream : second.origin;
  const proxied = await run_client(report, session, 'proxied', { ...second, origin }, directory);
  if (proxy) await proxy.stop();
  await second.child.stop();
  if (proxy) await check_log(report, session, proxy, proxied.frames, second.token);
  return diff_json(direct.transcript, proxied.transcript);
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node sdk.mjs --tallystick PATH|none [--quick] [--only NAME]\n');
  process.exit(2);
}
const report = new Report();
const binary = options.tallystick === 'none' ? null : resolve(options.tallystick);
const root = mkdtempSync(join(tmpdir(), 'tally-sdk-'));
const chosen = kSessions.filter(({ name, quick }) =>
  options.only !== undefined ? options.only === name : quick || !options.quick,
);
await each(chosen, options.quick ? kAtOnce : 1, (session) =>
  report.guard(session.name, () => one_session(report, session, binary, root)),
);
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
