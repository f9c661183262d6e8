// SPDX-License-Identifier: Apache-2.0
// The log cannot be written: what may change something does not happen, and only the operator is
// told why.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Words by which an answer to the client would give away that there is an audit log. */
const kGivesAway = /audit|tally|log\b|record|disk|space|file|durable|write/i;

const act = (fill) => ({ name: 'act', arguments: { fill } });

/**
 * A limit on file size is a full disk that a test can have: writing beyond it fails with EFBIG.
 */
function with_file_limit(kib, command) {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return ['bash', '-c', `ulimit -f ${kib}; exec ${quoted}`];
}

const full_disk = {
  name: 'a call that cannot be recorded is refused and never reaches the server',
  needs_wrap: true,
  async run(context) {
    const problems = [];
    const peer = context.start(with_file_limit(64, context.wrapped(context.hostile('tools'))));
    await peer.request(0, 'tools/list');
    await peer.until_lines(1);
    let refused;
    let id = 0;
    while (refused === undefined && id < 100) {
      await peer.request(++id, 'tools/call', act('f'.repeat(4000)));
      await peer.until_lines(id + 1);
      const answer = JSON.parse(peer.lines[id]);
      if (answer.error) refused = answer;
    }
    if (refused === undefined) return ['nothing was refused although nothing could be written'];
    if (refused.id !== id || refused.jsonrpc !== '2.0' || refused.error.code !== -32603) {
      problems.push(`the refusal is ${JSON.stringify(refused)}`);
    }
    if (kGivesAway.test(JSON.stringify(refused)))
      problems.push(`says too much: ${JSON.stringify(refused)}`);
    if (peer.stderr === '') problems.push('nothing for the operator on stderr');

    // What changes nothing goes through; the server answers it with what it was asked.
    await peer.request('read', 'tools/call', { name: 'look' });
    await peer.until('the read-only call', () =>
      peer.lines.some((line) => line.includes('"read"')),
    );
    peer.close_input();
    await peer.exited;
    const told = JSON.parse(peer.lines.at(-1));
    const forwarded = peer.lines.map((line) => JSON.parse(line)).filter((m) => m.result).length;
    if (told.method !== 'notifications/received') problems.push('the server did not end well');
    if (forwarded !== id + 1) problems.push(`${forwarded} answers of the server, want ${id + 1}`);

    const verify = await context.tally('verify', '--log', context.log);
    if (verify.code !== 0) problems.push(`verify: ${verify.stdout}${verify.stderr}`);
    const events = await context.events();
    const after = context.start(context.wrapped(context.hostile('tools')));
    await after.request(1, 'tools/call', act('after'));
    await after.until_lines(1);
    after.close_input();
    if ((await after.exited) !== 0) problems.push(`a new wrap: ${after.stderr}`);
    if ((await context.events()).length <= events.length) problems.push('the log does not go on');
    return problems;
  },
};

const bad_logs = [
  ['a file', (log) => writeFileSync(log, 'not a log\n')],
  [
    'a directory of something else',
    (log) => {
      mkdirSync(log, { recursive: true });
      writeFileSync(join(log, 'holiday.txt'), 'not a log\n');
    },
  ],
  [
    'a newer format',
    (log) => {
      mkdirSync(log, { recursive: true });
      writeFileSync(join(log, 'log.json'), '{"format":999,"origin":"x/y","hash":"sha256"}\n');
    },
  ],
  ['below a file', (log) => writeFileSync(dirname(log), ''), 'blocker/log'],
].map(([what, make, where = 'log']) => ({
  name: `a log that is ${what}: an error, and the server is not started`,
  needs_wrap: true,
  async run(context) {
    context.log = join(context.directory, where);
    make(context.log);
    const mark = join(context.directory, 'started');
    const peer = context.start(context.wrapped(['touch', mark]));
    const status = await peer.exited;
    const problems = [];
    if (status !== 2) problems.push(`status ${status}, want 2`);
    if (peer.stdout.length !== 0) problems.push(`stdout: ${peer.stdout}`);
    if (!peer.stderr.includes(context.log))
      problems.push(`stderr does not name it: ${peer.stderr}`);
    const ls = context.start(['ls', mark]);
    if ((await ls.exited) === 0) problems.push('the server was started all the same');
    return problems;
  },
}));

export const failure_cases = [full_disk, ...bad_logs];
