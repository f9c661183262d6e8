// SPDX-License-Identifier: Apache-2.0
// The tour of the official server-everything that both demos record: lists, calls that succeed and that fail, a resource, a
// prompt, and a server that asks its client something.

import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { say } from './client.mjs';

export const kEverything = '@modelcontextprotocol/server-everything';
const kName = 'everything';

/** A call and what came back; a failed call is part of the demonstration, not an error of it. */
export async function call(client, server, name, args) {
  const result = await client.callTool({ name, arguments: args });
  const text = result.content.find((part) => part.type === 'text')?.text ?? '';
  say(server, `call ${name}`, result.isError ? `refused: ${text}` : text);
  return result;
}

export const kCapabilities = { sampling: {}, elicitation: {} };

/** What the client answers when the server asks it something. */
export function prepare(client) {
  client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => {
    say(kName, '  it asks the model of the client', params.messages[0].content.text);
    const text = 'A tally stick was split so that both sides held a half.';
    return { role: 'assistant', model: 'demo-model', content: { type: 'text', text } };
  });
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    say(kName, '  it asks the user', params.message);
    return { action: 'decline' };
  });
}

export async function tour(client) {
  const { tools } = await client.listTools();
  say(kName, 'list tools', `${tools.length} tools`);
  await call(client, kName, 'echo', { message: 'hello' });
  await call(client, kName, 'get-sum', { a: 19, b: 23 });
  await call(client, kName, 'get-sum', { a: 'nineteen', b: 23 });
  await call(client, kName, 'no-such-tool', { path: '/etc/shadow', password: 'swordfish' });
  const { resources } = await client.listResources();
  const read = await client.readResource({ uri: resources[0].uri });
  say(kName, `read ${resources[0].name}`, `${read.contents[0].text.length} characters`);
  const prompt = await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Winchester' } });
  say(kName, 'get prompt args-prompt', prompt.messages[0].content.text);
  const question = { prompt: 'What is a tally stick?', maxTokens: 100 };
  await call(client, kName, 'trigger-sampling-request', question);
  await call(client, kName, 'trigger-elicitation-request', {});
}
