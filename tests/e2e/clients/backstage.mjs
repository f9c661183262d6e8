// SPDX-License-Identifier: Apache-2.0
// A real Backstage backend with its MCP server and the auditor of clients/backstage:
//
//   node backstage.mjs --tallystick PATH
//
// A call is seen three ways (proxy in front, auditor, log line), and they must agree. With the audit slow, down or
// failing, every call must work as without it, and be recorded as what it was. tools/setup.sh backstage installs what it
// needs; the client is built here.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { start_backstage } from '../http/backstage/server.mjs';
import { free_ports, pause } from '../http/lib/child.mjs';
import { Proxy } from '../http/lib/proxy.mjs';
import { run } from '../js/lib/process.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));
const kClient = join(kHere, '..', '..', '..', 'clients', 'backstage');
const kProgram = join(kHere, 'backstage', 'backend.cjs');
const kWaitMs = 15_000;

let failed = 0;
let passed = 0;
function check(what, fine, detail = '') {
  if (fine) passed += 1;
  else failed += 1;
  console.log(`${fine ? 'ok' : 'FAILED'}: ${what}${fine ? '' : `\n  ${detail}`}`);
}

/** One POST to the MCP server: its status and its JSON-RPC answer. */
async function ask(origin, backstage, message, headers = {}) {
  const began = performance.now();
  const response = await fetch(origin + backstage.path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${backstage.token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify(message),
  });
  const text = await response.text();
  const data = text.split('\n').find((line) => line.startsWith('data:'));
  return { status: response.status, answer: JSON.parse(data ? data.slice(5) : text), ms: performance.now() - began };
}

const call = (id, name, more = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: `demo.${name}`, arguments: { name: 'x', apiKey: 'hunter2' }, ...more },
});

async function until(what, condition) {
  const end = Date.now() + kWaitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${kWaitMs} ms`);
    await pause(20);
  }
}

function start(directory, port, url, token, more = {}) {
  const config = { tallystick: { auditor: { url, token, server: 'backstage', retryMs: 200, ...more } } };
  return start_backstage(directory, port, { program: kProgram, config, env: { LOG_LEVEL: 'info' } });
}

const audit_lines = (backstage) =>
  backstage.child.out
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"isAuditEvent":true'))
    .map((line) => JSON.parse(line));

/** What a record says of a call, wherever it comes from. */
const facts_of = (entry) => ({
  request_id: entry.request_id,
  jsonrpc_id: entry.details.jsonrpc_id,
  target: `${entry.target_type} ${entry.target_id}`,
  name: entry.event_name,
  result: entry.event_result,
  status: entry.status,
  arguments: entry.details.arguments,
});

/** The line of the default auditor, with what the client adds, in the same words. */
const facts_of_line = ({ meta: { tallystick: ours }, plugin, eventId, status }) => ({
  request_id: ours.request_id,
  jsonrpc_id: ours.jsonrpc_id,
  target: `${ours.target_type} ${ours.target_id}`,
  name: `mcp-${eventId}`,
  result: ours.event_result,
  status,
  arguments: ours.arguments,
  plugin,
});

async function three_ways(serve, backstage) {
  const origin = serve.origins.backstage;
  const info = { name: 'e2e', version: '1' };
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: info };
  await ask(origin, backstage, { jsonrpc: '2.0', id: 0, method: 'initialize', params: hello });
  await ask(origin, backstage, { jsonrpc: '2.0', id: 'list', method: 'tools/list' });
  const names = ['greet', 'refuse', 'break', 'nothing', 'greet'];
  const answers = await Promise.all(names.map((name, i) => ask(origin, backstage, call(i + 1, name))));
  check('calls work', answers[0].answer.result.isError !== true && answers[1].answer.result.isError === true, JSON.stringify(answers));
  // 7 requests: two pairs of connection each, and a pair for the list and each call.
  const seen = await until('all events', async () => {
    const events = await serve.events();
    return events.filter((each) => each.source === 'api').length >= 7 * 4 + 6 * 2 && events;
  });
  const of_auditor = seen.filter((each) => each.source === 'api');
  const closed = of_auditor.filter((each) => each.event_name === 'mcp-connection' && each.event_action === 'disconnect');
  check('no "closed" is lost', closed.length === 7 * 2, `${closed.length} records`);
  check('no gap', !of_auditor.some((each) => each.event_name === 'client-audit-gap'));
  const methods = new Set(of_auditor.filter((each) => each.event_name === 'mcp-connection').map((each) => each.details.method));
  check('connections say which method', methods.has('initialize') && methods.has('tools/call'), [...methods].join());
  const client = of_auditor.find((each) => each.details.method === 'initialize')?.details.client;
  check('who the client is', client?.name === 'e2e', JSON.stringify(client));
  const lines = audit_lines(backstage);
  for (let id = 1; id <= names.length; ++id) {
    const same = (each) => each.event_name === 'mcp-tool-execution' && each.details.jsonrpc_id === id;
    const proxied = seen.filter((each) => each.source === 'proxy' && same(each) && each.status !== 'initiated');
    const audited = of_auditor.filter(same);
    const logged = lines.filter((line) => line.meta?.tallystick?.jsonrpc_id === id);
    const counts = [proxied.length, audited.length, logged.length];
    check(`call ${id}: one record of the proxy, a pair of the auditor, two lines`, counts.join() === '1,2,2', counts.join());
    if (counts.join() !== '1,2,2') continue;
    const [begun, done] = audited;
    check(`call ${id}: the pair has one id`, begun.interaction_id === done.interaction_id && begun.status === 'initiated');
    const [one, two] = [facts_of(proxied[0]), facts_of(done)];
    const differs = (other) => `${JSON.stringify(other)}\n  ${JSON.stringify(two)}`;
    check(`call ${id}: proxy and auditor agree (${done.event_result})`, isDeepStrictEqual(one, two), differs(one));
    const { plugin, ...line } = facts_of_line(logged.find((each) => each.status !== 'initiated'));
    check(`call ${id}: so does the log line`, isDeepStrictEqual(line, two) && plugin === 'mcp-actions', differs(line));
    const ids = logged.map((each) => each.meta.tallystick.event_id).sort().join();
    check(`call ${id}: the lines have the ids of the records`, ids === audited.map((each) => each.event_id).sort().join());
  }
  check('no secret in the log or in the lines', !JSON.stringify([seen, lines]).includes('hunter2'));
  const actor = of_auditor.find((each) => each.event_name === 'mcp-tool-execution');
  check('the actor is who Backstage says', actor.actor_id === 'e2e-client' && actor.actor_verified === 'claimed', actor.actor_id);
}

/** The server goes away while calls are made. */
async function audit_down(serve, backstage) {
  await serve.stop();
  const answers = [];
  for (let id = 101; id <= 120; ++id) answers.push(await ask(backstage.origin, backstage, call(id, id % 2 ? 'greet' : 'refuse')));
  const fine = answers.every(({ status, answer }, i) => status === 200 && (answer.result.isError === true) === (i % 2 === 1));
  check('20 calls without a server', fine, JSON.stringify(answers[0]));
  await serve.launch();
  const ends = await until('events of that time', async () => {
    const found = (await serve.events('event:mcp-tool-execution')).filter(
      (each) => each.source === 'api' && each.details.jsonrpc_id > 100 && each.status !== 'initiated',
    );
    return found.length >= 20 && found;
  });
  const wrong = ends.filter((each) => each.event_result !== (each.details.jsonrpc_id % 2 ? 'success' : 'failure'));
  check('they are in the log once, as what they were', ends.length === 20 && wrong.length === 0, JSON.stringify(wrong[0]));
  check('the log verifies', (await serve.verify()).length === 0);
}

/** Servers that do not do what they should; each call must be answered as if nothing were wrong, and as fast. */
async function audit_odd(directory, port) {
  const kinds = {
    'never answers': () => {},
    'hangs up': (request) => request.socket.destroy(),
    'answers 500': (request, response) => response.writeHead(500).end('broken'),
    'answers 401': (request, response) => response.writeHead(401).end(),
    'refuses each event': (request, response) =>
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"items":[{"index":0,"error":"no"}]}'),
  };
  let asked = 0;
  let answer = kinds['never answers'];
  const server = createServer((request, response) => {
    asked += 1;
    request.resume();
    answer(request, response);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const backstage = await start(directory, port, `http://127.0.0.1:${server.address().port}`, 't', {
    timeoutMs: 300,
    queueEvents: 40,
    shutdownMs: 300,
  });
  for (const [name, behaviour] of Object.entries(kinds)) {
    answer = behaviour;
    const before = asked;
    const answers = [];
    for (let id = 0; id < 15; ++id) answers.push(await ask(backstage.origin, backstage, call(id, 'greet')));
    await until('the server is asked', () => asked > before);
    const fine = answers.every((each) => each.status === 200 && each.answer.result?.structuredContent?.said === 'hello, x');
    const slowest = Math.max(...answers.map((each) => each.ms)).toFixed(0);
    check(`an audit server that ${name}: 15 calls work, the slowest in ${slowest} ms`, fine && slowest < 300, JSON.stringify(answers[0]));
  }
  const ends = audit_lines(backstage).filter((line) => line.eventId === 'tool-execution' && line.status !== 'initiated');
  check('no success is called failed', ends.length >= 75 && ends.every((line) => line.status === 'succeeded'), `${ends.length}`);
  const began = Date.now();
  const status = await backstage.child.stop();
  check(`it ends in ${Date.now() - began} ms with a server that never answers`, Date.now() - began < 5000, `status ${status}`);
  server.closeAllConnections();
  server.close();
}

async function main() {
  const { values } = parseArgs({ options: { tallystick: { type: 'string' } } });
  if (!existsSync(join(kClient, 'node_modules', '@backstage', 'backend-defaults'))) throw new Error('run tools/setup.sh backstage');
  execFileSync(process.execPath, [join(kClient, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', kClient], { stdio: 'inherit' });
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-backstage-'));
  const binary = resolve(values.tallystick);
  const [port, other] = await free_ports(2);
  const serve = await Proxy.start(binary, directory, { backstage: `http://127.0.0.1:${port}` });
  let backstage;
  try {
    const made = await run(binary, ['token', 'create', '--log', serve.log, '--role', 'writer'], { env: serve.env });
    backstage = await start(join(directory, 'backstage'), port, `http://127.0.0.1:${serve.listen}`, made.stdout.trim());
    await three_ways(serve, backstage);
    await audit_down(serve, backstage);
    await audit_odd(join(directory, 'odd'), other);
    await backstage.child.stop();
    await serve.stop();
  } finally {
    backstage?.child.process.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
