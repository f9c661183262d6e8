// SPDX-License-Identifier: Apache-2.0
// Parity with the official MCP conformance suite: every check of every scenario has the same status through
// `tallystick serve` as directly.
//
//   node conformance.mjs --tallystick PATH|none [--quick] [--mode server|client] [--set NAME] [--scenario NAME] [--keep]
//
// Server mode: the suite is the client, fixture/server.mjs the server. Client mode: the suite is the server, client.mjs
// the client. `--quick` leaves out most of client mode and the sets that repeat what the two of requirements have.
// `--tallystick none` runs everything directly, twice, which shows which checks are steady. --set of client mode is a
// version.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Child } from './lib/child.mjs';
import { each } from './lib/parallel.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Report } from './lib/report.mjs';
import { client_scenarios, compare_checks, run_suite, tally } from './lib/suite.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));

/** Sets of scenarios: how the suite is asked for them. */
const kServerSets = {
  '2025-11-25': ['--requirements', '2025-11-25'],
  '2026-07-28': ['--requirements', '2026-07-28'],
  all: ['--suite', 'all'],
  ...Object.fromEntries(
    ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'].map((version) => [
      `all-${version}`,
      ['--suite', 'all', '--spec-version', version],
    ]),
  ),
};
const kQuickSets = ['2025-11-25', '2026-07-28'];
/** Of client mode, what --quick keeps, in the newest version of each; what measures time by itself is not among them. */
const kQuickClients = [
  'tools_call',
  'sep-2322-client-request-state',
  'auth/scope-step-up',
  'auth/2025-03-26-oauth-endpoint-fallback',
];
/** Clients are whole programs: more at a time than there are cores run into the time limits of the suite. */
const kClientsAtOnce = 2;

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    mode: { type: 'string' },
    set: { type: 'string' },
    scenario: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

const report = new Report();
const root = mkdtempSync(join(tmpdir(), 'tally-conformance-'));
const binary = ['none', undefined].includes(options.tallystick)
  ? null
  : resolve(options.tallystick);

/** A fixture, with the proxy before it where there is one; resolves to {url, stop}. */
async function serve(name, directory, through_proxy) {
  mkdirSync(directory, { recursive: true });
  const seen = join(directory, 'seen.ndjson');
  const fixture = new Child(process.execPath, [join(kHere, 'fixture', 'server.mjs'), '--seen', seen]);
  const { url } = await fixture.announced();
  if (!through_proxy) return { url, stop: () => fixture.stop() };
  const proxy = await Proxy.start(binary, directory, { fixture: new URL(url).origin });
  const stop = async () => {
    await proxy.stop();
    await fixture.stop();
    report.check(`server ${name}: the log verifies`, await proxy.verify());
    check_recorded(name, readFileSync(seen, 'utf8'), await proxy.events());
  };
  return { url: `${proxy.origins.fixture}/mcp`, stop };
}

const count_by = (things, key) => {
  const counts = new Map();
  for (const thing of things) counts.set(key(thing), (counts.get(key(thing)) ?? 0) + 1);
  return counts;
};

/** As many records of each method as messages reached the server: none is missing, none was made up. */
function check_recorded(name, seen, events) {
  const messages = seen.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  const came = count_by(messages.filter(({ method }) => typeof method === 'string'), (m) => m.method);
  const from_client = events.filter(
    ({ status, details }) =>
      status !== 'initiated' && details?.direction === 'c2s' && details.outcome?.reason !== 'not_forwarded',
  );
  const recorded = count_by(from_client.filter(({ details }) => details.method), (e) => e.details.method);
  const lines = [];
  for (const method of new Set([...came.keys(), ...recorded.keys()])) {
    const [want, have] = [came, recorded].map((counts) => counts.get(method) ?? 0);
    if (want !== have) lines.push(`${method}: ${want} messages, ${have} records`);
  }
  if (messages.length === 0) lines.push('no message came');
  report.say(`server ${name}: ${messages.length} messages to the server, ${events.length} records`);
  report.check(`server ${name}: every message has its record`, lines);
}

async function server_run(name, args, side) {
  const directory = join(root, `server-${name}-${side}`);
  const { url, stop } = await serve(name, directory, side === 'proxied' && binary !== null);
  const result = await run_suite(['server', '--url', url, ...args], join(directory, 'out'));
  await stop();
  return result;
}

/** Client mode: the wrapper puts the proxy between the suite's server and the client. */
async function client_run({ name, version }, side) {
  const wrapper = join(kHere, 'client_wrapper.mjs');
  const through_proxy = side === 'proxied' && binary !== null;
  const command = `${process.execPath} ${wrapper} ${through_proxy ? binary : 'none'}`;
  const args = ['client', '--command', command, '--scenario', name];
  if (version !== 'extension') args.push('--spec-version', version);
  const out = join(root, `client-${version}-${side}`, name.replaceAll('/', '-'));
  const about = join(root, `${version}-${name.replaceAll('/', '-')}.json`);
  const env = { ...process.env, TALLY_WRAPPER_REPORT: about };
  const result = await run_suite(args, out, { env });
  if (through_proxy) {
    // Without this a client that went past the proxy would look like parity.
    const { records, problems } = JSON.parse(readFileSync(about, 'utf8'));
    if (records === 0) problems.push('the proxy recorded nothing');
    report.check(`client ${version} ${name}: recorded, and the log verifies`, problems);
  }
  return result;
}

/** Compares the two runs scenario by scenario and prints a line for each. */
function compare(mode, name, direct, proxied) {
  const scenarios = [...new Set([...direct.checks.keys(), ...proxied.checks.keys()])].sort();
  if (scenarios.length === 0) {
    report.check(`${mode} ${name}: scenarios ran`, ['none', direct.text.slice(-2000)]);
  }
  for (const scenario of scenarios) {
    const [a, b] = [direct, proxied].map((side) => side.checks.get(scenario));
    const differences = compare_checks(a, b);
    const mark = differences.length === 0 ? 'same' : 'DIFFERENT';
    report.say(`${mode} ${name}  ${scenario.padEnd(56)} ${tally(a).padEnd(7)} ${tally(b).padEnd(7)} ${mark}`);
    report.check(`${mode} ${name} ${scenario}`, differences);
  }
  report.check(
    `${mode} ${name}: exit status`,
    direct.code === proxied.code ? [] : [`direct ${direct.code}, proxied ${proxied.code}`],
  );
}

async function server_mode() {
  for (const [name, args] of Object.entries(kServerSets)) {
    if (options.set !== undefined && options.set !== name) continue;
    if (options.quick && !kQuickSets.includes(name)) continue;
    const version = args.at(-1);
    const one = ['--scenario', options.scenario, '--spec-version', version];
    await report.guard(`server ${name}`, async () => {
      const chosen = options.scenario === undefined ? args : one;
      const sides = ['direct', 'proxied'].map((side) => server_run(name, chosen, side));
      const start = performance.now();
      compare('server', name, ...(await Promise.all(sides)));
      report.say(`server ${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    });
  }
}

/** Every scenario in every version in which it applies, a few at a time. */
async function client_mode() {
  const all = (await client_scenarios())
    .filter(({ name }) => !options.quick || kQuickClients.includes(name))
    .map(({ name, versions }) => ({ name, versions: options.quick ? versions.slice(-1) : versions }))
    .flatMap(({ name, versions }) => versions.map((version) => ({ name, version })))
    .filter(({ name }) => options.scenario === undefined || options.scenario === name)
    .filter(({ version }) => options.set === undefined || options.set === version);
  await each(all, kClientsAtOnce, (one) =>
    report.guard(`client ${one.version} ${one.name}`, async () => {
      const direct = await client_run(one, 'direct');
      compare('client', one.version, direct, await client_run(one, 'proxied'));
    }),
  );
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node conformance.mjs --tallystick PATH|none [--quick] ...\n');
  process.exit(2);
}
report.say('set, scenario, checks direct and through the proxy as passed/failed');
const server = options.mode === 'client' ? undefined : server_mode();
// Side by side only where nothing of the chosen measures time.
if (!options.quick) await server;
if (options.mode !== 'server') await client_mode();
await server;
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
