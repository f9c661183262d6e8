// SPDX-License-Identifier: Apache-2.0
// Upstreams that misbehave, one for each case: what they do with a connection once a request is there, what the client
// may see, and what the log must say. Raw sockets, because no HTTP library does these things.

const kBody = (id, more = '') => `{"jsonrpc":"2.0","id":"${id}","result":{"content":[]${more}}}`;

const ok = (body, headers = '') =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const status = (line, body = '', headers = '') =>
  `HTTP/1.1 ${line}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const error = (id, code) => `{"jsonrpc":"2.0","id":"${id}","error":{"code":${code},"message":"no"}}`;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing of it arrived, or it broke off: the outcome is not known, or known to be an error. */
const kBroken = ['error', 'unknown'];

/**
 * name -> {act(socket, id), sees: the statuses that the client may get ('' = closed without an answer), recorded: the
 * results that the record may have}. `cut` = the client's answer may also end early.
 */
export const kUpstreams = {
  'well-behaved': { act: (s, id) => s.write(ok(kBody(id))), sees: ['200'], recorded: ['success'] },
  'tool-error': {
    act: (s, id) => s.write(ok(kBody(id, ',"isError":true'))),
    sees: ['200'],
    recorded: ['failure'],
  },
  'json-error': { act: (s, id) => s.write(ok(error(id, -32602))), sees: ['200'], recorded: ['failure'] },
  'internal-error': { act: (s, id) => s.write(ok(error(id, -32603))), sees: ['200'], recorded: ['error'] },
  'status-401': {
    act: (s) => s.write(status('401 Unauthorized', '', 'WWW-Authenticate: Bearer scope="a"\r\n')),
    sees: ['401'],
    recorded: ['failure'],
  },
  'status-403': { act: (s) => s.write(status('403 Forbidden')), sees: ['403'], recorded: ['denied'] },
  'status-404': { act: (s) => s.write(status('404 Not Found')), sees: ['404'], recorded: ['failure'] },
  'status-429': { act: (s) => s.write(status('429 Too Many Requests')), sees: ['429'], recorded: ['denied'] },
  'status-500': { act: (s) => s.write(status('500 No', '<html>')), sees: ['500'], recorded: ['error'] },
  'status-503-json': {
    act: (s, id) => s.write(status('503 No', error(id, -32000))),
    sees: ['503'],
    recorded: ['error'],
  },
  'closes-at-once': { act: (s) => s.end(), sees: ['502'], recorded: kBroken },
  resets: { act: (s) => s.resetAndDestroy(), sees: ['502'], recorded: kBroken },
  garbage: { act: (s) => s.end('SSH-2.0-OpenSSH_9\r\n\r\n'), sees: ['502'], recorded: kBroken },
  'binary-garbage': {
    act: (s) => s.end(Buffer.from([0, 255, 22, 3, 1, 10, 13, 10, 13, 10])),
    sees: ['502'],
    recorded: kBroken,
  },
  'half-a-head': {
    act: (s) => s.end('HTTP/1.1 200 OK\r\nContent-Ty'),
    sees: ['502'],
    recorded: kBroken,
  },
  'head-of-100-mb': { act: flood_head, sees: ['502'], recorded: kBroken },
  'two-lengths': {
    act: (s, id) => s.end(ok(kBody(id), 'Content-Length: 5\r\n')),
    sees: ['502'],
    recorded: kBroken,
  },
  'length-and-chunked': {
    act: (s, id) => s.end(ok(kBody(id), 'Transfer-Encoding: chunked\r\n')),
    sees: ['502'],
    recorded: kBroken,
  },
  'body-too-short': {
    act: (s, id) => s.end(ok(kBody(id)).slice(0, -20)),
    sees: ['200', '502'],
    cut: true,
    recorded: kBroken,
  },
  'half-a-chunk': {
    act: (s) => s.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"jsonrpc"'),
    sees: ['200', '502'],
    cut: true,
    recorded: kBroken,
  },
  'bad-chunk-size': {
    act: (s) => s.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n'),
    sees: ['200', '502'],
    cut: true,
    recorded: kBroken,
  },
  'no-last-chunk': {
    act: (s, id) => s.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(kBody(id))}`),
    sees: ['200'],
    cut: true,
    recorded: ['success', ...kBroken],
  },
  'resets-in-body': {
    act: async (s, id) => {
      s.write(ok(kBody(id)).slice(0, -20));
      await pause(50);
      s.resetAndDestroy();
    },
    sees: ['200', '502'],
    cut: true,
    recorded: kBroken,
  },
  'until-close': {
    act: (s, id) => s.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n${kBody(id)}`),
    sees: ['200'],
    recorded: ['success'],
  },
  'http-1.0': {
    act: (s, id) => s.end(`HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${kBody(id)}`),
    sees: ['200'],
    recorded: ['success'],
  },
  'no-json': { act: (s) => s.write(ok('{"jsonrpc":')), sees: ['200'], recorded: kBroken },
  'other-id': { act: (s) => s.write(ok(kBody('other'))), sees: ['200'], recorded: kBroken },
  'early-hints': {
    act: (s, id) => s.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok(kBody(id))}`),
    sees: ['103 200', '200'],
    recorded: ['success'],
  },
  drips: {
    act: async (s, id) => {
      for (const byte of ok(kBody(id))) {
        if (s.destroyed) return;
        s.write(byte);
        await pause(2);
      }
    },
    sees: ['200'],
    recorded: ['success'],
  },
  'second-answer': {
    act: (s, id) => s.write(ok(kBody(id)) + ok('{"jsonrpc":"2.0","id":"next","result":{"evil":true}}')),
    sees: ['200'],
    recorded: ['success'],
  },
  'no-content-with-body': {
    act: (s) => s.write('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nabcde'),
    sees: ['204', '502'],
    recorded: ['success', ...kBroken],
  },
};

const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Headers without end, as fast as they are taken. */
function flood_head(socket) {
  socket.write('HTTP/1.1 200 OK\r\n');
  const block = Buffer.from(`X-Filler: ${'a'.repeat(1000)}\r\n`.repeat(64));
  let left = 100 * 2 ** 20;
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= block.length;
      if (!socket.write(block)) return socket.once('drain', more);
    }
    return socket.end('\r\n');
  };
  more();
}
