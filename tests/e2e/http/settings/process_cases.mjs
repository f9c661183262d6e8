// SPDX-License-Identifier: Apache-2.0
// One case for each setting of the process: what it promises happens on a running `serve`. A case is
// async (world) => lines about what does not hold.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { make_authority, make_certificate } from '../lib/certificates.mjs';
import { free_ports, pause } from '../lib/child.mjs';
import { each } from '../lib/parallel.mjs';
import { hold_lock } from './hold_lock.mjs';
import { answer_with, call, message, raw, tool_call, until, wrong } from './world.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));

const is_call = (event) => event.details?.method === 'tools/call';
const get = async (port, path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;

/** Certificate and key of the API, which only work together. */
async function api_tls(world) {
  const authority = make_authority(world.directory, 'api-authority');
  const { certificate, key } = make_certificate(world.directory, authority, 'localhost');
  const [port] = await free_ports(1);
  const upstream = await world.upstream();
  const halves = [
    await world.refused(upstream.origin, { 'api.certificate': certificate }, { name: 'no-key' }),
    await world.refused(upstream.origin, { 'api.key': key }, { name: 'no-certificate' }),
  ];
  const settings = { listen: `127.0.0.1:${port}`, 'api.certificate': certificate, 'api.key': key };
  await world.start(upstream.origin, settings);
  const tls = { ca: readFileSync(authority), servername: 'localhost' };
  const { status } = await call(port, '', { path: '/healthz', method: 'GET', tls });
  return wrong(
    [status === 200, `over TLS: ${status}`],
    [halves.every((said) => /api\.(certificate|key)|--api-cert|API_CERT/.test(said)), halves.join('\n')],
  );
}

/** Times of write system calls of a process so far. */
const writes = (pid) => Number(readFileSync(`/proc/${pid}/io`, 'utf8').match(/syscw: (\d+)/)[1]);

/** write system calls that 60 records nobody waits for cost. The interval is longer than 60 pings take on a busy machine. */
async function writes_for(world, name, settings) {
  const upstream = await world.upstream();
  const serve = await world.start(upstream.origin, { 'log.flush_interval': '1s', ...settings }, { name });
  await call(serve.ports[0], message('tools/list'));
  await world.record(serve, (event) => event.details?.method === 'tools/list', 30_000);
  const before = writes(serve.child.pid);
  await each(Array.from({ length: 60 }), 20, () => call(serve.ports[0], message('ping')));
  await until(() => world.lines(serve).filter((event) => event.details?.method === 'ping').length === 60, 30_000);
  return writes(serve.child.pid) - before;
}

/** Bytes of files in a folder, with what is below it. */
const folder_bytes = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);

/**
 * A disk that is full for a while: `serve` may write no file beyond 200 KB, with more than that in the log, then may again.
 * Resolves to what came of 60 messages of `bytes` that are let through: {answered, spool_bytes, gap, sent,
 * recorded}.
 */
async function full_disk(world, bytes, settings) {
  const upstream = await world.upstream();
  const spool = world.path('spool');
  const serve = await world.start(upstream.origin, { 'spool.directory': spool, ...settings });
  const filler = (size) => ({ filler: 'x'.repeat(size) });
  await each(Array.from({ length: 20 }), 4, () => call(serve.ports[0], tool_call('write', filler(10_000))));
  const limit = (text) => execFileSync('prlimit', ['--pid', String(serve.child.pid), `--fsize=${text}`]);
  limit('200000:unlimited');
  const statuses = await each(Array.from({ length: 60 }), 4, async () => {
    return (await call(serve.ports[0], message('ping', filler(bytes)))).status;
  });
  await until(() => existsSync(spool) && folder_bytes(spool) > 0);
  await pause(300);
  const spool_bytes = folder_bytes(spool);
  limit('unlimited');
  // The gap is told when the next record comes.
  let gap;
  let sent = statuses.length;
  for (; gap === undefined && sent < 80; ++sent) {
    await call(serve.ports[0], message('ping'));
    gap = await world.record(serve, (event) => event.event_name === 'audit-gap', 500);
  }
  await until(() => folder_bytes(spool) === 0);
  await serve.stop();
  const recorded = world.lines(serve).filter((event) => event.details?.method === 'ping');
  const ids = new Set(recorded.map((event) => event.event_id));
  return { answered: statuses.filter((status) => status === 200).length, spool_bytes, gap, sent, recorded: ids.size };
}

export const kProcessCases = {
  'log.directory': async (world) => {
    const log = world.path('elsewhere');
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'log.directory': log });
    await call(serve.ports[0], tool_call());
    return wrong(
      [existsSync(join(log, 'log.json')), 'there is no log'],
      [(await world.record(serve, is_call)) !== undefined, 'the call is not in it'],
    );
  },
  'log.keys': async (world) => {
    const keys = world.path('private');
    const upstream = await world.upstream();
    await world.start(upstream.origin, { 'log.keys': keys });
    return wrong(
      [existsSync(join(keys, 'sign.key')), 'no sign.key in the folder'],
      [!existsSync(world.path('config/tallystick')), 'keys in the default folder'],
    );
  },
  'log.single_writer': async (world) => {
    const shim = world.path('network_fs.so');
    execFileSync(process.env.CC ?? 'gcc', ['-shared', '-fPIC', '-O1', '-o', shim, join(kHere, 'network_fs.c')]);
    const env = { LD_PRELOAD: shim };
    const upstream = await world.upstream();
    const said = await world.refused(upstream.origin, {}, { env, name: 'refused' });
    const serve = await world.start(upstream.origin, { 'log.single_writer': true }, { env });
    const { status } = await call(serve.ports[0], tool_call());
    return wrong(
      [said.includes('single-writer'), `what it says on a network file system: ${said}`],
      [status === 200, `with the setting: ${status}`],
    );
  },
  'log.enabled': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'log.enabled': 'false' });
    const { status, text } = await call(serve.ports[0], tool_call());
    await serve.stop();
    const names = world.lines(serve).map((event) => event.event_name);
    return wrong(
      [status === 200 && text.includes('content'), `not relayed: ${status}`],
      [names.join() === 'audit-disabled', `recorded: ${names}`],
    );
  },
  'log.batch_size': async (world) => {
    const [one, many] = [
      await writes_for(world, 'one', { 'log.batch_size': '1' }),
      await writes_for(world, 'many', { 'log.batch_size': '1024' }),
    ];
    return wrong([one - many >= 60, `60 records cost ${one} writes one by one, ${many} together`]);
  },
  'log.flush_interval': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'log.flush_interval': '1500ms' });
    await call(serve.ports[0], message('ping'));
    const there = () => world.lines(serve).some((event) => event.details?.method === 'ping');
    const after = await until(there);
    return wrong([after > 1000 && after < 4000, `a record that nobody waits for came after ${after.toFixed(0)} ms`]);
  },
  'log.hash_algorithm': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'log.hash_algorithm': 'sha512' });
    await call(serve.ports[0], tool_call());
    await serve.stop();
    const { hash } = JSON.parse(readFileSync(join(serve.log, 'log.json'), 'utf8'));
    const said = await world.refused(upstream.origin, { 'log.hash_algorithm': 'sha256' });
    return wrong([hash === 'sha512', `log.json has ${hash}`], [said.includes('sha512'), `another hash: ${said}`]);
  },
  'log.segment_size': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'log.segment_size': '1MiB' });
    const filler = 'x'.repeat(15_000);
    await each(Array.from({ length: 60 }), 10, () => call(serve.ports[0], tool_call('write', { filler })));
    await serve.stop();
    const sizes = readdirSync(join(serve.log, 'segments')).map((name) => statSync(join(serve.log, 'segments', name)).size);
    return wrong([sizes.length >= 2 && Math.max(...sizes) < 2 ** 21, `segments of ${sizes} bytes`]);
  },
  'log.integrity_checks': async (world) => {
    const upstream = await world.upstream();
    const [port] = await free_ports(1);
    await world.start(upstream.origin, { listen: `127.0.0.1:${port}`, 'log.integrity_checks': '1s' });
    const checked = async () => /^tallystick_verify_runs_total\{outcome="intact"\} [1-9]/m.test(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    for (let left = 100; left > 0 && !(await checked()); left--) await pause(100);
    const said = await world.refused(upstream.origin, { 'log.integrity_checks': 'often' }, { name: 'bad' });
    return wrong([await checked(), 'no check was made'], [/integrity_checks/i.test(said), said]);
  },
  listen: async (world) => {
    const [port] = await free_ports(1);
    const upstream = await world.upstream();
    await world.start(upstream.origin, { listen: `127.0.0.1:${port}` });
    const statuses = [await get(port, '/healthz'), await get(port, '/readyz')];
    return wrong([statuses.join() === '200,200', `healthz and readyz: ${statuses}`]);
  },
  'api.certificate': api_tls,
  'api.key': api_tls,
  'api.plain_http': async (world) => {
    const [port] = await free_ports(1);
    const upstream = await world.upstream();
    const open = { listen: `0.0.0.0:${port}` };
    const said = await world.refused(upstream.origin, open, { name: 'refused' });
    await world.start(upstream.origin, { ...open, 'api.plain_http': true });
    const status = await get(port, '/healthz');
    return wrong([/plain-http/.test(said), said], [status === 200, `with the setting: ${status}`]);
  },
  proxies: async (world) => {
    const [first, second, third] = [await world.upstream(), await world.upstream(), await world.upstream()];
    const serve = await world.start([first.origin, second.origin]);
    for (const port of serve.ports) await call(port, tool_call());
    const targets = world.lines(serve).filter(is_call).map((event) => event.target_id.split('/')[0]);
    // As a flag it replaces the list of the file.
    const more = { proxies: [{ name: 'filed', listen: '127.0.0.1:0', upstream: first.origin }] };
    world.way = 'flag';
    const other = await world.start(third.origin, {}, { more, name: 'flag' });
    await call(other.ports[0], tool_call());
    const got = [first, second, third].map(({ requests }) => requests.length);
    return wrong(
      [got.join() === '1,1,1' && other.ports.length === 1, `calls at the upstreams: ${got}`],
      [new Set(targets).size === 2, `targets: ${targets}`],
    );
  },
  policy_file: async (world) => {
    const policy = world.path('policy.yaml');
    writeFileSync(policy, 'rules:\n  - {name: quiet, match: {methods: ping}, level: none}\n');
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { policy_file: policy });
    for (const method of ['ping', 'tools/list']) await call(serve.ports[0], message(method));
    await serve.stop();
    const methods = world.lines(serve).map((event) => event.details?.method).filter((method) => method);
    return wrong([methods.join() === 'tools/list', `recorded: ${methods}`]);
  },
  write_timeout: async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { write_timeout: '400ms' });
    await call(serve.ports[0], tool_call());
    const lock = await hold_lock(serve.log);
    const start = performance.now();
    const { status } = await call(serve.ports[0], tool_call('late'));
    const after = performance.now() - start;
    await lock.release();
    const denied = await world.record(serve, (event) => event.event_result === 'denied');
    return wrong(
      [status === 503, `a call whose record cannot be written: ${status}`],
      [after > 300 && after < 2500, `refused after ${after.toFixed(0)} ms`],
      [upstream.requests.length === 1, 'it reached the upstream'],
      [denied?.details.outcome?.reason === 'not_forwarded', 'its record does not say that it was not forwarded'],
    );
  },
  log_format: async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { log_format: 'json' });
    const lines = serve.child.err.split('\n').filter((line) => line !== '');
    const objects = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const whole = objects.every(({ time, level, component, message }) => time && level && component && message);
    const said = await world.refused(upstream.origin, { log_format: 'xml' }, { name: 'xml' });
    return wrong([objects.length > 0 && objects.length === lines.length && whole, lines.join('\n')], [/log_format|--log-format|LOG_FORMAT/.test(said), said]);
  },
  drain_timeout: async (world) => {
    const upstream = await world.upstream((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': open\n\n');
    });
    const serve = await world.start(upstream.origin, { drain_timeout: '400ms' });
    const open = call(serve.ports[0], tool_call());
    await until(() => upstream.requests.length === 1);
    await pause(50);
    const start = performance.now();
    await serve.stop();
    const after = performance.now() - start;
    await open;
    const last = world.lines(serve).filter(is_call).at(-1);
    return wrong(
      [after > 300 && after < 3000, `it ended ${after.toFixed(0)} ms after SIGTERM`],
      [last.event_result === 'unknown', `the open call is recorded as ${last.event_result}`],
    );
  },
  'spool.directory': async (world) => {
    const { answered, spool_bytes, gap, sent, recorded } = await full_disk(world, 300, {});
    return wrong(
      [answered === 60, `${answered} of 60 messages were let through`],
      [spool_bytes > 0, 'nothing waited in the spool'],
      [gap !== undefined, 'no audit-gap event'],
      [recorded === sent, `${recorded} of ${sent} records came into the log`],
    );
  },
  'spool.size_max': async (world) => {
    const { answered, spool_bytes, gap, sent, recorded } = await full_disk(world, 3000, { 'spool.size_max': '64KiB' });
    const { count, spooled } = gap?.details ?? {};
    return wrong(
      [answered === 60, `${answered} of 60 messages were let through`],
      [spool_bytes > 0 && spool_bytes <= 65_536, `${spool_bytes} bytes waited`],
      [count > spooled, `the gap counts ${count}, of which ${spooled} waited`],
      [recorded + count - spooled === sent, `${recorded} records, ${count - spooled} counted, of ${sent}`],
    );
  },
  'limits.body': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'limits.body': '2KiB' });
    const statuses = [];
    for (const size of [1000, 3000]) {
      statuses.push((await call(serve.ports[0], tool_call('write', { filler: 'x'.repeat(size) }))).status);
    }
    return wrong([statuses.join() === '200,413', `1000 and 3000 bytes: ${statuses}`]);
  },
  'limits.bodies': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'limits.bodies': '1MiB', 'limits.body': '1MiB' });
    const body = JSON.stringify(tool_call('write', { filler: 'x'.repeat(800_000) }));
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const first = await raw(serve.ports[0]);
    first.write(head + body.slice(0, -10));
    await pause(200);
    const { status } = await call(serve.ports[0], tool_call('write', { filler: 'x'.repeat(800_000) }));
    first.write(body.slice(-10));
    await until(() => first.text.includes('HTTP/1.1'));
    const after = await call(serve.ports[0], tool_call('write', { filler: 'x'.repeat(800_000) }));
    first.end();
    return wrong(
      [status === 413, `a second body beyond the limit: ${status}`],
      [first.text.startsWith('HTTP/1.1 200'), `the first: ${first.text.slice(0, 30)}`],
      [after.status === 200, `one after it: ${after.status}`],
    );
  },
  'limits.header': async (world) => {
    const upstream = await world.upstream();
    const serve = await world.start(upstream.origin, { 'limits.header': '4KiB' });
    const statuses = [];
    for (const size of [3000, 5000]) {
      const headers = { 'x-filler': 'x'.repeat(size) };
      statuses.push((await call(serve.ports[0], tool_call(), { headers })).status);
    }
    return wrong([statuses.join() === '200,431', `3000 and 5000 bytes: ${statuses}`]);
  },
  'limits.connections': async (world) => {
    const upstream = await world.upstream();
    // launch() itself connects to nothing, so all places are free.
    const serve = await world.start(upstream.origin, { 'limits.connections': '2' });
    const idle = [await raw(serve.ports[0]), await raw(serve.ports[0])];
    await pause(100);
    let answered = false;
    const third = call(serve.ports[0], tool_call()).then((answer) => {
      answered = true;
      return answer;
    });
    await pause(400);
    const early = answered;
    idle[0].end();
    const { status } = await third;
    idle[1].end();
    return wrong([!early, 'a third connection was served'], [status === 200, `once there was a place: ${status}`]);
  },
  'limits.upstream_connections': async (world) => {
    const upstream = await world.upstream(answer_with({ delay_ms: 150 }));
    const serve = await world.start(upstream.origin, { 'limits.upstream_connections': '2' });
    const answers = await each(Array.from({ length: 6 }), 6, () => call(serve.ports[0], message('ping')));
    const statuses = answers.map(({ status }) => status).join();
    return wrong(
      [upstream.busy_most === 2, `${upstream.busy_most} requests at a time`],
      [statuses === '200,200,200,200,200,200', statuses],
    );
  },
  'limits.proxy_threads': async (world) => {
    const upstream = await world.upstream(answer_with({ delay_ms: 20 }));
    const threads = [];
    const statuses = [];
    for (const count of [1, 3]) {
      const serve = await world.start(upstream.origin, { 'limits.proxy_threads': `${count}` }, { name: `serve${count}` });
      threads.push(readdirSync(`/proc/${serve.child.pid}/task`).length);
      const answers = await each(Array.from({ length: 12 }), 6, () => call(serve.ports[0], message('ping')));
      statuses.push(...answers.map(({ status }) => status));
    }
    const said = await world.refused(upstream.origin, { 'limits.proxy_threads': '9' }, { name: 'nine' });
    return wrong(
      [threads[1] === threads[0] + 2, `threads of one loop and of three: ${threads}`],
      [statuses.every((status) => status === 200), `${statuses}`],
      [/proxy_threads|PROXY_THREADS/.test(said), said],
    );
  },
};
