// SPDX-License-Identifier: Apache-2.0
// A Backstage backend with its MCP server, some actions, and the auditor of clients/backstage in place of the default one:
//
//   node backend.cjs --config FILE

const { createRequire } = require('node:module');
const { join } = require('node:path');
const client = join(__dirname, '..', '..', '..', '..', 'clients', 'backstage');
const load = createRequire(join(client, 'package.json'));

const { createBackend } = load('@backstage/backend-defaults');
const { coreServices, createBackendPlugin } = load('@backstage/backend-plugin-api');
const { actionsRegistryServiceRef } = load('@backstage/backend-plugin-api/alpha');
const { InputError } = load('@backstage/errors');

const kActions = {
  greet: async ({ input }) => ({ output: { said: `hello, ${input.name}` } }),
  refuse: async () => {
    throw new InputError('this name is not liked');
  },
  break: async () => {
    throw new Error('it broke, as it always does');
  },
};

const demo = createBackendPlugin({
  pluginId: 'demo',
  register(env) {
    env.registerInit({
      deps: { actions: actionsRegistryServiceRef, logger: coreServices.logger },
      async init({ actions }) {
        for (const [name, action] of Object.entries(kActions)) {
          actions.register({
            name,
            title: name,
            description: name,
            schema: {
              input: (z) => z.object({ name: z.string(), apiKey: z.string().optional() }),
              output: (z) => z.object({ said: z.string() }),
            },
            action,
          });
        }
      },
    });
  },
});

const backend = createBackend();
backend.add(load('./dist/index.js').default);
backend.add(demo);
backend.add(load('@backstage/plugin-mcp-actions-backend').default);
backend.start();
