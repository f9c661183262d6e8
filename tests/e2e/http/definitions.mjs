// SPDX-License-Identifier: Apache-2.0
// A tool whose definition changed between two runs of `serve --proxy`: told once, to whom it concerns.
//
//   node definitions.mjs --tallystick PATH [--quick]      (--quick changes nothing)

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pause } from './lib/child.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Report } from './lib/report.mjs';

const { values: options } = parseArgs({ options: { tallystick: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const kWaitMs = 15_000;

let description = 'first';
const tools = () => [
  { name: 'look', inputSchema: {}, annotations: { readOnlyHint: true }, description },
  { name: 'act', inputSchema: {} },
];

/** An MCP server without sessions that lists its tools to anybody. */
async function start_upstream() {
  const server = createServer(async (incoming, response) => {
    const parts = [];
    for await (const part of incoming) parts.push(part);
    const { id, method } = JSON.parse(Buffer.concat(parts).toString('utf8'));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: method === 'tools/list' ? { tools: tools() } : { content: [] } }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

async function ask(proxy, user, method, params = {}) {
  const response = await fetch(`${proxy.origins.up}/mcp`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${user}:x`).toString('base64')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return response.json();
}

const changes = (proxy) => proxy.events('event:mcp-tool-definition');

async function until(condition) {
  const end = Date.now() + kWaitMs;
  while (!(await condition()) && Date.now() < end) await pause(20);
}

const report = new Report();
const check = (name, fine, detail = 'it is not') => report.check(name, fine ? [] : [detail]);
const home = mkdtempSync(join(tmpdir(), 'tallystick-definitions-'));
const upstream = await start_upstream();
const proxy = await Proxy.start(resolve(options.tallystick), home, { up: upstream.origin });
try {
  for (const user of ['jane', 'tom']) await ask(proxy, user, 'tools/list');
  await proxy.stop();
  await proxy.launch();
  await ask(proxy, 'jane', 'tools/list');
  await proxy.stop();
  description = 'second';
  await proxy.launch();
  for (const user of ['jane', 'tom', 'new']) await ask(proxy, user, 'tools/list');
  await until(async () => (await changes(proxy)).length >= 2);
  const told = await changes(proxy);
  const of = (event) => `${event.target_id} ${event.details.change} ${event.on_behalf_of ?? event.actor_id}`;
  check('only the change is told, for each who was served the old one', told.length === 2, told.map(of).join('; '));
  for (const event of told) {
    check('it says which tool, and what it was compared with',
      event.target_id === 'up/look' && event.details.change === 'changed' && event.details.compared_with?.seq >= 0, JSON.stringify(event));
  }
  await ask(proxy, 'jane', 'tools/call', { name: 'look', arguments: {} });
  const calls = await proxy.events('event:mcp-tool-execution');
  check('its hint is not believed any more', calls.some((event) => event.status === 'initiated'), JSON.stringify(calls.map((c) => c.status)));
  await ask(proxy, 'jane', 'tools/list');
  await proxy.stop();
  check('it is told once', (await changes(proxy)).length === 2);
  check('the log is whole', (await proxy.verify()).length === 0);
} finally {
  if (proxy.child.status === undefined) proxy.child.process.kill('SIGKILL');
  upstream.server.closeAllConnections();
  upstream.server.close();
  rmSync(home, { recursive: true, force: true });
}
report.finish();
