// SPDX-License-Identifier: Apache-2.0
// One case for each setting about who somebody is: tokens of proxied requests, tokens at the API, client certificates; see
// process_cases.mjs.

import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { make_authority, make_certificate, make_revoked } from '../lib/certificates.mjs';
import { pause } from '../lib/child.mjs';
import { Key, key_set, kIssuer, serve_keys } from '../lib/issuer.mjs';
import { call, message, until, wrong } from './world.mjs';

const kClaims = { sub: 'ada', aud: 'audit', roles: ['auditors'] };

const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });

async function recorded(world, serve, options) {
  const ping = message('ping');
  const { status } = await call(serve.ports[0], ping, options);
  if (status !== 200) return { refused: status };
  return (await world.record(serve, (event) => event.details?.jsonrpc_id === ping.id)) ?? {};
}

/** The two places with these settings: `ask` says 'yes' for a token that is believed, else why not. */
const kProxy = {
  prefix: 'proxy.jwt',
  base: {},
  ask: async (world, serve, token) => {
    const record = await recorded(world, serve, bearer(token));
    return record.actor_verified === true ? 'yes' : record.details?.auth?.reason;
  },
};
const kApi = {
  prefix: 'oidc',
  base: { 'oidc.issuers': [kIssuer], 'oidc.audiences': ['audit'], 'oidc.auditor': ['auditors'] },
  ask: async (_, serve, token) => {
    const { status } = await call(serve.listen, '', { path: '/api/audit/logs?limit=1', method: 'GET', ...bearer(token) });
    return status === 200 ? 'yes' : `status ${status}`;
  },
};

function keys_file(world, ...keys) {
  const path = world.path('keys.json');
  writeFileSync(path, key_set(...keys));
  return path;
}

/** What is said to `token` with each of `values` for one setting; keys from a file. */
async function with_each(world, place, name, key, token, values) {
  const upstream = await world.upstream();
  const file = keys_file(world, key);
  const out = [];
  for (const [i, value] of values.entries()) {
    const settings = { ...place.base, [`${place.prefix}.jwks_file`]: file, [`${place.prefix}.${name}`]: value };
    const serve = await world.start(upstream.origin, settings, { name: `serve${i}` });
    out.push(await place.ask(world, serve, token));
  }
  return out;
}

/** The first of the values lets the token pass, the second does not. */
const choice = (place, name, values, claims = {}) => async (world) => {
  const key = new Key('k1');
  const said = await with_each(world, place, name, key, key.token({ ...kClaims, ...claims }), values);
  return wrong([said[0] === 'yes' && said[1] !== 'yes', `with ${JSON.stringify(values)}: ${said}`]);
};

/** Keys over HTTP; `body(start, issuer, key)` gives lines. start(settings, name) starts `serve`. */
async function with_issuer(world, place, tls, body) {
  const key = new Key('k1');
  const issuer = await serve_keys([key], tls);
  try {
    const upstream = await world.upstream();
    const url = tls === undefined ? issuer.url : issuer.url.replace('127.0.0.1', 'localhost');
    const start = (settings, name) =>
      world.start(upstream.origin, { ...place.base, [`${place.prefix}.jwks_url`]: url, ...settings }, { name });
    return await body(start, issuer, key);
  } finally {
    issuer.close();
  }
}

const believed = async (world, place, serve, token, limit) =>
  (await until(async () => (await place.ask(world, serve, token)) === 'yes', limit)) !== Infinity;

/** The settings that both places have. */
const token_cases = (place) => ({
  [`${place.prefix}.jwks_file`]: async (world) => {
    const upstream = await world.upstream();
    const key = new Key('k1');
    const settings = { ...place.base, [`${place.prefix}.jwks_file`]: keys_file(world, key) };
    const serve = await world.start(upstream.origin, settings);
    const said = [];
    for (const one of [key, new Key('k1')]) said.push(await place.ask(world, serve, one.token(kClaims)));
    return wrong([said[0] === 'yes' && said[1] !== 'yes', `its key, another one: ${said}`]);
  },
  [`${place.prefix}.jwks_url`]: (world) =>
    with_issuer(world, place, undefined, async (start, _, key) => {
      const serve = await start();
      return wrong([await believed(world, place, serve, key.token(kClaims), 10_000), 'a token is not believed']);
    }),
  [`${place.prefix}.ca_file`]: async (world) => {
    const made = ['ours', 'theirs'].map((name) => {
      mkdirSync(world.path(name), { recursive: true });
      const authority = make_authority(world.path(name), 'authority');
      return { authority, ...make_certificate(world.path(name), authority, 'localhost') };
    });
    const tls = { cert: readFileSync(made[0].certificate), key: readFileSync(made[0].key) };
    return with_issuer(world, place, tls, async (start, issuer, key) => {
      const set = (which) => ({ [`${place.prefix}.ca_file`]: which.authority });
      const ours = await believed(world, place, await start(set(made[0]), 'ours'), key.token(kClaims), 10_000);
      const fetched = issuer.fetched;
      const theirs = await believed(world, place, await start(set(made[1]), 'theirs'), key.token(kClaims), 1_500);
      return wrong([ours && !theirs && issuer.fetched === fetched, `its authority: ${ours}, another one: ${theirs}`]);
    });
  },
  [`${place.prefix}.issuers`]: choice(place, 'issuers', [['https://x.example', kIssuer], ['https://x.example']]),
  [`${place.prefix}.audiences`]: choice(place, 'audiences', [['other', 'audit'], ['other']]),
  [`${place.prefix}.algorithms`]: choice(place, 'algorithms', [['RS256', 'ES256'], ['RS256']]),
  [`${place.prefix}.leeway`]: (world) =>
    choice(place, 'leeway', ['1m', '1s'], { exp: Math.floor(Date.now() / 1000) - 20 })(world),
  [`${place.prefix}.refresh_min`]: (world) =>
    with_issuer(world, place, undefined, async (start, issuer, key) => {
      const later = new Key('k2');
      const said = [];
      for (const time of ['1s', '1h']) {
        issuer.keys = [key];
        const serve = await start({ [`${place.prefix}.refresh_min`]: time, [`${place.prefix}.refresh_max`]: '2h' }, time);
        const first = await believed(world, place, serve, key.token(kClaims), 10_000);
        issuer.keys = [key, later];
        const second = await believed(world, place, serve, later.token(kClaims), time === '1s' ? 10_000 : 2_000);
        said.push(`${first} ${second}`);
      }
      return wrong([said.join() === 'true true,true false', `known key, new key, with 1s and 1h: ${said}`]);
    }),
  [`${place.prefix}.refresh_max`]: (world) =>
    with_issuer(world, place, undefined, async (start, issuer) => {
      const settings = (time) => ({ [`${place.prefix}.refresh_min`]: '1s', [`${place.prefix}.refresh_max`]: time });
      await start(settings('1h'), 'seldom');
      await until(() => issuer.fetched > 0, 10_000);
      await pause(2_500);
      const seldom = issuer.fetched;
      await start(settings('1s'), 'often');
      const often = await until(() => issuer.fetched >= seldom + 3, 10_000);
      return wrong([seldom === 1 && often !== Infinity, `fetched with 1h: ${seldom}, then with 1s: ${issuer.fetched}`]);
    }),
});

/** What a token with these claims may do at the API: {read, write}, statuses. */
async function allowed(world, settings, claims, name) {
  const key = new Key('k1');
  const upstream = await world.upstream();
  const file = keys_file(world, key);
  const serve = await world.start(upstream.origin, { ...kApi.base, 'oidc.jwks_file': file, ...settings }, { name });
  const options = bearer(key.token({ ...kClaims, ...claims }));
  const event = JSON.stringify({ event_name: 'settings-test', event_type: 'admin', event_action: 'test', target_id: 'files/x' });
  const write = await call(serve.listen, event, { path: '/api/audit/events', ...options });
  const read = await call(serve.listen, '', { path: '/api/audit/logs', method: 'GET', ...options });
  return { read: read.status, write: write.status, serve, options };
}

/** Entries that its token may read, once there are some; none when there never are. */
async function readable({ serve, options }, filter = '') {
  let found = [];
  await until(async () => {
    const { text } = await call(serve.listen, '', { path: `/api/audit/logs?limit=10${filter}`, method: 'GET', ...options });
    found = JSON.parse(text);
    return found.length > 0;
  }, 3_000);
  return found;
}

const role = (name, wanted) => async (world) => {
  const got = await allowed(world, { [`oidc.${name}`]: ['first', 'the-role'] }, { roles: ['x', 'the-role'] }, 'with');
  const none = await allowed(world, { [`oidc.${name}`]: ['first'] }, { roles: ['x', 'the-role'] }, 'without');
  return wrong(
    [`${got.read} ${got.write}` === wanted, `read and write: ${got.read} ${got.write}`],
    [`${none.read} ${none.write}` === '403 403', `without the role: ${none.read} ${none.write}`],
  );
};

/** A proxy with TLS of which `settings` are about clients; resolves to {ask(certificate or undefined)}. */
async function tls_proxy(world, settings, name) {
  const folder = world.path(`tls-${name}`);
  mkdirSync(folder, { recursive: true });
  const authority = make_authority(folder, 'authority');
  const own = make_certificate(folder, authority, 'localhost');
  const client = make_certificate(folder, authority, 'client.example');
  const revoked = 'proxy.tls.client_crl' in settings ? { 'proxy.tls.client_crl': make_revoked(folder, authority, []) } : {};
  const upstream = await world.upstream();
  const all = { 'proxy.tls.certificate': own.certificate, 'proxy.tls.key': own.key, 'proxy.tls.client_ca': authority, ...settings, ...revoked };
  const serve = await world.start(upstream.origin, all, { name });
  const shown = { cert: readFileSync(client.certificate), key: readFileSync(client.key) };
  const tls = { ca: readFileSync(authority), servername: 'localhost' };
  return { serve, folder, authority, client, ask: (with_it) => recorded(world, serve, { tls: { ...tls, ...(with_it ? shown : {}) } }) };
}

export const kIdentityCases = {
  ...token_cases(kProxy),
  ...token_cases(kApi),
  'proxy.jwt.secret_file': async (world) => {
    const secret = 'a secret of more than thirty-two bytes';
    writeFileSync(world.path('secret'), `${secret}\n`, { mode: 0o600 });
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'proxy.jwt.secret_file': world.path('secret') });
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const said = [];
    for (const used of [secret, `${secret}!`]) {
      const input = `${part({ alg: 'HS256' })}.${part({ ...kClaims, iss: kIssuer, exp: Math.floor(Date.now() / 1000) + 60 })}`;
      const token = `${input}.${createHmac('sha256', used).update(input).digest('base64url')}`;
      said.push(await kProxy.ask(world, serve, token));
    }
    return wrong([said.join() === 'yes,wrong signature', `the secret, another one: ${said}`]);
  },
  'oidc.role_claim': async (world) => {
    const settings = { 'oidc.role_claim': 'realm_access.roles' };
    const got = await allowed(world, settings, { roles: [], realm_access: { roles: ['auditors'] } }, 'with');
    const none = await allowed(world, settings, {}, 'without');
    return wrong([got.read === 200 && none.read === 403, `role there, role in the usual place: ${got.read} ${none.read}`]);
  },
  'oidc.admin': role('admin', '200 201'),
  'oidc.auditor': role('auditor', '200 403'),
  'oidc.writer': role('writer', '403 201'),
  'oidc.scope_claim': async (world) => {
    const settings = { 'oidc.scope_claim': 'servers', 'oidc.admin': ['admins'] };
    const all = await allowed(world, settings, { roles: ['admins'], servers: ['*'] }, 'all');
    const some = await allowed(world, settings, { servers: ['files'] }, 'some');
    const none = await allowed(world, settings, {}, 'none');
    const seen = [(await readable(all)).length > 0, (await readable(some)).length > 0];
    return wrong(
      [`${all.read} ${some.read} ${none.read}` === '200 200 403', `all, one server, no claim: ${all.read} ${some.read} ${none.read}`],
      [seen.join() === 'true,false', `entries about no server, with all and with one: ${seen}`],
    );
  },
  'oidc.name_claim': async (world) => {
    const got = await allowed(world, { 'oidc.name_claim': 'email' }, { email: 'ada@example.com' });
    const actor = (await readable(got, '&event_name=audit-log-access'))[0]?.actor_id;
    return wrong([actor === 'ada@example.com', `actor_id of a read: ${actor}`]);
  },
  'api.session_lifetime': async (world) => {
    const open = async (value) => {
      const { serve, options } = await allowed(world, { 'api.session_lifetime': value }, {}, value);
      return call(serve.listen, '', { path: '/api/audit/session', ...options });
    };
    const [two, off] = [await open('2m'), await open('off')];
    const age = Number(String(two.headers['set-cookie']).match(/Max-Age=(\d+)/)?.[1]);
    return wrong(
      [two.status === 201 && age > 100 && age <= 120, `with 2m: ${two.status}, Max-Age ${age}`],
      [off.status === 404, `switched off: ${off.status}`],
    );
  },
  'proxy.tls.client_ca': async (world) => {
    const ours = await tls_proxy(world, { 'proxy.tls.client_name': 'cn' }, 'ours');
    const strangers = make_authority(world.directory, 'strangers');
    const theirs = await tls_proxy(world, { 'proxy.tls.client_ca': strangers }, 'theirs');
    const [good, bad] = [await ours.ask(true), await theirs.ask(true)];
    return wrong(
      [good.actor_id === 'client.example' && good.actor_verified === true, `its authority: ${good.actor_id} ${good.actor_verified}`],
      [bad.actor_verified !== true, `another one: ${JSON.stringify(bad)}`],
    );
  },
  'proxy.tls.client_certificate': async (world) => {
    const said = [];
    for (const value of ['optional', 'required']) {
      const proxy = await tls_proxy(world, { 'proxy.tls.client_certificate': value }, value);
      for (const shown of [true, false]) said.push('refused' in (await proxy.ask(shown)) ? 'refused' : 'answered');
    }
    const wanted = 'answered,answered,answered,refused';
    const proxy = await tls_proxy(world, { 'proxy.tls.client_certificate': 'required' }, 'reloaded');
    process.kill(proxy.serve.child.pid, 'SIGHUP');
    await until(() => proxy.serve.child.err.includes('read again'));
    const after = [await proxy.ask(true), await proxy.ask(false)].map((one) => 'refused' in one);
    return wrong(
      [said.join() === wanted, `with and without one, optional and required: ${said}`],
      [after.join() === 'false,true', `refused after SIGHUP, with and without one: ${after}`],
    );
  },
  'proxy.tls.client_crl': async (world) => {
    const proxy = await tls_proxy(world, { 'proxy.tls.client_crl': '' }, 'revoked');
    const before = await proxy.ask(true);
    make_revoked(proxy.folder, proxy.authority, [proxy.client.certificate]);
    process.kill(proxy.serve.child.pid, 'SIGHUP');
    await until(() => proxy.serve.child.err.includes('read again'));
    const after = await proxy.ask(true);
    return wrong(
      [before.actor_verified === true, `with a list without it: ${JSON.stringify(before)}`],
      [after.actor_verified !== true, `revoked, after SIGHUP: ${JSON.stringify(after)}`],
    );
  },
  'proxy.tls.client_name': async (world) => {
    const names = [];
    for (const value of ['subject', 'cn', 'dns']) {
      const proxy = await tls_proxy(world, { 'proxy.tls.client_name': value }, value);
      const { actor_id, actor_type } = await proxy.ask(true);
      names.push(`${actor_id} ${actor_type}`);
    }
    const wanted = 'CN=client.example user,client.example user,client.example service';
    return wrong([names.join() === wanted, `actors by subject, cn and dns: ${names}`]);
  },
};
