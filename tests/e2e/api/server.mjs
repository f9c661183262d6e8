// SPDX-License-Identifier: Apache-2.0
// A `tallystick serve` of a test's own, without proxies: tokens, requests, and what is in its log.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, pause } from '../http/lib/child.mjs';
import { run } from '../js/lib/process.mjs';

const kReadyLimitMs = 20_000;

export class Server {
  constructor(binary) {
    this.binary = binary;
    this.home = mkdtempSync(join(tmpdir(), 'tallystick-api-'));
    mkdirSync(this.home, { recursive: true });
    const { PATH } = process.env;
    this.env = { PATH, HOME: this.home };
    this.port = 0;
  }

  /** Starts it (again, on the same port and log). */
  async start() {
    this.child = new Child(this.binary, ['serve', '--listen', `127.0.0.1:${this.port}`], { env: this.env });
    const end = Date.now() + kReadyLimitMs;
    while (!this.child.out.includes('\n')) {
      if (this.child.status !== undefined || Date.now() > end) throw new Error(this.child.trouble('no start'));
      await pause(5);
    }
    this.port = Number(this.child.out.match(/on http:\/\/127\.0\.0\.1:(\d+)/)[1]);
    return this;
  }

  async kill() {
    this.child.process.kill('SIGKILL');
    await this.child.exited;
  }

  async stop() {
    const status = await this.child.stop();
    if (status !== 0) throw new Error(this.child.trouble('ended badly'));
  }

  /** Ends it if it runs, and removes everything. */
  async close() {
    if (this.child !== undefined && this.child.status === undefined) await this.kill();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Standard output of a command of the program; throws when it ends badly. */
  async tool(...args) {
    const done = await run(this.binary, args, { env: this.env });
    if (done.code !== 0) throw new Error(`${args.join(' ')}: status ${done.code}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  async token(role, ...more) {
    return (await this.tool('token', 'create', '--role', role, ...more)).trim();
  }

  url(path) {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  fetch(path, { token, headers = {}, ...more } = {}) {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return fetch(this.url(path), { headers: { ...authorization, ...headers }, ...more });
  }

  /** Entries of the log, oldest first. */
  async entries() {
    const text = await this.tool('query', '--format', 'ndjson', '--oldest-first');
    return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  }
}
