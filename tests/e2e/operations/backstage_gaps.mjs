// SPDX-License-Identifier: Apache-2.0
// What docs/upstream-gaps.md says of Backstage's MCP plugin, reproduced on a real backend: B1 to B9. Opt-in: tools/setup.sh backstage.
//
//   node backstage_gaps.mjs

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start_backstage } from '../http/backstage/server.mjs';
import { free_ports, pause } from '../http/lib/child.mjs';

const kSettleMs = 300;

/** A backend whose audit sink behaves as `sink` says, while `use` talks to it. */
async function with_backend(sink, use) {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-gaps-'));
  const file = join(directory, 'events.ndjson');
  const [port] = await free_ports(1);
  const backend = await start_backstage(directory, port, {
    env: { TALLY_AUDIT_EVENTS: file, TALLY_AUDIT_SINK: sink },
  });
  const url = backend.origin + backend.path;
  const post = async (body, token = backend.token) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(url, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
    return { status: answer.status, text: await answer.text() };
  };
  /** The events that `action` gives. */
  const events_of = async (action) => {
    const before = existsSync(file) ? readFileSync(file, 'utf8').length : 0;
    const value = await action();
    await pause(kSettleMs);
    const text = existsSync(file) ? readFileSync(file, 'utf8').slice(before) : '';
    return { value, events: text.split('\n').filter(Boolean).map((line) => JSON.parse(line)) };
  };
  try {
    await use({ url, token: backend.token, post, events_of });
  } finally {
    backend.child.process.kill('SIGKILL');
    await backend.child.exited;
    rmSync(directory, { recursive: true, force: true });
  }
}

const call = (id, name, more = {}) =>
  ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { name: 'an-argument' }, ...more } });
const names = (events) => events.map((event) => `${event.eventId} ${event.status}`);
let passed = 0;
const gap = (name) => console.log(`${name}: reproduced (${(passed += 1)})`);

await with_backend('sync', async ({ url, token, post, events_of }) => {
  const refused = await events_of(async () => [
    (await post(call(1, 'demo.greet'), null)).status,
    (await post(call(1, 'demo.greet'), 'wrong')).status,
    (await post('{"jsonrpc":')).status,
    (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status,
    (await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })).status,
  ]);
  assert.deepEqual(refused.value, [401, 401, 400, 405, 405]);
  assert.deepEqual(refused.events, []);
  gap('B1 refused requests leave no event');

  const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'the-client', version: '1' } };
  const others = await events_of(async () => {
    await post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize });
    await post({ jsonrpc: '2.0', id: 2, method: 'ping' });
    await post({ jsonrpc: '2.0', id: 3, method: 'resources/read', params: { uri: 'file:///etc/passwd' } });
  });
  assert.ok(others.events.length > 0 && others.events.every((event) => event.eventId === 'connection'), names(others.events));
  assert.doesNotMatch(JSON.stringify(others.events), /initialize|ping|resources|the-client|passwd/);
  gap('B2 other methods are a connection and nothing more');

  const one = await events_of(() => post(call('id-7', 'demo.greet')));
  assert.equal(one.value.status, 200);
  assert.equal(one.events.length, 6, names(one.events));
  gap('B3 one call gives six records');
  assert.doesNotMatch(JSON.stringify(one.events), /an-argument|id-7|2025-06-18|\d{4}-\d\d-\d\dT/);
  gap('B4 no arguments, JSON-RPC id, version or time');

  const failed = await events_of(() => post(call(8, 'demo.break')));
  const record = failed.events.find((event) => event.eventId === 'tool-execution' && event.status === 'failed');
  assert.ok(record, names(failed.events));
  assert.doesNotMatch(JSON.stringify(record), /it broke/);
  console.log(`  the reason in the record: ${record.error.message}`);
  gap('B5 the reason of a failure is lost');

  const twice = await events_of(() => Promise.all([post(call(9, 'demo.greet')), post(call(10, 'demo.greet'))]));
  const begun = twice.events.filter((event) => event.eventId === 'tool-execution' && event.status === 'initiated');
  assert.equal(begun.length, 2);
  assert.deepEqual(begun[0], begun[1]);
  gap('B6 concurrent calls of one tool cannot be told apart');
});

await with_backend('async', async ({ post, events_of }) => {
  const { events } = await events_of(async () => {
    for (let id = 0; id < 5; id += 1) await post(call(id, 'demo.greet'));
  });
  const of = (type) => events.filter((event) => event.eventId === 'connection' && event.meta.actionType === type).length;
  assert.ok(of('established') >= 5);
  assert.equal(of('closed'), 0);
  gap('B7 with an asynchronous sink no connection is ever closed');
});

await with_backend('down', async ({ post }) => {
  const answer = await post(call(1, 'demo.greet'));
  assert.equal(answer.status, 500);
  assert.match(answer.text, /the audit sink is down/);
  gap('B8 a sink that is down ends every call, and says so to the client');
});

await with_backend('down-at-the-end', async ({ post, events_of }) => {
  const { value, events } = await events_of(() => post(call(1, 'demo.write-note')));
  assert.match(value.text, /the audit sink is down/);
  assert.ok(events.some((event) => event.eventId === 'tool-execution' && event.status === 'failed'), names(events));
  gap('B9 a call that succeeded is recorded as failed when only the last record cannot be written');
});
console.log(`${passed} gaps of Backstage reproduced`);
