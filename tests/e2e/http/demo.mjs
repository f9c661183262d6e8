// SPDX-License-Identifier: Apache-2.0
// `make run` as somebody at a terminal sees it: it stays up, shows what a client does as it happens, finds free ports when a
// second one is started, ends cleanly at Ctrl-C and leaves nothing behind.
//
//   node demo.mjs --tallystick PATH [--quick]      (--quick changes nothing)
//
// The terminal is that of the `script` program.

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from '../js/lib/process.mjs';
import { Child, pause } from './lib/child.mjs';
import { Report } from './lib/report.mjs';

const kRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const kRun = join(kRoot, 'demo', 'run.sh');
const kFixture = join(kRoot, 'tests', 'e2e', 'http', 'fixture', 'server.mjs');
const kWaitLimitMs = 30_000;

const { values: options } = parseArgs({
  options: { tallystick: { type: 'string' }, quick: { type: 'boolean', default: false } },
});

/** The demo on a terminal. */
class Terminal {
  constructor(binary, env = {}) {
    // `script` runs it in $SHELL; one that stays in between, as dash does, answers Ctrl-C with a status of its own.
    const command = ['-qec', `exec '${kRun}' '${binary}'`, '/dev/null'];
    this.process = spawn('script', command, { env: { ...process.env, SHELL: '/bin/sh', ...env }, stdio: 'pipe' });
    this.text = '';
    this.process.stdout.on('data', (chunk) => (this.text += chunk));
    this.process.stdin.on('error', () => {});
    this.ended = new Promise((done) => this.process.on('close', (code) => done(code)));
    this.ended.then((code) => (this.status = code));
    process.on('exit', () => this.process.exitCode === null && this.process.kill('SIGKILL'));
  }

  async shows(what) {
    const end = Date.now() + kWaitLimitMs;
    while (!this.text.includes(what)) {
      if (this.status !== undefined || Date.now() > end) {
        throw new Error(`the terminal never showed "${what}":\n${this.text}`);
      }
      await pause(20);
    }
  }

  ctrl_c() {
    this.process.stdin.write('\x03');
  }

  /** Ports of the proxy and of health that it announced. */
  ports() {
    const find = (pattern) => Number(this.text.match(pattern)?.[1]);
    return [find(/proxy \S+ on http:\/\/127\.0\.0\.1:(\d+)/), find(/health on http:\/\/127\.0\.0\.1:(\d+)/)];
  }
}

const listens = (port) =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });

function call(port) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const headers = { 'content-type': 'application/json', 'mcp-session-id': 'nobody' };
  return fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', headers, body });
}

/** A session with its stream open, as a client of the user's has it. */
async function open_stream(port) {
  const url = `http://127.0.0.1:${port}/mcp`;
  const accept = 'application/json, text/event-stream';
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'demo-test', version: '1' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const headers = { 'content-type': 'application/json', accept };
  const answer = await fetch(url, { method: 'POST', headers, body });
  await answer.text();
  const session = { 'mcp-session-id': answer.headers.get('mcp-session-id'), accept: 'text/event-stream' };
  const stream = await fetch(url, { headers: session });
  stream.text().catch(() => {});
  return stream.status;
}

const want = (report, name, holds, why) => report.check(name, holds ? [] : [why]);

async function on_a_terminal(report, binary) {
  const first = new Terminal(binary);
  await first.shows('Ctrl-C ends.');
  const second = new Terminal(binary);
  await second.shows('Ctrl-C ends.');
  const ports = [...first.ports(), ...second.ports()];
  want(report, 'two at a time have ports of their own', new Set(ports).size === 4, ports.join(', '));

  const before = first.text.length;
  await call(ports[0]);
  const seen = async () => /failure.*mcp-tool-discovery/.test(first.text.slice(before));
  for (let i = 0; i < 200 && !(await seen()); ++i) await pause(25);
  want(report, 'a call shows up as it is made', await seen(), first.text.slice(before));

  want(report, 'a stream is open at the first', (await open_stream(ports[0])) === 200, 'it is not');
  for (const [name, terminal] of Object.entries({ first, second })) {
    terminal.ctrl_c();
    const start = performance.now();
    const status = await Promise.race([terminal.ended, pause(kWaitLimitMs).then(() => 'nothing')]);
    const took = performance.now() - start;
    want(report, `${name}: Ctrl-C does not wait for streams`, took < 8000, `${took.toFixed(0)} ms`);
    want(report, `${name}: Ctrl-C ends it with 0`, status === 0, `${status}\n${terminal.text.slice(-2000)}`);
    const last = terminal.text.slice(terminal.text.lastIndexOf('Stopped.'));
    want(report, `${name}: the log verifies at the end`, last.includes('ok: every entry'), last);
  }
  const left = [];
  for (const port of ports) if (await listens(port)) left.push(`port ${port} still answers`);
  report.check('nothing is left running', left);
}

/** In front of a server of the user's, without a terminal. */
async function own_server(report, binary) {
  const fixture = new Child(process.execPath, [kFixture]);
  const { url } = await fixture.announced();
  const done = await run(kRun, [binary], { env: { ...process.env, URL: url } });
  await fixture.stop();
  const said = done.stdout + done.stderr;
  want(report, 'URL=...: ends with 0 without a terminal', done.code === 0, `${done.code}: ${said}`);
  const wanted = [/connected to tallystick-fixture/, /mcp-tool-discovery +anonymous +\S*stick-fixture/, /ok: every entry/];
  const missing = wanted.filter((pattern) => !pattern.test(said));
  report.check('URL=...: lists the tools, shows the records', missing.length > 0 ? [...missing.map(String), said] : []);
}

async function wrong_use(report, binary) {
  for (const [env, wanted] of [
    [{ URL: 'garbage' }, /no URL/],
    [{ CMD: 'npx server' }, /make run-wrap/],
    [{ URL: 'http://127.0.0.1:1/mcp' }, /is the server running/],
  ]) {
    const done = await run(kRun, [binary], { env: { ...process.env, ...env } });
    const name = Object.entries(env).join().replace(',', '=');
    want(report, `${name} is explained`, done.code !== 0 && wanted.test(done.stderr), `${done.code}: ${done.stderr}`);
  }
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node demo.mjs --tallystick PATH\n');
  process.exit(2);
}
const report = new Report();
const binary = resolve(options.tallystick);
await report.guard('on a terminal', () => on_a_terminal(report, binary));
await report.guard('own server', () => own_server(report, binary));
await report.guard('wrong use', () => wrong_use(report, binary));
report.finish();
