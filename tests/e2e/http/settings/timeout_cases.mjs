// SPDX-License-Identifier: Apache-2.0
// One case for each timeout: what it limits ends after it, and not at once; see process_cases.mjs.

import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { make_authority, make_certificate } from '../lib/certificates.mjs';
import { Child, pause } from '../lib/child.mjs';
import { call, keep_alive, message, raw, tool_call, until, wrong } from './world.mjs';

const kFull = join(dirname(fileURLToPath(import.meta.url)), 'full_listener.py');
const kGiven = '400ms';
/** Timers are coarse and the machine busy; the defaults are ten times longer and more. */
const in_time = (ms) => ms > 300 && ms < 2500;

/** How long `connection` takes to be closed by the other side. */
const closes = (connection) => until(() => connection.closed, 4000);

const timed = async (action) => {
  const start = performance.now();
  const result = await action();
  return [result, performance.now() - start];
};

export const kTimeoutCases = {
  'proxy.timeouts.connect': async (world) => {
    // A listener whose queue is full drops what comes.
    const full = new Child('python3', [kFull]);
    const { port } = await full.announced();
    const serve = await world.start(`http://127.0.0.1:${port}`, { 'proxy.timeouts.connect': kGiven });
    const [{ status }, after] = await timed(() => call(serve.ports[0], message('ping')));
    await full.stop();
    return wrong([status === 502 && in_time(after), `${status} after ${after.toFixed(0)} ms`]);
  },
  'proxy.timeouts.tls_handshake': async (world) => {
    const authority = make_authority(world.directory, 'authority');
    const { certificate, key } = make_certificate(world.directory, authority, 'localhost');
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, {
      'proxy.timeouts.tls_handshake': kGiven,
      'proxy.tls.certificate': certificate,
      'proxy.tls.key': key,
    });
    const after = await closes(await raw(serve.ports[0]));
    return wrong([in_time(after), `a client that says nothing is dropped after ${after.toFixed(0)} ms`]);
  },
  'proxy.timeouts.request_header': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'proxy.timeouts.request_header': kGiven });
    const slow = await raw(serve.ports[0]);
    slow.write('POST /mcp HTTP/1.1\r\nHost: local');
    const after = await until(() => slow.text !== '' || slow.closed, 4000);
    slow.end();
    return wrong([in_time(after), `after ${after.toFixed(0)} ms`], [slow.text.includes(' 408 '), slow.text]);
  },
  'proxy.timeouts.request_body': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'proxy.timeouts.request_body': kGiven });
    const slow = await raw(serve.ports[0]);
    slow.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"json');
    const after = await until(() => slow.text !== '' || slow.closed, 4000);
    slow.end();
    return wrong([in_time(after), `after ${after.toFixed(0)} ms: ${slow.text.slice(0, 40)}`]);
  },
  'proxy.timeouts.response_header': async (world) => {
    const upstream = await world.upstream(() => {});
    const serve = await world.start(upstream.origin, { 'proxy.timeouts.response_header': kGiven });
    const [{ status }, after] = await timed(() => call(serve.ports[0], message('ping')));
    const record = await world.record(serve, (event) => event.details?.method === 'ping');
    return wrong(
      [status === 504 && in_time(after), `${status} after ${after.toFixed(0)} ms`],
      [['error', 'unknown'].includes(record?.event_result), `recorded as ${record?.event_result}`],
    );
  },
  'proxy.timeouts.response_body': async (world) => {
    const upstream = await world.upstream(async (response, { method }) => {
      if (method === 'ping') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
        response.write('{"json');
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': open\n\n');
      await pause(1200);
      response.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
    });
    const serve = await world.start(upstream.origin, { 'proxy.timeouts.response_body': kGiven });
    const [stalled, after] = await timed(() => call(serve.ports[0], message('ping')));
    const stream = await call(serve.ports[0], tool_call());
    return wrong(
      [stalled.cut && in_time(after), `a body that stalls: ${JSON.stringify(stalled)} after ${after.toFixed(0)} ms`],
      [!stream.cut && stream.text.includes('result'), 'an event stream that is quiet for longer was cut'],
    );
  },
  'proxy.timeouts.client_idle': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'proxy.timeouts.client_idle': kGiven });
    const client = await raw(serve.ports[0]);
    client.write('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => client.text.includes('\r\n\r\n'));
    const after = await closes(client);
    return wrong([in_time(after), `closed after ${after.toFixed(0)} ms`]);
  },
  'proxy.timeouts.upstream_idle': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'proxy.timeouts.upstream_idle': kGiven });
    const agent = keep_alive();
    const ping = () => call(serve.ports[0], message('ping'), { agent });
    await ping();
    await ping();
    const reused = upstream.connections;
    const after = await until(() => upstream.open === 0, 4000);
    await ping();
    agent.destroy();
    return wrong(
      [reused === 1, `two calls took ${reused} connections`],
      [in_time(after), `the idle one was closed after ${after.toFixed(0)} ms`],
      [upstream.connections === 2, `then ${upstream.connections} connections in all`],
    );
  },
};
