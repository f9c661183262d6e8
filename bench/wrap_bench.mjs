// SPDX-License-Identifier: Apache-2.0
// What `wrap` adds to a read-only call through the official SDK client: two sessions with the same server, one direct
// and one wrapped, calls in turn; medians. And how much memory wrap has after them.
//
//   node bench/wrap_bench.mjs build/tallystick [--quick]

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = resolve(process.argv[2]);
const quick = process.argv.includes('--quick');
const calls = quick ? 200 : 5_000;
const scratch = mkdtempSync(join(process.env.TALLY_BENCH_DIR ?? tmpdir(), 'tally-bench-'));
const server = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
);

async function connect(prefix) {
  const [command, ...args] = [...prefix, process.execPath, server];
  const transport = new StdioClientTransport({
    command,
    args,
    stderr: 'ignore',
    env: { ...process.env, HOME: scratch, XDG_CONFIG_HOME: join(scratch, 'config') },
  });
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  await client.listTools(); // from here on wrap knows that echo is read-only
  return { client, pid: transport.pid };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const status_kib = (pid, field) =>
  Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${field}:\\s+(\\d+)`))[1]);

async function one_call(client, times) {
  const start = process.hrtime.bigint();
  await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
  times.push(Number(process.hrtime.bigint() - start) / 1000);
}

let failed = false;
try {
  const direct = await connect([]);
  const wrapped = await connect([binary, 'wrap', '--log', join(scratch, 'log'), '--']);
  const times = { direct: [], wrapped: [] };
  for (let i = 0; i < calls / 10; i += 1) {
    // Warm-up: the JIT, and the first commits of a new log.
    await one_call(direct.client, []);
    await one_call(wrapped.client, []);
  }
  for (let i = 0; i < calls; i += 1) {
    await one_call(direct.client, times.direct);
    await one_call(wrapped.client, times.wrapped);
  }
  const added = median(times.wrapped) - median(times.direct);
  const peak = status_kib(wrapped.pid, 'VmHWM') / 1024;
  console.log(
    `read-only call: direct ${median(times.direct).toFixed(0)} us, wrapped ${median(times.wrapped).toFixed(0)} us, ` +
      `added ${added.toFixed(0)} us at the median of ${calls} (bar 150)`,
  );
  console.log(`wrap after ${calls} calls: peak ${peak.toFixed(1)} MiB resident (bar 32)`);
  failed = !quick && (added > 150 || peak > 32);
  await direct.client.close();
  await wrapped.client.close();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
