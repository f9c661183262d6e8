// SPDX-License-Identifier: Apache-2.0
// TLS on both sides of `tallystick serve`: its own certificate towards clients, given authorities towards the upstream; and
// what happens when either is not as it should be.
//
//   node tls.mjs --tallystick PATH [--quick] [--keep]      (--quick changes nothing)

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect } from 'node:tls';
import { parseArgs } from 'node:util';
import { make_authority, make_certificate } from './lib/certificates.mjs';
import { Proxy } from './lib/proxy.mjs';
import { exchange, statuses } from './lib/raw.mjs';
import { Report } from './lib/report.mjs';

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

const read = ({ certificate, key }) => ({ cert: readFileSync(certificate), key: readFileSync(key) });

/** Answers calls over TLS, by the id in the request. */
async function start_upstream(files) {
  const server = createServer(read(files), async (incoming, response) => {
    const parts = [];
    for await (const part of incoming) parts.push(part);
    const { id } = JSON.parse(Buffer.concat(parts).toString('utf8'));
    response.setHeader('content-type', 'text/event-stream');
    response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { server, origin: `https://localhost:${server.address().port}` };
}

/** A call over TLS; resolves to {status, body}, or {error} when there is none. */
function call(port, ca, id, more = {}) {
  const params = { name: 'tool', arguments: {} };
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const to = { host: '127.0.0.1', servername: 'localhost', port, ca, agent: false, ...more };
  return new Promise((done) => {
    const outgoing = request({ ...to, path: '/mcp', method: 'POST', headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      done({ status: response.statusCode, body: text, protocol: response.socket?.alpnProtocol });
    });
    outgoing.on('error', (error) => done({ error: error.code ?? error.message }));
    outgoing.end(body);
  });
}

/** What a client that offers several protocols gets. */
function negotiated(port, ca) {
  return new Promise((done) => {
    const offer = ['h2', 'http/1.1'];
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ALPNProtocols: offer });
    socket.on('secureConnect', () => {
      done(socket.alpnProtocol);
      socket.destroy();
    });
    socket.on('error', (error) => done(error.code));
  });
}

const is_outcome = (e) => e.details?.method === 'tools/call' && e.status !== 'initiated';

const want = (report, what, have, wanted) =>
  report.check(what, have === wanted ? [] : [`got ${have}, want ${wanted}`]);

async function check_tls(report, root) {
  const authority = make_authority(root, 'ours');
  const strangers = make_authority(root, 'strangers');
  const ours = make_certificate(root, authority, 'localhost');
  const ca = readFileSync(authority);
  const upstream = await start_upstream(ours);
  const flags = (trusted) => [
    ...['--tls-cert', ours.certificate, '--tls-key', ours.key],
    ...['--upstream-ca', trusted],
  ];

  const program = resolve(options.tallystick);
  const start = (name, trusted) =>
    Proxy.start(program, join(root, name), { tls: upstream.origin }, { flags: flags(trusted) });
  const proxy = await start('good', authority);
  const [port] = proxy.ports;
  const good = await call(port, ca, 'good');
  want(report, 'a call over TLS', good.status, 200);
  report.check('its answer', good.body?.includes('"id":"good"') ? [] : [JSON.stringify(good)]);
  want(report, 'ALPN', await negotiated(port, ca), 'http/1.1');
  const distrust = await call(port, readFileSync(strangers), 'distrust');
  report.check('a client that does not trust the certificate', distrust.error ? [] : ['got an answer']);
  const old = await call(port, ca, 'old', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
  report.check('TLS 1.1', old.error ? [] : [`got ${old.status}`]);
  const plain = await exchange(port, [{ bytes: Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n') }]);
  report.check('plain HTTP on a TLS port', ['none', '400'].includes(statuses(plain.text)) ? [] : [plain.text]);
  want(report, 'and the next call', (await call(port, ca, 'next')).status, 200);
  await proxy.stop();
  const events = (await proxy.events()).filter(is_outcome);
  const seen = events.map((e) => `${e.details.jsonrpc_id} ${e.event_result}`.replaceAll('"', '')).join(', ');
  want(report, 'what was recorded', seen, 'good success, next success');
  report.check('verify', await proxy.verify());

  // An upstream whose certificate is signed by someone else is not to be believed.
  const wary = await start('wary', strangers);
  want(report, 'an upstream that is not trusted', (await call(wary.ports[0], ca, 'wary')).status, 502);
  await wary.stop();
  const refused = (await wary.events()).filter(is_outcome);
  want(report, 'its record', refused.map((e) => e.event_result).join(), 'error');
  upstream.server.closeAllConnections();
  upstream.server.close();
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node tls.mjs --tallystick PATH [--keep]\n');
  process.exit(2);
}
const report = new Report();
const root = mkdtempSync(join(tmpdir(), 'tally-tls-'));
await report.guard('tls', () => check_tls(report, root));
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
