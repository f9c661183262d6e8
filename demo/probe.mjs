// SPDX-License-Identifier: Apache-2.0
// `make run CMD=...` without a terminal: connects to the given server behind wrap and lists its
// tools.
//
//   node demo/probe.mjs --wrap '["build/tallystick","wrap","--log","DIR"]' -- COMMAND [ARG...]

import { parseArgs } from 'node:util';
import { connect, limit_time } from './connect.mjs';

const { values, positionals } = parseArgs({
  options: { wrap: { type: 'string', default: '[]' } },
  allowPositionals: true,
});
if (positionals.length === 0) {
  process.stderr.write('usage: node demo/probe.mjs --wrap JSON -- COMMAND [ARG...]\n');
  process.exit(2);
}
limit_time(60_000);

try {
  const client = await connect({ wrap: JSON.parse(values.wrap), command: positionals });
  const server = client.getServerVersion();
  process.stdout.write(`  connected to ${server?.name} ${server?.version}\n`);
  if (client.getServerCapabilities()?.tools) {
    const { tools } = await client.listTools();
    process.stdout.write(`  ${tools.length} tools: ${tools.map((tool) => tool.name).join(', ')}\n`);
  } else {
    process.stdout.write('  it offers no tools\n');
  }
  await client.close();
} catch (error) {
  process.stderr.write(`demo: ${positionals.join(' ')}: ${error.message}\n`);
  process.exit(1);
}
