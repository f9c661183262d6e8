// SPDX-License-Identifier: Apache-2.0
// Two nginx of our own: an upstream that answers every call from memory, and the proxy with an access log that the bars are
// measured against.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, free_ports, pause } from '../../tests/e2e/http/lib/child.mjs';

/** Told apart by a header: tools/list names the tool that only reads. Ids are those of load.lua and of list_tools. */
const kResult = '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hello"}]}}';
const kTools = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  result: {
    tools: [
      {
        name: 'read',
        inputSchema: { type: 'object' },
        annotations: { readOnlyHint: true, destructiveHint: false },
      },
      { name: 'write', inputSchema: { type: 'object' } },
    ],
  },
});

/** What a gateway answers about one tool. */
const kObject = JSON.stringify({
  id: '7',
  name: 'deploy',
  description: 'Deploys what is named',
  inputSchema: { type: 'object', properties: { name: { type: 'string' } } },
  annotations: { readOnlyHint: false },
  enabled: true,
});

const kUpstream = (port) => `
  access_log off;
  map $http_x_bench_list $answer { default '${kResult}'; yes '${kTools}'; }
  server {
    listen 127.0.0.1:${port} backlog=4096 reuseport;
    location / { default_type application/json; return 200 $answer; }
    location /tools/ { default_type application/json; return 200 '${kObject}'; }
  }`;

const kProxy = (port, upstream, log) => `
  access_log ${log};
  upstream calls { server 127.0.0.1:${upstream}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096 reuseport;
    location / {
      proxy_pass http://calls;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_buffering off;
    }
  }`;

async function start(directory, port, http) {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  writeFileSync(
    file,
    `daemon off; worker_processes auto; pid ${join(directory, 'pid')}; error_log ${join(directory, 'error')};
worker_rlimit_nofile 32768;
events { worker_connections 16384; }
http {
  ${paths.join(' ')}
  keepalive_timeout 600; keepalive_requests 10000000;
  ${http}
}
`,
  );
  const child = new Child('nginx', ['-p', directory, '-c', file, '-e', join(directory, 'error')]);
  for (let i = 0; ; ++i) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    if (answer?.ok) break;
    if (i > 200 || child.status !== undefined) throw new Error(child.trouble('nginx does not answer'));
    await pause(20);
  }
  return { child, port, origin: `http://127.0.0.1:${port}` };
}

/** {upstream, proxy}, both running. */
export async function start_nginx(directory) {
  const [upstream_port, proxy_port] = await free_ports(2);
  const upstream = await start(join(directory, 'upstream'), upstream_port, kUpstream(upstream_port));
  const conf = kProxy(proxy_port, upstream_port, join(directory, 'access.log'));
  const proxy = await start(join(directory, 'nginx'), proxy_port, conf);
  return { upstream, proxy };
}

/** Asks for the tools once, so that whoever listens in between knows which of them only read. */
export async function list_tools(origin) {
  const answer = await fetch(`${origin}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-bench-list': 'yes',
    },
    body: '{"jsonrpc":"2.0","id":0,"method":"tools/list"}',
  });
  const { result } = await answer.json();
  if (result?.tools?.length !== 2) throw new Error(`${origin}: tools/list went wrong`);
}
