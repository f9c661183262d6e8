// SPDX-License-Identifier: Apache-2.0
// A client without an SDK: starts a stdio server (directly or behind wrap) and gives the test every
// byte in both directions. Every wait has a limit.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

const kWaitLimitMs = 20_000;

export class Peer {
  constructor(command, args, { env, cwd, stdio = ['pipe', 'pipe', 'pipe'] } = {}) {
    this.out = [];
    this.line_count = 0;
    this.err = [];
    this.watchers = new Set();
    this.output_ended = false;
    this.child = spawn(command, args, { env, cwd, stdio });
    this.pid = this.child.pid;
    this.child.stdin?.on('error', () => {});
    this.child.stdout?.on('data', (chunk) => this.#took(chunk));
    this.child.stdout?.on('end', () => {
      this.output_ended = true;
      this.#wake();
    });
    this.child.stderr?.on('data', (chunk) => this.err.push(chunk));
    this.limit = setTimeout(() => {
      this.timed_out = true;
      this.child.kill('SIGKILL');
    }, 3 * kWaitLimitMs);
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        clearTimeout(this.limit);
        this.#wake();
        resolve(code ?? 128 + constants.signals[signal]);
      });
    });
  }

  #took(chunk) {
    this.out.push(chunk);
    for (let at = -1; (at = chunk.indexOf(0x0a, at + 1)) >= 0;) ++this.line_count;
    this.#wake();
  }

  #wake() {
    for (const watcher of this.watchers) watcher();
  }

  get stdout() {
    this.out = [Buffer.concat(this.out)];
    return this.out[0];
  }

  get stderr() {
    return Buffer.concat(this.err).toString('utf8');
  }

  /** Whole frames received so far, without their newlines. */
  get lines() {
    return this.stdout.toString('utf8').split('\n').slice(0, -1);
  }

  /** Resolves once `test()` holds; asked again whenever output arrives. */
  until(what, test) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        reject(new Error(`${what}: not seen; ${this.line_count} lines, stderr: ${this.stderr}`));
      }, kWaitLimitMs);
      const look = () => {
        if (!test()) return;
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
      look();
    });
  }

  until_lines(count) {
    return this.until(`${count} lines`, () => this.line_count >= count);
  }

  /** Resolves once the pipe took the bytes, so that a slow reader slows the test too. */
  write(bytes) {
    return new Promise((resolve) => this.child.stdin.write(bytes, () => resolve()));
  }

  send(message) {
    return this.write(JSON.stringify(message) + '\n');
  }

  request(id, method, params) {
    return this.send({ jsonrpc: '2.0', id, method, params });
  }

  close_input() {
    this.child.stdin.end();
  }

  /** What a client that dies leaves behind: both pipes closed, nothing said. */
  vanish() {
    this.child.stdin.destroy();
    this.child.stdout.destroy();
  }

  /** Most memory that the process ever had resident, in MiB. */
  peak_memory_mib() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) / 1024;
  }
}

/** True while a process of this id exists and is not a zombie. */
export function is_alive(pid) {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Process ids of the direct children of `pid`. */
export function children_of(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

export async function until_gone(pid, limit_ms = 10_000) {
  const end = Date.now() + limit_ms;
  while (is_alive(pid)) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
