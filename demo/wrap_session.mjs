// SPDX-License-Identifier: Apache-2.0
// The session that `make run-wrap` records: an "agent" on the official SDK client uses two official
// servers behind wrap. Prints one line for each thing it did.
//
//   node demo/wrap_session.mjs --wrap '["build/tallystick","wrap","--log","DIR"]' --files DIR

import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, limit_time, package_program, say } from './client.mjs';
import { call, kCapabilities, kEverything, prepare, tour } from './everything.mjs';

const { values: options } = parseArgs({
  options: { wrap: { type: 'string', default: '[]' }, files: { type: 'string' } },
});
const wrap = JSON.parse(options.wrap);
limit_time(60_000);

async function use_everything() {
  const client = await connect({
    wrap,
    name: 'everything',
    command: [process.execPath, package_program(kEverything), 'stdio'],
    capabilities: kCapabilities,
    prepare,
  });
  await tour(client);
  await client.close();
}

async function use_filesystem(directory) {
  const server = 'filesystem';
  mkdirSync(directory, { recursive: true });
  const root = realpathSync(directory);
  writeFileSync(join(root, 'notes.txt'), 'Notches: 12\n');
  const client = await connect({
    wrap,
    name: server,
    command: [process.execPath, package_program('@modelcontextprotocol/server-filesystem'), root],
  });
  const { tools } = await client.listTools();
  say(server, 'list tools', `${tools.length} tools`);
  await call(client, server, 'list_directory', { path: root });
  await call(client, server, 'read_text_file', { path: join(root, 'notes.txt') });
  await call(client, server, 'write_file', {
    path: join(root, 'receipt.txt'),
    content: 'Twelve notches received.\n',
  });
  await call(client, server, 'read_text_file', { path: '/etc/shadow' });
  await client.close();
}

await use_everything();
await use_filesystem(options.files ?? join('.run', 'files'));
