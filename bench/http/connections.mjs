// SPDX-License-Identifier: Apache-2.0
// What open connections cost the proxy: idle ones that had a request, and event streams that are open.

import { createServer } from 'node:http';
import { connect } from 'node:net';

const kRequest = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n';
const kStream = 'GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n';
/** Opened at once: more would only wait in the backlog. */
const kAtOnce = 100;

/** Answers at once; an event stream stays open with one event in it. */
export async function start_streams() {
  const server = createServer((incoming, response) => {
    if (incoming.headers.accept !== 'text/event-stream') {
      response.end('ok');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': open\n\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

function open_one(port, text, until) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let got = '';
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      if (got.includes(until)) resolve(socket);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(got.slice(0, 100))}`)));
  });
}

/** Opens `count` connections of a kind, each answered; resolves to the sockets. */
export async function open_many(port, count, kind) {
  const [text, until] = kind === 'stream' ? [kStream, ': open'] : [kRequest, 'ok'];
  const sockets = [];
  while (sockets.length < count) {
    const some = Math.min(kAtOnce, count - sockets.length);
    const opened = Array.from({ length: some }, () => open_one(port, text, until));
    sockets.push(...(await Promise.all(opened)));
  }
  return sockets;
}
