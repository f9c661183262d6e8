// SPDX-License-Identifier: Apache-2.0
// A Backstage backend with its MCP server and three actions, started as its users do:
//
//   node backend.cjs --config FILE
//
// The configuration is written by run.mjs: port, keys, a token. Readiness: GET /.backstage/health/v1/readiness.

const { createBackend } = require('@backstage/backend-defaults');
const { coreServices, createBackendPlugin } = require('@backstage/backend-plugin-api');
const { actionsRegistryServiceRef } = require('@backstage/backend-plugin-api/alpha');
const mcp = require('@backstage/plugin-mcp-actions-backend').default;

const kActions = [
  {
    name: 'greet',
    title: 'Greet',
    description: 'Says hello',
    attributes: { readOnly: true },
    action: async ({ input }) => ({ output: { said: `hello, ${input.name}` } }),
  },
  {
    name: 'write-note',
    title: 'Write a note',
    description: 'Pretends to write',
    attributes: { readOnly: false, destructive: true },
    action: async ({ input }) => ({ output: { said: `noted ${input.name}` } }),
  },
  {
    name: 'break',
    title: 'Break',
    description: 'Fails always',
    action: async () => {
      throw new Error('it broke, as it always does');
    },
  },
];

const demo = createBackendPlugin({
  pluginId: 'demo',
  register(env) {
    env.registerInit({
      deps: { actions: actionsRegistryServiceRef, logger: coreServices.logger },
      async init({ actions, logger }) {
        for (const action of kActions) {
          actions.register({
            ...action,
            schema: {
              input: (z) => z.object({ name: z.string() }),
              output: (z) => z.object({ said: z.string() }),
            },
          });
        }
        logger.info(`registered ${kActions.length} actions`);
      },
    });
  },
});

const backend = createBackend();
backend.add(demo);
backend.add(mcp);
if (process.env.TALLY_AUDIT_EVENTS) backend.add(require('./auditor.cjs'));
backend.start();
