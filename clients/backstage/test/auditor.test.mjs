// SPDX-License-Identifier: Apache-2.0
// The auditor as plugins call it, with a real `tallystick serve` behind it:
//
//   npm run build && TALLYSTICK=PATH npm test

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Server } from '../../../tests/e2e/api/server.mjs';
import { Sender, TallystickAuditor } from '../dist/index.js';

const kOptions = { server: 'portal', queueEvents: 1000, queueBytes: 1 << 20, batchEvents: 100, flushMs: 5, retryMs: 50, timeoutMs: 5000 };
const kCall = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'demo.greet', arguments: { name: 'x', apiKey: 'k' } } };
const kHeaders = { 'user-agent': 'test/1', 'x-request-id': 'r-1', traceparent: `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`, authorization: 'Bearer never-copied' };

let service;
let token;
before(async () => {
  assert.ok(process.env.TALLYSTICK, 'TALLYSTICK is the path of the program');
  service = await new Server(process.env.TALLYSTICK).start();
  token = await service.token('writer');
});
after(() => service.close());

function request(body = kCall, headers = kHeaders) {
  return { method: 'POST', originalUrl: '/api/mcp-actions/v1?token=t', ip: '::ffff:127.0.0.1', hostname: 'h', body, get: (name) => headers[name] };
}

/** An auditor of plugin mcp-actions, what it said, and its sender. */
function auditor({ url = service.url(''), credentials, plugin = 'mcp-actions', log, ...options } = {}) {
  const said = [];
  const sender = new Sender({ ...kOptions, url, token, ...options }, (level, text) => said.push(`${level}: ${text}`));
  const auth = {
    getOwnServiceCredentials: async () => ({ principal: { type: 'service', subject: `plugin:${plugin}` } }),
    isPrincipal: (found, type) => found.principal.type === type,
  };
  const httpAuth = { credentials: credentials ?? (async () => ({ principal: { type: 'user', userEntityRef: 'user:default/alice' } })) };
  const parts = { plugin, server: 'portal', auth, httpAuth, sender, log, logFacts: true, trouble: (text) => said.push(text) };
  return { auditor: new TallystickAuditor(parts), sender, said };
}

/** A server whose answer `answer(number, events)` gives: a status, or undefined to hang up. */
async function odd_server(answer) {
  const taken = [];
  let number = 0;
  const server = createServer(async (asked, response) => {
    const chunks = [];
    for await (const chunk of asked) chunks.push(chunk);
    const events = gunzipSync(Buffer.concat(chunks)).toString().trim().split('\n').map((line) => JSON.parse(line));
    const status = await answer(number++, events);
    if (status === undefined) return asked.socket.destroy();
    if (status < 300) taken.push(...events);
    return response.writeHead(status).end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, taken, close };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const of_api = async () => (await service.entries()).filter((entry) => entry.source === 'api');

test('a call is two records that belong together, with what the plugin does not say', async () => {
  const lines = [];
  const { auditor: it, sender, said } = auditor({ log: (line) => lines.push(line) });
  const event = await it.createEvent({ eventId: 'tool-execution', severityLevel: 'medium', request: request(), meta: { toolName: 'demo.greet' } });
  await event.success({ meta: { more: 1 } });
  await settled();
  assert.equal(await sender.close(5000), 0);
  const [begun, done] = (await of_api()).slice(-2);
  assert.deepEqual([begun.status, begun.event_result, done.status, done.event_result], ['initiated', 'pending', 'succeeded', 'success']);
  assert.equal(begun.interaction_id, done.interaction_id);
  assert.notEqual(begun.event_id, done.event_id);
  assert.ok(done.duration_ms >= 0 && begun.duration_ms === undefined);
  for (const entry of [begun, done]) {
    assert.equal(entry.event_name, 'mcp-tool-execution');
    assert.deepEqual([entry.actor_id, entry.actor_type, entry.actor_verified, entry.actor_ip], ['user:default/alice', 'user', 'claimed', '127.0.0.1']);
    assert.deepEqual([entry.target_type, entry.target_id], ['tool', 'portal/demo.greet']);
    assert.deepEqual([entry.request_id, entry.trace_id], ['r-1', 'a1'.repeat(16)]);
    assert.deepEqual([entry.details.jsonrpc_id, entry.details.method], [7, 'tools/call']);
    assert.deepEqual(entry.details.arguments, { name: 'x', apiKey: '[redacted]' });
    assert.equal(entry.api_endpoint, '/api/mcp-actions/v1?token=[redacted]');
    assert.ok(!JSON.stringify(entry).includes('never-copied'));
  }
  assert.deepEqual(lines.map((line) => line.meta.tallystick.event_id), [begun.event_id, done.event_id]);
  assert.deepEqual(lines[1].meta.more, 1);
  assert.deepEqual(said, []);
});

/** What two records of one event must agree on, whichever way it came. */
function agreed({ details, ...entry }) {
  const fields = ['event_id', 'timestamp', 'interaction_id', 'event_name', 'event_type', 'event_action', 'event_result', 'status', 'severity', 'severity_level',
    'actor_id', 'actor_type', 'actor_verified', 'actor_ip', 'actor_user_agent', 'target_type', 'target_id', 'target_name', 'request_id', 'trace_id',
    'duration_ms', 'http_method', 'api_endpoint', 'error_message'];
  const members = ['plugin', 'jsonrpc_id', 'method', 'batch', 'protocol_version', 'client', 'arguments', 'meta'];
  // The client masks a token in the address; of one in a line, the server keeps a digest.
  const api_endpoint = entry.api_endpoint?.replace(/=(\[redacted\]|hmac:[^&]*)/g, '=(hidden)');
  return Object.fromEntries([...fields.map((name) => [name, { ...entry, api_endpoint }[name]]), ...members.map((name) => [`details.${name}`, details[name]])]);
}

test('the line that is logged, read by the server, is the event that was sent', async () => {
  const lines = [];
  const { auditor: it, sender } = auditor({ log: (line) => lines.push(line) });
  const ends = [
    (event) => event.success({ meta: { toolCount: 1 } }),
    (event) => event.fail({ error: new Error('Tool "demo.greet" reported isError=true') }),
    (event) => event.fail({ error: Object.assign(new Error('token=hunter2 refused'), { name: 'NotAllowedError' }) }),
  ];
  for (const [eventId, severityLevel] of [['tool-execution', 'medium'], ['tool-discovery', 'low'], ['connection', 'low']]) {
    const meta = eventId === 'tool-execution' ? { toolName: 'demo.greet' } : eventId === 'connection' ? { actionType: 'established' } : {};
    for (const end of ends) await end(await it.createEvent({ eventId, severityLevel, request: request(), meta }));
  }
  await settled();
  assert.equal(await sender.close(5000), 0);
  const other = await new Server(process.env.TALLYSTICK).start();
  try {
    // As a logger writes it: an Error has no members of its own in JSON.
    const text = lines.map(({ error, ...line }) =>
      JSON.stringify({ isAuditEvent: true, ...line, ...(error && { error: { name: error.name, message: error.message } }) })).join('\n');
    const answer = await other.fetch('/api/audit/ingest/backstage', {
      token: await other.token('writer'), method: 'POST', body: text, headers: { 'content-type': 'text/plain' },
    });
    assert.equal(answer.status, 201, await answer.text());
    const logged = (await other.entries()).filter((entry) => entry.source === 'api');
    const sent = new Map((await of_api()).map((entry) => [entry.event_id, entry]));
    assert.equal(logged.length, 18);
    for (const entry of logged) assert.deepEqual(agreed(entry), agreed(sent.get(entry.event_id)));
    assert.ok(!JSON.stringify(logged).includes('hunter2'));
  } finally {
    await other.close();
  }
});

test('failures are what they are', async () => {
  const rows = [
    ['failure', Object.assign(new Error('Tool "demo.greet" reported isError=true'), {})],
    ['denied', Object.assign(new Error('no'), { name: 'NotAllowedError' })],
    ['failure', Object.assign(new Error('bad password=hunter2'), { name: 'InputError' })],
    ['error', new Error('Request failed with 500 Internal Server Error')],
  ];
  const { auditor: it, sender } = auditor({ plugin: 'catalog' });
  for (const [, error] of rows) {
    const event = await it.createEvent({ eventId: 'entity-mutate', severityLevel: 'medium', meta: { actionType: 'delete', uid: 'u' } });
    await event.fail({ error });
  }
  await settled();
  await sender.close(5000);
  const ends = (await of_api()).filter((entry) => entry.event_name === 'catalog-entity-mutate' && entry.status === 'failed');
  assert.deepEqual(ends.map((entry) => entry.event_result), rows.map(([result]) => result));
  assert.deepEqual(ends.map((entry) => entry.event_action), ['delete', 'delete', 'delete', 'delete']);
  assert.equal(ends[2].error_message, 'bad password=[redacted]');
  assert.deepEqual([ends[0].actor_id, ends[0].actor_type], ['plugin:catalog', 'service']);
});

test('elements of a batch go to the events in their order', async () => {
  const body = [kCall, { ...kCall, id: '8' }, { jsonrpc: '2.0', id: 9, method: 'tools/list' }];
  const asked = request(body);
  const { auditor: it, sender } = auditor();
  const options = { eventId: 'tool-execution', request: asked, meta: { toolName: 'demo.greet' } };
  const events = [await it.createEvent(options), await it.createEvent({ eventId: 'tool-discovery', request: asked }), await it.createEvent(options)];
  for (const event of events) await event.success();
  await settled();
  await sender.close(5000);
  const ends = (await of_api()).slice(-3);
  assert.deepEqual(ends.map((entry) => entry.details.jsonrpc_id), [7, 9, '8']);
  assert.deepEqual(ends.map((entry) => entry.details.batch.index), [0, 2, 1]);
});

test('the first end counts, and nothing ever rejects', async () => {
  const refuses = async () => {
    throw Object.assign(new Error('secret'), { name: 'AuthenticationError' });
  };
  const { auditor: it, sender, said } = auditor({ credentials: refuses, url: 'http://127.0.0.1:1', log: () => { throw new Error('a broken log'); } });
  const event = await it.createEvent({ eventId: 'tool-execution', request: request(), meta: { toolName: 't', odd: 1n } });
  await event.success();
  await event.fail({ error: new Error('too late') });
  const hostile = { get body() { throw new Error('no body'); }, get: () => { throw new Error('no headers'); } };
  await (await it.createEvent({ eventId: 'x', request: hostile })).fail({ error: new Error('y') });
  await settled();
  assert.equal(sender.waiting, 2); // a bigint is no JSON: counted, and not among these
  assert.ok((await sender.close(10)) >= 2);
  assert.ok(said.includes('error: audit events are lost: not-made'));
  assert.equal(said.filter((text) => text.startsWith('an audit line could not be logged')).length, 2);
});

test('credentials that cannot be resolved leave the event without an actor', async () => {
  const { auditor: it, sender } = auditor({ credentials: async () => { throw Object.assign(new Error('x'), { name: 'AuthenticationError' }); } });
  await (await it.createEvent({ eventId: 'connection', request: request(), meta: { actionType: 'closed' } })).success();
  await settled();
  await sender.close(5000);
  const end = (await of_api()).at(-1);
  assert.deepEqual([end.event_name, end.event_action, end.actor_type, end.details.actor_problem], ['mcp-connection', 'disconnect', 'anonymous', 'AuthenticationError']);
  assert.equal(end.details.arguments, undefined);
});

test('an event is sent again under its id until it is taken', async () => {
  const ids = [];
  const server = await odd_server((number, events) => {
    ids.push(events[0].event_id);
    return [undefined, 503, 500, 401, 201][Math.min(number, 4)];
  });
  const { auditor: it, sender, said } = auditor({ url: server.url });
  await it.createEvent({ eventId: 'tool-discovery' });
  await settled();
  assert.equal(await sender.close(5000), 0);
  await server.close();
  assert.equal(new Set(ids).size, 1);
  assert.ok(ids.length >= 5);
  assert.equal(server.taken.length, 1);
  assert.equal(said.length, 2);
});

test('a full queue is counted and told; memory stays bounded', async () => {
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  const server = await odd_server(async () => {
    await gate;
    return 201;
  });
  const { auditor: it, sender } = auditor({ url: server.url, queueEvents: 3 });
  for (let i = 0; i < 10; ++i) await it.createEvent({ eventId: 'tool-discovery' });
  await settled();
  assert.equal(sender.waiting, 3);
  open();
  assert.equal(await sender.close(5000), 0);
  await server.close();
  assert.equal(server.taken.length, 4);
  const gap = server.taken.at(-1);
  assert.deepEqual([gap.event_name, gap.details.count, gap.details.by_method], ['client-audit-gap', 7, { 'mcp-actions.tool-discovery': 7 }]);
});

test('a server killed and started again has every event once', async () => {
  const { auditor: it, sender } = auditor({ server: 'killed', queueEvents: 5000 });
  const ask = async (count) => {
    for (let i = 0; i < count; ++i) await (await it.createEvent({ eventId: 'tool-execution', request: request(), meta: { toolName: 'killed' } })).success();
  };
  await ask(200);
  await service.kill();
  await ask(200);
  await service.start();
  await settled();
  assert.equal(await sender.close(10_000), 0);
  const found = (await of_api()).filter((entry) => entry.target_name === 'killed');
  assert.equal(found.length, 800);
  assert.equal(new Set(found.map((entry) => entry.event_id)).size, 800);
  assert.ok(!(await service.entries()).some((entry) => entry.event_name === 'client-audit-gap'));
});

test('events fit into an entry, and long words take no time', async () => {
  const { auditor: it, sender } = auditor();
  const wide = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key${i}`, '\u20ac'.repeat(130)]));
  const body = { ...kCall, params: { name: 'demo.greet', arguments: { ...wide, text: `${'a'.repeat(200_000)} =` }, clientInfo: wide } };
  const began = performance.now();
  const options = { eventId: 'tool-execution', request: request(body), meta: { toolName: 'demo.greet', wide } };
  await (await it.createEvent(options)).success({ meta: { more: '://a:'.repeat(40_000), some: wide } });
  assert.ok(performance.now() - began < 2000);
  await settled();
  assert.equal(await sender.close(5000), 0);
  const end = (await of_api()).at(-1);
  assert.deepEqual([end.status, end.details.arguments_digest.bytes > 200_000, end.details.meta_digest.bytes > 200_000], ['succeeded', true, true]);
});

test('plain http to another machine is refused', () => {
  assert.throws(() => new Sender({ ...kOptions, url: 'http://audit.example', token: 't' }, () => {}), /use https/);
});
