// SPDX-License-Identifier: Apache-2.0
// A session's transcript: what the client got, in a form in which two runs of one session are
// equal. Only what differs by nature between two processes (times, random ids, the process id) is
// replaced.

import { writeFileSync } from 'node:fs';

const kUuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const kIsoTime = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g;
const kClockTime = /\b\d{1,2}:\d\d:\d\d\s?(AM|PM)\b/g;
const kTaskId = /\b[0-9a-f]{32}\b/g;

/** What a blob says if it is plain text: the servers put the time of day into some. */
function text_in_base64(text) {
  if (text.length < 24 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const inner = Buffer.from(text, 'base64').toString('latin1');
  return /^[\x20-\x7e\s]+$/.test(inner) ? inner : undefined;
}

/**
 * One string with everything that differs by nature replaced; `extra` = [[text, replacement], ...].
 */
export function normalise_text(text, extra = []) {
  const inner = text_in_base64(text);
  if (inner !== undefined) return `base64 of ${normalise_text(inner, extra)}`;
  let out = text;
  for (const [from, to] of extra) out = out.replaceAll(from, to);
  return out
    .replace(kUuid, '<uuid>')
    .replace(kIsoTime, '<time>')
    .replace(kClockTime, '<clock>')
    .replace(kTaskId, '<task>');
}

/** Deep copy with every string normalised and keys in order. */
export function normalise(value, extra = []) {
  if (typeof value === 'string') return normalise_text(value, extra);
  if (Array.isArray(value)) return value.map((item) => normalise(item, extra));
  if (value && typeof value === 'object') {
    const out = {};
    for (const key of Object.keys(value).sort()) {
      if (value[key] !== undefined) out[normalise_text(key, extra)] = normalise(value[key], extra);
    }
    return out;
  }
  return value;
}

export class Transcript {
  /**
   * `replacements` = [[text, replacement], ...] for what is known to differ, such as a directory.
   */
  constructor(replacements = []) {
    this.replacements = replacements;
    this.steps = [];
    this.received = {};
  }

  /** Runs one step; keeps its result, or the error it ended in, and returns either. */
  async step(name, action) {
    try {
      const result = await action();
      this.steps.push({ step: name, result });
      return result;
    } catch (error) {
      this.steps.push({ step: name, error: describe_error(error) });
      return error;
    }
  }

  /** Something the server sent by itself (a notification or a request), kept by its method. */
  note_received(method, params) {
    (this.received[method] ??= []).push(params ?? null);
  }

  /** Fails the session unless the last step of that name has the shape that `test` wants. */
  expect(name, test) {
    const step = this.steps.findLast((candidate) => candidate.step === name);
    if (!step || !test(step)) {
      throw new Error(`step "${name}" is not what it should be: ${JSON.stringify(step)}`);
    }
  }

  to_json() {
    return normalise({ steps: this.steps, received: this.received }, this.replacements);
  }

  write(path) {
    const text = JSON.stringify(this.to_json(), null, 1) + '\n';
    if (path) writeFileSync(path, text);
    else process.stdout.write(text);
  }
}

export function describe_error(error) {
  const out = { name: error?.name ?? typeof error, message: String(error?.message ?? error) };
  if (error?.code !== undefined) out.code = error.code;
  if (error?.data !== undefined) out.data = error.data;
  return out;
}
