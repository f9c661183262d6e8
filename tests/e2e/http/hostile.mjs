// SPDX-License-Identifier: Apache-2.0
// Upstreams and clients that misbehave over HTTP: what the client sees is right, the log says what came of each call, memory
// stays bounded, and one that goes wrong does no harm to the next.
//
//   node hostile.mjs --tallystick PATH [--quick] [--only NAME] [--keep]
//
// One case after the other, or with --quick a few at a time.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { kUpstreams } from './hostile/upstreams.mjs';
import { free_ports, pause } from './lib/child.mjs';
import { each } from './lib/parallel.mjs';
import { Proxy } from './lib/proxy.mjs';
import { exchange, statuses } from './lib/raw.mjs';
import { Report } from './lib/report.mjs';

/** How much all cases together may add to the memory of the proxy. */
const kGrowthMib = 64;

const kAtOnce = 6;

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

/** A raw server: the case is named in the request, and asked what to do once the whole request is there. */
async function start_upstream() {
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const id = text.match(/"id":"([a-z0-9.-]+)"/)?.[1];
      if (id === undefined || !text.includes('"tools/call"') || !text.endsWith('}')) return;
      text = '';
      kUpstreams[id.replace(/-again$/, '')]?.act(socket, id);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

function request(id, { close = false, padding = '' } = {}) {
  const params = { name: `tool-${id}`, arguments: { padding } };
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
  const head = [
    'POST /mcp HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(close ? ['Connection: close'] : []),
  ];
  return [{ bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`) }];
}

function check_answer(report, name, wanted, answer) {
  const seen = statuses(answer.text);
  const problems = wanted.sees.includes(seen) ? [] : [`got ${seen}, want ${wanted.sees.join(' or ')}`];
  if (answer.text.includes('evil')) problems.push('the client got an answer that was not asked for');
  const whole = answer.text.includes('}') || !wanted.sees.includes('200');
  if (!wanted.cut && seen === '200' && !whole && !name.startsWith('no-json')) problems.push('no body');
  report.check(`${name}: what the client sees`, problems);
}

async function upstreams(report, proxy, names) {
  await each(names, options.quick ? kAtOnce : 1, async (name) => {
    const wanted = kUpstreams[name];
    check_answer(report, name, wanted, await exchange(proxy.ports[0], request(name)));
    // A second call on a fresh connection: nothing of the first may be left over.
    const again = await exchange(proxy.ports[0], request(`${name}-again`));
    check_answer(report, `${name}, again`, wanted, again);
  });
}

/** Clients: each resolves to what it got. */
const kClients = {
  'upstream-down': {
    port: 1,
    run: (port) => exchange(port, request('upstream-down')),
    sees: ['502'],
    recorded: ['error'],
  },
  'too-large': {
    port: 0,
    run: (port) => exchange(port, request('too-large', { padding: 'x'.repeat(17 * 2 ** 20) })),
    sees: ['413'],
  },
  'head-too-large': {
    port: 0,
    run: (port) => {
      const fields = `X-Filler: ${'a'.repeat(1000)}\r\n`.repeat(2000);
      return exchange(port, [{ bytes: Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`) }]);
    },
    sees: ['431', '400', 'none'],
  },
  'not-http': {
    port: 0,
    run: (port) => exchange(port, [{ bytes: Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]) }, { pause_ms: 200 }]),
    sees: ['400', 'none'],
  },
};

async function clients(report, proxy) {
  for (const [name, { port, run, sees }] of Object.entries(kClients)) {
    if (options.only !== undefined && options.only !== name) continue;
    const seen = statuses((await run(proxy.ports[port])).text);
    report.check(`${name}: what the client sees`, sees.includes(seen) ? [] : [`got ${seen}`]);
  }
}

/** Each call has one record with its outcome. */
async function check_records(report, proxy, names) {
  const events = (await proxy.events()).filter((event) => event.status !== 'initiated');
  const expected = names.flatMap((name) =>
    [name, `${name}-again`].map((id) => [id, kUpstreams[name].recorded]),
  );
  if (options.only === undefined) expected.push(['upstream-down', ['error']]);
  for (const [id, results] of expected) {
    const found = events.filter((e) => String(e.details?.jsonrpc_id).replaceAll('"', '') === id);
    const problems = [];
    if (found.length !== 1) problems.push(`${found.length} records, want one`);
    for (const { event_result } of found) {
      if (!results.includes(event_result)) problems.push(`${event_result}, want ${results.join(' or ')}`);
    }
    report.check(`${id}: its record`, problems);
  }
  report.check('verify', await proxy.verify());
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node hostile.mjs --tallystick PATH [--only NAME] [--keep]\n');
  process.exit(2);
}
const report = new Report();
const root = mkdtempSync(join(tmpdir(), 'tally-hostile-'));
await report.guard('hostile', async () => {
  const upstream = await start_upstream();
  const [nobody] = await free_ports(1);
  const origins = { hostile: upstream.origin, down: `http://127.0.0.1:${nobody}` };
  const proxy = await Proxy.start(resolve(options.tallystick), root, origins);
  const before = proxy.memory_mib();
  const names = Object.keys(kUpstreams).filter((name) => [undefined, name].includes(options.only));
  await upstreams(report, proxy, names);
  await clients(report, proxy);
  await pause(200);
  const most = proxy.memory_mib('VmHWM');
  report.say(`memory: ${before.toFixed(0)} MiB before, at most ${most.toFixed(0)} MiB`);
  report.check('memory is bounded', most - before <= kGrowthMib ? [] : [`grew by ${(most - before).toFixed(0)} MiB`]);
  await proxy.stop();
  await check_records(report, proxy, names);
  upstream.server.close();
});
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
