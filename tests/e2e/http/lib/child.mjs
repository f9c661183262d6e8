// SPDX-License-Identifier: Apache-2.0
// A server that the tests start: what it printed, how it ends, and that it ends. Everything started here is ended at the
// latest when this process exits.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const kStartLimitMs = 20_000;
const kStopLimitMs = 15_000;

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Child {
  constructor(command, args, { env = process.env, cwd, detached = false } = {}) {
    this.what = [command, ...args].join(' ');
    this.out = '';
    this.err = '';
    this.process = spawn(command, args, { env, cwd, detached, stdio: ['ignore', 'pipe', 'pipe'] });
    this.pid = this.process.pid;
    running.add(this.process);
    this.process.stdout.on('data', (chunk) => (this.out = keep(this.out + chunk)));
    this.process.stderr.on('data', (chunk) => (this.err = keep(this.err + chunk)));
    this.exited = new Promise((resolve, reject) => {
      this.process.on('error', reject);
      this.process.on('close', (code, signal) => {
        running.delete(this.process);
        this.status = code ?? signal;
        resolve(this.status);
      });
    });
    this.exited.catch(() => {});
  }

  /** The first line of JSON that it prints. */
  async announced() {
    const end = Date.now() + kStartLimitMs;
    for (;;) {
      const line = this.out.split('\n').find((text) => text.startsWith('{'));
      if (line !== undefined && this.out.includes('\n')) return JSON.parse(line);
      if (this.status !== undefined || Date.now() > end) throw new Error(this.trouble('no start'));
      await pause(10);
    }
  }

  trouble(what) {
    return `${what}: ${this.what}\nstatus ${this.status}\n${this.out}\n${this.err}`;
  }

  /** SIGTERM, then its exit status; ended by force, with an error, when it takes too long. */
  async stop() {
    if (this.status !== undefined) return this.status;
    this.process.kill('SIGTERM');
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, kStopLimitMs, 'late');
    });
    const status = await Promise.race([this.exited, late]);
    clearTimeout(timer);
    if (status !== 'late') return status;
    this.process.kill('SIGKILL');
    throw new Error(this.trouble(`did not end ${kStopLimitMs} ms after SIGTERM`));
  }
}

/** Bounded, so that a server that prints without end does not fill memory. */
const keep = (text) => (text.length > 200_000 ? text.slice(-100_000) : text);

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ports that nobody listens on now; taken together, so that they differ. */
export async function free_ports(count) {
  const servers = [];
  for (let i = 0; i < count; ++i) {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
