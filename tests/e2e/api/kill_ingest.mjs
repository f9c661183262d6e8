// SPDX-License-Identifier: Apache-2.0
// Ingest with clients that hang up at random and a server that is killed at random: what was acknowledged is in the log,
// once, and so is nothing twice although every client sends again what was not answered.
//
//   node kill_ingest.mjs --tallystick PATH [--quick] [--seconds N]

import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { pause } from '../http/lib/child.mjs';
import { Report } from '../http/lib/report.mjs';
import { Server } from './server.mjs';

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
  },
});
if (options.tallystick === undefined) {
  process.stderr.write('usage: node kill_ingest.mjs --tallystick PATH [--quick] [--seconds N]\n');
  process.exit(2);
}
const seconds = Number(options.seconds ?? (options.quick ? 6 : 60));
const kClients = 12;

const server = new Server(options.tallystick);
const acknowledged = new Map();
const counts = { sent: 0, answered: 0, hung_up: 0, failed: 0, kills: 0 };
let over = false;

const event_of = (event_id) => JSON.stringify({ event_name: 'e2e-kill', event_id, details: { at: Date.now() } });

/** Sends `ids` until they are acknowledged or time is over. */
async function deliver(token, ids) {
  const body = ids.length === 1 ? event_of(ids[0]) : ids.map(event_of).join('\n');
  const headers = { 'content-type': ids.length === 1 ? 'application/json' : 'application/x-ndjson' };
  while (!over) {
    const impatient = new AbortController();
    const timer = Math.random() < 0.1 ? setTimeout(() => impatient.abort(), Math.random() * 8) : undefined;
    ++counts.sent;
    try {
      const options_ = { method: 'POST', token, headers, body, signal: impatient.signal };
      const answer = await server.fetch('/api/audit/events', options_);
      const told = await answer.json();
      const seen = (told.items ?? []).filter(({ seq }) => seq !== undefined);
      for (const { event_id, seq } of seen) acknowledged.set(event_id, seq);
      ++counts.answered;
      if (answer.status === 200 || answer.status === 201) return;
      if (answer.status !== 503 && answer.status !== 207) throw new Error(`status ${answer.status}: ${JSON.stringify(told)}`);
    } catch (error) {
      if (error.message.startsWith('status')) throw error;
      ++counts[impatient.signal.aborted ? 'hung_up' : 'failed'];
    } finally {
      clearTimeout(timer);
    }
    await pause(5);
  }
}

async function client(token) {
  while (!over) {
    const count = Math.random() < 0.5 ? 1 : 1 + Math.floor(Math.random() * 40);
    await deliver(token, Array.from({ length: count }, () => randomUUID()));
  }
}

async function kill_now_and_then() {
  while (!over) {
    await pause(700 + Math.random() * 1300);
    await server.kill();
    ++counts.kills;
    await server.start();
  }
}

const report = new Report();
await report.guard('ingest under kills', async () => {
  await server.start();
  const token = await server.token('writer');
  const timer = setTimeout(() => (over = true), seconds * 1000);
  await Promise.all([kill_now_and_then(), ...Array.from({ length: kClients }, () => client(token))]);
  clearTimeout(timer);
  await server.stop();
  const entries = (await server.entries()).filter(({ event_name }) => event_name === 'e2e-kill');
  const at = new Map();
  const twice = [];
  for (const { event_id, seq } of entries) {
    if (at.has(event_id)) twice.push(`${event_id}: ${at.get(event_id)} and ${seq}`);
    at.set(event_id, seq);
  }
  const missing = [...acknowledged].filter(([id, seq]) => at.get(id) !== seq).map(([id, seq]) => `${id} at ${seq}`);
  report.say(`${JSON.stringify(counts)}, ${entries.length} entries, ${acknowledged.size} acknowledged`);
  report.check('what was acknowledged is where it was said to be', missing);
  report.check('nothing is there twice', twice);
  report.check('there was something to lose', counts.kills > 1 && acknowledged.size > 100 ? [] : [JSON.stringify(counts)]);
  report.check('the log verifies', (await server.tool('verify')).includes('ok: every entry') ? [] : ['it does not']);
});
await server.close();
report.finish();
