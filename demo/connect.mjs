// SPDX-License-Identifier: Apache-2.0
// What both demo programs share: an official SDK client that starts a server behind a given prefix.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Path of an official server's program, wherever npm put the package. */
export function package_program(name) {
  return join(dirname(require.resolve(`${name}/package.json`)), 'dist/index.js');
}

/**
 * Starts `command` behind `wrap` (an array of words; `--name NAME --` is added) and connects to it.
 * `prepare(client)` may set handlers before the session begins.
 */
export async function connect({ wrap, name, command, capabilities = {}, prepare = () => {} }) {
  const client = new Client({ name: 'tallystick-demo', version: '1.0.0' }, { capabilities });
  prepare(client);
  const named = wrap.length > 0 ? [...wrap, ...(name ? ['--name', name] : []), '--'] : [];
  const [program, ...args] = [...named, ...command];
  const transport = new StdioClientTransport({
    command: program,
    args,
    env: { ...process.env },
    stderr: 'pipe',
  });
  const told = [];
  transport.stderr.on('data', (chunk) => told.push(chunk));
  try {
    await client.connect(transport, { timeout: 30_000 });
  } catch (error) {
    process.stderr.write(Buffer.concat(told));
    throw error;
  }
  return client;
}

/** Ends the program with a message when the session takes longer than anybody would wait. */
export function limit_time(ms) {
  setTimeout(() => {
    process.stderr.write(`demo: not finished after ${ms / 1000} s\n`);
    process.exit(1);
  }, ms).unref();
}
