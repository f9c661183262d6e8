// SPDX-License-Identifier: Apache-2.0
// The official SDK 2.x client, speaking 2025-11-25 as it does by default, against server-everything over HTTP.
//
//   node client2.mjs --url URL [--transport http|sse] [--frames OUT.ndjson] [--result OUT.json]

import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { record_frames, recording_fetch } from '../../js/lib/frames.mjs';
import { run_session, until } from '../../js/lib/session.mjs';

function make_client(t) {
  const client = new Client(
    { name: 'tallystick-e2e', version: '2.0.0' },
    { capabilities: { sampling: {}, elicitation: { form: {} }, roots: { listChanged: true } } },
  );
  const answer_with = (method, answer) =>
    client.setRequestHandler(method, async (request) => {
      t.note_received(request.method, request.params);
      return answer;
    });
  answer_with('sampling/createMessage', {
    role: 'assistant',
    model: 'test-model',
    content: { type: 'text', text: 'an answer' },
  });
  answer_with('elicitation/create', { action: 'decline' });
  answer_with('roots/list', { roots: [{ uri: 'file:///srv/project', name: 'project' }] });
  client.setNotificationHandler('notifications/message', (note) =>
    t.note_received(note.method, note.params),
  );
  return client;
}

await run_session(async ({ transcript: t, remote }) => {
  const client = make_client(t);
  const { url, kind, frames } = remote;
  const transport =
    kind === 'sse'
      ? new SSEClientTransport(url)
      : new StreamableHTTPClientTransport(url, { fetch: recording_fetch(frames) });
  await client.connect(record_frames(transport, frames, { received: kind === 'sse' }));
  const version = client.getNegotiatedProtocolVersion();
  t.steps.push({ step: 'connect', result: { version, server: client.getServerVersion() } });
  // The server asks for the roots a moment after initialisation and then logs how many it got.
  await until('roots asked for', () => t.received['notifications/message']?.length >= 1);

  const call = (label, name, args, options) =>
    t.step(label, () => client.callTool({ name, arguments: args }, options));
  await t.step('ping', () => client.ping());
  await t.step('tools/list', () => client.listTools());
  await call('echo', 'echo', { message: 'hello' });
  await call('sum', 'get-sum', { a: 1, b: 2 });
  await call('fails: bad arguments', 'get-sum', { a: 'one' });
  await call('fails: unknown tool', 'no-such-tool', { password: 'hunter2' });
  await call('sampling', 'trigger-sampling-request', { prompt: 'say', maxTokens: 5 });
  await call('elicitation', 'trigger-elicitation-request', {});
  const seen = [];
  const long = { duration: 0.2, steps: 2 };
  await call('progress', 'trigger-long-running-operation', long, {
    onprogress: (p) => seen.push(p),
  });
  await t.step('resources/list', () => client.listResources());
  await t.step('resources/read unknown', () =>
    client.readResource({ uri: 'demo://resource/no-such-thing' }),
  );
  await t.step('prompts/get', () => client.getPrompt({ name: 'simple-prompt' }));
  await t.step('prompts/get unknown', () => client.getPrompt({ name: 'no-such-prompt' }));
  t.expect('echo', (s) => s.result?.isError !== true && s.result !== undefined);
  t.expect('fails: bad arguments', (s) => s.result?.isError === true || s.error);
  t.expect('prompts/get unknown', (s) => s.error);
  await client.close();
});
