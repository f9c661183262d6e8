// SPDX-License-Identifier: Apache-2.0
// The session that `make run` records: an "agent" on the official SDK client uses two official
// servers behind wrap. Prints one line for each thing it did.
//
//   node demo/session.mjs --wrap '["build/tallystick","wrap","--log","DIR"]' --files DIR

import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, limit_time, package_program } from './connect.mjs';

const { values: options } = parseArgs({
  options: { wrap: { type: 'string', default: '[]' }, files: { type: 'string' } },
});
const wrap = JSON.parse(options.wrap);
limit_time(60_000);

const shorten = (text) => {
  const line = String(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > 64 ? `${line.slice(0, 61)}...` : line;
};
const say = (server, did, got) =>
  process.stdout.write(`  ${server.padEnd(11)} ${did.padEnd(34)} ${shorten(got)}\n`);

/** A call and what came back; a failed call is part of the demonstration, not an error of it. */
async function call(client, server, name, args) {
  const result = await client.callTool({ name, arguments: args });
  const text = result.content.find((part) => part.type === 'text')?.text ?? '';
  say(server, `call ${name}`, result.isError ? `refused: ${text}` : text);
  return result;
}

async function use_everything() {
  const server = 'everything';
  const client = await connect({
    wrap,
    name: server,
    command: [
      process.execPath,
      package_program('@modelcontextprotocol/server-everything'),
      'stdio',
    ],
    capabilities: { sampling: {} },
    prepare: (c) =>
      c.setRequestHandler(CreateMessageRequestSchema, async (request) => {
        const question = request.params.messages[0].content.text;
        say(server, '  it asks the model of the client', question);
        return {
          role: 'assistant',
          model: 'demo-model',
          content: {
            type: 'text',
            text: 'A tally stick was split so that both sides held a half.',
          },
        };
      }),
  });
  const { tools } = await client.listTools();
  say(server, 'list tools', `${tools.length} tools`);
  await call(client, server, 'echo', { message: 'hello' });
  await call(client, server, 'get-sum', { a: 19, b: 23 });
  await call(client, server, 'get-sum', { a: 'nineteen', b: 23 });
  const { resources } = await client.listResources();
  const read = await client.readResource({ uri: resources[0].uri });
  say(server, `read ${resources[0].name}`, `${read.contents[0].text.length} characters`);
  const prompt = await client.getPrompt({
    name: 'args-prompt',
    arguments: { city: 'Winchester' },
  });
  say(server, 'get prompt args-prompt', prompt.messages[0].content.text);
  await call(client, server, 'trigger-sampling-request', {
    prompt: 'What is a tally stick?',
    maxTokens: 100,
  });
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
