// SPDX-License-Identifier: Apache-2.0
// Every setting of `serve` that docs/configuration.md promises has its effect on a running program, given as flag, in the
// environment and in a file. A setting in the table without a case here is a failure, and so is a case without a setting.
//
//   node settings.mjs --tallystick PATH [--quick] [--only KEY] [--keep]
//
// --quick: each setting in one of the ways in which it can be given, in turn.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { each } from './lib/parallel.mjs';
import { Report } from './lib/report.mjs';
import { kIdentityCases } from './settings/identity_cases.mjs';
import { kProcessCases } from './settings/process_cases.mjs';
import { kProxyCases } from './settings/proxy_cases.mjs';
import { read_table } from './settings/table.mjs';
import { kTimeoutCases } from './settings/timeout_cases.mjs';
import { kWays, World } from './settings/world.mjs';

const kDocument = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'docs', 'configuration.md');
const kCases = { ...kProcessCases, ...kProxyCases, ...kIdentityCases, ...kTimeoutCases };
/** Most of a case is waiting. */
const kAtOnce = 4;

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

/** The ways in which a setting can be given; those without flag and variable stand in the file. */
function ways_of(row) {
  return kWays.filter((way) => way === 'file' || row[way] !== undefined);
}

async function one_case(report, { binary, rows, row, way, directory }) {
  const world = new World({ binary, rows, way, directory });
  const name = `${row.key} (${way})`;
  let problems;
  try {
    problems = await kCases[row.key](world);
  } catch (error) {
    problems = String(error?.stack ?? error).split('\n');
  }
  report.check(name, [...problems, ...(await world.close())]);
}

/** What this version does not have is refused, by name, and never ignored. */
async function check_missing(report, { binary, rows, directory, missing }) {
  report.check('settings of later versions are listed', missing.length > 0 ? [] : ['none']);
  for (const { environment, except } of missing) {
    const world = new World({ binary, rows, way: 'flag', directory: join(directory, environment) });
    try {
      const upstream = await world.upstream();
      const said = await world.refused(upstream.origin, {}, { env: { [environment]: '7' } });
      report.check(`${environment} is refused`, said.includes(environment) ? [] : [said]);
      if (except !== undefined) {
        await world.start(upstream.origin, {}, { env: { [environment]: except }, name: 'except' });
        report.check(`${environment}=${except} is not`, []);
      }
    } catch (error) {
      report.check(environment, [String(error)]);
    }
    report.check(`${environment}: ends well`, await world.close());
  }
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node settings.mjs --tallystick PATH [--quick] [--only KEY] [--keep]\n');
  process.exit(2);
}
const report = new Report();
const binary = resolve(options.tallystick);
const root = mkdtempSync(join(tmpdir(), 'tally-settings-'));
const { rows, missing } = read_table(kDocument);
// A list of maps, which the page describes below the tables.
rows.set('proxy.paths', { key: 'proxy.paths' });
report.check('the tables are there', rows.size > 40 ? [] : [`${rows.size} settings`]);
const keys = new Set([...rows.keys(), ...Object.keys(kCases)]);
for (const key of keys) {
  report.check(`${key}: stands in the table and has a case`, rows.has(key) && key in kCases ? [] : [
    rows.has(key) ? 'no case' : 'not in the table',
  ]);
}
const runs = [...rows.values()]
  .filter(({ key }) => key in kCases && [undefined, key].includes(options.only))
  .flatMap((row, i) => {
    const ways = ways_of(row);
    return (options.quick ? [ways[i % ways.length]] : ways).map((way) => ({ row, way }));
  });
await each(runs, kAtOnce, ({ row, way }) =>
  one_case(report, { binary, rows, row, way, directory: join(root, `${row.key}-${way}`) }),
);
if (options.only === undefined) await check_missing(report, { binary, rows, missing, directory: root });
report.say(`${rows.size} settings, ${runs.length} runs`);
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
