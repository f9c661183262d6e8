// SPDX-License-Identifier: Apache-2.0
// Tokens on the running program: an issuer whose keys come late, change, or are nonsense, and requests through a proxy that never
// wait for it; the same issuer at the API, a browser's session, and what the log says of all that.
//
//   node identity.mjs --tallystick PATH [--quick]

import http from 'node:http';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { pause } from '../http/lib/child.mjs';
import { Key, key_set, kIssuer } from '../http/lib/issuer.mjs';
import { Report } from '../http/lib/report.mjs';
import { Server } from './server.mjs';

const { values: options } = parseArgs({ options: { tallystick: { type: 'string' }, quick: { type: 'boolean' } } });
if (options.tallystick === undefined) {
  process.stderr.write('usage: node identity.mjs --tallystick PATH [--quick]\n');
  process.exit(2);
}

async function listening(server, port = 0) {
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return server.address().port;
}

async function free_port() {
  const server = net.createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
}

const report = new Report();
const upstream = http.createServer((_, answer) => answer.end('ok'));
const upstream_port = await listening(upstream);
const ports = { proxy: await free_port(), api: await free_port(), issuer: await free_port() };
const issuer = http.createServer((_, answer) => issuer.answer(answer));
issuer.answer = (answer) => answer.destroy();
issuer.keys = (...keys) => {
  issuer.answer = (answer) => answer.end(key_set(...keys));
};

const server = new Server(options.tallystick);
server.port = ports.api;
Object.assign(server.env, {
  TALLYSTICK_PROXY: `files@127.0.0.1:${ports.proxy}=http://127.0.0.1:${upstream_port}`,
  TALLYSTICK_JWKS_URL: `http://127.0.0.1:${ports.issuer}/keys`,
  TALLYSTICK_JWT_ISSUERS: kIssuer,
  TALLYSTICK_JWKS_REFRESH_MIN: '1s',
  TALLYSTICK_JWKS_REFRESH_MAX: '1h',
  TALLYSTICK_OIDC_JWKS_URL: `http://127.0.0.1:${ports.issuer}/keys`,
  TALLYSTICK_OIDC_ISSUERS: kIssuer,
  TALLYSTICK_OIDC_AUDIENCES: 'tallystick',
  TALLYSTICK_OIDC_REFRESH_MIN: '1s',
  TALLYSTICK_OIDC_REFRESH_MAX: '1h',
  TALLYSTICK_OIDC_AUDITOR: 'auditors',
});

let number = 0;
/** One request through the proxy; its record, and how long the answer took. */
async function through(token) {
  const path = `/request/${(number += 1)}`;
  const started = performance.now();
  const answer = await fetch(`http://127.0.0.1:${ports.proxy}${path}`, { headers: { authorization: `Bearer ${token}` } });
  await answer.text();
  return { status: answer.status, took_ms: performance.now() - started, path };
}

async function record_of({ path }) {
  for (const end = Date.now() + 10_000; Date.now() < end; await pause(20)) {
    const found = (await server.entries()).find((entry) => JSON.stringify(entry).includes(`"${path}"`));
    if (found !== undefined) return found;
  }
  throw new Error(`${path} was not recorded`);
}

/** Asks again until the record says so. */
async function until_verified(token) {
  for (const end = Date.now() + 15_000; Date.now() < end; await pause(200)) {
    const record = await record_of(await through(token));
    if (record.actor_verified === true) return record;
  }
  return undefined;
}

function expect(what, found, wanted) {
  const wrong = Object.entries(wanted).filter(([name, value]) => found?.[name] !== value);
  report.check(what, wrong.map(([name, value]) => `${name} is ${JSON.stringify(found?.[name])}, not ${JSON.stringify(value)}`));
}
const said = (record) => ({ status_ok: true, actor_id: record.actor_id, verified: record.actor_verified, reason: record.details.auth?.reason });

await report.guard('checked identity', async () => {
  const [old_key, new_key] = [new Key('old'), new Key('new')];
  const jane = old_key.token({ sub: 'jane', aud: 'tallystick', roles: ['auditors'] });
  await server.start();
  server.port = ports.api;

  const blind = await through(jane);
  report.check('an issuer that is not there delays nothing', blind.status === 200 && blind.took_ms < 1_000 ? [] : [JSON.stringify(blind)]);
  expect('without keys nobody is verified', said(await record_of(blind)), { actor_id: 'jane', verified: false, reason: 'no keys to check with yet' });
  const early = await server.fetch('/api/audit/logs', { token: jane });
  expect('the API says that it cannot tell yet', { status: early.status }, { status: 503 });

  // It takes connections and says nothing.
  issuer.answer = () => {};
  await listening(issuer, ports.issuer);
  await pause(1_500);
  const hanging = await through(jane);
  report.check('an issuer that hangs delays nothing', hanging.status === 200 && hanging.took_ms < 1_000 ? [] : [JSON.stringify(hanging)]);

  issuer.keys(old_key);
  issuer.closeAllConnections();
  expect('keys that come later verify', said((await until_verified(jane)) ?? { details: {} }), { actor_id: 'jane', verified: true, reason: undefined });
  expect('a forged token is not believed', said(await record_of(await through(new Key('old').token({ sub: 'jane' })))), { verified: false, reason: 'wrong signature' });
  expect('nor one of another issuer', said(await record_of(await through(old_key.token({ sub: 'jane', iss: 'https://evil.example' })))), { verified: false, reason: 'wrong issuer' });

  for (const [what, answer] of [
    ['garbage', (to) => to.end('<html>')],
    ['too much', (to) => to.end(' '.repeat(10_000_000))],
    ['an error', (to) => to.writeHead(500).end()],
  ]) {
    issuer.answer = answer;
    await record_of(await through(new_key.token({ sub: 'x' })));  // an unknown key: it is fetched again
    await pause(1_300);
    expect(`${what} from the issuer takes no keys away`, said(await record_of(await through(jane))), { actor_id: 'jane', verified: true });
  }
  issuer.keys(new_key);
  const later = new_key.token({ sub: 'joe' });
  expect('a key that the issuer changed is fetched', said((await until_verified(later)) ?? { details: {} }), { actor_id: 'joe', verified: true });
  expect('and the old one is void', said(await record_of(await through(jane))), { verified: false, reason: 'key not known' });

  issuer.keys(old_key, new_key);
  let listed = { status: 0 };
  for (const end = Date.now() + 15_000; listed.status !== 200 && Date.now() < end; await pause(200)) {
    listed = await server.fetch('/api/audit/logs', { token: jane });
    await listed.arrayBuffer();
  }
  expect('the API takes the token', listed, { status: 200 });
  const login = await server.fetch('/api/audit/session', { method: 'POST', token: jane });
  const cookie = login.headers.get('set-cookie')?.split(';')[0];
  expect('and gives a session for it', { status: login.status, cookie: cookie?.startsWith('tallystick_session=') }, { status: 201, cookie: true });
  const by_cookie = (path, more = {}) => server.fetch(path, { ...more, headers: { cookie, ...more.headers } });
  expect('that reads', { status: (await by_cookie('/api/audit/logs?limit=1')).status }, { status: 200 });
  expect('and is not used by other sites', { status: (await by_cookie('/api/audit/session', { method: 'DELETE' })).status }, { status: 403 });
  expect('until it is given back', { status: (await by_cookie('/api/audit/session', { method: 'DELETE', headers: { 'x-tallystick-session': '1' } })).status }, { status: 204 });
  expect('for good', { status: (await by_cookie('/api/audit/logs?limit=1')).status }, { status: 401 });

  await server.stop();
  const names = new Set((await server.entries()).map(({ event_name }) => event_name));
  report.check('login and logout are in the log', ['auth-login', 'auth-logout', 'auth-failure', 'access-denied'].filter((name) => !names.has(name)));
  const log = JSON.stringify(await server.entries());
  report.check('no token and no cookie is', [jane.split('.')[2], later.split('.')[2], cookie.split('=')[1]].filter((secret) => log.includes(secret)));
});
await server.close();
issuer.closeAllConnections();
issuer.close();
upstream.close();
report.finish();
