// SPDX-License-Identifier: Apache-2.0
// Lines that are not what the protocol says: passed on as they are, recorded as what they are.

import { kProtocolViolation } from '../lib/names.mjs';
import { want_outcomes } from '../lib/records.mjs';

const text = (value) => Buffer.from(value, 'utf8');

/** Lines, without their newline, that no reader must choke on. */
const kLines = {
  'not JSON': text('this is not JSON'),
  'half a message': text('{"jsonrpc":"2.0","id":1,"method":"tools/ca'),
  'two messages on one line': text('{"jsonrpc":"2.0","method":"a"}{"jsonrpc":"2.0","method":"b"}'),
  'an empty object': text('{}'),
  'an empty batch': text('[]'),
  'a batch of nonsense': text('[1,"two",null,[],{}]'),
  'a number': text('42'),
  'a string': text('"tools/call"'),
  'a null id': text('{"jsonrpc":"2.0","id":null,"method":"ping"}'),
  'an object as id': text('{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}'),
  'a method that is a number': text('{"jsonrpc":"2.0","id":77,"method":5}'),
  'an unknown method': text('{"jsonrpc":"2.0","method":"vendor/\\u0000x","params":[1,2]}'),
  'parameters that are a list': text('{"jsonrpc":"2.0","method":"tools/call","params":[1]}'),
  'invalid UTF-8': Buffer.concat([
    text('{"jsonrpc":"2.0","method":"'),
    Buffer.from([0xff, 0xfe, 0xc0, 0x80]),
    text('"}'),
  ]),
  'a NUL byte': Buffer.from('{"jsonrpc":"2.0",\0"method":"ping"}', 'latin1'),
  'a lone surrogate': text('{"jsonrpc":"2.0","method":"a","params":{"x":"\\ud800"}}'),
  'a huge number': text(
    `{"jsonrpc":"2.0","method":"a","params":{"n":${'9'.repeat(400)},"e":1e999999}}`,
  ),
  'a byte order mark': text('\ufeff{"jsonrpc":"2.0","method":"ping"}'),
  'deep nesting': text('['.repeat(20_000) + ']'.repeat(20_000)),
  'deep parameters': text(
    `{"jsonrpc":"2.0","method":"a","params":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`,
  ),
  'a carriage return': text('{"jsonrpc":"2.0","method":"ping"}\r'),
  'spaces only': text('   \t '),
  nothing: text(''),
  'result and error': text('{"jsonrpc":"2.0","id":5,"result":{},"error":{"code":1,"message":"x"}}'),
  'an answer to nothing': text('{"jsonrpc":"2.0","id":"never asked","result":{}}'),
  'an old version': text('{"jsonrpc":"1.0","id":6,"method":"ping"}'),
  'control characters': Buffer.from('{"jsonrpc":"2.0","method":"a\u0001\u001b[31m"}', 'latin1'),
};

/** Requests which two parsers could read differently: which tool runs? */
const kAmbiguous = {
  'a repeated name':
    '{"jsonrpc":"2.0","id":91,"method":"tools/call","params":{"name":"look","name":"act"}}',
  'a repeated method':
    '{"jsonrpc":"2.0","id":92,"method":"ping","method":"tools/call","params":{"name":"act"}}',
  'names that differ by case':
    '{"jsonrpc":"2.0","id":93,"method":"tools/call","params":{"Name":"act","name":"look"}}',
  'an escaped repetition':
    '{"jsonrpc":"2.0","id":94,"method":"tools/call","params":{"n\\u0061me":"act","name":"look"}}',
};

const all_lines = Buffer.concat(Object.values(kLines).flatMap((line) => [line, text('\n')]));

/** Lines of white space alone hold no message, so no record stands for them. */
const message_lines = Object.values(kLines).filter((line) => line.toString().trim() !== '').length;

const records_of_lines = ({ events }) => {
  const records = events.filter(
    (event) => event.event_type === 'mcp' || event.event_name === kProtocolViolation,
  );
  const problems = [];
  if (records.length < message_lines) {
    problems.push(`${records.length} records for at least ${message_lines} malformed messages`);
  }
  return problems;
};

const from_client = {
  name: 'malformed lines from the client',
  server: ['echo'],
  client: async (peer) => {
    await peer.write(all_lines);
    await peer.request('last', 'ping', {});
    await peer.until('the last answer', () => peer.lines.some((line) => line.includes('"last"')));
    peer.close_input();
  },
  check: ({ events }) => [
    ...records_of_lines({ events }),
    ...want_outcomes(events, 'ping', 'last', ['succeeded/success']),
  ],
};

const from_server = {
  name: 'malformed lines from the server',
  server: [
    'raw',
    Buffer.concat([all_lines, text('{"jsonrpc":"2.0","id":1,"result":{}}\n')]).toString('base64'),
  ],
  client: async (peer) => {
    await peer.request(1, 'ping', {});
    await peer.until('the last line', () => peer.stdout.includes('"id":1,"result":{}'));
    peer.close_input();
  },
  check: ({ events }) => [
    ...records_of_lines({ events }),
    ...want_outcomes(events, 'ping', 1, ['succeeded/success']),
  ],
};

const no_last_newline = {
  name: 'a last line without its newline, in both directions',
  server: [
    'raw',
    text('{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"open"}}').toString(
      'base64',
    ),
  ],
  client: async (peer) => {
    await peer.write('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    peer.close_input();
  },
};

const ambiguous_cases = Object.entries(kAmbiguous).map(([what, line]) => ({
  name: `a call with ${what} is a protocol violation`,
  server: ['tools'],
  client: async (peer) => {
    await peer.request(1, 'tools/list');
    await peer.until_lines(1);
    await peer.write(line + '\n');
    await peer.until_lines(2);
    peer.close_input();
  },
  check: ({ events }) =>
    events.some((event) => event.event_name === kProtocolViolation)
      ? []
      : [`no violation among ${events.map((event) => event.event_name).join(' ')}`],
}));

const batch = {
  name: 'a batch gives one record per element',
  server: ['tools'],
  client: async (peer) => {
    await peer.send([
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'act' } },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
    ]);
    await peer.until_lines(1);
    peer.close_input();
  },
  check: ({ events }) => {
    const problems = [
      ...want_outcomes(events, 'tools/list', 1, ['succeeded/success']),
      ...want_outcomes(events, 'tools/call', 2, ['initiated/pending', 'succeeded/success']),
      ...want_outcomes(events, 'notifications/initialized', null, ['succeeded/success']),
    ];
    for (const event of events.filter((e) => e.details?.method !== undefined)) {
      const member = event.details.batch;
      if (event.details.method === 'notifications/received') continue;
      if (member?.size !== 3 || !(member.index >= 0 && member.index < 3)) {
        problems.push(`${event.details.method}: details.batch is ${JSON.stringify(member)}`);
      }
    }
    return problems;
  },
};

const twice = {
  name: 'a request id used twice and an answer given twice',
  server: ['raw', text('{"jsonrpc":"2.0","id":1,"result":{}}\n'.repeat(3)).toString('base64')],
  client: async (peer) => {
    await peer.request(1, 'ping', {});
    await peer.request(1, 'ping', {});
    await peer.until_lines(3);
    peer.close_input();
  },
};

export const malformed_cases = [
  from_client,
  from_server,
  no_last_newline,
  ...ambiguous_cases,
  batch,
  twice,
];
