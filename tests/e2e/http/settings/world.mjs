// SPDX-License-Identifier: Apache-2.0
// What a case has at hand: `serve` started with given settings in one of three ways (flags, environment, file), an upstream
// that remembers what it got, and calls.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { createServer as create_tls_server, request as tls_request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pause } from '../lib/child.mjs';
import { Proxy } from '../lib/proxy.mjs';

/** Ways in which a setting can be given; each is tried where the table has it. */
export const kWays = ['flag', 'environment', 'file'];

/** Milliseconds until `test()` holds; Infinity when it does not within `limit`. */
export async function until(test, limit = 5000) {
  const start = performance.now();
  while (!(await test())) {
    if (performance.now() - start > limit) return Infinity;
    await pause(10);
  }
  return performance.now() - start;
}

const kTools = [
  { name: 'read', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'write', inputSchema: { type: 'object' } },
];

/** A result for everything; `delay_ms` before it. */
export const answer_with =
  ({ delay_ms = 0 } = {}) =>
  async (response, message) => {
    if (delay_ms > 0) await pause(delay_ms);
    const result = message?.method === 'tools/list' ? { tools: kTools } : { content: [] };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message?.id ?? null, result }));
  };

/** {origin, requests, connections, busy_most, close}: `answer(response, message, incoming)` decides what it says. */
export async function start_upstream(answer = answer_with(), tls) {
  const upstream = { requests: [], connections: 0, open: 0, busy: 0, busy_most: 0 };
  const take = async (incoming, response) => {
    upstream.busy_most = Math.max(upstream.busy_most, ++upstream.busy);
    response.on('close', () => --upstream.busy);
    incoming.on('error', () => {});
    const parts = [];
    try {
      for await (const part of incoming) parts.push(part);
    } catch {
      return;
    }
    const body = Buffer.concat(parts).toString('utf8');
    upstream.requests.push({ method: incoming.method, url: incoming.url, headers: incoming.headers, body });
    let message;
    try {
      message = JSON.parse(body);
    } catch {
      message = undefined;
    }
    await answer(response, message, incoming);
  };
  const server = tls === undefined ? createServer(take) : create_tls_server(tls, take);
  server.keepAliveTimeout = 60_000;
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket) => {
    ++upstream.connections;
    ++upstream.open;
    socket.on('close', () => --upstream.open);
  });
  server.on('tlsClientError', () => {});
  upstream.server = server;
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  upstream.origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${server.address().port}`;
  upstream.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return upstream;
}

let next_id = 0;
export const message = (method, params = {}) => ({ jsonrpc: '2.0', id: ++next_id, method, params });
export const tool_call = (name = 'write', args = {}) => message('tools/call', { name, arguments: args });

/** One request on a connection of its own, or of `agent`; resolves to {status, text, headers}, status 0 without an answer. */
export function call(port, body, { path = '/mcp', method = 'POST', headers = {}, agent = false, tls } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': Buffer.byteLength(text),
    ...headers,
  };
  const to = { host: '127.0.0.1', port, path, method, headers: all, agent, ...tls };
  return new Promise((done) => {
    const outgoing = (tls === undefined ? request : tls_request)(to, async (response) => {
      let received = '';
      try {
        for await (const chunk of response) received += chunk;
      } catch {
        done({ status: response.statusCode, text: received, headers: response.headers, cut: true });
        return;
      }
      done({ status: response.statusCode, text: received, headers: response.headers });
    });
    outgoing.on('error', (error) => done({ status: 0, text: String(error), headers: {} }));
    outgoing.end(text);
  });
}

/** A connection that is written to by hand: {write, text, closed, end}. */
export async function raw(port) {
  const socket = connect(port, '127.0.0.1');
  const out = { text: '', closed: false, write: (text) => socket.write(text), end: () => socket.destroy() };
  socket.on('data', (chunk) => (out.text += chunk.toString('latin1')));
  socket.on('error', () => {});
  socket.on('close', () => (out.closed = true));
  await new Promise((done) => socket.once('connect', done));
  return out;
}

export const keep_alive = () => new Agent({ keepAlive: true, maxSockets: 1 });

/** An unsigned token with these claims. */
export function token(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part({ alg: 'none' }), part(claims), ''].join('.');
}

/** Lines of what does not hold, of pairs [holds, what is wrong]. */
export const wrong = (...checks) => checks.filter(([holds]) => !holds).map(([, text]) => text);

/** `serve` with settings of which each is given in the way of the case, where it can be. */
class Running extends Proxy {
  command_line() {
    // Started again, it takes the same ports.
    return [...this.before, this.binary, 'serve', ...this.given_flags];
  }
}

export class World {
  /** `rows` = the table; `way` = how the settings are given; `directory` is the case's own. */
  constructor({ binary, rows, way, directory }) {
    Object.assign(this, { binary, rows, way, directory });
    this.running = [];
    this.upstreams = [];
    mkdirSync(directory, { recursive: true });
  }

  path(name) {
    return join(this.directory, name);
  }

  async upstream(...args) {
    const made = await start_upstream(...args);
    this.upstreams.push(made);
    return made;
  }

  /** The way in which `key` is given here: that of the case, else one that the table has. */
  #way_of(key) {
    const row = this.rows.get(key);
    if (this.way !== 'file' && row[this.way] !== undefined) return this.way;
    if (this.way === 'flag' && row.environment !== undefined) return 'environment';
    return 'file';
  }

  /** Sorts settings into {flags, env, file}. */
  #give(settings) {
    const out = { flags: [], env: {}, file: {}, proxy: {} };
    for (const [key, value] of Object.entries(settings)) {
      const row = this.rows.get(key);
      const values = [value].flat().map(String);
      const way = this.#way_of(key);
      if (way === 'flag') {
        out.flags.push(...values.flatMap((text) => (value === true ? [row.flag] : [row.flag, text])));
      } else if (way === 'environment') {
        out.env[row.environment] = values.join(',');
      } else {
        let place = key.startsWith('proxy.') ? out.proxy : out.file;
        const names = key.replace(/^proxy\./, '').split('.');
        for (const name of names.slice(0, -1)) place = place[name] ??= {};
        place[names.at(-1)] = value;
      }
    }
    return out;
  }

  /**
   * Starts `serve` before `upstreams` (origins) with `settings` = {key: value}, lists as arrays, `true` for a switch.
   * `more` is laid over the settings file; `before` stands before the program on the command line. Throws with what it said
   * when it does not start.
   */
  async start(upstreams, settings = {}, { more = {}, env = {}, before = [], name = 'serve' } = {}) {
    const all = { 'log.directory': this.path(`${name}-log`), listen: '127.0.0.1:0', ...settings };
    const given = this.#give(all);
    const places = [upstreams].flat();
    const own_name = given.proxy.name ?? 'up';
    const file = { ...given.file, ...more };
    if (Object.keys(given.proxy).length > 0 || this.way === 'file') {
      file.proxies = places.map((upstream, i) => ({
        name: places.length === 1 ? own_name : `up${i}`,
        listen: '127.0.0.1:0',
        upstream,
        ...given.proxy,
      }));
    } else {
      const text = places.map((upstream, i) => `${places.length === 1 ? 'up' : `up${i}`}@127.0.0.1:0=${upstream}`);
      if (this.way === 'flag') given.flags.push(...text.flatMap((one) => ['--proxy', one]));
      else given.env.TALLYSTICK_PROXY = text.join(',');
    }
    const serve = new Running();
    if (Object.keys(file).length > 0) {
      // JSON is YAML.
      writeFileSync(this.path(`${name}.yaml`), JSON.stringify(file));
      given.flags.push('--config', this.path(`${name}.yaml`));
    }
    for (const folder of ['config', 'state']) mkdirSync(this.path(folder), { recursive: true });
    serve.binary = this.binary;
    serve.before = before;
    serve.log = all['log.directory'];
    serve.given_flags = given.flags;
    serve.env = {
      ...process.env,
      XDG_CONFIG_HOME: this.path('config'),
      XDG_STATE_HOME: this.path('state'),
      ...given.env,
      ...env,
    };
    if (all['log.keys'] !== undefined) serve.env.TALLYSTICK_KEYS ??= all['log.keys'];
    this.running.push(serve);
    await serve.launch();
    return serve;
  }

  /** What it says when it must not start; throws when it starts. */
  async refused(upstreams, settings, more) {
    const before = this.running.length;
    try {
      await this.start(upstreams, settings, more);
    } catch (error) {
      this.running.length = before;
      return String(error);
    }
    throw new Error(`it started with ${JSON.stringify(settings)}`);
  }

  /** The log's lines as they are on disk now, without asking the program and without what `serve` says of itself. */
  lines(serve) {
    const folder = join(serve.log, 'segments');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      // Line feeds behind the lines are room for the next ones.
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1).filter((line) => line !== ''))
      .map((line) => JSON.parse(line))
      .filter((event) => event.source !== 'serve');
  }

  /** Waits until a record satisfies `test` and resolves to it, or to undefined. */
  async record(serve, test, limit) {
    await until(() => this.lines(serve).some(test), limit);
    return this.lines(serve).find(test);
  }

  /** Ends everything; resolves to lines about what did not end well. */
  async close() {
    const problems = [];
    for (const serve of this.running) {
      try {
        if (serve.child !== undefined && serve.child.status === undefined) await serve.stop();
        problems.push(...(await serve.verify()));
      } catch (error) {
        problems.push(String(error));
      }
    }
    for (const upstream of this.upstreams) upstream.close();
    return problems;
  }
}
