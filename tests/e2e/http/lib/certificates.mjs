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
