// SPDX-License-Identifier: Apache-2.0
// The official SDK 1.x client against server-memory: a small knowledge graph is made, read, cut.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { package_program, run_session, spawn_parameters } from '../lib/session.mjs';

const kServer = '@modelcontextprotocol/server-memory';

await run_session(async ({ transcript: t, prefix, work }) => {
  const file = join(work, 'memory.jsonl');
  rmSync(file, { force: true });
  const client = new Client({ name: 'tallystick-e2e', version: '1.0.0' });
  const spawned = spawn_parameters(prefix, process.execPath, [package_program(kServer)]);
  spawned.env.MEMORY_FILE_PATH = file;
  await client.connect(new StdioClientTransport({ ...spawned, stderr: 'ignore' }));
  t.steps.push({ step: 'initialize', result: client.getServerVersion() });

  const call = (label, name, args) =>
    t.step(label, () => client.callTool({ name, arguments: args }));
  await t.step('tools/list', () => client.listTools());
  await call('create', 'create_entities', {
    entities: [
      { name: 'Ada', entityType: 'person', observations: ['writes programs'] },
      { name: 'Engine', entityType: 'machine', observations: [] },
    ],
  });
  await call('relate', 'create_relations', {
    relations: [{ from: 'Ada', to: 'Engine', relationType: 'programs' }],
  });
  await call('observe', 'add_observations', {
    observations: [{ entityName: 'Engine', contents: ['has a mill', 'has a store'] }],
  });
  await call('fails: observe nobody', 'add_observations', {
    observations: [{ entityName: 'Nobody', contents: ['x'] }],
  });
  await call('read', 'read_graph', {});
  await call('search', 'search_nodes', { query: 'mill' });
  await call('open', 'open_nodes', { names: ['Ada'] });
  await call('delete', 'delete_entities', { entityNames: ['Ada'] });
  await call('read at the end', 'read_graph', {});

  // Several requests at once: answers may come in any order and must find their requests.
  const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
  const many = await Promise.all(
    names.map((name) => client.callTool({ name: 'open_nodes', arguments: { names: [name] } })),
  );
  t.steps.push({ step: 'many at once', result: many });

  t.expect('create', (s) => s.result && s.result.isError !== true);
  t.expect('fails: observe nobody', (s) => s.result?.isError === true);
  await client.close();
});
