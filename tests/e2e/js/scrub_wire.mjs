// SPDX-License-Identifier: Apache-2.0
// Turns a recording of tap.mjs into a fixture for tests/mcp/wire: `node scrub_wire.mjs TAP
// [FROM=TO]...` prints {"dir","frame"} lines in which long texts are cut and what belongs to this
// machine is replaced. Frames keep their order, their key order and the spelling that the SDK gave
// them.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';

const kTextMax = 1500;
const kBlobMax = 120;
const kBase64 = /^[A-Za-z0-9+/]+={0,2}$/;

const replacements = process.argv.slice(3).map((pair) => pair.split('='));
replacements.push([process.cwd(), '/srv/tallystick']);
// A home directory such as /root must not be found inside a name such as notifications/roots/...
const kHome = new RegExp(`(?<![\\w/])${homedir()}(?![\\w-])`, 'g');

function scrub_text(text) {
  let out = text;
  for (const [from, to] of replacements) out = out.replaceAll(from, to);
  out = out.replace(kHome, '/home/user');
  // The result of server-everything's get-env: every variable of the machine that made the
  // recording.
  out = out.replace(/"PATH": "[^"]*"/g, '"PATH": "/usr/bin:/bin"');
  if (out.length > kBlobMax && kBase64.test(out)) return out.slice(0, kBlobMax);
  return out.length > kTextMax ? out.slice(0, kTextMax) : out;
}

function scrub(value) {
  if (typeof value === 'string') return scrub_text(value);
  if (Array.isArray(value)) return value.map(scrub);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scrub(item)]));
}

for (const line of readFileSync(process.argv[2], 'utf8').trimEnd().split('\n')) {
  const { dir, frame } = JSON.parse(line);
  if (frame === undefined) continue;
  process.stdout.write(
    JSON.stringify({ dir, frame: JSON.stringify(scrub(JSON.parse(frame))) }) + '\n',
  );
}
