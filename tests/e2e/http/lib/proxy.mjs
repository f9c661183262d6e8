// SPDX-License-Identifier: Apache-2.0
// `tallystick serve` in front of given upstreams, with a log and keys of its own; and what it recorded.

import { mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { run } from '../../js/lib/process.mjs';
import { Child, free_ports, pause } from './child.mjs';

const kReadyLimitMs = 20_000;

/** Resolves to whether something accepts connections there. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

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
    const names = Object.keys(upstreams);
    const [listen, ...ports] = await free_ports(1 + names.length);
    proxy.listen = listen;
    proxy.ports = ports;
    proxy.origins = {};
    proxy.arguments = ['serve', '--log', proxy.log, '--listen', `127.0.0.1:${listen}`];
    names.forEach((name, i) => {
      proxy.origins[name] = `http://127.0.0.1:${ports[i]}`;
      proxy.arguments.push('--proxy', `${name}@127.0.0.1:${ports[i]}=${upstreams[name]}`);
    });
    proxy.arguments.push(...flags);
    await proxy.launch();
    return proxy;
  }

  /** Starts the program (again, on the same ports and log) and waits until it listens everywhere. */
  async launch() {
    this.child = new Child(this.binary, this.arguments, { env: this.env });
    const end = Date.now() + kReadyLimitMs;
    for (const port of this.ports) {
      while (!(await answers(port))) {
        if (this.child.status !== undefined || Date.now() > end) {
          throw new Error(this.child.trouble(`nothing listens on ${port}`));
        }
        await pause(10);
      }
    }
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

  /** Every event of the log in order, or those that match `expression`. */
  async events(expression) {
    const more = expression === undefined ? [] : [expression];
    const done = await this.#tool('query', ...more, '--format', 'ndjson');
    if (done.code !== 0) throw new Error(`query: status ${done.code}\n${done.stderr}`);
    return done.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .sort((a, b) => a.seq - b.seq);
  }

  /** Problem lines of `tallystick verify`; none when the log is whole. */
  async verify() {
    const done = await this.#tool('verify');
    return done.code === 0 ? [] : [`verify: status ${done.code}`, done.stdout, done.stderr];
  }
}
