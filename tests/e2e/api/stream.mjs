// SPDX-License-Identifier: Apache-2.0
// The live stream on the running program: clients that lose their connection at random and resume, a server that is killed,
// clients that do not read, tokens that are revoked. Nothing is missing, nothing comes twice, nobody sees what is not theirs.
//
//   node stream.mjs --tallystick PATH [--quick] [--seconds N] [--slow N]

import { readFileSync } from 'node:fs';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { pause } from '../http/lib/child.mjs';
import { Report } from '../http/lib/report.mjs';
import { EventParser, EventSource } from './event_source.mjs';
import { Server } from './server.mjs';

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    slow: { type: 'string', default: '200' },
  },
});
if (options.tallystick === undefined) {
  process.stderr.write('usage: node stream.mjs --tallystick PATH [--quick] [--seconds N] [--slow N]\n');
  process.exit(2);
}
const seconds = Number(options.seconds ?? (options.quick ? 5 : 60));
const slow_clients = Number(options.slow);

const ndjson = { 'content-type': 'application/x-ndjson' };
const target = (server, n) => ({ target_type: 'tool', target_id: `${server}/tool_${n % 5}`, target_name: `tool_${n % 5}` });

/** Posts `count` events of two servers; the highest number among them. */
async function post(server, token, count, more = {}) {
  const event = (n) => JSON.stringify({ event_name: 'e2e-stream', ...target(n % 2 === 0 ? 'git' : 'files', n), ...more });
  const body = Array.from({ length: count }, (_, n) => event(n)).join('\n');
  const answer = await server.fetch('/api/audit/events', { method: 'POST', token, headers: ndjson, body });
  const { items } = await answer.json();
  return Math.max(...(items ?? []).map(({ seq }) => seq ?? -1));
}

async function until(condition, limit_ms = 15_000) {
  for (const end = Date.now() + limit_ms; Date.now() < end; await pause(10)) if (condition()) return true;
  return condition();
}

/** A client that writes down what it gets. */
function follow(server, token, query, retry_ms = 20) {
  const client = new EventSource(server.url(`/api/audit/stream${query}`), { token, retry_ms, on_event: (event) => client.take(event) });
  client.entries = [];
  client.notices = [];
  client.take = ({ id, event, data }) => {
    const parsed = JSON.parse(data);
    if (parsed.seq === undefined) client.notices.push({ event, ...parsed });
    else client.entries.push({ id: Number(id), event, entry: parsed });
  };
  return client;
}

/** What differs between what came and what stands in the log, from entry `first` on. */
function differences(client, wanted) {
  const got = client.entries.map(({ id }) => id);
  const out = [];
  for (let i = 0; i < Math.max(got.length, wanted.length) && out.length < 5; ++i) {
    if (got[i] !== wanted[i]?.seq) out.push(`at ${i}: ${got[i]}, not ${wanted[i]?.seq}; ${got.length} for ${wanted.length}`);
  }
  for (const { id, entry } of client.entries) if (id !== entry.seq) out.push(`id ${id} of entry ${entry.seq}`);
  return out.slice(0, 5);
}

async function resumes(report, server) {
  const writer = await server.token('writer');
  const auditor = await server.token('auditor');
  const scoped = await server.token('auditor', '--scope', 'server=git');
  const clients = {
    everything: follow(server, auditor, '?last_event_id=0'),
    'a filter': follow(server, auditor, '?last_event_id=0&event_name=e2e-stream&q=tool:tool_3'),
    'a scope': follow(server, scoped, '?last_event_id=0'),
    'nothing that matches': follow(server, auditor, '?last_event_id=0&actor_id=nobody'),
  };
  let over = false;
  let last = 0;
  let kills = 0;
  const posting = Array.from({ length: 3 }, async () => {
    while (!over) {
      try {
        last = Math.max(last, await post(server, writer, 1 + Math.floor(Math.random() * 30)));
      } catch { /* the server is being killed */ }
      await pause(Math.random() * 15);
    }
  });
  const losing = (async () => {
    while (!over) {
      await pause(Math.random() * 120);
      const all = Object.values(clients);
      all[Math.floor(Math.random() * all.length)].lose();
    }
  })();
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    await pause(seconds * 300);
    await server.kill();
    ++kills;
    await server.start();
  }
  over = true;
  await Promise.all([...posting, losing]);
  last = await post(server, writer, 11);
  const entries = (await server.entries()).filter(({ seq }) => seq >= 1 && seq <= last);
  const of_git = ({ target_id }) => target_id?.startsWith('git/') ?? false;
  const wanted = {
    everything: entries,
    'a filter': entries.filter(({ event_name, target_name }) => event_name === 'e2e-stream' && target_name === 'tool_3'),
    'a scope': entries.filter(of_git),
    'nothing that matches': [],
  };
  let connections = 0;
  for (const [name, client] of Object.entries(clients)) {
    await until(() => client.entries.length >= wanted[name].length);
    client.close();
    connections += client.connections;
    const upto = { entries: client.entries.filter(({ id }) => id <= last) };
    report.check(`${name}: each entry once, in order`, differences(upto, wanted[name]));
  }
  const foreign = clients['a scope'].entries.filter(({ entry }) => !of_git(entry));
  report.check('a scope shows nothing else', foreign.map(({ id }) => `entry ${id}`));
  report.check('there was something to lose', kills > 1 && connections > 20 && last > 500 ? [] : [`${kills} ${connections} ${last}`]);
  report.say(`${kills} kills, ${connections} connections, ${last} entries`);
}

const resident_mib = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;

/** A connection that asks for a stream and does not read it. */
function sleeper(server, token) {
  const socket = net.connect({ port: server.port, host: '127.0.0.1' });
  socket.pause();
  socket.write(`GET /api/audit/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  socket.on('error', () => {});
  return socket;
}

/** What a sleeper gets once it reads: numbers of entries, chunks undone. */
async function wake(socket, last) {
  const parser = new EventParser();
  const ids = [];
  let raw = '';
  const events = [];
  socket.on('data', (bytes) => {
    raw += bytes.toString('latin1');
    if (parser.begun === undefined) {
      if (!raw.startsWith('HTTP/1.1 200')) return;
      if (!raw.includes('\r\n\r\n')) return;
      raw = raw.slice(raw.indexOf('\r\n\r\n') + 4);
      parser.begun = true;
    }
    for (;;) {
      const end = raw.indexOf('\r\n');
      const size = end < 0 ? NaN : parseInt(raw.slice(0, end), 16);
      if (!(raw.length >= end + 2 + size + 2)) return;
      for (const event of parser.feed(raw.slice(end + 2, end + 2 + size))) {
        if (JSON.parse(event.data).seq === undefined) events.push(event.event);
        else ids.push(Number(event.id));
      }
      raw = raw.slice(end + 2 + size + 2);
    }
  });
  socket.resume();
  await until(() => ids.at(-1) >= last || events.includes('dropped') || socket.destroyed);
  socket.destroy();
  return { ids, events };
}

async function rate(server, token, batches) {
  const begin = performance.now();
  let last = 0;
  for (let i = 0; i < batches; ++i) last = await post(server, token, 500, { details: { padding: 'x'.repeat(300) } });
  return { per_second: Math.round((batches * 500 * 1000) / (performance.now() - begin)), last };
}

async function slow(report, server) {
  const writer = await server.token('writer');
  // One token may have three quarters of all places (src/server/share.h).
  const [auditor, second] = [await server.token('auditor'), await server.token('auditor')];
  const batches = options.quick ? 20 : 60;
  await rate(server, writer, 5);
  const alone = (await rate(server, writer, batches)).per_second;
  const before = resident_mib(server.child.process.pid);
  const quick_one = follow(server, auditor, '');
  const sleepers = [];
  const streams = async () => Number((await (await server.fetch('/metrics')).text()).match(/tallystick_stream_clients (\d+)/)[1]);
  // Not all at once: more than wait for a worker are told to come again.
  for (const end = Date.now() + 60_000; (await streams()) < slow_clients + 1 && Date.now() < end; ) {
    const count = Math.min(100, slow_clients - sleepers.length);
    for (let i = 0; i < count; ++i) sleepers.push(sleeper(server, sleepers.length % 2 === 0 ? auditor : second));
    await pause(50);
  }
  report.check('every stream is there', (await streams()) === slow_clients + 1 ? [] : [`${await streams()} of ${slow_clients + 1}`]);
  const open = resident_mib(server.child.process.pid);
  const first = await post(server, writer, 1);
  const { per_second: beside, last } = await rate(server, writer, batches);
  const caught_up = await until(() => quick_one.entries.at(-1)?.id >= last, 30_000);
  const after = resident_mib(server.child.process.pid);
  report.say(`${slow_clients} slow clients: ${alone} events/s without, ${beside} with; resident MiB ${before.toFixed(0)}, ` +
    `open ${open.toFixed(0)}, after ${after.toFixed(0)}`);
  report.check('the one that reads gets everything', caught_up ? [] : [`${quick_one.entries.at(-1)?.id} of ${last}`]);
  const ids = quick_one.entries.map(({ id }) => id).filter((id) => id >= first);
  report.check('and nothing twice', ids.every((id, i) => id === first + i) ? [] : [`${ids.length} from ${first} to ${last}`]);
  const allowed = 24 + (slow_clients * 64) / 1024;
  report.check(`memory grows by less than ${allowed} MiB`, after - before < allowed ? [] : [`${(after - before).toFixed(1)} MiB`]);
  const woken = await Promise.all(sleepers.slice(0, 5).map((socket) => wake(socket, last)));
  const wrong = woken.flatMap(({ ids: got, events }, n) => {
    const whole = got.every((id, i) => i === 0 || id === got[i - 1] + 1);
    const told = got.at(-1) >= last || events.includes('dropped');
    return whole && told ? [] : [`sleeper ${n}: ${got.length} entries to ${got.at(-1)} of ${last}, ${events}`];
  });
  report.check('who wakes up reads on without a gap, or is told', wrong);
  for (const socket of sleepers) socket.destroy();
  quick_one.close();
  const gone = async () => (await streams()) === 0;
  for (const end = Date.now() + 20_000; !(await gone()) && Date.now() < end; ) await pause(50);
  report.check('who left is gone', (await gone()) ? [] : [`${await streams()} streams`]);
}

async function ends(report, server) {
  const auditor = await server.token('auditor', '--name', 'short');
  const client = follow(server, auditor, '');
  const other = follow(server, await server.token('auditor'), '', 60_000);
  await until(() => client.status === 200 && other.status === 200);
  const listed = JSON.parse(await server.tool('token', 'list', '--json'));
  const begin = Date.now();
  await server.tool('token', 'revoke', listed.find(({ name }) => name === 'short').id);
  await until(() => client.status === 401);
  const took = Date.now() - begin;
  report.check('a revoked token ends its stream within 1.5 s', client.status === 401 && took < 1500 ? [] : [`${client.status} ${took} ms`]);
  report.check('and says so', client.notices.some(({ event, reason }) => event === 'ended' && reason === 'token') ? [] : [JSON.stringify(client.notices)]);
  client.close();
  await server.stop();
  await until(() => other.notices.length > 0);
  report.check('a stop is told, with a wait', other.notices.some(({ reason }) => reason === 'stopping') && other.retry >= 1000 ? [] : [JSON.stringify(other.notices)]);
  other.close();
}

const report = new Report();
const server = new Server(options.tallystick);
await report.guard('the stream', async () => {
  await server.start();
  await resumes(report, server);
  await slow(report, server);
  await ends(report, server);
});
await server.close();
report.finish();
