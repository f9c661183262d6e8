// SPDX-License-Identifier: Apache-2.0
// The judge of the differential test and the comparison of suite results: that they see what they are there to see.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './lib/judge.mjs';
import { statuses, with_id } from './lib/raw.mjs';
import { compare_checks, tally } from './lib/suite.mjs';

const call = (name, method = 'tools/call') => ({ method, params: { name } });
const seen = (...bodies) => bodies.map((body) => ({ method: 'POST', target: '/mcp', body }));
const record = (name, more = {}) => ({
  event_name: 'mcp-tool-call',
  event_result: 'success',
  status: 'succeeded',
  target_name: name,
  interaction_id: `i-${name}`,
  details: { method: 'tools/call', direction: 'c2s' },
  ...more,
});

test('a call that is recorded is the same', () => {
  assert.equal(judge(seen(call('a')), [record('a')]).verdict, 'same');
});

test('a staged call is one interaction', () => {
  const staged = [record('a', { status: 'initiated', event_result: 'pending' }), record('a')];
  assert.equal(judge(seen(call('a')), staged).verdict, 'same');
});

test('another name than the upstream ran is different', () => {
  assert.equal(judge(seen(call('evil')), [record('safe')]).verdict, 'different');
});

test('one of two calls without a record is different', () => {
  assert.equal(judge(seen(call('a'), call('b')), [record('a')]).verdict, 'different');
  assert.equal(judge(seen([call('a'), call('a')]), [record('a')]).verdict, 'different');
});

test('a request that left no record at all is different', () => {
  assert.equal(judge(seen(undefined), []).verdict, 'different');
});

test('a refused request is not what the upstream got', () => {
  const refused = record('a', { event_result: 'denied', status: 'failed' });
  assert.equal(judge([], [refused]).verdict, 'refused');
  assert.equal(judge(seen(call('a')), [refused]).verdict, 'different');
});

test('a success that the upstream never had is different', () => {
  assert.equal(judge([], [record('a')]).verdict, 'different');
});

test('what could not be parsed is opaque', () => {
  const unparsed = record(null, { event_name: 'mcp-unparsed', details: {} });
  assert.equal(judge(seen(call('a')), [unparsed]).verdict, 'opaque');
});

test('checks are compared by id and status', () => {
  const check = (id, status) => ({ id, status });
  const [a, b] = [[check('x', 'SUCCESS')], [check('x', 'FAILURE')]];
  assert.deepEqual(compare_checks(a, a), []);
  assert.equal(compare_checks(a, b).length, 1);
  assert.equal(compare_checks(a, undefined).length, 1);
  assert.equal(compare_checks([...a, ...a], a).length, 1);
  assert.equal(tally([...a, ...b, check('y', 'WARNING')]), '1/1');
});

test('parts become bytes with the id in place', () => {
  const parts = with_id(['GET /@ID@', { b64: '/0BJREA=' }, { repeat: 'ab', times: 2 }], 'c042');
  const bytes = Buffer.concat(parts.map((part) => part.bytes));
  assert.equal(bytes.toString('latin1'), 'GET /c042\u00ffc042abab');
  assert.equal(statuses('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad\r\n\r\n'), '200 400');
  assert.equal(statuses(''), 'none');
});
