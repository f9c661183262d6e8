// SPDX-License-Identifier: Apache-2.0
// What the HTTP demo starts: servers that run beside it and end with it, and the ports they listen on.

import { spawn } from 'node:child_process';
import { createServer, connect } from 'node:net';

const kStartLimitMs = 20_000;
const kStopLimitMs = 15_000;
/** After this a second signal says that nobody wants to wait for streams that are still open. */
const kPatienceMs = 1000;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether something accepts connections there. */
function answers(port, host) {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** The given port if it is free on all addresses, else any that is. */
export async function free_port(wanted = 0) {
  const server = createServer();
  const bound = await new Promise((resolve) => {
    server.on('error', () => resolve(false));
    server.listen(wanted, '0.0.0.0', () => resolve(true));
  });
  if (!bound) return free_port();
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A program in a process group of its own: Ctrl-C reaches this program alone, which then ends the others in their order.
 */
export class Background {
  constructor(command, args, env = process.env) {
    this.name = args[0];
    this.process = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.told = '';
    const keep = (chunk) => (this.told = (this.told + chunk).slice(-4000));
    this.process.stdout.on('data', keep);
    this.process.stderr.on('data', keep);
    this.ended = new Promise((resolve) => {
      this.process.on('error', (error) => resolve(error.message));
      this.process.on('close', (code, signal) => resolve(code ?? signal));
    });
    this.ended.then((status) => (this.status = status));
    process.on('exit', () => this.process.exitCode === null && this.process.kill('SIGKILL'));
  }

  /** Until it accepts connections on `port`. */
  listens(port, host = '127.0.0.1') {
    return this.#until(`nothing listens on port ${port}`, () => answers(port, host));
  }

  /** Until it printed `text`. */
  says(text) {
    return this.#until(`it never said "${text}"`, () => this.told.includes(text));
  }

  /** Throws with what it printed when it ended before, or takes too long. */
  async #until(trouble, test) {
    const end = Date.now() + kStartLimitMs;
    while (!(await test())) {
      if (this.status !== undefined) throw new Error(`it ended with ${this.status}:\n${this.told}`);
      if (Date.now() > end) throw new Error(`${trouble}:\n${this.told}`);
      await pause(20);
    }
  }

  /** SIGTERM, and again, then its status; by force when it takes too long. */
  async stop() {
    if (this.status !== undefined) return this.status;
    this.process.kill('SIGTERM');
    const timers = [
      setTimeout(() => this.process.kill('SIGTERM'), kPatienceMs),
      setTimeout(() => this.process.kill('SIGKILL'), kStopLimitMs),
    ];
    const status = await this.ended;
    timers.forEach(clearTimeout);
    return status;
  }
}
