// SPDX-License-Identifier: Apache-2.0
// The official SDK 2.x client speaking 2026-07-28 to our fixture over HTTP: no session, questions inside results, a
// subscription, a call that the client gives up.
//
//   node stateless.mjs --url URL [--frames OUT.ndjson] [--result OUT.json]

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { record_frames } from '../../js/lib/frames.mjs';
import { run_session, until } from '../../js/lib/session.mjs';

function make_client(t) {
  const client = new Client(
    { name: 'tallystick-e2e', version: '2.0.0' },
    {
      capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} },
      versionNegotiation: { mode: 'auto' },
    },
  );
  client.setRequestHandler('elicitation/create', async (request) => {
    t.note_received(request.method, request.params);
    const fields = Object.keys(request.params.requestedSchema.properties);
    const value = (field) => (field === 'ok' ? true : `a ${field}`);
    return {
      action: 'accept',
      content: Object.fromEntries(fields.map((field) => [field, value(field)])),
    };
  });
  client.setRequestHandler('sampling/createMessage', async (request) => {
    t.note_received(request.method, request.params);
    return { role: 'assistant', model: 'test', content: { type: 'text', text: 'Paris' } };
  });
  client.setRequestHandler('roots/list', async (request) => {
    t.note_received(request.method, request.params);
    return { roots: [{ uri: 'file:///srv/project', name: 'project' }] };
  });
  client.setNotificationHandler('notifications/tools/list_changed', (note) =>
    t.note_received(note.method, note.params),
  );
  return client;
}

async function tools(client, t) {
  const call = (name, args = {}, options = undefined) =>
    t.step(name, () => client.callTool({ name, arguments: args }, options));
  await t.step('tools/list', () => client.listTools());
  await call('test_simple_text');
  await call('test_multiple_content_types');
  await call('test_error_handling');
  await call('no_such_tool', { token: 'sekrit' });
  await call('json_schema_2020_12_tool', { contactMethod: 'phone' });
  const seen = [];
  await call('test_tool_with_progress', {}, { onprogress: (p) => seen.push(p) });
  await until('progress', () => seen.length >= 2);
  for (const what of ['elicitation', 'sampling', 'list_roots', 'request_state', 'multi_round']) {
    await call(`test_input_required_result_${what}`);
  }
  t.expect('test_error_handling', (s) => s.result?.isError === true);
  t.expect('no_such_tool', (s) => s.error || s.result?.isError === true);
  t.expect('test_input_required_result_request_state', (s) =>
    s.result.content[0].text.includes('state-ok'),
  );
  const abort = new AbortController();
  await t.step('given up', () =>
    client.callTool(
      { name: 'test_tool_with_progress', arguments: {} },
      { signal: abort.signal, onprogress: () => abort.abort('enough') },
    ),
  );
  t.expect('given up', (s) => s.error);
}

await run_session(async ({ transcript: t, remote }) => {
  const client = make_client(t);
  const transport = new StreamableHTTPClientTransport(remote.url);
  await client.connect(record_frames(transport, remote.frames));
  const version = client.getNegotiatedProtocolVersion();
  t.steps.push({ step: 'connect', result: { version, server: client.getServerVersion() } });
  t.expect('connect', (s) => s.result.version === '2026-07-28');
  await t.step('server/discover', () => client.discover());
  await tools(client, t);
  await t.step('resources/list', () => client.listResources());
  await t.step('resources/read', () => client.readResource({ uri: 'test://static-text' }));
  await t.step('resources/read absent', () => client.readResource({ uri: 'test://absent' }));
  t.expect('resources/read absent', (s) => s.error);
  await t.step('prompts/get', () =>
    client.getPrompt({ name: 'test_input_required_result_prompt' }),
  );

  const open = await client.listen({ toolsListChanged: true });
  t.steps.push({ step: 'subscriptions/listen', result: open.honoredFilter });
  await t.step('change', () => client.callTool({ name: 'test_trigger_tool_change' }));
  await until('tools changed', () => t.received['notifications/tools/list_changed']?.length > 0);
  await open.close();
  await client.close();
});
