// SPDX-License-Identifier: Apache-2.0
// Sends bytes as they are on a connection of its own and reads what comes back: for requests that no HTTP library makes.

import { connect } from 'node:net';
import { pause } from './child.mjs';

/** A quiet connection is done after this; a silent one after the longer time. */
const kQuietMs = 250;
const kSilentMs = 900;
const kKeptBytes = 100_000;

/** `part` = string, {b64}, {repeat, times} or {pause_ms}; strings are one byte a character. */
export function part_bytes(part) {
  if (typeof part === 'string') return Buffer.from(part, 'latin1');
  if (part.b64 !== undefined) return Buffer.from(part.b64, 'base64');
  return Buffer.from(part.repeat.repeat(part.times), 'latin1');
}

/** The parts with every @ID@ replaced by `id`, which has as many characters. */
export function with_id(parts, id) {
  return parts.map((part) => {
    if (part.pause_ms !== undefined) return part;
    return { bytes: Buffer.from(part_bytes(part).toString('latin1').replaceAll('@ID@', id), 'latin1') };
  });
}

/** Resolves to {text, closed}: what the server answered (one byte a character) and whether it closed. */
export async function exchange(port, parts) {
  const socket = connect(port, '127.0.0.1');
  const answer = { text: '', closed: false };
  let last = Date.now();
  socket.on('data', (chunk) => {
    last = Date.now();
    if (answer.text.length < kKeptBytes) answer.text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => (answer.closed = true));
  await new Promise((resolve) => {
    socket.on('connect', resolve);
    socket.on('close', resolve);
  });
  for (const part of parts) {
    if (part.pause_ms !== undefined) await pause(part.pause_ms);
    else if (!answer.closed) socket.write(part.bytes);
  }
  last = Math.max(last, Date.now());
  const patience = () => (answer.text === '' ? kSilentMs : kQuietMs);
  while (!answer.closed && Date.now() - last < patience()) await pause(10);
  socket.destroy();
  return answer;
}

/** The statuses of the answers, such as "200 400"; "none" when there was none. */
export function statuses(text) {
  const found = [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => match[1]);
  return found.join(' ') || 'none';
}
