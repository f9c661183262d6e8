// SPDX-License-Identifier: Apache-2.0
// The tables of docs/configuration.md as data.

import { readFileSync } from 'node:fs';

const code = (cell) => cell.match(/`([^`]+)`/)?.[1];

/** Cells of a line of a Markdown table; `\|` is no border. */
const cells = (line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());

/**
 * {rows: Map of key -> {key, flag, environment}, missing: [{environment, except}]}; keys of the second table begin with
 * "proxy.".
 */
export function read_table(path) {
  const text = readFileSync(path, 'utf8');
  const [begin, end] = ['begin', 'end'].map((mark) => text.indexOf(`config settings: ${mark}`));
  const rows = new Map();
  const missing = [];
  let prefix = '';
  for (const line of text.slice(begin, end).split('\n')) {
    if (line.startsWith('### Each proxy')) prefix = 'proxy.';
    if (line.startsWith('| `')) {
      const [key, , , flag, environment] = cells(line).map(code);
      rows.set(prefix + key, { key: prefix + key, flag, environment });
    }
    const absent = line.match(/^- `(\w+)` \(`[\w.]+`\)(, except `(\w+)`)?/);
    if (absent) missing.push({ environment: absent[1], except: absent[3] });
  }
  return { rows, missing };
}
