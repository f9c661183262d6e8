// SPDX-License-Identifier: Apache-2.0
// Exports from the running program by a real HTTP client: every entry once in each format, no more than the token may see,
// memory that does not grow with the log, clients that leave, and a damaged log.
//
//   node export.mjs --tallystick PATH [--quick] [--memory-mib N]

import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pause } from '../http/lib/child.mjs';
import { Report } from '../http/lib/report.mjs';
import { Server } from './server.mjs';

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'memory-mib': { type: 'string', default: '40' },
  },
});
if (options.tallystick === undefined) {
  process.stderr.write('usage: node export.mjs --tallystick PATH [--quick] [--memory-mib N]\n');
  process.exit(2);
}
const kEvents = options.quick ? 40_000 : 400_000;
const kBatch = 2_000;
const kServers = ['files', 'git', 'secret-vault'];
const kFormats = ['json', 'ndjson', 'csv', 'backstage'];
/** Exports that the server makes at one time (src/base/limits.h), and those of one token among them (src/server/share.h). */
const kExportsMax = 16;
const kExportsOfOne = 12;

const server = new Server(options.tallystick);
const report = new Report();

/** Event i; the server's name stands in it in several places, so that a leak is easy to see. */
function event_of(i) {
  const name = kServers[i % kServers.length];
  return JSON.stringify({
    event_name: 'mcp-tool-execution', target_type: 'tool', target_id: `${name}/run`, target_name: 'run', actor_id: `user${i % 7}`,
    request_id: `req-${i}`, details: { server: { name }, text: `${name} `.repeat(90), i },
  });
}

async function ingest(token, from, to) {
  for (let i = from; i < to; i += kBatch) {
    const body = Array.from({ length: Math.min(kBatch, to - i) }, (_, k) => event_of(i + k)).join('\n');
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await server.fetch('/api/audit/events', { method: 'POST', token, headers, body });
    if (answer.status !== 201) throw new Error(`ingest: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }
}

const peak_mib = () => Number(readFileSync(`/proc/${server.child.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]) / 1024;

/** Reads a body to its end without keeping it: {status, bytes, sha256, found}, found = which requests, in order, once each. */
async function drain(path, token, pattern) {
  const answer = await server.fetch(path, { token });
  const hash = createHash('sha256');
  let bytes = 0;
  let rest = '';
  const found = [];
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) {
    hash.update(chunk);
    bytes += chunk.length;
    if (pattern === undefined) continue;
    const text = rest + decoder.decode(chunk, { stream: true });
    let last = 0;
    for (const match of text.matchAll(pattern)) {
      found.push(Number(match[1]));
      last = match.index + match[0].length;
    }
    rest = text.slice(Math.max(last, text.length - 64));
  }
  return { status: answer.status, bytes, sha256: hash.digest('hex'), found };
}

const export_of = (format, query = '') => `/api/audit/export?format=${format}${query}`;

/** The records that tell how exports ended, oldest first. */
async function endings(wanted) {
  for (let i = 0; ; ++i) {
    const all = (await server.entries()).filter(({ event_name, status }) => event_name === 'audit-log-export' && status !== 'initiated');
    if (all.length >= wanted || i > 100) return all;
    await pause(50);
  }
}

async function everything_once(token) {
  const sums = [];
  for (const format of kFormats) {
    const pattern = format === 'csv' ? /,req-(\d+),/g : /"request_id":"req-(\d+)"/g;
    const { status, found, sha256 } = await drain(export_of(format), token, pattern);
    const right = found.length === kEvents && found.every((request, i) => request === i);
    report.check(`${format}: every entry once, in order`, status === 200 && right ? [] : [`${status}, ${found.length} of ${kEvents}`]);
    sums.push(sha256);
  }
  const told = (await endings(kFormats.length)).map(({ details }) => details.sha256);
  report.check('the log knows what was exported', JSON.stringify(told) === JSON.stringify(sums) ? [] : [...told, ...sums]);
}

async function memory_is_flat(token) {
  await drain(export_of('ndjson', '&actor_id=user3'), token);
  const before = peak_mib();
  // Some that read slowly, some as fast as they can, some compressed.
  const slow = await Promise.all([0, 1, 2].map(() => server.fetch(export_of('ndjson'), { token })));
  const readers = slow.map((answer) => answer.body.getReader());
  for (const reader of readers) await reader.read();
  const all = await Promise.all(['json', 'csv', 'backstage'].map((format) => drain(export_of(format), token)));
  for (const reader of readers) await reader.cancel();
  const grown = peak_mib() - before;
  const exported = all.reduce((sum, { bytes }) => sum + bytes, 0) / 1048576;
  report.say(`${exported.toFixed(0)} MiB exported beside 3 slow clients; the server's peak grew by ${grown.toFixed(1)} MiB to ${peak_mib().toFixed(0)}`);
  report.check('memory does not grow with what is exported', grown < Number(options['memory-mib']) ? [] : [`${grown} MiB`]);
}

async function scopes_hold() {
  const token = await server.token('auditor', '--scope', 'server=files');
  const wanted = Math.ceil(kEvents / kServers.length);
  const queries = ['', '&q=server:secret-vault', '&q=-server:files', '&target_id=secret-vault/run', '&request_id=req-2', '&q=secret',
    '&event_type=audit', '&q=seq:0..1000000', '&actor_id=user2', '&start_time=1970-01-01', '&q=server:files%20server:git'];
  const wrong = [];
  for (const format of kFormats) {
    for (const query of queries) {
      if (options.quick && query !== '' && format !== 'ndjson') continue;
      const text = await (await server.fetch(export_of(format, query), { token })).text();
      if (/secret-vault|git\/run|audit-/.test(text)) wrong.push(`${format}${query}: leaks`);
      const entries = format === 'csv' ? text.split('\r\n').length - 2 : (text.match(/"target_id":"files\/run"/g) ?? []).length;
      if (query === '' && entries !== wanted) wrong.push(`${format}: ${entries} of ${wanted}`);
      if (format === 'json') JSON.parse(text);
    }
  }
  report.check('a scope bounds every export', wrong);
}

/** Those of exports from this time on, which tells them from others that end late; waits for `wanted` of them. */
async function endings_from(time, wanted) {
  for (let i = 0; ; ++i) {
    const all = (await endings(0)).filter(({ details }) => details.query.start_time === time);
    if (all.length >= wanted || i > 100) return all;
    await pause(50);
  }
}

async function leaving_and_limits(token, other) {
  const cancel = new AbortController();
  const left = await server.fetch(export_of('ndjson', '&start_time=1970-02-02'), { token, signal: cancel.signal });
  await left.body.getReader().read();
  cancel.abort();
  const record = (await endings_from('1970-02-02', 1)).at(-1);
  const told = record?.details.complete === false && record.details.outcome.reason === 'disconnected' && record.details.count < kEvents;
  report.check('a client that leaves is in the log', told ? [] : [JSON.stringify(record)]);

  const open = (who, length) =>
    Promise.all(Array.from({ length }, () => server.fetch(export_of('ndjson', '&start_time=1971-02-02'), { token: who })));
  const refusal = async (who) => {
    const answer = await server.fetch(export_of('csv'), { token: who });
    await answer.arrayBuffer();
    return answer.status === 503 && answer.headers.get('retry-after') !== null ? [] : [`${answer.status}`];
  };
  const held = await open(token, kExportsOfOne);
  report.check('a token has only so many at a time', await refusal(token));
  held.push(...(await open(other, kExportsMax - kExportsOfOne)));
  report.check('what it leaves is for others', held.every(({ status }) => status === 200) ? [] : [`${held.map(({ status }) => status)}`]);
  report.check('only so many at a time', await refusal(other));
  for (const { body } of held) await body.cancel();
  await endings_from('1971-02-02', kExportsMax);
  const again = await drain(export_of('csv', '&request_id=req-5'), token, /,req-(\d+),/g);
  report.check('and then again', again.found.length === 1 ? [] : [JSON.stringify(again)]);
}

async function damage_is_seen(token) {
  const folder = join(server.home, '.local/state/tallystick/log/segments');
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const text = readFileSync(file);
    const at = text.indexOf(`"req-${Math.floor(kEvents / 2)}"`);
    if (at < 0) continue;
    // In its place: the writer has this segment open.
    const opened = openSync(file, 'r+');
    writeSync(opened, 'x', at + 1);
    closeSync(opened);
  }
  const wrong = [];
  for (const format of kFormats) {
    for (const query of ['', '&q=request:nothing*']) {
      let ended = true;
      try {
        await drain(export_of(format, query), token);
      } catch {
        ended = false;
      }
      if (ended) wrong.push(`${format}${query} looks complete`);
    }
  }
  report.check('a damaged entry ends the export visibly', wrong);
}

await report.guard('exports', async () => {
  await server.start();
  const writer = await server.token('writer');
  const token = await server.token('auditor');
  await ingest(writer, 0, kEvents);
  await everything_once(token);
  await memory_is_flat(token);
  await scopes_hold();
  await leaving_and_limits(token, await server.token('auditor'));
  report.check('the log verifies', (await server.tool('verify')).includes('ok: every entry') ? [] : ['it does not']);
  await damage_is_seen(token);
});
await server.close();
report.finish();
