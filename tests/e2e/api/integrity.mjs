// SPDX-License-Identifier: Apache-2.0
// GET /api/audit/integrity on the running program: of a whole log, of ranges, and of logs that were changed; the figures are
// those of `tallystick verify`.
//
//   node integrity.mjs --tallystick PATH

import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Report } from '../http/lib/report.mjs';
import { run } from '../js/lib/process.mjs';
import { Server } from './server.mjs';

const { values: options } = parseArgs({
  options: { tallystick: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
if (options.tallystick === undefined) {
  process.stderr.write('usage: node integrity.mjs --tallystick PATH\n');
  process.exit(2);
}

const kEvents = 1500;

async function check(server, token, query = '') {
  const answer = await server.fetch(`/api/audit/integrity${query}`, { token });
  return { status: answer.status, ...(await answer.json()) };
}

const fine = ({ status, total_logs, valid_logs, chain_breaks, integrity_percentage }) =>
  status === 200 && total_logs === valid_logs && chain_breaks === 0 && integrity_percentage === 100;

async function whole_log(report, server, token) {
  const wrong = [];
  const all = await check(server, token);
  if (!fine(all) || all.total_logs < kEvents) wrong.push(`all: ${JSON.stringify(all)}`);
  const ranges = [[0, 1], [255, 257], [256, 512], [700, kEvents], [0, 10 ** 9]];
  for (const [start, end] of ranges) {
    const some = await check(server, token, `?start_seq=${start}&end_seq=${end}`);
    const known = Math.min(end, all.head.size);
    if (!fine(some) || some.total_logs < known - start) wrong.push(`${start}..${end}: ${JSON.stringify(some)}`);
  }
  const lately = await check(server, token, '?start_time=-1h');
  if (!fine(lately) || lately.total_logs < kEvents) wrong.push(`the last hour: ${JSON.stringify(lately)}`);
  const before = await check(server, token, '?end_time=2020-01-01');
  if (!fine(before) || before.total_logs !== 0) wrong.push(`before there was anything: ${JSON.stringify(before)}`);
  report.check('an untouched log is whole in every range', wrong);
}

/** Entries that `verify` calls changed or missing in [start, end). */
function invalid(problems, start, end) {
  const seqs = new Set();
  for (const { kind, seq, end: last } of problems) {
    if (kind !== 'entry-altered' && kind !== 'entry-missing') continue;
    for (let at = seq; at < (last ?? seq + 1); at++) if (at >= start && at < end) seqs.add(at);
  }
  return seqs.size;
}

/** Writes `text` over bytes of a file that is being appended to; what stood there. */
function overwrite(file, at, text) {
  const descriptor = openSync(file, 'r+');
  const before = Buffer.alloc(text.length);
  readSync(descriptor, before, 0, text.length, at);
  writeSync(descriptor, text, at, 'latin1');
  closeSync(descriptor);
  return before.toString('latin1');
}

/** `changes`: [number of an entry, what stands in its line, what shall stand there]. */
async function changed_log(report, server, token, name, changes) {
  const file = join(server.home, '.local/state/tallystick/log/segments/00000000000000000000.jsonl');
  const text = readFileSync(file, 'latin1');
  const undo = changes.map(([seq, from, to]) => {
    const at = text.indexOf(from, text.indexOf(`{"seq":${seq},`));
    return [at, overwrite(file, at, to)];
  });
  const said = JSON.parse((await run(server.binary, ['verify', '--json'], { env: server.env })).stdout);
  const wrong = said.ok ? ['verify found nothing'] : [];
  for (const [start, end] of [[0, said.size], [300, 500], [400, 401], [600, 900]]) {
    const found = await check(server, token, `?start_seq=${start}&end_seq=${end}`);
    const expected = invalid(said.problems, start, end);
    if (found.status !== 200 || found.invalid_logs !== expected) wrong.push(`${start}..${end}: ${expected} of ${JSON.stringify(found)}`);
  }
  const all = await check(server, token);
  if (all.invalid_logs + all.chain_breaks === 0) wrong.push('all: nothing was found');
  for (const [at, before] of undo) overwrite(file, at, before);
  report.check(name, wrong);
}

const report = new Report();
const server = new Server(options.tallystick);
await report.guard('integrity', async () => {
  await server.start();
  const token = await server.token('admin');
  const lines = Array.from({ length: kEvents }, (_, i) => `{"event_name":"order-placed","actor_id":"a${i % 7}"}`).join('\n');
  const headers = { 'content-type': 'application/x-ndjson' };
  await (await server.fetch('/api/audit/events', { method: 'POST', token, headers, body: lines })).arrayBuffer();
  await whole_log(report, server, token);
  await server.stop();
  await server.start();  // closing signed everything: a change is found by checking, not by the next signing
  await changed_log(report, server, token, 'a changed line', [[400, 'order-placed', 'Xrder']]);
  const several = [310, 410, 610, 611].map((seq) => [seq, 'actor_id', 'actor_iD']);
  await changed_log(report, server, token, 'lines changed in several places', several);
  await changed_log(report, server, token, 'a line that lost its number', [[650, '{"seq":650', '{"seq":999']]);
  await server.stop();
  const names = (await server.entries()).map(({ event_name }) => event_name);
  report.check('what was found is in the log', names.includes('audit-log-integrity-failure') ? [] : ['no event']);
  const verified = await server.tool('verify');
  report.check('the log verifies, put back', verified.includes('ok: every entry') ? [] : [verified]);
});
await server.close();
report.finish();
