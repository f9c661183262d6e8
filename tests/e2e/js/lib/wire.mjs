// SPDX-License-Identifier: Apache-2.0
// Reads recordings of tap.mjs. A recording is what really passed; nothing here knows our product.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One recording: `frames` = [{dir, text}] in the order seen (text is null when not UTF-8),
 * `streams` = {c2s, s2c} with byte count and digest, `rest` = bytes after the last newline, also by
 * direction.
 */
export function read_recording(path) {
  const recording = { path, at: 0, frames: [], streams: {}, rest: {}, exit: null };
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const record = JSON.parse(line);
    if (record.start) recording.at = record.start.at;
    else if (record.exit) recording.exit = record.exit;
    else if (record.end) {
      recording.streams[record.dir] = { bytes: record.bytes, sha256: record.sha256 };
    } else if (record.rest !== undefined) recording.rest[record.dir] = record.rest;
    else recording.frames.push({ dir: record.dir, text: record.frame ?? null });
  }
  return recording;
}

/** All recordings of a directory whose name starts with `prefix`, in order of their start. */
export function read_recordings(directory, prefix) {
  return readdirSync(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => read_recording(join(directory, name)))
    .sort((a, b) => a.at - b.at);
}
