// SPDX-License-Identifier: Apache-2.0
// A log that cannot be written for a while, because another process holds its lock.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../lib/child.mjs';

const kProgram = join(dirname(fileURLToPath(import.meta.url)), 'hold_lock.py');

/** Takes the commit lock of the log, as a slow disk would, until `release()`. */
export async function hold_lock(log) {
  const child = new Child('python3', [kProgram, join(log, 'lock')]);
  await child.announced();
  return { release: () => child.stop() };
}
