// SPDX-License-Identifier: Apache-2.0
// The oracle is tested too: known answers for the recorded wires, and the rules one by one.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { diff_records } from './lib/compare.mjs';
import { expected_text } from './expected_wire.mjs';
import { expected_records } from './lib/expected.mjs';

function recorded(name) {
  const path = new URL(`../../mcp/wire/${name}.ndjson`, import.meta.url);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).map(({ dir, frame }) => ({ dir, text: frame }));
}

function tally(records) {
  const counts = {};
  for (const { event_result } of records) counts[event_result] = (counts[event_result] ?? 0) + 1;
  return counts;
}

const staged_ids = (records) =>
  records.filter((record) => record.status === 'initiated').map((record) => record.id);

/** Counted by hand in the recordings. */
const kRecorded = [
  {
    name: 'everything',
    messages: 146,
    results: { success: 78, pending: 11, failure: 9, deferred: 2, unknown: 1 },
    staged: ['12', '15', '26', '27', '34', '35', '36', '37', '38', '40', '47'],
    changes: [],
  },
  {
    name: 'filesystem',
    messages: 33,
    results: { success: 15, pending: 6, failure: 2 },
    staged: ['1', '6', '8', '9', '10', '14'],
    changes: [],
  },
  {
    name: 'modern',
    messages: 66,
    results: { success: 30, pending: 11, failure: 5, deferred: 2, unknown: 2 },
    staged: ['4', '6', '7', '10', '11', '12', '13', '"listen:0"', '23', '25', '27'],
    changes: ['innocent'],
  },
];

for (const { name, messages, results, staged, changes } of kRecorded) {
  test(`the recording ${name}`, () => {
    const expected = expected_records(recorded(name));
    assert.equal(expected.messages, messages);
    assert.deepEqual(tally(expected.records), results);
    assert.deepEqual(staged_ids(expected.records), staged);
    assert.deepEqual(expected.definition_changes, changes);
    // A request with an answer is one record, a stage one more, a notification one.
    const total = Object.values(results).reduce((a, b) => a + b);
    assert.equal(expected.records.length, total);
  });
}

for (const { name } of kRecorded) {
  test(`the expected records of ${name} on file are what the oracle says`, () => {
    const url = (end) => new URL(`../../mcp/wire/${name}.${end}`, import.meta.url).pathname;
    assert.equal(readFileSync(url('expected.ndjson'), 'utf8'), expected_text(url('ndjson')));
  });
}

const c2s = (message) => ({ dir: 'c2s', text: JSON.stringify(message) });
const s2c = (message) => ({ dir: 's2c', text: JSON.stringify(message) });
const results = (frames) => expected_records(frames).records.map((r) => r.event_result);

test('1 and "1" are different requests', () => {
  const frames = [
    c2s({ id: 1, method: 'ping' }),
    c2s({ id: '1', method: 'tools/list' }),
    s2c({ id: '1', error: { code: -32603, message: 'x' } }),
    s2c({ id: 1, result: {} }),
  ];
  const records = expected_records(frames).records;
  assert.deepEqual(
    records.map((r) => `${r.id} ${r.method} ${r.event_result}`),
    ['"1" tools/list error', '1 ping success'],
  );
});

test('the same id in both directions is two requests', () => {
  const frames = [
    c2s({ id: 0, method: 'ping' }),
    s2c({ id: 0, method: 'roots/list' }),
    c2s({ id: 0, result: { roots: [] } }),
    s2c({ id: 0, error: { code: -32601, message: 'x' } }),
  ];
  assert.deepEqual(results(frames), ['success', 'failure']);
});

test('a call is read-only only while its definition says so', () => {
  const list = (readOnlyHint) => [
    c2s({ id: 1, method: 'tools/list' }),
    s2c({ id: 1, result: { tools: [{ name: 't', annotations: { readOnlyHint } }] } }),
  ];
  const call = [c2s({ id: 2, method: 'tools/call', params: { name: 't' } })];
  assert.deepEqual(results(call), ['pending', 'unknown']);
  assert.deepEqual(results([...list(true), ...call]), ['success', 'unknown']);
  assert.deepEqual(results([...list(false), ...call]), ['success', 'pending', 'unknown']);
  const changed = [...list(false), ...list(true), ...call];
  assert.deepEqual(results(changed), ['success', 'success', 'pending', 'unknown']);
});

test('a difference is named', () => {
  const record = {
    direction: 'c2s',
    id: '1',
    method: 'ping',
    status: 'succeeded',
    event_result: 'success',
  };
  assert.deepEqual(diff_records([record], [record]), []);
  assert.deepEqual(diff_records([record], [{ ...record, id: '2' }]), [
    'missing 1 x  c2s ping 1 succeeded success',
    'too many 1 x c2s ping 2 succeeded success',
  ]);
});
