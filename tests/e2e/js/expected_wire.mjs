// SPDX-License-Identifier: Apache-2.0
// Prints the records that a recorded wire must give, for the C++ tests that replay it:
// `node expected_wire.mjs ../../mcp/wire/NAME.ndjson > ../../mcp/wire/NAME.expected.ndjson`.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expected_records } from './lib/expected.mjs';

/** The oracle's answer as NDJSON, one record a line, in the order in which they become known. */
export function expected_text(path) {
  const frames = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ dir, frame }) => ({ dir, text: frame }));
  const { records } = expected_records(frames);
  return records.map((record) => JSON.stringify(record) + '\n').join('');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(expected_text(process.argv[2]));
}
