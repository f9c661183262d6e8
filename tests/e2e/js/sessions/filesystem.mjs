// SPDX-License-Identifier: Apache-2.0
// The official SDK 1.x client against server-filesystem on a private directory: reading, writing,
// and two calls that the server refuses.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { package_program, run_session, spawn_parameters } from '../lib/session.mjs';

const kServer = '@modelcontextprotocol/server-filesystem';

await run_session(async ({ transcript: t, prefix, work }) => {
  const root = join(realpathSync(work), 'files');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  writeFileSync(join(root, 'given.txt'), 'first line\nsecond line\n');
  t.replacements.push([realpathSync(work), '<work>']);

  const client = new Client({ name: 'tallystick-e2e', version: '1.0.0' });
  client.setNotificationHandler(LoggingMessageNotificationSchema, (note) => {
    t.note_received(note.method, note.params);
  });
  await client.connect(
    new StdioClientTransport({
      ...spawn_parameters(prefix, process.execPath, [package_program(kServer), root]),
      stderr: 'ignore',
    }),
  );
  t.steps.push({ step: 'initialize', result: client.getServerVersion() });

  const call = (label, name, args) =>
    t.step(label, () => client.callTool({ name, arguments: args }));
  // Called before any definition was served: nothing is known about this tool yet.
  await call('before the list', 'list_allowed_directories', {});
  await t.step('tools/list', () => client.listTools());
  await call('list_allowed_directories', 'list_allowed_directories', {});
  await call('list_directory', 'list_directory', { path: root });
  await call('read_text_file', 'read_text_file', { path: join(root, 'given.txt'), head: 1 });

  const text = 'ünïcödé, \ttabs, "quotes", \\ and a last line without end';
  await call('write_file', 'write_file', { path: join(root, 'made.txt'), content: text });
  if (readFileSync(join(root, 'made.txt'), 'utf8') !== text) throw new Error('not what was sent');
  await call('read what was written', 'read_text_file', { path: join(root, 'made.txt') });
  await call('edit_file', 'edit_file', {
    path: join(root, 'given.txt'),
    edits: [{ oldText: 'second', newText: '2nd' }],
    dryRun: true,
  });
  await call('create_directory', 'create_directory', { path: join(root, 'inner') });
  await call('move_file', 'move_file', {
    source: join(root, 'made.txt'),
    destination: join(root, 'inner', 'moved.txt'),
  });
  await call('search_files', 'search_files', { path: root, pattern: '**/*.txt' });
  await call('fails: outside', 'read_text_file', { path: '/etc/shadow' });
  await call('fails: absent', 'read_text_file', { path: join(root, 'absent.txt') });

  // One large result and one large argument, far over any pipe buffer.
  const large = 'tally '.repeat(50_000);
  await call('write large', 'write_file', { path: join(root, 'large.txt'), content: large });
  const back = await client.callTool({
    name: 'read_text_file',
    arguments: { path: join(root, 'large.txt') },
  });
  t.steps.push({ step: 'read large', result: back.content[0].text === large });

  for (const name of ['write_file', 'read_text_file', 'move_file']) {
    t.expect(name, (s) => s.result && s.result.isError !== true);
  }
  for (const name of ['fails: outside', 'fails: absent']) {
    t.expect(name, (s) => s.result?.isError === true);
  }
  t.expect('read large', (s) => s.result === true);
  await client.close();
});
