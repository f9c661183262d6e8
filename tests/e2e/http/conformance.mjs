// SPDX-License-Identifier: Apache-2.0
// Parity with the official MCP conformance suite: every check of every scenario has the same status through
// `tallystick serve` as directly.
//
//   node conformance.mjs --tallystick PATH|none [--quick] [--mode server|client] [--set NAME] [--scenario NAME] [--keep]
//
// Server mode: the suite is the client, fixture/server.mjs the server. Client mode: the suite is the server, client.mjs
// the client. `--quick` leaves out client mode and the sets that repeat what the two of requirements have.
// `--tallystick none` runs everything directly, twice, which shows which checks are steady. --set of client mode is a
// version.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Child } from './lib/child.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Report } from './lib/report.mjs';
import { client_scenarios, compare_checks, run_suite, tally } from './lib/suite.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));

/** Sets of scenarios: how the suite is asked for them. */
const kServerSets = {
  '2025-11-25': ['--requirements', '2025-11-25'],
  '2026-07-28': ['--requirements', '2026-07-28'],
  all: ['--suite', 'all', '--spec-version', '2026-07-28'],
  'all-2025-06-18': ['--suite', 'all', '--spec-version', '2025-06-18'],
};
const kQuickSets = ['2025-11-25', '2026-07-28'];
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
async function serve(directory, through_proxy) {
  const fixture = new Child(process.execPath, [join(kHere, 'fixture', 'server.mjs')]);
  const { url } = await fixture.announced();
  if (!through_proxy) return { url, stop: () => fixture.stop() };
  const proxy = await Proxy.start(binary, directory, { fixture: new URL(url).origin });
  const stop = async () => {
    await proxy.stop();
    report.check(`${directory}: the log verifies`, await proxy.verify());
    await fixture.stop();
  };
  return { url: `${proxy.origins.fixture}/mcp`, stop };
}

async function server_run(name, args, side) {
  const directory = join(root, `server-${name}-${side}`);
  const { url, stop } = await serve(directory, side === 'proxied' && binary !== null);
  const result = await run_suite(['server', '--url', url, ...args], join(directory, 'out'));
  await stop();
  return result;
}

/** Client mode: the wrapper puts the proxy between the suite's server and the client. */
async function client_run({ name, version }, side) {
  const wrapper = join(kHere, 'client_wrapper.mjs');
  const program = side === 'proxied' && binary !== null ? binary : 'none';
  const command = `${process.execPath} ${wrapper} ${program}`;
  const args = ['client', '--command', command, '--scenario', name];
  if (version !== 'extension') args.push('--spec-version', version);
  return run_suite(args, join(root, `client-${version}-${side}`, name.replaceAll('/', '-')));
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
      const direct = await server_run(name, chosen, 'direct');
      compare('server', name, direct, await server_run(name, chosen, 'proxied'));
    });
  }
}

/** Every scenario in every version in which it applies, a few at a time. */
async function client_mode() {
  const left = (await client_scenarios())
    .flatMap(({ name, versions }) => versions.map((version) => ({ name, version })))
    .filter(({ name }) => options.scenario === undefined || options.scenario === name)
    .filter(({ version }) => options.set === undefined || options.set === version);
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const { name, version } = one;
      await report.guard(`client ${version} ${name}`, async () => {
        const direct = await client_run(one, 'direct');
        compare('client', version, direct, await client_run(one, 'proxied'));
      });
    }
  };
  await Promise.all(Array.from({ length: kClientsAtOnce }, worker));
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node conformance.mjs --tallystick PATH|none [--quick] ...\n');
  process.exit(2);
}
report.say('set, scenario, checks direct and through the proxy as passed/failed');
if (options.mode !== 'client') await server_mode();
if (options.mode === 'client' || (options.mode === undefined && !options.quick)) await client_mode();
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
