// SPDX-License-Identifier: Apache-2.0
// What the conformance suite starts in client mode: our client, with `tallystick serve` before the suite's server.
//
//   node client_wrapper.mjs PROGRAM|none URL
//
// Scenarios of authorization see the proxy under the server's own address, because a client must refuse a resource that
// has another address than it asked for; all others go to the proxy's own address.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../js/lib/process.mjs';
import { Proxy } from './lib/proxy.mjs';

const [program, address] = process.argv.slice(2);
const client = join(dirname(fileURLToPath(import.meta.url)), 'client', 'client.mjs');
const url = new URL(address);

async function run_client(target, env) {
  const done = await run(process.execPath, [client, target.href], { env, limit_ms: 28_000 });
  process.stdout.write(done.stdout);
  process.stderr.write(done.stderr);
  return done.code ?? 1;
}

async function through_proxy() {
  const directory = mkdtempSync(join(tmpdir(), 'tally-client-'));
  try {
    const proxy = await Proxy.start(program, directory, { suite: url.origin });
    const env = { ...process.env };
    let target = url;
    if (process.env.MCP_CONFORMANCE_SCENARIO?.startsWith('auth/')) {
      env.TALLY_VIA = `${url.hostname}:${url.port}=${proxy.ports[0]}`;
    } else {
      target = new URL(url.pathname + url.search, proxy.origins.suite);
    }
    const status = await run_client(target, env);
    await proxy.stop();
    const records = await proxy.events();
    const about = { records: records.length, problems: await proxy.verify() };
    writeFileSync(process.env.TALLY_WRAPPER_REPORT, JSON.stringify(about));
    return status;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

process.exit(program === 'none' ? await run_client(url, process.env) : await through_proxy());
