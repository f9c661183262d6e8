// SPDX-License-Identifier: Apache-2.0
// A certificate authority of the test's own, and certificates signed by it, made with the openssl program.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });

const kNewKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes an authority in `directory`; returns the path of its certificate. */
export function make_authority(directory, name) {
  const [certificate, key] = ['pem', 'key'].map((end) => join(directory, `${name}.${end}`));
  const about = ['-subj', `/CN=${name}`, '-days', '2'];
  openssl('req', '-x509', ...kNewKey, ...about, '-keyout', key, '-out', certificate);
  return certificate;
}

/** A list of `authority` that revokes these certificates (paths); returns its path. */
export function make_revoked(directory, authority, certificates) {
  const file = (name) => join(directory, name);
  const settings = [
    '[ca]', 'default_ca = all', '[all]', `database = ${file('index.txt')}`, 'default_md = sha256',
    'default_crl_days = 2', `certificate = ${authority}`, `private_key = ${authority.replace(/pem$/, 'key')}`,
  ];
  writeFileSync(file('ca.cnf'), `${settings.join('\n')}\n`);
  writeFileSync(file('index.txt'), '');
  for (const certificate of certificates) openssl('ca', '-config', file('ca.cnf'), '-revoke', certificate);
  openssl('ca', '-config', file('ca.cnf'), '-gencrl', '-out', file('revoked.pem'));
  return file('revoked.pem');
}

/** A certificate for `host` signed by `authority`; returns {certificate, key}, paths. */
export function make_certificate(directory, authority, host) {
  const file = (end) => join(directory, `${host}.${end}`);
  const about = ['-subj', `/CN=${host}`];
  openssl('req', ...kNewKey, ...about, '-keyout', file('key'), '-out', file('csr'));
  writeFileSync(file('ext'), `subjectAltName=DNS:${host}\n`);
  const signer = ['-CA', authority, '-CAkey', authority.replace(/pem$/, 'key'), '-CAcreateserial'];
  const rest = ['-days', '2', '-extfile', file('ext'), '-out', file('crt')];
  openssl('x509', '-req', '-in', file('csr'), ...signer, ...rest);
  return { certificate: file('crt'), key: file('key') };
}
