// SPDX-License-Identifier: Apache-2.0
// How processes start, end and are told to end.

import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { children_of, until_gone } from '../lib/peer.mjs';
import { kServerStart } from '../lib/names.mjs';
import { want_outcomes, want_process } from '../lib/records.mjs';

const kCall = { name: 'act', arguments: { path: '/tmp/x' } };

/** One call that is never answered, because the server ends first. */
const call_and_wait = async (peer) => {
  await peer.request(1, 'tools/call', kCall);
  await peer.exited;
};

const unanswered = ({ events }) => [
  ...want_process(events),
  ...want_outcomes(events, 'tools/call', 1, ['initiated/pending', 'failed/unknown']),
  ...events
    .filter((event) => event.event_result === 'unknown' && !event.details?.outcome?.reason)
    .map((event) => `seq ${event.seq}: unknown without details.outcome.reason`),
];

const exit_cases = [0, 1, 7, 255].map((status) => ({
  name: `a server that exits with ${status} at once`,
  server: ['exit', status],
  client: (peer) => peer.exited,
  check: ({ events, wrapped }) => [
    ...want_process(events),
    ...(wrapped.status === status ? [] : [`status ${wrapped.status}, want ${status}`]),
  ],
}));

const signal_cases = [
  ['SIGKILL', 137],
  ['SIGTERM', 143],
  ['SIGSEGV', 139],
].map(([signal, status]) => ({
  name: `a server that dies by ${signal} in a call`,
  server: ['die_by_signal', signal],
  client: call_and_wait,
  check: ({ events, wrapped }) => [
    ...unanswered({ events }),
    ...(wrapped.status === status ? [] : [`status ${wrapped.status}, want ${status}`]),
  ],
}));

/** The server has a handler: it must run, its last words must arrive, its status is the status. */
const forwarded_cases = ['SIGTERM', 'SIGINT', 'SIGHUP'].map((signal) => ({
  name: `${signal} reaches the server`,
  server: ['signals'],
  client: async (peer) => {
    await peer.until_lines(1);
    peer.child.kill(signal);
    return peer.exited;
  },
  // The first line holds the server's process id.
  same_output: false,
  same: ({ wrapped }) =>
    wrapped.status === 5 && wrapped.stdout.includes(`"name":"${signal}"`)
      ? []
      : [`status ${wrapped.status}, stdout ${wrapped.stdout}`],
  check: ({ events }) => want_process(events),
}));

const deaf_server = {
  name: 'SIGTERM ends a server without a handler',
  server: ['echo'],
  client: async (peer) => {
    await peer.request(1, 'ping', {});
    await peer.until_lines(1);
    peer.child.kill('SIGTERM');
    return peer.exited;
  },
  check: ({ wrapped }) => (wrapped.status === 143 ? [] : [`status ${wrapped.status}, want 143`]),
};

const end_cases = [
  {
    name: 'the end of input reaches the server, and what it says then reaches the client',
    server: ['late'],
    client: async (peer) => {
      await peer.request(1, 'ping', {});
      peer.close_input();
    },
    check: ({ events }) => [
      ...want_process(events),
      ...want_outcomes(events, 'ping', 1, ['failed/unknown']),
    ],
  },
  {
    name: 'the end of the server’s output reaches the client while the server lives',
    server: ['close_output'],
    client: async (peer) => {
      await peer.until('the end of output', () => peer.output_ended);
      peer.close_input();
    },
    check: ({ events }) => want_process(events),
  },
  {
    name: 'a server that dies in a call',
    server: ['die', 3],
    client: call_and_wait,
    check: unanswered,
  },
  {
    name: 'a server that dies inside a line',
    server: ['die_inside_a_line', 4],
    client: call_and_wait,
    check: unanswered,
  },
];

const vanish_case = {
  name: 'a client that vanishes takes everything with it',
  async run(context) {
    const problems = [];
    const peer = context.start(context.wrapped(context.hostile('endless')));
    await peer.until('output', () => peer.stdout.length > 100_000);
    const pids = [peer.pid, ...children_of(peer.pid)];
    peer.vanish();
    for (const pid of pids) {
      if (!(await until_gone(pid))) problems.push(`process ${pid} is still there`);
    }
    if (context.tallystick === null) return problems;
    const verify = await context.tally('verify', '--log', context.log);
    if (verify.code !== 0) problems.push(`verify: ${verify.stdout}${verify.stderr}`);
    problems.push(...want_process(await context.events()));
    return problems;
  },
};

const killed_case = {
  name: 'a killed wrap leaves no server behind and a log that goes on',
  needs_wrap: true,
  async run(context) {
    const problems = [];
    const first = context.start(context.wrapped(context.hostile('echo')));
    for (let id = 1; id <= 5; ++id) await first.request(id, 'tools/call', kCall);
    await first.until_lines(5);
    const servers = children_of(first.pid);
    first.child.kill('SIGKILL');
    await first.exited;
    for (const pid of servers) {
      if (!(await until_gone(pid))) problems.push(`server ${pid} is still there`);
    }
    const second = context.start(context.wrapped(context.hostile('echo')));
    await second.request(9, 'tools/call', kCall);
    await second.until_lines(1);
    second.close_input();
    if ((await second.exited) !== 0) problems.push(`second wrap: ${second.stderr}`);

    const verify = await context.tally('verify', '--log', context.log);
    if (verify.code !== 0) problems.push(`verify: ${verify.stdout}${verify.stderr}`);
    const events = await context.events();
    problems.push(...want_process(events, { starts: 2, exits: 1 }));
    // Each call was answered, so each was forwarded, so the first record of each must be there.
    for (let id = 1; id <= 5; ++id) {
      const started = events.some((e) => e.details?.jsonrpc_id === id && e.status === 'initiated');
      if (!started) problems.push(`call ${id} reached the server and is not in the log`);
    }
    problems.push(
      ...want_outcomes(events, 'tools/call', 9, ['initiated/pending', 'succeeded/success']),
    );
    return problems;
  },
};

const own_start = {
  name: 'arguments, environment, directory and stderr pass unchanged',
  server: ['self', 'two words', '', '--flag=x', '$HOME', 'ü'],
  client: async (peer) => {
    await peer.until_lines(1);
    peer.close_input();
  },
  same: ({ wrapped }) =>
    wrapped.stderr.includes('a line on stderr') ? [] : ['stderr did not come through'],
  check: ({ events, context }) => {
    const start = events.find((event) => event.event_name === kServerStart);
    const text = JSON.stringify(start ?? null);
    const problems = want_process(events);
    if (!text.includes('two words')) problems.push(`no arguments in ${text}`);
    if (!text.includes('XDG_CONFIG_HOME')) problems.push(`no environment names in ${text}`);
    if (text.includes(context.env.XDG_STATE_HOME)) problems.push('environment values in the log');
    return problems;
  },
};

/** Programs of the system that tell what a child inherits; neither reads its input. */
const inherited_cases = [
  ['open files', ['ls', '/proc/self/fd']],
  ['signal dispositions', ['grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status']],
  ['limits', ['cat', '/proc/self/limits']],
].map(([what, command]) => ({
  name: `the server inherits the same ${what}`,
  command,
  client: (peer) => peer.exited,
}));

const file_input = (name, stdout_file) => ({
  name,
  async run(context) {
    const problems = [];
    const input = join(context.directory, 'input');
    writeFileSync(
      input,
      Array.from({ length: 500 }, (_, i) => `{"jsonrpc":"2.0","id":${i},"method":"ping"}\n`).join(
        '',
      ),
    );
    const results = [];
    for (const command of [context.hostile('echo'), context.wrapped(context.hostile('echo'))]) {
      const output = join(context.directory, `output-${results.length}`);
      const fds = [openSync(input, 'r'), stdout_file ? openSync(output, 'w') : 'pipe'];
      const peer = context.start(command, { stdio: [fds[0], fds[1], 'pipe'] });
      closeSync(fds[0]);
      if (stdout_file) closeSync(fds[1]);
      const status = await peer.exited;
      results.push({ status, bytes: stdout_file ? readFileSync(output) : peer.stdout });
      if (status !== 0) problems.push(`status ${status}: ${peer.stderr}`);
    }
    if (!results[0].bytes.equals(results[1].bytes)) problems.push('the output differs');
    if (results[0].bytes.toString().split('\n').length !== 502) problems.push('not every answer');
    return problems;
  },
});

const refused_starts = [
  ['a command that does not exist', ['no-such-command-of-tallystick'], 127, 'no-such-command'],
  ['a file that is not a program', ['/etc/passwd'], 126, '/etc/passwd'],
].map(([what, command, status, word]) => ({
  name: `${what} is status ${status}`,
  needs_wrap: true,
  async run(context) {
    const peer = context.start(context.wrapped(command));
    const got = await peer.exited;
    const problems = [];
    if (got !== status) problems.push(`status ${got}, want ${status}`);
    if (peer.stdout.length !== 0) problems.push(`stdout: ${peer.stdout}`);
    if (!peer.stderr.includes(word)) problems.push(`stderr does not name it: ${peer.stderr}`);
    return problems;
  },
}));

const wrong_usage = [
  ['an unknown flag', ['wrap', '--no-such-flag', '--', 'true']],
  ['no command', ['wrap', '--']],
  ['nothing at all', ['wrap']],
].map(([what, args]) => ({
  name: `${what} is wrong usage`,
  needs_wrap: true,
  async run(context) {
    const peer = context.start([context.tallystick, ...args]);
    const status = await peer.exited;
    if (status === 2 && peer.stdout.length === 0 && peer.stderr !== '') return [];
    return [`status ${status}, stdout ${peer.stdout}, stderr ${peer.stderr}`];
  },
}));

export const process_cases = [
  ...exit_cases,
  ...signal_cases,
  ...forwarded_cases,
  deaf_server,
  ...end_cases,
  vanish_case,
  killed_case,
  own_start,
  ...inherited_cases,
  file_input('input from a regular file', false),
  file_input('input and output are regular files', true),
  ...refused_starts,
  ...wrong_usage,
];
