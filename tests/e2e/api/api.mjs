// SPDX-License-Identifier: Apache-2.0
// Every operation of the API on the running program: what its own document says, who may do what, what bad values do.
//
//   node api.mjs --tallystick PATH

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Report } from '../http/lib/report.mjs';
import { bad_values, operations_of, target_of } from './document.mjs';
import { Server } from './server.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));
const kEvent = '{"event_name":"e2e-api"}';

const { values: options } = parseArgs({
  options: { tallystick: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
if (options.tallystick === undefined) {
  process.stderr.write('usage: node api.mjs --tallystick PATH\n');
  process.exit(2);
}

/** What a role may do, written down a second time: the table in the program is what is tested. */
const may = (role, { open, method, path }) => {
  if (open || path === '/api/audit/session') return true;
  return method === 'POST' ? role !== 'auditor' : role !== 'writer';
};

function lint(report, server, document) {
  const redocly = join(kHere, 'node_modules/.bin/redocly');
  if (!existsSync(redocly)) {
    report.say('the document is not linted: run tools/setup.sh api');
    return;
  }
  const file = join(server.home, 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  try {
    execFileSync(process.execPath, [redocly, 'lint', '--config', join(kHere, 'redocly.yaml'), file], { env, stdio: 'pipe' });
    report.check('the document passes the linter', []);
  } catch (error) {
    report.check('the document passes the linter', `${error.stdout}${error.stderr}`.split('\n'));
  }
}

async function ask(server, operation, token, values = {}) {
  const headers = {};
  for (const { name, in: place } of operation.parameters) {
    if (place === 'header' && values[name] !== undefined) headers[name] = values[name];
  }
  const body = operation.body ? kEvent : undefined;
  if (operation.body) headers['content-type'] = 'application/json';
  const answer = await server.fetch(target_of(operation, values), { method: operation.method, token, headers, body });
  const type = answer.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) await answer.body.cancel();
  else await answer.arrayBuffer();
  return { status: answer.status, type };
}

async function access_matrix(report, server, operations) {
  const tokens = {};
  for (const role of ['admin', 'auditor', 'writer']) tokens[role] = await server.token(role);
  const gone = await server.token('admin', '--name', 'gone');
  const listed = JSON.parse(await server.tool('token', 'list', '--json'));
  await server.tool('token', 'revoke', listed.find(({ name }) => name === 'gone').id);
  const strangers = { nobody: undefined, revoked: gone, made_up: `tally_${'0'.repeat(64)}` };
  for (const operation of operations) {
    const name = `${operation.method} ${operation.path}`;
    const wrong = [];
    for (const [role, token] of Object.entries(tokens)) {
      const { status } = await ask(server, operation, token);
      if ((status === 403) === may(role, operation)) wrong.push(`${role}: ${status}`);
      if (status === 401 || (status >= 500 && !(status === 503 && operation.path === '/readyz'))) wrong.push(`${role}: ${status}`);
      if (operation.responses[status] === undefined) wrong.push(`${role}: ${status} is not in the document`);
    }
    for (const [who, token] of Object.entries(strangers)) {
      // Metrics are open to this machine, to who offers no token.
      const free = operation.open || (operation.path === '/metrics' && token === undefined);
      const { status, type } = await ask(server, operation, token);
      if ([401, 429].includes(status) === free) wrong.push(`${who}: ${status}`);
      if (!free && type !== 'application/problem+json') wrong.push(`${who}: ${type}`);
    }
    report.check(`${name}: each role and stranger`, wrong);
  }
  return tokens.admin;
}

async function bad_parameters(report, server, operations, token) {
  for (const operation of operations) {
    const name = `${operation.method} ${operation.path}`;
    const wrong = [];
    for (const parameter of operation.parameters) {
      const values = bad_values(parameter).filter((value) => {
        // A client cannot send these in a header (space around a value is none of it), and an empty segment is another path.
        if (parameter.in === 'header') return value.trim() === value && value !== '' && !/[\0\n]/.test(value);
        return parameter.in !== 'path' || value !== '';
      });
      for (const value of values) {
        const { status, type } = await ask(server, operation, token, { [parameter.name]: value });
        const fine = status === 422 || (parameter.in === 'path' && status === 404);
        if (!fine || type !== 'application/problem+json') {
          wrong.push(`${parameter.name}=${JSON.stringify(value.slice(0, 40))}: ${status} ${type}`);
        }
      }
      if (parameter.in !== 'query') continue;
      const twice = `${target_of(operation, { [parameter.name]: 'x' })}&${parameter.name}=x`;
      const { status } = await server.fetch(twice, { method: operation.method, token });
      if (status !== 422) wrong.push(`${parameter.name} twice: ${status}`);
    }
    const mark = target_of(operation).includes('?') ? '&' : '?';
    const unknown = await server.fetch(`${target_of(operation)}${mark}no_such=1`, { method: operation.method, token });
    if (unknown.status !== 422) wrong.push(`an unknown parameter: ${unknown.status}`);
    const other = await server.fetch(target_of(operation), { method: 'PATCH', token });
    if (other.status !== 405) wrong.push(`PATCH: ${other.status}`);
    report.check(`${name}: bad values`, wrong);
  }
}

async function recorded(report, server) {
  const names = new Set((await server.entries()).map(({ event_name }) => event_name));
  const wanted = ['audit-service-start', 'audit-token-created', 'audit-token-revoked', 'auth-failure', 'access-denied', 'e2e-api'];
  report.check('what happened is in the log', wanted.filter((name) => !names.has(name)));
}

const report = new Report();
const server = new Server(options.tallystick);
await report.guard('the API', async () => {
  await server.start();
  const document = await (await server.fetch('/openapi.json')).json();
  lint(report, server, document);
  const operations = operations_of(document);
  const token = await access_matrix(report, server, operations);
  await bad_parameters(report, server, operations, token);
  await server.stop();
  await recorded(report, server);
  report.check('the log verifies', (await server.tool('verify')).includes('ok: every entry') ? [] : ['it does not']);
});
await server.close();
report.finish();
