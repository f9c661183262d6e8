// SPDX-License-Identifier: Apache-2.0
// Differential test: for every request of the corpus, what an upstream understood is what `tallystick serve` recorded, or
// the request was refused. Two upstreams with different habits: Node.js with Express, and Python's http.server.
//
//   node differential.mjs --tallystick PATH|none [--quick] [--only NAME] [--upstream node|python] [--verbose] [--keep]
//
// Every request carries an id of its case in its X-Request-ID, address or message, by which what the upstream understood
// and what the log has are found again. `--tallystick none` shows what the upstreams understand by themselves. It has no
// shorter form: --quick changes nothing.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Child, pause } from './lib/child.mjs';
import { judge, say } from './lib/judge.mjs';
import { each } from './lib/parallel.mjs';
import { Proxy } from './lib/proxy.mjs';
import { exchange, statuses, with_id } from './lib/raw.mjs';
import { Report } from './lib/report.mjs';

const kFolder = join(dirname(fileURLToPath(import.meta.url)), 'differential');
const kAtOnce = 12;
const kUuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const kUpstreams = {
  node: [process.execPath, [join(kFolder, 'upstream_node.mjs')]],
  python: ['python3', [join(kFolder, 'upstream_python.py')]],
};

const { values: options } = parseArgs({
  options: {
    tallystick: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    upstream: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

/** [{name, id, parts}], ids of four characters, the length of the text they replace. */
function read_corpus() {
  const lines = readFileSync(join(kFolder, 'corpus.ndjson'), 'utf8').trim().split('\n');
  return lines
    .map((line, index) => ({ ...JSON.parse(line), id: `c${String(index).padStart(3, '0')}` }))
    .filter(({ name }) => options.only === undefined || name.startsWith(options.only))
    .map(({ name, send, id }) => ({ name, id, parts: with_id(send, id) }));
}

/** Sends every case, a few at a time; resolves to a Map of id -> answer. */
async function send_all(corpus, port) {
  const one = async ({ id, parts }) => [id, await exchange(port, parts)];
  return new Map(await each(corpus, kAtOnce, one));
}

/** Sorts things under the id that their text holds; what holds none is under ''. */
function by_id(things, corpus) {
  const groups = new Map();
  const known = new Set(corpus.map(({ id }) => id));
  for (const thing of things) {
    // Ids of records begin with the time, and for four seconds a minute a part of them looks like a case.
    const text = JSON.stringify(thing).replaceAll(kUuid, '');
    const id = (text.match(/\bc\d{3}\b/g) ?? []).find((found) => known.has(found)) ?? '';
    groups.set(id, [...(groups.get(id) ?? []), thing]);
  }
  return groups;
}

class Upstream {
  static async start(kind) {
    const upstream = new Upstream();
    upstream.child = new Child(...kUpstreams[kind]);
    // The child keeps only the last of its output, and here every line counts.
    upstream.lines = '';
    upstream.child.process.stdout.on('data', (chunk) => (upstream.lines += chunk));
    upstream.port = (await upstream.child.announced()).port;
    return upstream;
  }

  async stop() {
    await pause(200);
    await this.child.stop();
    const lines = this.lines.split('\n').filter((line) => line.startsWith('{"seen"'));
    return lines.map((line) => JSON.parse(line).seen);
  }
}

async function run_direct(kind, corpus) {
  const upstream = await Upstream.start(kind);
  const answers = await send_all(corpus, upstream.port);
  return { answers, seen: by_id(await upstream.stop(), corpus) };
}

async function run_proxied(kind, corpus, binary, directory) {
  const upstream = await Upstream.start(kind);
  const origin = `http://127.0.0.1:${upstream.port}`;
  const proxy = await Proxy.start(binary, directory, { upstream: origin });
  const answers = await send_all(corpus, proxy.ports[0]);
  await proxy.stop();
  const seen = by_id(await upstream.stop(), corpus);
  const events = await proxy.events();
  const traffic = events.filter((event) => !['audit', 'system'].includes(event.event_type));
  return { answers, seen, events: by_id(traffic, corpus), problems: await proxy.verify() };
}

async function one_upstream(report, kind, corpus, binary, root) {
  const direct = await run_direct(kind, corpus);
  const understood = [...direct.seen.values()].flat().filter((seen) => seen.body !== undefined);
  report.say(`${kind}: ${corpus.length} requests; directly, ${understood.length} bodies are understood`);
  report.check(`${kind}: answers something`, understood.length > 20 || options.only ? [] : ['no']);
  if (binary === null) {
    for (const { name, id } of options.verbose ? corpus : []) {
      report.say(`    ${name.padEnd(36)} ${statuses(direct.answers.get(id).text).padEnd(9)} ${say(direct.seen.get(id))}`);
    }
    return;
  }
  const proxied = await run_proxied(kind, corpus, binary, join(root, kind));
  report.check(`${kind}: the log verifies`, proxied.problems);
  const counts = {};
  for (const { name, id } of corpus) {
    const [seen, events] = [proxied.seen, proxied.events].map((groups) => groups.get(id) ?? []);
    const { verdict, problems } = judge(seen, events);
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    const shown = [direct, proxied].map((run) => statuses(run.answers.get(id).text));
    const line = `direct ${shown[0]}: ${say(direct.seen.get(id))}; proxied ${shown[1]}: ${say(seen)}`;
    report.check(`${kind} ${name}`, problems.length === 0 ? [] : [...problems, line]);
    if (options.verbose) report.say(`    ${name.padEnd(36)} ${verdict.padEnd(10)} ${line}`);
  }
  // A request that nobody sent: what the upstream took out of another one.
  const strange = (proxied.seen.get('') ?? []).map((seen) => JSON.stringify(seen).slice(0, 300));
  report.check(`${kind}: the upstream got nothing that belongs to no case`, strange);
  report.say(`${kind}: ${JSON.stringify(counts)}`);
}

if (options.tallystick === undefined) {
  process.stderr.write('usage: node differential.mjs --tallystick PATH|none [--only NAME] ...\n');
  process.exit(2);
}
const report = new Report();
const corpus = read_corpus();
const binary = options.tallystick === 'none' ? null : resolve(options.tallystick);
const root = mkdtempSync(join(tmpdir(), 'tally-differential-'));
const kinds = Object.keys(kUpstreams).filter((kind) => [undefined, kind].includes(options.upstream));
await each(kinds, kinds.length, (kind) =>
  report.guard(kind, () => one_upstream(report, kind, corpus, binary, root)),
);
if (options.keep) report.say(`kept ${root}`);
else rmSync(root, { recursive: true, force: true });
report.finish();
