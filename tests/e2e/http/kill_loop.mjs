// SPDX-License-Identifier: Apache-2.0
// Kills `tallystick serve` with SIGKILL under load, starts it again on the same log, and again. At the end every
// write-ahead call that the upstream received has its record, and the log verified after each kill.
//
//   node kill_loop.mjs --tallystick PATH [--quick] [--seconds N] [--every N] [--connections N] [--keep]
//
// Ten minutes with a kill every twenty seconds by default; --quick is nine seconds with a kill every three.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { pause } from './lib/child.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Report } from './lib/report.mjs';

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    every: { type: 'string' },
    connections: { type: 'string', default: '8' },
    keep: { type: 'boolean', default: false },
  },
});

if (options.tallystick === undefined) {
  process.stderr.write('usage: node kill_loop.mjs --tallystick PATH [--quick] ...\n');
  process.exit(2);
}
const seconds = Number(options.seconds ?? (options.quick ? 9 : 600));
const every = Number(options.every ?? (options.quick ? 3 : 20));

/** An upstream that remembers the ids of all calls that reached it. */
async function start_upstream() {
  const received = new Set();
  const server = createServer((incoming, response) => {
    const parts = [];
    incoming.on('error', () => {});
    incoming.on('data', (part) => parts.push(part));
    incoming.on('end', () => {
      const { id } = JSON.parse(Buffer.concat(parts).toString('utf8'));
      received.add(id);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"jsonrpc":"2.0","id":${id},"result":{"content":[]}}`);
    });
  });
  await new Promise((resolve_) => server.listen(0, '127.0.0.1', resolve_));
  return { server, received, origin: `http://127.0.0.1:${server.address().port}` };
}

/** One call; resolves to its status, 0 when there was no answer. */
function call(port, agent, id) {
  const params = { name: 'write_something', arguments: { id } };
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((done) => {
    const outgoing = request({ port, host: '127.0.0.1', path: '/mcp', method: 'POST', agent, headers });
    outgoing.on('response', (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode));
      response.on('error', () => done(0));
      response.on('close', () => done(0));
    });
    outgoing.on('error', () => done(0));
    outgoing.end(body);
  });
}

class Load {
  sent = 0;
  answered = 0;
  running = true;

  constructor(port, connections) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.workers = Array.from({ length: connections }, () => this.#work(port));
  }

  async #work(port) {
    while (this.running) {
      const status = await call(port, this.agent, ++this.sent);
      if (status === 200) ++this.answered;
      // Nobody listens while the program starts again.
      else await pause(20);
    }
  }

  async stop() {
    this.running = false;
    await Promise.all(this.workers);
    this.agent.destroy();
  }
}

/** Takes the id of every recorded call out of `received`; resolves to how many records there were. */
async function cross_off(proxy, received) {
  const child = spawn(
    proxy.binary,
    ['query', '--log', proxy.log, '--format', 'ndjson'],
    { env: proxy.env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let records = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === '') continue;
    const event = JSON.parse(line);
    if (event.details?.method !== 'tools/call') continue;
    ++records;
    received.delete(Number(event.details.jsonrpc_id));
  }
  return records;
}

const report = new Report();
const root = mkdtempSync(join(process.env.TALLY_BENCH_DIR ?? tmpdir(), 'tally-kill-'));
await report.guard('kill loop', async () => {
  const upstream = await start_upstream();
  const proxy = await Proxy.start(resolve(options.tallystick), root, { upstream: upstream.origin });
  const load = new Load(proxy.ports[0], Number(options.connections));
  const end = Date.now() + seconds * 1000;
  let kills = 0;
  while (Date.now() < end) {
    await pause(every * 1000);
    proxy.child.process.kill('SIGKILL');
    await proxy.child.exited;
    ++kills;
    report.check(`kill ${kills}: the log verifies`, await proxy.verify());
    await proxy.launch();
  }
  await pause(500);
  await load.stop();
  await proxy.stop();
  const reached = upstream.received.size;
  report.check('the upstream got calls', reached > 100 ? [] : [`${reached}`]);
  const records = await cross_off(proxy, upstream.received);
  report.say(
    `${kills} kills in ${seconds} s: ${load.sent} calls sent, ${load.answered} answered, ${reached} reached the ` +
      `upstream, ${records} records`,
  );
  const missing = [...upstream.received].map((id) => `call ${id} reached the upstream, no record`);
  report.check('every call that reached the upstream has its record', missing);
  report.check('at the end: the log verifies', await proxy.verify());
  upstream.server.close();
  upstream.server.closeAllConnections();
});
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
