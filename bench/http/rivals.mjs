// SPDX-License-Identifier: Apache-2.0
// The TypeScript proxies that people use today, each before the same small stdio server: mcp-proxy and supergateway.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, free_ports, pause } from '../../tests/e2e/http/lib/child.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));
const kServer = join(kHere, 'stdio_server.mjs');
const require = createRequire(join(kHere, '..', 'package.json'));

/** Path of a package's program. */
function program(name) {
  const file = require.resolve(`${name}/package.json`);
  const { bin } = require(file);
  return join(dirname(file), typeof bin === 'string' ? bin : bin[name]);
}

const kRivals = {
  'mcp-proxy': (port) => [
    program('mcp-proxy'),
    ...['--host', '127.0.0.1', '--port', port, '--server', 'stream', '--no-eventStore'],
    ...['--', process.execPath, kServer],
  ],
  supergateway: (port) => [
    program('supergateway'),
    ...['--stdio', `${process.execPath} ${kServer}`, '--outputTransport', 'streamableHttp'],
    ...['--stateful', '--port', port, '--logLevel', 'none'],
  ],
};

export const rival_names = Object.keys(kRivals);

async function initialize(url) {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  };
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const post = (body, more = {}) =>
    fetch(url, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) });
  const answer = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  if (!answer.ok) throw new Error(`initialize: ${answer.status}`);
  await answer.text();
  const session = answer.headers.get('mcp-session-id');
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, { 'mcp-session-id': session });
  return session;
}

/** Resolves to {child, url, session}, ready for calls. */
export async function start_rival(name) {
  const [port] = await free_ports(1);
  const child = new Child(process.execPath, kRivals[name](String(port)));
  const url = `http://127.0.0.1:${port}/mcp`;
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      return { child, url, session: await initialize(url) };
    } catch (error) {
      if (child.status !== undefined || Date.now() > end) {
        throw new Error(child.trouble(`${name}: ${error.message}`));
      }
    }
    await pause(50);
  }
}
