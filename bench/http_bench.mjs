// SPDX-License-Identifier: Apache-2.0
// `tallystick serve` against nginx with an access log, and against the TypeScript proxies of today, on one upstream in one
// run; and what open connections cost. Bars are ratios; exit 1 when one is missed.
//
//   node bench/http_bench.mjs build/tallystick [--quick] [--rounds N] [--only throughput|gateway|latency|rivals|connections]
//
// Generator (wrk) and upstream (nginx from memory) are measured directly first: they must be well above what they measure.
// TALLY_BENCH_DIR says on which disk the logs are. --quick only shows that it runs.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Proxy } from '../tests/e2e/http/lib/proxy.mjs';
import { open_many, start_streams } from './http/connections.mjs';
import { list_tools, start_nginx } from './http/nginx.mjs';
import { rival_names, start_rival } from './http/rivals.mjs';
import { load } from './http/wrk.mjs';

const binary = resolve(process.argv[2]);
const quick = process.argv.includes('--quick');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : null;
const seconds = quick ? 1 : 4;
const more_rounds = process.argv.indexOf('--rounds');
const rounds = quick ? 1 : more_rounds > 0 ? Number(process.argv[more_rounds + 1]) : 5;
const scratch = mkdtempSync(join(process.env.TALLY_BENCH_DIR ?? tmpdir(), 'tally-http-bench-'));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
let missed = false;

/** One line with its bar; `at_least` or `at_most` in `bar`. */
function verdict(what, value, bar) {
  const met = bar.at_least !== undefined ? value >= bar.at_least : value <= bar.at_most;
  const words = bar.at_least !== undefined ? `at least ${bar.at_least}` : `at most ${bar.at_most}`;
  console.log(`${met ? 'met   ' : 'MISSED'}  ${what}: ${value.toFixed(2)} (bar: ${words})`);
  if (!met) missed = true;
}

/** Measures every target in turn, `rounds` times, so that a slow moment hits all; the medians by name. */
async function in_turn(targets, options) {
  const measured = new Map(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const { name, url, tool, session } of targets) {
      measured.get(name).push(await load(url, { seconds, tool, session, ...options }));
    }
  }
  const of = (name, field) => median(measured.get(name).map((one) => one[field]));
  for (const { name } of targets) {
    const [rate, p50, p99] = ['rate', 'p50_us', 'p99_us'].map((field) => of(name, field).toFixed(0));
    console.log(`        ${name.padEnd(24)} ${rate.padStart(7)} calls/s   median ${p50} us, 99th ${p99} us`);
  }
  return of;
}

async function against_nginx() {
  const { upstream, proxy: nginx } = await start_nginx(scratch);
  const ours = await Proxy.start(binary, join(scratch, 'ours'), { bench: upstream.origin });
  await list_tools(ours.origins.bench);
  const targets = [
    { name: 'direct', url: `${upstream.origin}/mcp`, tool: 'read' },
    { name: 'nginx', url: `${nginx.origin}/mcp`, tool: 'read' },
    { name: 'tallystick, read-only', url: `${ours.origins.bench}/mcp`, tool: 'read' },
    { name: 'tallystick, write-ahead', url: `${ours.origins.bench}/mcp`, tool: 'write' },
  ];
  // The first calls of a program that just started are not what is asked for.
  for (const { url, tool } of targets) await load(url, { connections: 32, seconds: 1, tool });
  let rate_read;
  if (only === null || only === 'throughput' || only === 'rivals') {
    console.log('throughput, 32 connections');
    const of = await in_turn(targets, { connections: 32 });
    const ratio = (name) => of(name, 'rate') / of('nginx', 'rate');
    rate_read = of('tallystick, read-only', 'rate');
    verdict('direct against nginx (the bench itself)', of('direct', 'rate') / of('nginx', 'rate'), { at_least: 1.5 });
    verdict('read-only calls against nginx', ratio('tallystick, read-only'), { at_least: 0.8 });
    verdict('write-ahead calls against nginx', ratio('tallystick, write-ahead'), { at_least: 0.5 });
  }
  if (only === null || only === 'gateway') await not_mcp({ upstream, nginx, ours });
  if (only === null || only === 'latency') {
    console.log('latency, 1 connection');
    const of = await in_turn(targets, { connections: 1 });
    const added = (name) => of(name, 'p50_us') - of('direct', 'p50_us');
    const words = `added by tallystick ${added('tallystick, read-only')} us, by nginx ${added('nginx')} us`;
    verdict(`${words}; ratio`, added('tallystick, read-only') / added('nginx'), { at_most: 1.5 });
  }
  console.log(`        tallystick resident after it: ${ours.memory_mib('VmHWM').toFixed(0)} MiB at most`);
  await ours.stop();
  await nginx.child.stop();
  await upstream.child.stop();
  return rate_read;
}

/** Requests to a gateway that are not MCP: an unlisted path, one whose object is read and remembered, and one that is held. */
async function not_mcp({ upstream, nginx, ours }) {
  const kinds = [
    { kind: 'unlisted GET', path: '/static/app', tool: 'GET' },
    { kind: 'GET of an object', path: '/tools/7', tool: 'GET' },
    { kind: 'POST to an object, held', path: '/tools/7', tool: 'POST' },
  ];
  console.log('requests that are not MCP, 32 connections');
  for (const { kind, path, tool } of kinds) {
    const targets = [
      ['direct', upstream.origin],
      ['nginx', nginx.origin],
      ['tallystick', ours.origins.bench],
    ].map(([name, origin]) => ({ name: `${kind}: ${name}`, url: origin + path, tool }));
    for (const { url } of targets) await load(url, { connections: 32, seconds: 1, tool });
    const of = await in_turn(targets, { connections: 32 });
    const ratio = of(targets[2].name, 'rate') / of(targets[1].name, 'rate');
    // Held for its record: the bar of write-ahead calls.
    verdict(`${kind}, recorded, against nginx`, ratio, { at_least: tool === 'GET' ? 0.8 : 0.5 });
  }
}

async function against_rivals(rate_read) {
  console.log('TypeScript proxies, 32 connections, one session');
  for (const name of rival_names) {
    const rival = await start_rival(name);
    const target = { name, url: rival.url, tool: 'read', session: rival.session };
    const of = await in_turn([target], { connections: 32 });
    verdict(`read-only calls against ${name}`, rate_read / of(name, 'rate'), { at_least: 10 });
    await rival.child.stop().catch(() => {});
  }
}

async function open_connections() {
  console.log('open connections');
  const upstream = await start_streams();
  for (const [kind, count, at_most] of [
    ['idle', quick ? 500 : 10_000, 150],
    ['stream', quick ? 100 : 1000, 100],
  ]) {
    const ours = await Proxy.start(binary, join(scratch, kind), { bench: upstream.origin });
    const before = ours.memory_mib();
    const sockets = await open_many(ours.ports[0], count, kind);
    const after = ours.memory_mib();
    console.log(`        ${count} ${kind}: ${before.toFixed(0)} MiB before, ${after.toFixed(0)} MiB with them`);
    verdict(`MiB resident with ${count} ${kind} connections`, after, { at_most });
    for (const socket of sockets) socket.destroy();
    await ours.stop();
  }
  upstream.server.closeAllConnections();
  upstream.server.close();
}

try {
  let rate_read;
  if (only !== 'connections') rate_read = await against_nginx();
  if (rate_read !== undefined && (only === null || only === 'rivals')) await against_rivals(rate_read);
  if (only === null || only === 'connections') await open_connections();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (quick) console.log('quick: the bars were not measured, only tried');
process.exit(missed && !quick ? 1 : 0);
