// SPDX-License-Identifier: Apache-2.0
// Events of Backstage and OpenTelemetry on the running program: a long log with one broken line, what clients really send, what
// hostile ones do; and settings read again while they come.
//
//   node dialects.mjs --tallystick PATH [--quick]

import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Report } from '../http/lib/report.mjs';
import { Server } from './server.mjs';

const { values: options } = parseArgs({
  options: { tallystick: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
if (options.tallystick === undefined) {
  process.stderr.write('usage: node dialects.mjs --tallystick PATH [--quick]\n');
  process.exit(2);
}
const kLines = options.quick ? 20_000 : 1_000_000;

/** What a Backstage backend logs in production: audit events among other lines. */
function log_line(number) {
  if (number % 10 !== 0) return JSON.stringify({ level: 'info', message: `request ${number}`, plugin: 'catalog', service: 'backstage' });
  return JSON.stringify({
    actor: { actorId: 'user:default/jane', ip: '::ffff:10.0.0.1', hostname: 'portal', userAgent: 'node' },
    eventId: 'tool-execution', isAuditEvent: true, level: 'info', message: 'mcp-actions.tool-execution',
    meta: { toolName: 'demo.echo', number, headers: { authorization: 'Bearer hunter2' } }, plugin: 'mcp-actions',
    request: { method: 'POST', url: '/api/mcp-actions/v1?access_token=hunter2' }, service: 'backstage', severityLevel: 'medium',
    status: number % 20 === 0 ? 'initiated' : 'succeeded',
  });
}

function append_lines(server, count, broken) {
  const child = spawn(server.binary, ['append', '--json', '--format', 'backstage'], { env: server.env });
  let out = '', err = '';
  child.stdout.on('data', (bytes) => (out += bytes));
  child.stderr.on('data', (bytes) => (err += bytes));
  const ended = new Promise((resolve) => child.on('close', (status) => resolve({ status, out, err })));
  child.stdin.on('error', () => {});
  let next = 0;
  const feed = () => {
    while (next < count) {
      let text = '';
      for (const end = Math.min(next + 1_000, count); next < end; ++next) {
        const line = log_line(next);
        text += (next === broken ? line.slice(0, 200) : line) + '\n';
      }
      if (!child.stdin.write(text)) {
        child.stdin.once('drain', feed);
        return;
      }
    }
    child.stdin.end();
  };
  feed();
  return ended;
}

async function long_log(report, server) {
  const broken = kLines / 2;
  const started = Date.now();
  const { status, out, err } = await append_lines(server, kLines, broken);
  const seconds = (Date.now() - started) / 1_000;
  const said = JSON.parse(out);
  const problems = [];
  if (status !== 2) problems.push(`status ${status}`);
  if (said.appended !== kLines / 10 - 1 || said.refused !== 1 || said.ignored !== kLines - kLines / 10) problems.push(out);
  if (!err.includes(`line ${broken + 1}: seems to be an audit event`)) problems.push(err);
  report.check('one broken audit line in a long log is told, and costs no other', problems);
  report.say(`append --format backstage: ${Math.round(kLines / seconds)} lines/s`);
}

const post = async (server, token, path, body, headers) => {
  const answer = await server.fetch(path, { method: 'POST', token, headers, body });
  const text = await answer.text();
  return { status: answer.status, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
};

function otlp(records, resource = {}) {
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'e2e' }, logRecords: records }] }] });
}

async function over_http(report, server, token) {
  const lines = Array.from({ length: 5_000 }, (_, number) => log_line(number)).join('\n');
  const packed = await post(server, token, '/api/audit/ingest/backstage', gzipSync(lines),
    { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' });
  const right = packed.status === 201 && packed.json.accepted === 500 && packed.json.ignored === 4_500;
  report.check('a packed log over HTTP', right ? [] : [packed.text.slice(0, 500)]);
  const json = { 'content-type': 'application/json' };
  const records = Array.from({ length: 1_000 }, (_, number) => ({
    timeUnixNano: `${1795287600000000000n + BigInt(number)}`, severityNumber: 9, body: { stringValue: `line ${number}` },
    attributes: [{ key: 'user.id', value: { stringValue: 'jane' } }, { key: 'password', value: { stringValue: 'hunter2' } },
      { key: 'log.record.uid', value: { stringValue: `uid-${number}` } }],
  }));
  const whole = await post(server, token, '/v1/logs', gzipSync(otlp(records)), { ...json, 'content-encoding': 'gzip' });
  report.check('a batch of OTLP', whole.status === 200 && whole.text.trim() === '{}' ? [] : [whole.text]);
  await post(server, token, '/v1/logs', otlp(records), json);
  const entries = await server.entries();
  const problems = [];
  const logged = entries.filter(({ event_name }) => event_name === 'log-record');
  if (logged.length !== 1_000) problems.push(`${logged.length} log records after sending 1,000 twice`);
  const events = entries.filter(({ event_name, source }) => event_name === 'mcp-tool-execution' && source === 'api');
  if (events.length !== 500) problems.push(`${events.length} tool calls`);
  if (JSON.stringify(entries).includes('hunter2')) problems.push('a secret is in the log');
  report.check('what came is in the log once, without secrets', problems);
}

async function hostile(report, server, token) {
  const json = { 'content-type': 'application/json' };
  const nested = '['.repeat(200_000);
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
  const wide = otlp(Array.from({ length: 40_000 }, () => ({})), { attributes: [{ key: 'a', value: { stringValue: 'x'.repeat(40_000) } }] });
  const cases = [
    ['/api/audit/ingest/backstage', nested, json, 413], ['/v1/logs', nested, json, 413],
    ['/api/audit/ingest/backstage', bomb, { ...json, 'content-encoding': 'gzip' }, 413],
    ['/v1/logs', bomb, { ...json, 'content-encoding': 'gzip' }, 413], ['/v1/logs', wide, json, 413],
    ['/v1/logs', Buffer.from([0x0a, 0x00]), { 'content-type': 'application/x-protobuf' }, 415],
    ['/v1/logs', '{"resourceLogs":7}', json, 400], ['/v1/logs', otlp([1, 'x', null, [], true]), json, 400],
    ['/api/audit/ingest/backstage', '{"plugin":[],"eventId":{},"isAuditEvent":true}', json, 422],
  ];
  const wrong = [];
  const before = (await server.entries()).length;
  for (const [path, body, headers, wanted] of cases) {
    const { status, text } = await post(server, token, path, body, headers);
    if (status !== wanted) wrong.push(`${path}: ${status} instead of ${wanted}: ${text.slice(0, 200)}`);
  }
  const after = (await server.entries()).length;
  if (after !== before) wrong.push(`${after - before} entries came of it`);
  report.check('hostile bodies are refused, and nothing is written', wrong);
  const status = (await server.fetch('/readyz')).status;
  report.check('the service goes on', status === 200 ? [] : [`/readyz: ${status}`]);
}

const report = new Report();
const server = new Server(options.tallystick);
await report.guard('events of other systems', async () => {
  await long_log(report, server);
  await server.start();
  const token = await server.token('writer');
  await over_http(report, server, token);
  await hostile(report, server, token);
  server.child.process.kill('SIGHUP');
  const again = await post(server, token, '/v1/logs', '{}', { 'content-type': 'application/json' });
  report.check('a hangup does not end it', again.status === 200 ? [] : [`${again.status}`]);
  await server.stop();
  const reread = (await server.entries()).filter(({ event_name }) => event_name === 'audit-settings-changed');
  report.check('that the settings were read again is in the log', reread.length === 1 ? [] : [JSON.stringify(reread)]);
  report.check('the log verifies', (await server.tool('verify')).includes('ok: every entry') ? [] : ['it does not']);
});
await server.close();
report.finish();
