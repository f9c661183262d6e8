// SPDX-License-Identifier: Apache-2.0
// `make run`: `tallystick serve` in front of the official server-everything, or of the server at --url; real traffic through
// it; then what was recorded. On a terminal it stays up until Ctrl-C.
//
//   node demo/serve.mjs --tallystick PATH --log DIR [--url http://HOST:PORT/PATH]

import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect_http, limit_time, look_around, package_program } from './client.mjs';
import { kCapabilities, kEverything, prepare, tour } from './everything.mjs';
import { Background, free_port, pause } from './processes.mjs';

/** Taken where they are free, so that an address given to a client stays good over runs. */
const kProxyPort = 9000;
const kHealthPort = 8811;
/** Records are on disk within a tenth of this, and signed. */
const kSettledMs = 1200;
const kStart = new Date().toISOString();
const kMcpPaths = ['/mcp', '/sse', '/messages', '/message'];

const { values: options } = parseArgs({
  options: { tallystick: { type: 'string' }, log: { type: 'string' }, url: { type: 'string' } },
});
/** What some statuses mean here; what happened is recorded all the same. */
const kHints = {
  401: 'it wants authorization (401); a client that brings a token works through the proxy as without it',
  404: 'there is no MCP at this path (404); give the whole address, such as URL=http://127.0.0.1:3001/mcp',
  502: 'nothing answers there (502); is the server running?',
};
const stays = Boolean(process.stdin.isTTY && process.stdout.isTTY);
const print = (line = '') => process.stdout.write(`${line}\n`);
const started = [];

/** An agent that says who it is: the claims are recorded as unverified, the token is not recorded. */
function demo_token() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part({ alg: 'none', typ: 'JWT' }), part({ sub: 'ada@example.com', iss: 'demo' }), ''].join('.');
}

function stop_with(status, message) {
  process.stderr.write(`demo: ${message}\n`);
  process.exit(status);
}

function parse_url() {
  let url;
  try {
    url = new URL(options.url);
  } catch {
    stop_with(2, `URL=${options.url} is no URL; write for example URL=http://127.0.0.1:3001/mcp`);
  }
  if (!['http:', 'https:'].includes(url.protocol)) stop_with(2, `URL=${options.url} is not http or https`);
  if (url.pathname === '/') url.pathname = '/mcp';
  return url;
}

async function start_upstream(own) {
  if (own !== undefined) return own;
  const port = await free_port();
  const args = [package_program(kEverything), 'streamableHttp'];
  const upstream = new Background(process.execPath, args, { ...process.env, PORT: String(port) });
  started.push(upstream);
  await upstream.listens(port);
  return new URL(`http://127.0.0.1:${port}/mcp`);
}

/** Resolves to {process, url}: the address under which clients now reach the server. */
async function start_proxy(upstream) {
  const [port, health] = [await free_port(kProxyPort), await free_port(kHealthPort)];
  // A server of the user's is recorded under the name that it gives itself.
  const name = options.url === undefined ? 'everything@' : '';
  const args = ['serve', '--log', options.log, '--listen', `127.0.0.1:${health}`];
  args.push('--proxy', `${name}127.0.0.1:${port}=${upstream.origin}`);
  const paths = kMcpPaths.includes(upstream.pathname) ? [] : [upstream.pathname, ...kMcpPaths];
  args.push(...paths.flatMap((path) => ['--mcp-path', path]));
  print(`\n$ ${options.tallystick} ${args.join(' ')}`);
  const proxy = new Background(options.tallystick, args);
  started.unshift(proxy);
  await proxy.listens(port);
  await proxy.says('health on');
  process.stdout.write(proxy.told.replaceAll(/^(?=.)/gm, '  '));
  return { proxy, url: new URL(upstream.pathname + upstream.search, `http://127.0.0.1:${port}`) };
}

async function send_traffic(url) {
  const known = { headers: { authorization: `Bearer ${demo_token()}` }, capabilities: kCapabilities, prepare };
  const client = await connect_http({ url, ...(own === undefined ? known : {}) });
  await (own === undefined ? tour(client) : look_around(client));
  await client.transport.terminateSession?.();
  await client.close();
}

function show(what) {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'show.sh');
  const { status } = spawnSync(script, [what, options.tallystick, kStart], { stdio: 'inherit' });
  return status;
}

/** Proxy first, so that it does not see its upstream go. */
async function stop_all() {
  for (const child of started) {
    const status = await child.stop();
    if (child === started[0] && status !== 0) stop_with(1, `serve ended with ${status}:\n${child.told}`);
  }
}

/** Shows records as they come, until a signal or until one of the servers ends. */
async function stay_up(url) {
  print(`\nPoint a client at ${url} and use it; what it does appears here. Ctrl-C ends.\n`);
  const follower = spawn(options.tallystick, ['tail', '--log', options.log, '-n', '1', '-f'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  process.on('exit', () => follower.kill('SIGKILL'));
  const asked = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(undefined));
  });
  const gone = started.map((child) => child.ended.then((status) => ({ child, status })));
  const died = await Promise.race([asked, ...gone]);
  follower.kill('SIGTERM');
  if (died === undefined) return;
  stop_with(1, `${died.child.name} ended with ${died.status}:\n${died.child.told}`);
}

if (options.tallystick === undefined || options.log === undefined) {
  stop_with(2, 'usage: node demo/serve.mjs --tallystick PATH --log DIR [--url URL]');
}
const own = options.url === undefined ? undefined : parse_url();
const timer = limit_time(90_000);
// Until it stays up, a signal simply ends it; what it started ends with it.
const early = () => process.exit(130);
process.on('SIGINT', early).on('SIGTERM', early);
let trouble = 0;
try {
  print('"tallystick serve" stands in front of an MCP server over HTTP and records what is said:');
  const { proxy, url } = await start_proxy(await start_upstream(own));
  print(own === undefined ? '\nAn agent works through it:' : `\nA client looks at ${own} through it:`);
  await send_traffic(url).catch((error) => {
    trouble = 1;
    process.stderr.write(`demo: ${own ?? url}: ${kHints[error.code] ?? error.message}\n`);
    if (proxy.status !== undefined) stop_with(1, proxy.told);
  });
  if (stays) await pause(kSettledMs);
  else await stop_all();
  if (show('records') !== 0 || show('verify') !== 0) trouble = 1;
  show('next');
  print('  # your own server\n  make run URL=http://127.0.0.1:3001/mcp');
  clearTimeout(timer);
  process.off('SIGINT', early).off('SIGTERM', early);
  if (stays) {
    await stay_up(url);
    await stop_all();
    print('\nStopped.');
    trouble = show('verify');
  }
} catch (error) {
  stop_with(1, error.message);
}
process.exit(trouble);
