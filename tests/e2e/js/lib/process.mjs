// SPDX-License-Identifier: Apache-2.0
// Runs one program to its end, with a limit: a program that hangs is ended and reported.

import { spawn } from 'node:child_process';

/**
 * Resolves to {code, signal, stdout, stderr, timed_out}; stdout and stderr are strings.
 * `input` (string or Buffer) is written to stdin, which is then closed.
 */
export function run(command, args, { env = process.env, cwd, input, limit_ms = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = { stdout: [], stderr: [] };
    let timed_out = false;
    const timer = setTimeout(() => {
      timed_out = true;
      child.kill('SIGKILL');
    }, limit_ms);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.stdout.on('data', (chunk) => out.stdout.push(chunk));
    child.stderr.on('data', (chunk) => out.stderr.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        code,
        signal,
        timed_out,
        stdout: Buffer.concat(out.stdout).toString('utf8'),
        stderr: Buffer.concat(out.stderr).toString('utf8'),
      });
    });
  });
}
