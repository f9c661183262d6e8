// SPDX-License-Identifier: Apache-2.0
// Streams through `tallystick serve`: every event leaves at once, large results pass without being kept, the bytes are the
// same, a client that leaves is felt by the upstream, and the log has the right outcome of each.
//
//   node streaming.mjs --tallystick PATH|none [--quick] [--keep]

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Child, pause } from './lib/child.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Report } from './lib/report.mjs';

const kUpstream = join(dirname(fileURLToPath(import.meta.url)), 'streaming', 'upstream.mjs');
/** An event leaves at most this long after it came: the 95th of 100, against the same direct at the same time. */
const kAddedMs = 5;
const kRanks = [0.5, 0.95, 0.99];
/** The 99th of 100 is what other programs on the machine make of it; the bound is for what would be felt. */
const kAddedAtWorstMs = 25;
/** Streams that are open at a time on each side. */
const kStreams = 5;
/** A client that left is felt by the upstream after at most this long. */
const kGoneMs = 200;
/** How much a large result may add to the memory of the proxy. */
const kGrowthMib = 48;

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

/** Opens a call; resolves to the response as soon as its head is here. */
function call(port, id, name, args) {
  const message = { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
  const body = JSON.stringify(message);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        port,
        host: '127.0.0.1',
        path: '/mcp',
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'content-length': Buffer.byteLength(body),
        },
      },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Reads to the end; resolves to {bytes, sha256}. */
async function drain(response) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of response) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

const rank = (values, part) => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)];

/** Delays in ms between an event's leaving the upstream and its arrival here; and how long before the first the head came. */
async function ticks(port, id, count) {
  const response = await call(port, id, 'tick', { count, pause_ms: 10 });
  const head_at = process.hrtime.bigint();
  const delays = [];
  let gap_ms;
  let text = '';
  for await (const chunk of response) {
    const at = process.hrtime.bigint();
    gap_ms ??= Number(at - head_at) / 1e6;
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const stamp = text.slice(0, end).match(/"message":"(\d+)"/)?.[1];
      if (stamp !== undefined) delays.push(Number(at - BigInt(stamp)) / 1e6);
      text = text.slice(end + 2);
    }
  }
  return { delays: delays.slice(5), gap_ms };
}

async function check_delay(report, ports, count) {
  const open = async (side) => {
    const ids = Array.from({ length: kStreams }, (_, i) => `tick-${side}-${i}`);
    const streams = await Promise.all(ids.map((id) => ticks(ports[side], id, count)));
    return { delays: streams.flatMap(({ delays }) => delays), gap_ms: streams[0].gap_ms };
  };
  const [direct, proxied] = await Promise.all([open('direct'), open('proxied')]);
  const [a, b] = [direct, proxied].map(({ delays }) => kRanks.map((part) => rank(delays, part)));
  const shown = (values) => values.map((ms) => ms.toFixed(2)).join(' / ');
  const added = b.map((ms, i) => ms - a[i]);
  report.say(
    `delay of ${proxied.delays.length} events, ms, median / 95th / 99th: direct ${shown(a)}, through the proxy ` +
      `${shown(b)}, added ${shown(added)}`,
  );
  report.check('every event came', proxied.delays.length === direct.delays.length ? [] : ['lost']);
  report.check(
    `an event leaves within ${kAddedMs} ms of its arrival`,
    added[1] <= kAddedMs ? [] : [`added ${added[1].toFixed(2)} ms at the 95th of 100`],
  );
  report.check(
    `and within ${kAddedAtWorstMs} ms at the 99th of 100`,
    added[2] <= kAddedAtWorstMs ? [] : [`added ${added[2].toFixed(2)} ms`],
  );
  report.check(
    'the head leaves before the first event',
    proxied.gap_ms > 50 ? [] : [`only ${proxied.gap_ms.toFixed(1)} ms before it`],
  );
}

/** Largest resident size seen until `until` settles. */
async function watch_memory(proxy, until) {
  if (!proxy) return { before: 0, most: 0, value: await until };
  const before = proxy.memory_mib();
  let most = before;
  let running = true;
  const watching = (async () => {
    while (running) {
      most = Math.max(most, proxy.memory_mib());
      await pause(20);
    }
  })();
  const value = await until;
  running = false;
  await watching;
  return { before, most, value };
}

async function check_large(report, ports, proxy, bytes) {
  for (const [id, sse, is_error] of [
    ['large-json', false, true],
    ['large-sse', true, false],
  ]) {
    // The same id on both sides, so that the bytes are the same.
    const one = async (port) => {
      const start = performance.now();
      const response = await call(port, id, 'large', { bytes, sse, is_error });
      const read = await drain(response);
      return { ...read, seconds: (performance.now() - start) / 1000 };
    };
    const direct = await one(ports.direct);
    const watched = await watch_memory(proxy, one(ports.proxied));
    const proxied = watched.value;
    const mib = (n) => n.toFixed(0);
    report.say(
      `${id}: ${mib(bytes / 2 ** 20)} MiB, direct ${direct.seconds.toFixed(1)} s, proxied ` +
        `${proxied.seconds.toFixed(1)} s, resident ${mib(watched.before)} -> at most ${mib(watched.most)} MiB`,
    );
    const same = direct.bytes === proxied.bytes && direct.sha256 === proxied.sha256;
    report.check(`${id}: the same bytes`, same ? [] : [`${direct.bytes} and ${proxied.bytes}`]);
    const growth = watched.most - watched.before;
    report.check(
      `${id}: memory stays flat`,
      growth <= kGrowthMib ? [] : [`grew by ${mib(growth)} MiB, at most ${kGrowthMib}`],
    );
  }
}

async function check_spellings(report, ports, names) {
  const cases = names.map((name) => [`sse-${name}`, 'spelling', { name }]);
  cases.push(['sse-multi-line', 'multi_line', {}]);
  cases.push(['sse-1-mib', 'spelling', { name: 'lf', size: 2 ** 20 }]);
  cases.push(['sse-1-mib-cr', 'spelling', { name: 'cr', size: 2 ** 20 }]);
  for (const [id, tool, args] of cases) {
    const [direct, proxied] = await Promise.all(
      [ports.direct, ports.proxied].map(async (port) => drain(await call(port, id, tool, args))),
    );
    const same = direct.sha256 === proxied.sha256;
    report.check(`${id}: the same bytes`, same ? [] : [`${direct.bytes} and ${proxied.bytes}`]);
  }
  return cases.map(([id]) => id);
}

/** The upstream must feel at once that the client left. */
async function check_gone(report, ports, upstream) {
  const response = await call(ports.proxied, 'gone', 'silent', {});
  const left = process.hrtime.bigint();
  response.destroy();
  response.on('error', () => {});
  const end = Date.now() + 5000;
  let line;
  while (line === undefined && Date.now() < end) {
    await pause(5);
    line = upstream.out.split('\n').find((text) => text.includes('"gone":"gone"'));
  }
  const ms = line === undefined ? Infinity : Number(BigInt(JSON.parse(line).at) - left) / 1e6;
  report.say(`a client that leaves is felt by the upstream after ${ms.toFixed(1)} ms`);
  report.check('the upstream feels that the client left', ms <= kGoneMs ? [] : [`${ms} ms`]);
}

/** The last record of each call says what came of it. */
async function check_records(report, proxy, expected) {
  const events = await proxy.events();
  for (const [id, result] of Object.entries(expected)) {
    const of_id = events.filter((e) => String(e.details?.jsonrpc_id).replaceAll('"', '') === id);
    const found = of_id.filter((event) => event.status !== 'initiated').map((e) => e.event_result);
    report.check(`${id}: recorded as ${result}`, found.join() === result ? [] : [`got "${found}"`]);
  }
  const ticks_seen = events.filter((e) => e.details?.method === 'notifications/progress').length;
  report.check('every progress notification has its record', ticks_seen > 0 ? [] : ['none']);
  report.check('verify', await proxy.verify());
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node streaming.mjs --tallystick PATH|none [--quick] [--keep]\n');
  process.exit(2);
}
const report = new Report();
const binary = options.tallystick === 'none' ? null : resolve(options.tallystick);
const root = mkdtempSync(join(tmpdir(), 'tally-streaming-'));
await report.guard('streaming', async () => {
  const upstream = new Child(process.execPath, [kUpstream]);
  const { port, spellings } = await upstream.announced();
  const proxy = binary && (await Proxy.start(binary, root, { stream: `http://127.0.0.1:${port}` }));
  const ports = { direct: port, proxied: proxy ? proxy.ports[0] : port };
  await check_delay(report, ports, options.quick ? 100 : 1000);
  await check_large(report, ports, proxy, options.quick ? 64 * 2 ** 20 : 2 ** 30);
  const odd = await check_spellings(report, ports, spellings);
  await check_gone(report, ports, upstream);
  if (proxy) {
    await proxy.stop();
    const failures = Object.fromEntries(odd.map((id) => [id, 'failure']));
    delete failures['sse-no-last-blank-line'];
    await check_records(report, proxy, {
      ...Object.fromEntries(Array.from({ length: kStreams }, (_, i) => [`tick-proxied-${i}`, 'success'])),
      'large-json': 'failure',
      'large-sse': 'success',
      gone: 'unknown',
      ...failures,
      // An event that no blank line ends was never dispatched: the client got no answer.
      'sse-no-last-blank-line': 'unknown',
    });
  }
  await upstream.stop();
});
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
