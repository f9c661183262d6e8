// SPDX-License-Identifier: Apache-2.0
// `make run-wrap CMD=...` without a terminal: connects to the given server behind wrap and lists its
// tools.
//
//   node demo/wrap_probe.mjs --wrap '["build/tallystick","wrap","--log","DIR"]' -- COMMAND [ARG...]

import { parseArgs } from 'node:util';
import { connect, limit_time, look_around } from './client.mjs';

const { values, positionals } = parseArgs({
  options: { wrap: { type: 'string', default: '[]' } },
  allowPositionals: true,
});
if (positionals.length === 0) {
  process.stderr.write('usage: node demo/wrap_probe.mjs --wrap JSON -- COMMAND [ARG...]\n');
  process.exit(2);
}
limit_time(60_000);

try {
  const client = await connect({ wrap: JSON.parse(values.wrap), command: positionals });
  await look_around(client);
  await client.close();
} catch (error) {
  process.stderr.write(`demo: ${positionals.join(' ')}: ${error.message}\n`);
  process.exit(1);
}
