// SPDX-License-Identifier: Apache-2.0
// The client of the conformance suite's client mode, on SDK 2.4: connects, uses everything that the server offers, and
// authorizes where it is asked to.
//
//   MCP_CONFORMANCE_SCENARIO=... node client.mjs URL
//
// TALLY_VIA="HOST:PORT=PORT2" sends what is meant for HOST:PORT to PORT2 on this machine: a proxy under the same public
// address, as in front of a real server.

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { Agent, buildConnector, fetch as undici_fetch } from 'undici';
import { provider_for } from './provider.mjs';

const kScenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const kContext = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const kVersion = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '2025-11-25';
/** A token that is refused again and again is not asked for more often than this. */
const kAuthorizations = 2;

function make_fetch() {
  const via = process.env.TALLY_VIA;
  if (via === undefined) return undici_fetch;
  const [public_host, port] = via.split('=');
  const connector = buildConnector({});
  const connect = (options, done) => {
    const same = `${options.hostname}:${options.port}` === public_host;
    connector(same ? { ...options, hostname: '127.0.0.1', port } : options, done);
  };
  const dispatcher = new Agent({ connect });
  return (url, init) => undici_fetch(url, { ...init, dispatcher });
}

function make_client() {
  const client = new Client(
    { name: 'tallystick-conformance-client', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
      versionNegotiation: kVersion === '2026-07-28' ? { mode: 'auto' } : undefined,
    },
  );
  // With defaults applied by the SDK; what has no default is answered by its type.
  client.setRequestHandler('elicitation/create', async ({ params }) => ({
    action: 'accept',
    content: kScenario.includes('defaults') ? {} : arguments_for(params.requestedSchema),
  }));
  client.setRequestHandler('sampling/createMessage', async () => ({
    role: 'assistant',
    model: 'test',
    content: { type: 'text', text: 'an answer' },
  }));
  client.setRequestHandler('roots/list', async () => ({ roots: [] }));
  return client;
}

const kValues = { number: 5, integer: 5, boolean: true, array: [], object: {}, string: 'text' };

/** The required arguments of a schema, by their type; `given` has values for names that are known. */
function arguments_for(schema, given = {}) {
  const out = {};
  for (const name of schema?.required ?? []) {
    out[name] = given[name] ?? kValues[schema.properties?.[name]?.type] ?? 'text';
  }
  return out;
}

class Session {
  constructor(url) {
    this.url = url;
    this.fetch = make_fetch();
    this.provider = provider_for(kScenario, kContext, this.fetch);
  }

  /** Runs `action`; when it needs authorization, authorizes and runs it again. */
  async authorized(action) {
    for (let left = kAuthorizations; ; --left) {
      try {
        return await action();
      } catch (error) {
        const callback = this.provider?.callback;
        if (!(error instanceof UnauthorizedError) || callback === undefined || left === 0) throw error;
        this.provider.callback = undefined;
        await this.transport.finishAuth(callback);
      }
    }
  }

  async connect() {
    await this.authorized(async () => {
      this.client = make_client();
      this.transport = new StreamableHTTPClientTransport(this.url, {
        fetch: this.fetch,
        authProvider: this.provider,
      });
      await this.client.connect(this.transport);
    });
  }

  /** A call that fails is a result like any other; only the failure to authorize ends the session. */
  async tried(action) {
    try {
      return await this.authorized(action);
    } catch (error) {
      if (error instanceof UnauthorizedError) throw error;
      process.stderr.write(`${error}\n`);
      return undefined;
    }
  }

  async tools() {
    const listed = await this.authorized(() => this.client.listTools());
    // One scenario wants to see what the client made of a schema.
    const given = { schema: listed.tools[0]?.inputSchema };
    const all = listed.tools.map(({ name, inputSchema }) => ({
      name,
      arguments: arguments_for(inputSchema, given),
    }));
    for (const call of kContext.toolCalls ?? all) await this.tried(() => this.client.callTool(call));
  }

  async others() {
    const capabilities = this.client.getServerCapabilities() ?? {};
    if (capabilities.prompts) {
      const listed = await this.tried(() => this.client.listPrompts());
      for (const { name } of listed?.prompts ?? []) {
        await this.tried(() => this.client.getPrompt({ name, arguments: {} }));
      }
    }
    if (capabilities.resources) {
      const listed = await this.tried(() => this.client.listResources());
      for (const { uri } of listed?.resources ?? []) {
        await this.tried(() => this.client.readResource({ uri }));
      }
    }
  }
}

const session = new Session(new URL(process.argv[2]));
try {
  await session.connect();
  await session.tools();
  await session.others();
  await session.client.close();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}
