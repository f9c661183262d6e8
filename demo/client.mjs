// SPDX-License-Identifier: Apache-2.0
// What the demo programs share: an official SDK client, over stdio behind `wrap` or over HTTP, and how they print.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const kConnectLimitMs = 30_000;
const require = createRequire(import.meta.url);

/** Path of an official server's program, wherever npm put the package. */
export function package_program(name) {
  return join(dirname(require.resolve(`${name}/package.json`)), 'dist/index.js');
}

const shorten = (text) => {
  const line = String(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > 64 ? `${line.slice(0, 61)}...` : line;
};

/** One line for each thing that was done. */
export const say = (server, did, got) =>
  process.stdout.write(`  ${server.padEnd(11)} ${did.padEnd(34)} ${shorten(got)}\n`);

function make_client(capabilities, prepare) {
  const client = new Client({ name: 'tallystick-demo', version: '1.0.0' }, { capabilities });
  prepare(client);
  return client;
}

/**
 * Starts `command` behind `wrap` (an array of words; `--name NAME --` is added) and connects to it.
 * `prepare(client)` may set handlers before the session begins.
 */
export async function connect({ wrap, name, command, capabilities = {}, prepare = () => {} }) {
  const client = make_client(capabilities, prepare);
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
    await client.connect(transport, { timeout: kConnectLimitMs });
  } catch (error) {
    process.stderr.write(Buffer.concat(told));
    throw error;
  }
  return client;
}

/** Connects to `url` over Streamable HTTP, or over HTTP+SSE when its path ends in /sse. */
export async function connect_http({ url, headers = {}, capabilities = {}, prepare = () => {} }) {
  const client = make_client(capabilities, prepare);
  const options = { requestInit: { headers } };
  const transport = url.pathname.endsWith('/sse')
    ? new SSEClientTransport(url, options)
    : new StreamableHTTPClientTransport(url, options);
  await client.connect(transport, { timeout: kConnectLimitMs });
  return client;
}

/** Lists what a server offers, and changes nothing: for servers of which nothing is known. */
export async function look_around(client) {
  const { name, version } = client.getServerVersion() ?? {};
  process.stdout.write(`  connected to ${name} ${version}\n`);
  if (!client.getServerCapabilities()?.tools) {
    process.stdout.write('  it offers no tools\n');
    return;
  }
  const { tools } = await client.listTools();
  process.stdout.write(`  ${tools.length} tools: ${tools.map((tool) => tool.name).join(', ')}\n`);
}

/** Ends the program with a message when the session takes longer than anybody would wait. */
export function limit_time(ms) {
  const timer = setTimeout(() => {
    process.stderr.write(`demo: not finished after ${ms / 1000} s\n`);
    process.exit(1);
  }, ms);
  timer.unref();
  return timer;
}
