// SPDX-License-Identifier: Apache-2.0
// The official SDK 1.x client against server-everything: every method of the 2025-11-25 generation
// that this server offers, in both directions, with calls that succeed, fail, are unknown, are
// cancelled, ask the client for something, or run as a task.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ElicitationCompleteNotificationSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  TaskStatusNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { record_frames, recording_fetch } from '../lib/frames.mjs';
import { package_program, run_session, spawn_parameters, until } from '../lib/session.mjs';

const kServer = '@modelcontextprotocol/server-everything';

const kNotifications = [
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  PromptListChangedNotificationSchema,
  ElicitationCompleteNotificationSchema,
  TaskStatusNotificationSchema,
];

function make_client(transcript) {
  const client = new Client(
    { name: 'tallystick-e2e', version: '1.0.0' },
    {
      capabilities: {
        sampling: {},
        elicitation: { form: {}, url: {} },
        roots: { listChanged: true },
        tasks: {
          list: {},
          cancel: {},
          requests: { sampling: { createMessage: {} }, elicitation: { create: {} } },
        },
      },
      taskStore: new InMemoryTaskStore(),
    },
  );
  client.setRequestHandler(CreateMessageRequestSchema, async (request, extra) => {
    transcript.note_received(request.method, request.params);
    const answer = {
      role: 'assistant',
      model: 'test-model',
      stopReason: 'endTurn',
      content: { type: 'text', text: 'an answer made by the test client' },
    };
    if (!request.params.task) return answer;
    const task = await extra.taskStore.createTask({ ttl: 60_000, pollInterval: 100 });
    await extra.taskStore.storeTaskResult(task.taskId, 'completed', answer);
    return { task };
  });
  client.setRequestHandler(ElicitRequestSchema, async (request) => {
    transcript.note_received(request.method, request.params);
    if (request.params.mode === 'url') return { action: 'decline' };
    if (request.params.requestedSchema.properties.interpretation) {
      return { action: 'accept', content: { interpretation: 'programming' } };
    }
    return {
      action: 'accept',
      content: { name: 'Ada', check: true, email: 'ada@example.com', integer: 42, number: 3 },
    };
  });
  client.setRequestHandler(ListRootsRequestSchema, async (request) => {
    transcript.note_received(request.method, request.params);
    return { roots: [{ uri: 'file:///srv/project', name: 'project' }] };
  });
  for (const schema of kNotifications) {
    client.setNotificationHandler(schema, (note) => {
      transcript.note_received(note.method, note.params);
    });
  }
  return client;
}

async function tools(client, t) {
  const call = (label, name, args, options) =>
    t.step(label, () => client.callTool({ name, arguments: args }, undefined, options));

  await t.step('tools/list', () => client.listTools());
  await call('echo', 'echo', { message: 'häl|o \u0000 "q" \\ \u2028 🦉' });
  await call('get-sum', 'get-sum', { a: 0.1, b: 12345678901234567890 });
  await call('get-structured-content', 'get-structured-content', { location: 'Chicago' });
  await call('get-tiny-image', 'get-tiny-image', {});
  await call('get-annotated-message', 'get-annotated-message', {
    messageType: 'error',
    includeImage: true,
  });
  await call('get-resource-links', 'get-resource-links', { count: 3 });
  await call('get-resource-reference', 'get-resource-reference', {
    resourceType: 'Text',
    resourceId: 1,
  });
  await call('get-env', 'get-env', {});
  await call('gzip', 'gzip-file-as-resource', {
    name: 'note.txt.gz',
    data: 'data:text/plain,a%20small%20note',
    outputType: 'resourceLink',
  });
  await call('fails: bad arguments', 'get-sum', { a: 'one', b: 2 });
  await call('fails: resource id', 'get-resource-reference', {
    resourceType: 'Text',
    resourceId: -1,
  });
  await call('fails: unknown tool', 'no-such-tool', { password: 'hunter2', path: '/etc/shadow' });
  t.expect('echo', (s) => s.result.isError !== true);
  t.expect('fails: bad arguments', (s) => s.result?.isError === true || s.error);
  t.expect('fails: unknown tool', (s) => s.result?.isError === true || s.error);
}

async function progress_and_cancellation(client, t) {
  const seen = [];
  await t.step('progress', () =>
    client.callTool(
      { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 4 } },
      undefined,
      { onprogress: (p) => seen.push(p) },
    ),
  );
  // The last notification and the response race inside the client, so only what came is kept.
  await until('progress notifications', () => seen.length >= 3);
  t.steps.push({ step: 'progress seen', result: seen.slice(0, 3) });

  const abort = new AbortController();
  await t.step('cancelled call', () =>
    client.callTool(
      { name: 'trigger-long-running-operation', arguments: { duration: 1, steps: 4 } },
      undefined,
      { signal: abort.signal, onprogress: () => abort.abort('the user changed their mind') },
    ),
  );
  t.expect('cancelled call', (s) => s.error);
}

async function resources(client, t) {
  const listed = await t.step('resources/list', () => client.listResources());
  await t.step('resources/templates/list', () => client.listResourceTemplates());
  await t.step('resources/read', () => client.readResource({ uri: listed.resources[0].uri }));
  await t.step('resources/read text', () =>
    client.readResource({ uri: 'demo://resource/dynamic/text/1' }),
  );
  await t.step('resources/read blob', () =>
    client.readResource({ uri: 'demo://resource/dynamic/blob/2' }),
  );
  await t.step('resources/read session', () =>
    client.readResource({ uri: 'demo://resource/session/note.txt.gz' }),
  );
  await t.step('resources/read unknown', () =>
    client.readResource({ uri: 'demo://resource/no-such-thing?access_token=sekrit' }),
  );
  t.expect('resources/read unknown', (s) => s.error);

  const uri = 'demo://resource/dynamic/text/1';
  await t.step('resources/subscribe', () => client.subscribeResource({ uri }));
  await t.step('updates on', () => client.callTool({ name: 'toggle-subscriber-updates' }));
  await until('resource update', () => t.received['notifications/resources/updated']?.length === 1);
  await t.step('updates off', () => client.callTool({ name: 'toggle-subscriber-updates' }));
  await t.step('resources/unsubscribe', () => client.unsubscribeResource({ uri }));
}

async function prompts(client, t) {
  await t.step('prompts/list', () => client.listPrompts());
  await t.step('prompts/get simple', () => client.getPrompt({ name: 'simple-prompt' }));
  await t.step('prompts/get args', () =>
    client.getPrompt({ name: 'args-prompt', arguments: { city: 'Oslo', state: 'NO' } }),
  );
  await t.step('prompts/get unknown', () => client.getPrompt({ name: 'no-such-prompt' }));
  t.expect('prompts/get unknown', (s) => s.error);
  await t.step('completion/complete', () =>
    client.complete({
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'department', value: 'E' },
    }),
  );
}

async function client_is_asked(client, t) {
  const call = (label, name, args) =>
    t.step(label, () => client.callTool({ name, arguments: args }, undefined, { timeout: 20_000 }));
  await call('sampling', 'trigger-sampling-request', { prompt: 'say something', maxTokens: 20 });
  await call('elicitation', 'trigger-elicitation-request', {});
  await call('url elicitation', 'trigger-url-elicitation', {
    url: 'https://example.com/authorize?code=abc',
    elicitationId: 'e-1',
  });
  await call('url elicitation required', 'trigger-url-elicitation', {
    url: 'https://example.com/other',
    errorPath: true,
  });
  await call('sampling as a task of the client', 'trigger-sampling-request-async', {
    prompt: 'say something later',
  });
  await call('roots', 'get-roots-list', {});
  await t.step('roots changed', () => client.sendRootsListChanged());
  await until('roots asked again', () => t.received['roots/list']?.length === 2);
  for (const name of ['sampling', 'elicitation', 'url elicitation', 'roots']) {
    t.expect(name, (s) => s.result && s.result.isError !== true);
  }
}

/** The task polls by time, so only what is the same in every run goes into the transcript. */
async function tasks(client, t) {
  await t.step('task', async () => {
    const kinds = [];
    const stream = client.experimental.tasks.callToolStream(
      { name: 'simulate-research-query', arguments: { topic: 'python', ambiguous: true } },
      CallToolResultSchema,
      { task: { ttl: 60_000 } },
    );
    for await (const message of stream) {
      if (message.type === 'taskCreated') kinds.push({ created: message.task.status });
      if (message.type === 'result') kinds.push({ result: message.result });
      if (message.type === 'error') throw message.error;
    }
    return kinds;
  });
  t.expect('task', (s) => s.result?.length === 2);
  const listed = await client.experimental.tasks.listTasks();
  t.steps.push({ step: 'tasks/list', result: listed.tasks.map((task) => task.status) });
  await t.step('tasks/get unknown', () => client.experimental.tasks.getTask('no-such-task'));
  t.expect('tasks/get unknown', (s) => s.error);
  await t.step('tasks/cancel finished', () =>
    client.experimental.tasks.cancelTask(listed.tasks[0].taskId),
  );
}

function make_transport(prefix, remote) {
  if (remote !== undefined) {
    const { url, kind, frames } = remote;
    if (kind === 'sse') return record_frames(new SSEClientTransport(url), frames);
    const transport = new StreamableHTTPClientTransport(url, { fetch: recording_fetch(frames) });
    return record_frames(transport, frames, { received: false });
  }
  const server = package_program(kServer);
  return new StdioClientTransport({
    ...spawn_parameters(prefix, process.execPath, [server, 'stdio']),
    stderr: 'ignore',
  });
}

await run_session(async ({ transcript: t, prefix, remote }) => {
  const client = make_client(t);
  await client.connect(make_transport(prefix, remote));
  t.steps.push({
    step: 'initialize',
    result: {
      server: client.getServerVersion(),
      capabilities: client.getServerCapabilities(),
      instructions: client.getInstructions(),
    },
  });
  // The server asks for the roots a moment after initialisation and then logs how many it got.
  await until('roots asked for', () => t.received['notifications/message']?.length >= 1);
  await t.step('ping', () => client.ping());
  await t.step('logging/setLevel', () => client.setLoggingLevel('info'));
  await tools(client, t);
  await progress_and_cancellation(client, t);
  await resources(client, t);
  await prompts(client, t);
  await client_is_asked(client, t);
  await tasks(client, t);
  await t.step('unknown method', () =>
    client.request({ method: 'vendor/unknown', params: { a: 1 } }, CallToolResultSchema),
  );
  t.expect('unknown method', (s) => s.error);
  await client.close();
});
