// SPDX-License-Identifier: Apache-2.0
// Writes the configuration of a Backstage backend and starts it; resolves when it is ready.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, pause } from '../lib/child.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));
const kStartLimitMs = 60_000;

/** `subject` is who the token stands for. Keys of its own, so that no database is needed. */
function configuration(directory, port, token) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = { public: join(directory, 'public.pem'), private: join(directory, 'private.pem') };
  writeFileSync(files.public, publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(files.private, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const address = `http://127.0.0.1:${port}`;
  const key = {
    keyId: 'test',
    algorithm: 'ES256',
    publicKeyFile: files.public,
    privateKeyFile: files.private,
  };
  return {
    app: { baseUrl: address },
    backend: {
      baseUrl: address,
      listen: { host: '127.0.0.1', port },
      auth: {
        externalAccess: [{ type: 'static', options: { token, subject: 'e2e-client' } }],
        pluginKeyStore: { type: 'static', static: { keys: [key] } },
      },
      actions: { pluginSources: ['demo'] },
    },
  };
}

/**
 * Resolves to {child, origin, path, token}. `program` is another backend, with `config` beside what every one needs and
 * `env` added to its environment.
 */
export async function start_backstage(
  directory,
  port,
  { program = join(kHere, 'backend.cjs'), config = {}, env: more = {} } = {},
) {
  mkdirSync(directory, { recursive: true });
  const token = randomBytes(24).toString('hex');
  const file = join(directory, 'app-config.json');
  writeFileSync(file, JSON.stringify({ ...configuration(directory, port, token), ...config }), { mode: 0o600 });
  const env = { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', ...more };
  const child = new Child(process.execPath, [program, '--config', file], {
    cwd: dirname(program),
    env,
  });
  const origin = `http://127.0.0.1:${port}`;
  const end = Date.now() + kStartLimitMs;
  for (;;) {
    const answer = await fetch(`${origin}/.backstage/health/v1/readiness`).catch(() => null);
    if (answer?.ok) return { child, origin, path: '/api/mcp-actions/v1', token };
    if (child.status !== undefined || Date.now() > end) throw new Error(child.trouble('not ready'));
    await pause(100);
  }
}
