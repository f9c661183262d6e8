// SPDX-License-Identifier: Apache-2.0
// SIGHUP on a running `serve --config`: what changes does so on connections that are there, a file with a mistake changes
// nothing, what needs a restart is named, and a reload that waits for keys does not delay the end.
//
//   node reload.mjs --tallystick PATH [--quick]      (--quick changes nothing)

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as listen_raw } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../js/lib/process.mjs';
import { free_ports, pause } from './lib/child.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Report } from './lib/report.mjs';

const { values: options } = parseArgs({ options: { tallystick: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const kWaitMs = 15_000;

const report = new Report();
const check = (name, fine, detail = 'it is not') => report.check(name, fine ? [] : [String(detail)]);

async function until(condition) {
  const end = Date.now() + kWaitMs;
  while (!(await condition()) && Date.now() < end) await pause(20);
}

/** Answers JSON-RPC, upgrades what asks for it. */
async function start_upstream() {
  const server = createServer(async (incoming, response) => {
    const parts = [];
    for await (const part of incoming) parts.push(part);
    const body = Buffer.concat(parts);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { bytes: body.length } }));
  });
  server.on('upgrade', (incoming, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** Takes connections and never says anything. */
async function start_silent() {
  const sockets = new Set();
  const server = listen_raw((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { port: server.address().port, sockets, close: () => (server.close(), sockets.forEach((socket) => socket.destroy())) };
}

const home = mkdtempSync(join(tmpdir(), 'tallystick-reload-'));
const upstream = await start_upstream();
const silent = await start_silent();
const [api, port] = await free_ports(2);
const file = join(home, 'tallystick.yaml');

/** Settings, those of the proxy and those beside it. */
function settings({ proxy = '', more = '' } = {}) {
  writeFileSync(file, `proxies:
  - name: up
    listen: 127.0.0.1:${port}
    upstream: http://127.0.0.1:${upstream.address().port}
${proxy}${more}`);
}

async function connect_tcp() {
  const socket = connect(port, '127.0.0.1');
  await new Promise((done, failed) => socket.on('connect', done).on('error', failed));
  return socket;
}

const post = (bytes, path = '/mcp') =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: { x: 'x'.repeat(bytes) } } }),
  }).then(async (response) => (await response.text(), response.status));

async function upgrade() {
  const socket = await connect_tcp();
  socket.write(`GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`);
  const text = await new Promise((done) => {
    let all = '';
    socket.on('data', (data) => (all += data) && all.includes('\r\n\r\n') && done(all));
    socket.on('close', () => done(all));
    socket.on('error', () => done(all));
  });
  socket.destroy();
  return text.slice(9, 12);
}

settings();
const proxy = new Proxy();
proxy.binary = resolve(options.tallystick);
proxy.log = join(home, 'log');
proxy.env = { ...process.env, XDG_CONFIG_HOME: join(home, 'c'), XDG_STATE_HOME: join(home, 's') };
proxy.command_line = () => [proxy.binary, 'serve', '--config', file, '--log', proxy.log, '--listen', `127.0.0.1:${api}`];

/** Sends SIGHUP and waits until `words` were said of it. */
async function reload(words = 'read again; ') {
  const before = proxy.child.err.length;
  process.kill(proxy.child.pid, 'SIGHUP');
  await until(() => proxy.child.err.slice(before).includes(words));
  const said = proxy.child.err.slice(before);
  if (!said.includes(words)) throw new Error(`not said: ${words}\n${said}`);
  await pause(50);  // handed to each loop
  return said;
}

try {
  await proxy.launch();
  check('a body below the limit passes', (await post(100_000)) === 200);
  check('no upgrade but where it is allowed', (await upgrade()) !== '101');

  settings({ more: 'limits:\n  body: 50KiB\n' });
  let said = await reload();
  check('the limit is named', said.includes('limits.body'), said);
  check('a body above the new limit is refused', (await post(100_000)) === 413);
  settings({ proxy: '    oversize: forward\n', more: 'limits:\n  body: 50KiB\n' });
  await reload();
  check('or passed on', (await post(100_000)) === 200);

  settings({ proxy: '    upgrade_paths: [/ws]\n    timeouts:\n      client_idle: 200ms\n', more: 'limits:\n  connections: 50\ndrain_timeout: 2s\n' });
  said = await reload();
  check('an upgrade is tunnelled', (await upgrade()) === '101');
  const idle = await connect_tcp();
  const begun = Date.now();
  const ended = new Promise((done) => idle.on('close', done).resume());
  await Promise.race([ended, pause(kWaitMs)]);
  check('an idle connection is closed sooner', Date.now() - begun < 5_000, Date.now() - begun);

  settings({ proxy: '    upgrade_paths: [/ws]\n    oversize: maybe\n', more: 'limits:\n  body: 1MiB\n' });
  said = await reload('not read again, nothing changed');
  check('a mistake is told with its place', said.includes('tallystick.yaml:') && said.includes('oversize'), said);
  check('and nothing changed', (await upgrade()) === '101');

  settings({ proxy: '    upgrade_paths: []\n', more: `write_timeout: 3s\nlimits:\n  proxy_threads: 1\n` });
  said = await reload('only with a restart');
  check('what needs a restart is named', said.includes('write_timeout') && said.includes('limits.proxy_threads'), said);
  check('the rest is in force', (await upgrade()) !== '101');

  settings({ proxy: `    jwt:\n      jwks_url: http://127.0.0.1:${silent.port}/jwks\n      issuers: [https://a.example]\n` });
  process.kill(proxy.child.pid, 'SIGHUP');
  await until(() => silent.sockets.size > 0);
  const asked = Date.now();
  await proxy.stop();
  check('a reload that waits for keys does not delay the end', Date.now() - asked < 5_000, `${Date.now() - asked} ms`);

  const { stdout } = await run(proxy.binary, ['query', '--log', proxy.log, 'event:audit-settings-changed', '--format', 'ndjson'], { env: proxy.env });
  const events = stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line)).sort((a, b) => a.seq - b.seq);
  const results = events.map((event) => event.event_result).join();
  check('each reload is recorded', results === 'success,success,success,failure,success,failure', results);
  check('with what needs a restart', events[4]?.details.needs_restart?.join() === 'limits.proxy_threads,write_timeout', JSON.stringify(events[4]?.details));
  check('and what ended the last one', events[5]?.error_message?.includes('stop'), events[5]?.error_message);
  check('the log is whole', (await proxy.verify()).length === 0);
} catch (error) {
  check('the driver ran to its end', false, error.stack);
} finally {
  if (proxy.child?.status === undefined) proxy.child?.process.kill('SIGKILL');
  silent.close();
  upstream.closeAllConnections();
  upstream.close();
  rmSync(home, { recursive: true, force: true });
}
report.finish();
