// SPDX-License-Identifier: Apache-2.0
// SDK 1.x and 2.x clients, one after the other, against the MCP server of a Backstage backend, with a token.
//
//   TALLY_TOKEN=... node backstage.mjs --url URL [--frames OUT.ndjson] [--result OUT.json]

import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { record_frames } from '../../js/lib/frames.mjs';
import { run_session } from '../../js/lib/session.mjs';

const requestInit = { headers: { authorization: `Bearer ${process.env.TALLY_TOKEN}` } };

async function use(t, label, client, transport) {
  await client.connect(transport);
  t.steps.push({ step: `${label}: connect`, result: client.getServerVersion() });
  const call = (what, name, args) =>
    t.step(`${label}: ${what}`, () => client.callTool({ name, arguments: args }));
  await t.step(`${label}: tools/list`, () => client.listTools());
  await call('reads', 'demo.greet', { name: 'Ada' });
  await call('writes', 'demo.write-note', { name: 'Ada' });
  await call('fails', 'demo.break', { name: 'Ada' });
  await call('bad arguments', 'demo.greet', { name: 5 });
  await call('unknown', 'demo.none', { password: 'hunter2' });
  t.expect(`${label}: reads`, (s) => s.result?.structuredContent?.said === 'hello, Ada');
  t.expect(`${label}: fails`, (s) => s.error || s.result?.isError === true);
  await client.close();
}

await run_session(async ({ transcript: t, remote }) => {
  const about = { name: 'tallystick-e2e', version: '1.0.0' };
  const record = (transport) => record_frames(transport, remote.frames);
  await use(t, 'sdk1', new Client1(about), record(new Http1(remote.url, { requestInit })));
  await use(t, 'sdk2', new Client2(about), record(new Http2(remote.url, { requestInit })));
  const refused = new Client1(about);
  await t.step('without a token', () => refused.connect(new Http1(remote.url)));
  t.expect('without a token', (s) => s.error);
});
