// SPDX-License-Identifier: Apache-2.0
// The official SDK 2.x client and server speaking 2026-07-28 over stdio: no initialize, a version
// in every request, questions inside results, and a subscription that stays open.
//
// The client probes with `server/discover` on a process of its own before it starts the one it
// uses, so this session runs the server (and whatever the prefix is) twice.

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run_session, spawn_parameters, until } from '../lib/session.mjs';

const kServer = join(dirname(fileURLToPath(import.meta.url)), '..', 'servers', 'modern.mjs');

function make_client(t) {
  const client = new Client(
    { name: 'tallystick-e2e', version: '2.0.0' },
    {
      capabilities: { elicitation: { form: {} }, sampling: {} },
      versionNegotiation: { mode: 'auto' },
    },
  );
  client.setRequestHandler('elicitation/create', async (request) => {
    t.note_received(request.method, request.params);
    return { action: 'accept', content: { confirm: true } };
  });
  client.setRequestHandler('sampling/createMessage', async (request) => {
    t.note_received(request.method, request.params);
    return { role: 'assistant', model: 'test', content: { type: 'text', text: 'in short' } };
  });
  for (const method of [
    'notifications/message',
    'notifications/tools/list_changed',
    'notifications/resources/updated',
    'notifications/resources/list_changed',
  ]) {
    client.setNotificationHandler(method, (note) => t.note_received(note.method, note.params));
  }
  return client;
}

async function calls(client, t) {
  const call = (label, name, args, options) =>
    t.step(label, () => client.callTool({ name, arguments: args }, options));
  await call('echo', 'echo', { message: 'hello, 2026' });
  await call('measure', 'measure', { of: 'length' });
  await call('fails: by itself', 'fail', { why: 'it must' });
  await call('fails: bad arguments', 'echo', { message: 5 });
  await call('fails: unknown tool', 'no-such-tool', {});
  await t.step('log', () =>
    client.callTool({
      name: 'log',
      arguments: { line: 'a warning' },
      _meta: { 'io.modelcontextprotocol/logLevel': 'info' },
    }),
  );

  const seen = [];
  await call('slow', 'slow', { steps: 3, pause_ms: 20 }, { onprogress: (p) => seen.push(p) });
  await until('progress', () => seen.length >= 2);
  t.steps.push({ step: 'progress seen', result: seen.slice(0, 2) });
  const abort = new AbortController();
  await call(
    'cancelled',
    'slow',
    { steps: 50, pause_ms: 50 },
    { signal: abort.signal, onprogress: () => abort.abort('enough') },
  );
  await call('asks the user', 'deploy', { env: 'staging' });
  await call('asks the model', 'summarise', { topic: 'tally sticks' });
  t.expect('asks the user', (s) => s.result?.content[0].text === 'deployed to staging');
  t.expect('asks the model', (s) => s.result?.content[0].text === 'summary: in short');
  t.expect('fails: by itself', (s) => s.result?.isError === true);
  t.expect('cancelled', (s) => s.error);
}

async function resources_and_prompts(client, t) {
  await t.step('resources/list', () => client.listResources());
  await t.step('resources/templates/list', () => client.listResourceTemplates());
  await t.step('resources/read', () => client.readResource({ uri: 'test://note' }));
  await t.step('resources/read item', () => client.readResource({ uri: 'test://item/7' }));
  await t.step('resources/read absent', () => client.readResource({ uri: 'test://absent' }));
  t.expect('resources/read absent', (s) => s.error);
  await t.step('prompts/list', () => client.listPrompts());
  await t.step('prompts/get', () =>
    client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } }),
  );
  await t.step('prompts/get absent', () => client.getPrompt({ name: 'absent' }));
  t.expect('prompts/get absent', (s) => s.error);
  await t.step('completion/complete', () =>
    client.complete({
      ref: { type: 'ref/prompt', name: 'greet' },
      argument: { name: 'name', value: 'A' },
    }),
  );
}

async function subscription(client, t) {
  const open = await client.listen({
    toolsListChanged: true,
    resourceSubscriptions: ['test://note'],
  });
  t.steps.push({ step: 'subscriptions/listen', result: open.honoredFilter });
  await t.step('touch', () =>
    client.callTool({ name: 'touch', arguments: { uri: 'test://note' } }),
  );
  await until('resource update', () => t.received['notifications/resources/updated']?.length > 0);

  await t.step('innocent before', () => client.callTool({ name: 'innocent', arguments: {} }));
  await t.step('change', () => client.callTool({ name: 'change_innocent', arguments: {} }));
  await until('tools changed', () => t.received['notifications/tools/list_changed']?.length > 0);
  await t.step('tools/list again', () => client.listTools());
  await t.step('innocent after', () => client.callTool({ name: 'innocent', arguments: {} }));
  await open.close();
  t.steps.push({ step: 'subscription closed', result: await open.closed });
}

await run_session(async ({ transcript: t, prefix }) => {
  const client = make_client(t);
  await client.connect(
    new StdioClientTransport({
      ...spawn_parameters(prefix, process.execPath, [kServer]),
      stderr: 'ignore',
    }),
  );
  t.steps.push({
    step: 'connect',
    result: {
      version: client.getNegotiatedProtocolVersion(),
      era: client.getProtocolEra(),
      server: client.getServerVersion(),
      discovered: client.getDiscoverResult(),
    },
  });
  t.expect('connect', (s) => s.result.version === '2026-07-28');
  await t.step('server/discover', () => client.discover());
  await t.step('tools/list', () => client.listTools());
  await calls(client, t);
  await resources_and_prompts(client, t);
  await subscription(client, t);
  await client.close();
});
