// SPDX-License-Identifier: Apache-2.0
// Large lines, slow readers, many processes at once: nothing is lost and memory stays bounded.

import { createHash } from 'node:crypto';
import { want_outcomes, want_process } from '../lib/records.mjs';

const kMiB = 1024 * 1024;

/** Notes the memory of the process that the client talks to, which is wrap on the second run. */
const memory_of = (peer) => peer.peak_memory_mib();

const check_memory = ({ wrapped, context }) => {
  if (context.tallystick === null || wrapped.seen <= context.memory_mib) return [];
  return [`${wrapped.seen.toFixed(1)} MiB resident, at most ${context.memory_mib} allowed`];
};

const large_lines = {
  name: 'lines of 1 MiB in both directions',
  server: ['big', kMiB],
  client: async (peer) => {
    const fill = 'y'.repeat(kMiB);
    for (let id = 1; id <= 24; ++id) {
      await peer.request(id, 'tools/call', { name: 'act', arguments: { fill } });
      await peer.until_lines(id);
    }
    const memory = memory_of(peer);
    peer.close_input();
    return memory;
  },
  same: check_memory,
  check: ({ events }) =>
    Array.from({ length: 24 }, (_, i) => i + 1).flatMap((id) =>
      want_outcomes(events, 'tools/call', id, ['initiated/pending', 'succeeded/success']),
    ),
};

const large_line_at_once = {
  name: 'one line of 12 MiB',
  server: ['echo'],
  client: async (peer) => {
    await peer.request(1, 'resources/read', { uri: 'x:y', fill: 'z'.repeat(12 * kMiB) });
    await peer.until_lines(1);
    peer.close_input();
  },
  check: ({ events }) => want_outcomes(events, 'resources/read', 1, ['succeeded/success']),
};

const endless_line = {
  name: 'one line of 48 MiB from the server',
  server: ['flood', 1, 48 * kMiB],
  client: async (peer) => {
    await peer.until_lines(2);
    const memory = memory_of(peer);
    peer.close_input();
    return memory;
  },
  same: check_memory,
};

/** Reads 1 KiB every 10 ms for a while, then everything. */
async function read_slowly(peer, slow_ms) {
  const { stdout } = peer.child;
  stdout.removeAllListeners('data');
  stdout.pause();
  const end = Date.now() + slow_ms;
  while (Date.now() < end) {
    const piece = stdout.read(1024);
    if (piece) peer.out.push(piece);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const memory = memory_of(peer);
  stdout.on('data', (chunk) => peer.out.push(chunk));
  stdout.resume();
  return memory;
}

const slow_client = {
  name: 'a slow client in front of a server that floods',
  server: ['flood', 96, kMiB / 2],
  client: async (peer) => {
    const memory = await read_slowly(peer, 1500);
    peer.close_input();
    await peer.exited;
    return memory;
  },
  same: check_memory,
  check: ({ events }) => {
    const found = events.filter((e) => e.details?.method === 'notifications/message').length;
    return found === 96 ? [] : [`${found} records for 96 notifications`];
  },
};

const slow_server = {
  name: 'a slow server behind a client that floods',
  server: ['slow', 1500],
  client: async (peer) => {
    const hash = createHash('sha256');
    const line = Buffer.from(
      JSON.stringify({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: 1, progress: 1, message: 'p'.repeat(kMiB / 2) },
      }) + '\n',
    );
    for (let i = 0; i < 64; ++i) {
      hash.update(line);
      await peer.write(line);
    }
    const memory = memory_of(peer);
    peer.close_input();
    await peer.exited;
    const [told] = peer.lines.map((text) => JSON.parse(text));
    if (told.params.sha256 !== hash.digest('hex')) throw new Error('the server got other bytes');
    return memory;
  },
  same: check_memory,
  check: ({ events }) => {
    const found = events.filter((e) => e.details?.method === 'notifications/progress').length;
    return found === 64 ? [] : [`${found} records for 64 notifications`];
  },
};

/** Every byte of a line on its own, as a pipe may deliver it. */
const split_bytes = {
  name: 'messages that arrive byte by byte',
  server: ['tools'],
  client: async (peer) => {
    const messages = [
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      {
        jsonrpc: '2.0',
        id: 2,
        method: 'tools/call',
        params: { name: 'look', arguments: { a: 'ü🦉' } },
      },
      { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'act' } },
    ];
    for (const message of messages) {
      for (const byte of Buffer.from(JSON.stringify(message) + '\n')) {
        await peer.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await peer.until_lines(message.id);
    }
    peer.close_input();
  },
  check: ({ events }) => [
    ...want_outcomes(events, 'tools/call', 2, ['succeeded/success']),
    ...want_outcomes(events, 'tools/call', 3, ['initiated/pending', 'succeeded/success']),
  ],
};

const many_wraps = {
  name: 'four wraps share one log',
  needs_wrap: true,
  async run(context) {
    const calls = 50;
    const peers = [0, 1, 2, 3].map(() => context.start(context.wrapped(context.hostile('tools'))));
    const problems = [];
    await Promise.all(
      peers.map(async (peer) => {
        for (let id = 1; id <= calls; ++id) {
          await peer.request(id, 'tools/call', { name: 'act', arguments: { id } });
          await peer.until_lines(id);
        }
        peer.close_input();
        const status = await peer.exited;
        if (status !== 0) problems.push(`status ${status}: ${peer.stderr}`);
      }),
    );
    const verify = await context.tally('verify', '--log', context.log);
    if (verify.code !== 0) problems.push(`verify: ${verify.stdout}${verify.stderr}`);
    const events = await context.events();
    const instances = new Map();
    for (const { instance, details } of events) {
      if (details?.method === 'tools/call')
        instances.set(instance, (instances.get(instance) ?? 0) + 1);
    }
    if (instances.size !== 4 || [...instances.values()].some((count) => count !== 2 * calls)) {
      problems.push(`records by instance: ${JSON.stringify([...instances])}`);
    }
    problems.push(...want_process(events, { starts: 4, exits: 4 }));
    events.forEach((event, index) => {
      if (event.seq !== index) problems.push(`seq ${event.seq} where ${index} should be`);
    });
    return problems;
  },
};

export const pressure_cases = [
  large_lines,
  large_line_at_once,
  endless_line,
  slow_client,
  slow_server,
  split_bytes,
  many_wraps,
];
