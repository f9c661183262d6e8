// SPDX-License-Identifier: Apache-2.0
// One case for each setting of a proxy but its timeouts; see process_cases.mjs.

import { mkdirSync, readFileSync } from 'node:fs';
import { make_authority, make_certificate } from '../lib/certificates.mjs';
import { free_ports } from '../lib/child.mjs';
import { hold_lock } from './hold_lock.mjs';
import { call, message, raw, token, tool_call, until, wrong } from './world.mjs';

const kHost = 'inner.example';

/** An authority of the case's own and a certificate for `host` by it. */
function certificates(world, name, host) {
  const folder = world.path(name);
  mkdirSync(folder, { recursive: true });
  const authority = make_authority(folder, 'authority');
  return { authority, ...make_certificate(folder, authority, host) };
}

const contents = ({ certificate, key }) => ({ cert: readFileSync(certificate), key: readFileSync(key) });

/** An https upstream with a certificate for kHost; `more` goes to its TLS options. */
async function tls_upstream(world, files, more = {}) {
  return world.upstream(undefined, { ...contents(files), ...more });
}

const tls_settings = (files) => ({
  'proxy.upstream_tls.ca_file': files.authority,
  'proxy.upstream_tls.server_name': kHost,
});

/** Certificate and key that clients see. */
async function towards_clients(world) {
  const files = certificates(world, 'tls', 'localhost');
  const upstream = await world.upstream();
  const settings = { 'proxy.tls.certificate': files.certificate, 'proxy.tls.key': files.key };
  const serve = await world.start(upstream.origin, settings);
  const tls = { ca: readFileSync(files.authority), servername: 'localhost' };
  const good = await call(serve.ports[0], tool_call(), { tls });
  const plain = await call(serve.ports[0], tool_call());
  const halves = [];
  for (const [key, value] of Object.entries(settings)) {
    halves.push(await world.refused(upstream.origin, { [key]: value }, { name: key }));
  }
  return wrong(
    [good.status === 200, `over TLS: ${good.status} ${good.text}`],
    [plain.status !== 200, 'plain HTTP is answered too'],
    [halves.every((said) => /tls\.(certificate|key)|--tls-(cert|key)|TLS_(CERT|KEY)/.test(said)), halves.join('\n')],
  );
}

/** Certificate and key that an upstream asks for. */
async function own_certificate(world) {
  const files = certificates(world, 'upstream', kHost);
  const own = certificates(world, 'own', 'client.example');
  const asks = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(own.authority) };
  const upstream = await tls_upstream(world, files, asks);
  const without = await world.start(upstream.origin, tls_settings(files), { name: 'without' });
  const refused = await call(without.ports[0], tool_call());
  const serve = await world.start(upstream.origin, {
    ...tls_settings(files),
    'proxy.upstream_tls.certificate': own.certificate,
    'proxy.upstream_tls.key': own.key,
  });
  const { status } = await call(serve.ports[0], tool_call());
  return wrong([refused.status === 502, `without: ${refused.status}`], [status === 200, `with: ${status}`]);
}

/** The actor of a call with these headers. */
async function actor(world, serve, headers) {
  const id = message('ping');
  await call(serve.ports[0], id, { headers });
  return (await world.record(serve, (event) => event.details?.jsonrpc_id === id.id)) ?? {};
}

export const kProxyCases = {
  'proxy.name': async (world) => {
    const upstream = await world.upstream();
    world.way = 'file';
    const serve = await world.start(upstream.origin, { 'proxy.name': 'docs' });
    await call(serve.ports[0], tool_call());
    const record = await world.record(serve, (event) => event.target_type === 'tool');
    return wrong([record?.target_id === 'docs/write', `target_id ${record?.target_id}`]);
  },
  'proxy.listen': async (world) => {
    const [port] = await free_ports(1);
    const upstream = await world.upstream();
    world.way = 'file';
    await world.start(upstream.origin, { 'proxy.listen': `127.0.0.1:${port}` });
    const { status } = await call(port, tool_call());
    return wrong([status === 200, `at the address given: ${status}`]);
  },
  'proxy.upstream': async (world) => {
    const [one, other] = [await world.upstream(), await world.upstream()];
    const serve = await world.start(other.origin);
    await call(serve.ports[0], tool_call());
    const path = await world.refused(`${one.origin}/mcp`, {}, { name: 'path' });
    return wrong(
      [one.requests.length === 0 && other.requests.length === 1, 'the wrong upstream was asked'],
      [/paths pass unchanged/.test(path), `with a path: ${path}`],
    );
  },
  'proxy.public_url': async (world) => {
    const upstream = await world.upstream();
    const url = 'https://mcp.example.com';
    const serve = await world.start(upstream.origin, { 'proxy.public_url': url });
    const plain = await world.start(upstream.origin, {}, { name: 'plain' });
    const headers = { authorization: `Bearer ${token({ sub: 'ada', aud: `${url}/mcp` })}` };
    const found = [];
    for (const one of [serve, plain]) {
      await call(one.ports[0], message('ping'), { headers });
      await one.stop();
      found.push(world.lines(one).filter((event) => event.event_name === 'auth-token-misuse').length);
    }
    const sse = await world.upstream((response, _, incoming) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`event: endpoint\ndata: http://127.0.0.1:${incoming.socket.localPort}/message?sessionId=1\n\n`);
    });
    const told = [];
    for (const [name, settings] of [['sse', { 'proxy.public_url': url }], ['sse-plain', {}]]) {
      const one = await world.start(sse.origin, settings, { name });
      const headers = { accept: 'text/event-stream' };
      const { text } = await call(one.ports[0], '', { path: '/sse', method: 'GET', headers });
      told.push(text.match(/data: (.*)/)?.[1]);
    }
    const wanted = [`${url}/message?sessionId=1`, '/message?sessionId=1'];
    return wrong(
      [found.join() === '0,1', `tokens taken for somebody else's, with and without: ${found}`],
      [told.join() === wanted.join(), `endpoint events, with and without: ${told}`],
    );
  },
  'proxy.tls.certificate': towards_clients,
  'proxy.tls.key': towards_clients,
  'proxy.upstream_tls.ca_file': async (world) => {
    const files = certificates(world, 'upstream', kHost);
    const strangers = certificates(world, 'strangers', kHost);
    const upstream = await tls_upstream(world, files);
    const statuses = [];
    for (const [name, { authority }] of Object.entries({ ours: files, strangers })) {
      const settings = { ...tls_settings(files), 'proxy.upstream_tls.ca_file': authority };
      const serve = await world.start(upstream.origin, settings, { name });
      statuses.push((await call(serve.ports[0], tool_call())).status);
    }
    return wrong([statuses.join() === '200,502', `its own authority, another one: ${statuses}`]);
  },
  'proxy.upstream_tls.server_name': async (world) => {
    const files = certificates(world, 'upstream', kHost);
    const upstream = await tls_upstream(world, files);
    const statuses = [];
    for (const name of [kHost, 'other.example']) {
      const settings = { ...tls_settings(files), 'proxy.upstream_tls.server_name': name };
      const serve = await world.start(upstream.origin, settings, { name });
      statuses.push((await call(serve.ports[0], tool_call())).status);
    }
    return wrong([statuses.join() === '200,502', `the name in the certificate, another one: ${statuses}`]);
  },
  'proxy.upstream_tls.certificate': own_certificate,
  'proxy.upstream_tls.key': own_certificate,
  'proxy.mcp_paths': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'proxy.mcp_paths': ['/tenants/*/rpc', '/other'] });
    // What cannot be read is suspicious only where MCP is spoken.
    const names = [];
    for (const path of ['/tenants/a/rpc', '/other/below', '/mcp']) {
      await call(serve.ports[0], '{"half', { path });
      names.push((await world.record(serve, (event) => event.api_endpoint === path))?.event_name);
    }
    return wrong([names.join() === 'mcp-unparsed,mcp-unparsed,http-request', `recorded as: ${names}`]);
  },
  'proxy.forwarded': async (world) => {
    const upstream = await world.upstream();
    const seen = [];
    for (const value of ['append', 'off']) {
      const serve = await world.start(upstream.origin, { 'proxy.forwarded': value }, { name: value });
      await call(serve.ports[0], tool_call(), { headers: { 'x-forwarded-for': '203.0.113.9' } });
      const { headers } = upstream.requests.at(-1);
      seen.push(`${headers['x-forwarded-for']} ${headers['x-forwarded-proto']}`);
    }
    return wrong([seen.join('; ') === '203.0.113.9, 127.0.0.1 http; 203.0.113.9 undefined', seen.join('; ')]);
  },
  'proxy.oversize': async (world) => {
    const upstream = await world.upstream();
    const body = JSON.stringify(tool_call('write', { filler: 'x'.repeat(3000) }));
    const statuses = [];
    for (const value of ['refuse', 'forward']) {
      const settings = { 'limits.body': '2KiB', 'proxy.oversize': value };
      const serve = await world.start(upstream.origin, settings, { name: value });
      statuses.push((await call(serve.ports[0], body)).status);
    }
    const serve = world.running.at(-1);
    const record = await world.record(serve, (event) => event.details?.arguments_digest !== undefined);
    return wrong(
      [statuses.join() === '413,200', `refuse and forward: ${statuses}`],
      [upstream.requests.length === 1 && upstream.requests[0].body === body, 'the upstream got something else'],
      [record?.details.arguments_digest.bytes === body.length, `its digest: ${JSON.stringify(record?.details)}`],
    );
  },
  'proxy.trusted_addresses': async (world) => {
    const upstream = await world.upstream();
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    const found = [];
    for (const value of [['127.0.0.0/8', '::1'], ['192.0.2.1']]) {
      const serve = await world.start(upstream.origin, { 'proxy.trusted_addresses': value }, { name: value[0].replace('/', '-') });
      found.push((await actor(world, serve, headers)).actor_ip);
    }
    return wrong([found.join() === '203.0.113.9,127.0.0.1', `actor_ip, trusted and not: ${found}`]);
  },
  'proxy.actor_claims': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'proxy.actor_claims': ['email', 'sub'] });
    const found = [];
    for (const claims of [{ sub: 'u1', email: 'ada@example.com' }, { sub: 'u2' }]) {
      const headers = { authorization: `Bearer ${token(claims)}` };
      found.push((await actor(world, serve, headers)).actor_id);
    }
    return wrong([found.join() === 'ada@example.com,u2', `actors: ${found}`]);
  },
  'proxy.api_key_headers': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'proxy.api_key_headers': ['X-Our-Key'] });
    const secret = 'k-5e3c9a7b1d';
    const ours = await actor(world, serve, { 'x-our-key': secret });
    const usual = await actor(world, serve, { 'x-api-key': secret });
    return wrong(
      [ours.actor_type === 'api_key', `with our header: ${ours.actor_type}`],
      [usual.actor_type === 'anonymous', `with the one that was replaced: ${usual.actor_type}`],
      [!JSON.stringify(world.lines(serve)).includes(secret), 'the key is in the log'],
      [upstream.requests[0].headers['x-our-key'] === secret, 'the upstream did not get it'],
    );
  },
  'proxy.user_headers': async (world) => {
    const upstream = await world.upstream();
    const settings = { 'proxy.user_headers': ['X-Remote-User', 'X-User'] };
    const headers = { 'x-user': 'ada', 'x-remote-user': 'grace' };
    const trusted = await world.start(upstream.origin, { ...settings, 'proxy.trusted_addresses': ['127.0.0.1'] });
    const others = { ...settings, 'proxy.trusted_addresses': ['192.0.2.1'] };
    const wary = await world.start(upstream.origin, others, { name: 'wary' });
    const alone = await world.refused(upstream.origin, settings, { name: 'alone' });
    const found = [];
    for (const serve of [trusted, wary]) found.push((await actor(world, serve, headers)).actor_id);
    return wrong(
      [found.join() === 'grace,anonymous', `actors, from a trusted peer and another: ${found}`],
      [alone.includes('believed from nobody'), `without trusted addresses: ${alone}`],
    );
  },
  'proxy.paths': async (world) => {
    const upstream = await world.upstream();
    const paths = [
      { path: '/api/*', methods: ['POST'], level: 'request', on_failure: 'block' },
      { path: '/quiet', level: 'none' },
    ];
    const serve = await world.start(upstream.origin, { 'proxy.paths': paths, write_timeout: '400ms' });
    const post = (path) => call(serve.ports[0], '{"a":1,"password":"hunter2"}', { path });
    for (const path of ['/api/things', '/quiet', '/else']) await post(path);
    await world.record(serve, (event) => event.api_endpoint === '/else');
    const lock = await hold_lock(serve.log);
    const { status } = await post('/api/held');
    await lock.release();
    await serve.stop();
    const of = (path) => world.lines(serve).filter((event) => event.api_endpoint === path);
    const bodies = ['/api/things', '/else'].map((path) => JSON.stringify(of(path).at(-1)?.details.request_body));
    const told = ['/api/things', '/quiet', '/else'].map((path) => of(path).map((event) => event.status).join('+'));
    return wrong(
      [told.join() === 'initiated+succeeded,,succeeded', `records: ${told}`],
      [bodies[0]?.includes('"a":1') && !bodies[0].includes('hunter2'), `body at level request: ${bodies[0]}`],
      [bodies[1] === undefined || bodies[1] === 'null', `body at level metadata: ${bodies[1]}`],
      [status === 503 && upstream.requests.length === 3, `one whose record cannot be written: ${status}`],
    );
  },
  'proxy.path_defaults': async (world) => {
    const upstream = await world.upstream();
    const names = [];
    for (const value of ['contextforge', 'none']) {
      const serve = await world.start(upstream.origin, { 'proxy.path_defaults': value }, { name: value });
      await call(serve.ports[0], '{"name":"x"}', { path: '/admin/tools' });
      names.push((await world.record(serve, (event) => event.status !== 'initiated' && event.api_endpoint === '/admin/tools')).event_name);
      await serve.stop();
    }
    return wrong([names.join() === 'admin-tool-created,http-request', `recorded as: ${names}`]);
  },
  'proxy.upgrade_paths': async (world) => {
    const upstream = await world.upstream();
    upstream.server.on('upgrade', (incoming, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      socket.pipe(socket);
    });
    const asked = async (serve) => {
      const client = await raw(serve.ports[0]);
      client.write('GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      await until(() => client.text.includes('\r\n\r\n') || client.closed);
      if (client.text.startsWith('HTTP/1.1 101')) {
        client.write('there and back');
        await until(() => client.text.endsWith('there and back') || client.closed);
      }
      client.end();
      return client.text;
    };
    const tunnelled = await asked(
      await world.start(upstream.origin, { 'proxy.upgrade_paths': ['/socket'] }, { name: 'tunnel' }),
    );
    const passed = await asked(await world.start(upstream.origin));
    return wrong(
      [tunnelled.startsWith('HTTP/1.1 101') && tunnelled.endsWith('there and back'), `tunnel: ${tunnelled}`],
      [!passed.startsWith('HTTP/1.1 101'), `not configured, yet tunnelled: ${passed}`],
    );
  },
};
