// SPDX-License-Identifier: Apache-2.0
// An issuer of tokens: keys of its own, tokens signed with them, and the key set (JWKS, RFC 7517) over HTTP.

import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as create_tls_server } from 'node:https';

export const kIssuer = 'https://id.example';

/** Signs with ES256. */
export class Key {
  constructor(id) {
    this.id = id;
    this.pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }

  jwk() {
    return { ...this.pair.publicKey.export({ format: 'jwk' }), kid: this.id, use: 'sig' };
  }

  /** Valid for ten minutes, unless `claims` say something else. */
  token(claims) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const all = { iss: kIssuer, exp: Math.floor(Date.now() / 1000) + 600, ...claims };
    const input = `${part({ alg: 'ES256', kid: this.id })}.${part(all)}`;
    const signature = createSign('sha256').update(input).sign({ key: this.pair.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}

export const key_set = (...keys) => JSON.stringify({ keys: keys.map((key) => key.jwk()) });

/** {url, keys, fetched, close}: serves `keys`, which may be replaced, and counts. `tls`: {cert, key}. */
export async function serve_keys(keys, tls) {
  const out = { keys, fetched: 0 };
  const answer = (_, response) => {
    ++out.fetched;
    response.end(key_set(...out.keys));
  };
  const server = tls === undefined ? createServer(answer) : create_tls_server(tls, answer);
  server.on('tlsClientError', () => {});
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  out.url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${server.address().port}/keys`;
  out.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return out;
}
