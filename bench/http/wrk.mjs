// SPDX-License-Identifier: Apache-2.0
// Runs wrk and reads what it measured.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../tests/e2e/js/lib/process.mjs';

const kScript = join(dirname(fileURLToPath(import.meta.url)), 'load.lua');

/** {rate (calls a second), p50_us, p99_us}; throws when a call failed. */
export async function load(url, { connections, seconds, tool, session }) {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', kScript, url, '--', tool];
  if (session !== undefined) args.push(session);
  const done = await run('wrk', args, { limit_ms: (seconds + 30) * 1000 });
  const line = done.stdout.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk: status ${done.code}\n${done.stdout}${done.stderr}`);
  const { calls, us, failed, p50_us, p99_us } = JSON.parse(line);
  if (failed > 0 || calls === 0) throw new Error(`${url}: ${failed} of ${calls} calls failed`);
  return { rate: calls / (us / 1e6), p50_us, p99_us };
}
