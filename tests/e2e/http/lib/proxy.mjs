// SPDX-License-Identifier: Apache-2.0
// `tallystick serve` in front of given upstreams, with a log and keys of its own; and what it recorded.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../js/lib/process.mjs';
import { Child, pause } from './child.mjs';

const kReadyLimitMs = 20_000;

export class Proxy {
  /**
   * `binary` is the program, `directory` a private one for the log and keys. `upstreams` = {name: origin}. `flags` are
   * added to the command line. The result has `origins` = {name: origin of the proxy}.
   */
  static async start(binary, directory, upstreams, { flags = [], env = {} } = {}) {
    const proxy = new Proxy();
    proxy.binary = binary;
    proxy.log = join(directory, 'log');
    for (const name of ['config', 'state']) mkdirSync(join(directory, name), { recursive: true });
    proxy.env = {
      ...process.env,
      XDG_CONFIG_HOME: join(directory, 'config'),
      XDG_STATE_HOME: join(directory, 'state'),
      ...env,
    };
    proxy.names = Object.keys(upstreams);
    proxy.upstreams = upstreams;
    proxy.flags = flags;
    await proxy.launch();
    proxy.origins = Object.fromEntries(
      proxy.names.map((name, i) => [name, `http://127.0.0.1:${proxy.ports[i]}`]),
    );
    return proxy;
  }

  /** [...program, ...arguments]. Any free ports at first, the same ones from then on. */
  command_line() {
    const ports = this.ports ?? this.names.map(() => 0);
    const out = [this.binary, 'serve', '--log', this.log, '--listen', `127.0.0.1:${this.listen ?? 0}`];
    this.names.forEach((name, i) => {
      out.push('--proxy', `${name}@127.0.0.1:${ports[i]}=${this.upstreams[name]}`);
    });
    return [...out, ...this.flags];
  }

  /** Starts the program (again, on the same ports and log) and waits until it says that it listens everywhere. */
  async launch() {
    const [program, ...args] = this.command_line();
    this.child = new Child(program, args, { env: this.env });
    const end = Date.now() + kReadyLimitMs;
    while (!this.child.out.includes('health on ') || !this.child.out.endsWith('\n')) {
      if (this.child.status !== undefined || Date.now() > end) {
        throw new Error(this.child.trouble('it does not say where it listens'));
      }
      await pause(5);
    }
    const found = [...this.child.out.matchAll(/ on https?:\/\/127\.0\.0\.1:(\d+)/g)];
    const ports = found.map((match) => Number(match[1]));
    this.listen = ports.at(-1);
    this.ports = ports.slice(0, -1);
  }

  /** One number of /proc/PID/status in MiB, such as VmRSS or VmHWM. */
  memory_mib(field = 'VmRSS') {
    const text = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(text.match(new RegExp(`${field}:\\s+(\\d+)`))[1]) / 1024;
  }

  /** SIGTERM; throws unless it ends in time and well. */
  async stop() {
    const status = await this.child.stop();
    if (status !== 0) throw new Error(this.child.trouble('ended badly'));
  }

  #tool(command, ...args) {
    return run(this.binary, [command, '--log', this.log, ...args], { env: this.env });
  }

  /** Every event of the log in order, or those that match `expression`, without what `serve` says of itself. */
  async events(expression) {
    const more = expression === undefined ? [] : [expression];
    const done = await this.#tool('query', ...more, '--format', 'ndjson');
    if (done.code !== 0) throw new Error(`query: status ${done.code}\n${done.stderr}`);
    return done.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter((event) => event.source !== 'serve')
      .sort((a, b) => a.seq - b.seq);
  }

  /** Problem lines of `tallystick verify`; none when the log is whole. */
  async verify() {
    const done = await this.#tool('verify');
    return done.code === 0 ? [] : [`verify: status ${done.code}`, done.stdout, done.stderr];
  }
}
