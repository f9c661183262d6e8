// SPDX-License-Identifier: Apache-2.0
// An auditor factory that writes each event to $TALLY_AUDIT_EVENTS, to see what Backstage's plugins emit. $TALLY_AUDIT_SINK says how
// it behaves: sync, async (5 ms later), down (always fails), down-at-the-end (fails when something has succeeded).

const { appendFileSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { DefaultAuditorService } = require('@backstage/backend-defaults/auditor');
const { coreServices, createServiceFactory } = require('@backstage/backend-plugin-api');

const kSink = process.env.TALLY_AUDIT_SINK;

function write(event) {
  if (event.plugin !== 'mcp-actions') return undefined;
  if (kSink === 'down' || (kSink === 'down-at-the-end' && event.status === 'succeeded' && event.eventId === 'tool-execution')) {
    throw new Error('the audit sink is down');
  }
  const line = JSON.stringify({ ...event, error: event.error && { name: event.error.name, message: event.error.message } });
  const keep = () => appendFileSync(process.env.TALLY_AUDIT_EVENTS, `${line}\n`);
  return kSink === 'async' ? pause(5).then(keep) : keep();
}

module.exports = createServiceFactory({
  service: coreServices.auditor,
  deps: { auth: coreServices.auth, httpAuth: coreServices.httpAuth, plugin: coreServices.pluginMetadata },
  factory: (deps) => DefaultAuditorService.create(write, deps),
});
