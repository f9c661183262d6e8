// SPDX-License-Identifier: Apache-2.0
// An upstream on Node.js and Express that tells what it understood of every request, one line of JSON each on stdout.

import { createServer } from 'node:http';
import express from 'express';

const app = express();

/** `body` is undefined where no JSON was understood, or where the request went to another path than the MCP endpoint. */
function tell(request, body, error) {
  const { method, originalUrl, rawHeaders } = request;
  const seen = { method, target: originalUrl, headers: rawHeaders, body, error };
  process.stdout.write(`${JSON.stringify({ seen })}\n`);
}

/** What a JSON-RPC server answers: a result for every message that has an id. */
function answer(body) {
  const one = ({ id }) => ({ jsonrpc: '2.0', id, result: { content: [] } });
  if (Array.isArray(body)) return body.filter((m) => m?.id !== undefined).map(one);
  return body?.id === undefined ? undefined : one(body);
}

const parse = express.json({ type: () => true, strict: false, limit: '64mb', inflate: true });

// Routed as Express does: without case, with or without a slash at the end.
app.post('/mcp', parse, (request, response) => {
  tell(request, request.body ?? null);
  const result = answer(request.body);
  if (result === undefined) response.status(202).end();
  else response.json(result);
});
app.use((request, response, next) => {
  request.on('error', next);
  request.resume();
  request.on('end', () => {
    tell(request);
    response.json({});
  });
});
// Express wants all four parameters to see that this one is for errors.
app.use((error, request, response, _next) => {
  tell(request, undefined, error.type ?? error.message);
  response.status(error.status ?? 500).json({ error: error.type });
});

const server = createServer(app);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
});
process.on('SIGTERM', () => process.exit(0));
