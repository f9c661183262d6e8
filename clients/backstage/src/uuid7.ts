// SPDX-License-Identifier: Apache-2.0
// UUIDs of version 7 (RFC 9562), made here so that sending an event again cannot write it twice.

import { randomBytes } from 'node:crypto';

export function uuid7(now = Date.now()): string {
  const bytes = Buffer.concat([Buffer.alloc(6), randomBytes(10)]);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
