// SPDX-License-Identifier: Apache-2.0
// Compares the records that must be there with the records that are, and says what differs.

/** A record of the log, reduced to what the oracle knows. */
export function reduce_event(event) {
  const id = event.details?.jsonrpc_id;
  return {
    direction: event.details?.direction ?? null,
    id: id === undefined || id === null ? null : JSON.stringify(id),
    method: event.details?.method ?? null,
    status: event.status,
    event_result: event.event_result,
  };
}

const key_of = (r) =>
  [r.direction, r.method, r.id ?? '-', r.status, r.event_result]
    .map((part) => part ?? '?')
    .join(' ');

function count(records) {
  const counts = new Map();
  for (const record of records) {
    const key = key_of(record);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Lines that say which records are missing or too many; empty when both sides are equal. */
export function diff_records(expected, actual) {
  const lines = [];
  const want = count(expected);
  const have = count(actual);
  for (const key of [...new Set([...want.keys(), ...have.keys()])].sort()) {
    const difference = (have.get(key) ?? 0) - (want.get(key) ?? 0);
    if (difference < 0) lines.push(`missing ${-difference} x  ${key}`);
    if (difference > 0) lines.push(`too many ${difference} x ${key}`);
  }
  return lines;
}

/** Where two JSON values first differ, as lines; empty when they are equal. */
export function diff_json(a, b, path = '$', out = []) {
  if (out.length >= 20) return out;
  const both_objects = a && b && typeof a === 'object' && typeof b === 'object';
  if (!both_objects || Array.isArray(a) !== Array.isArray(b)) {
    if (!Object.is(a, b)) out.push(`${path}: ${short(a)}  !=  ${short(b)}`);
    return out;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    diff_json(a[key], b[key], `${path}.${key}`, out);
  }
  return out;
}

function short(value) {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 160 ? `${text.slice(0, 160)}...` : text;
}
