// SPDX-License-Identifier: Apache-2.0
// From Backstage's audit event to the event that goes into the log.

import type { JsonObject } from '@backstage/types';
import { bounded, capped } from './enrich';
import { redact_text } from './redact';
import { uuid7 } from './uuid7';

/** As DefaultAuditorService hands it to its log function. */
export type AuditorEvent = {
  plugin: string;
  eventId: string;
  severityLevel: 'low' | 'medium' | 'high' | 'critical';
  actor: { actorId?: string; ip?: string; hostname?: string; userAgent?: string };
  request?: { url: string; method: string };
  meta?: JsonObject;
  status: 'initiated' | 'succeeded' | 'failed';
  error?: Error;
};

/** What is added to an event: fields of the log by their names, and members of `details`. */
export type Envelope = {
  event_id: string;
  timestamp: string;
  interaction_id: string;
  event_result: string;
  duration_ms?: number;
  request_id?: string;
  trace_id?: string;
  target_type?: string;
  target_id?: string;
  target_name?: string;
  details: JsonObject;
};

const kMcp: { [event: string]: { name: string; action: string; minor: boolean } } = {
  'tool-execution': { name: 'mcp-tool-execution', action: 'execute', minor: false },
  'tool-discovery': { name: 'mcp-tool-discovery', action: 'list', minor: true },
  connection: { name: 'mcp-connection', action: 'connect', minor: true },
};
const kActions: [RegExp, string][] = [
  [/(fetch|read|facets|schema|get|validate|analyze)$/, 'view'],
  [/(list|discovery)$/, 'list'],
  [/(mutate|write|update)$/, 'update'],
  [/(create|creation)$/, 'create'],
  [/(delete|deletion)$/, 'delete'],
  [/(execution|task)$/, 'execute'],
];

/** What a failure was. The MCP plugin says of tools that report isError only that; such a call was answered. */
export function result_of(error: Error): 'failure' | 'denied' | 'error' {
  if (/^Tool ".*" reported isError=true$/s.test(error.message)) return 'failure';
  if (error.name === 'NotAllowedError' || error.name === 'RateLimitError') return 'denied';
  const answered = ['InputError', 'NotFoundError', 'ConflictError', 'AuthenticationError', 'NotModifiedError'];
  return answered.includes(error.name) ? 'failure' : 'error';
}

function action_of(event: AuditorEvent): string {
  const type = event.meta?.actionType;
  if (event.plugin === 'mcp-actions' && type === 'closed') return 'disconnect';
  if (event.plugin === 'mcp-actions' && kMcp[event.eventId]) return kMcp[event.eventId].action;
  if (typeof type === 'string' && /^(create|update|delete|list|view|execute)$/.test(type)) return type;
  return kActions.find(([pattern]) => pattern.test(event.eventId))?.[1] ?? 'unknown';
}

const severity_of = (result: string, minor: boolean): string =>
  ({ failure: 'warning', denied: 'warning', error: 'error', pending: 'info' })[result] ?? (minor ? 'debug' : 'info');

function meta_of(event: AuditorEvent): JsonObject {
  if (event.meta === undefined) return {};
  const { value, digest } = capped(event.meta);
  return value === undefined ? { meta_digest: digest } : { meta: value };
}

/** The object for POST /api/audit/events. */
export function to_event(event: AuditorEvent, envelope: Envelope): JsonObject {
  const known = event.plugin === 'mcp-actions' ? kMcp[event.eventId] : undefined;
  const { details, ...fields } = envelope;
  const out: JsonObject = {
    ...fields,
    event_name: known?.name ?? `${event.plugin}-${event.eventId}`.replace(/[^A-Za-z0-9._:/-]/g, '-').slice(0, 128),
    event_type: known ? 'mcp' : event.plugin === 'permission' ? 'access' : event.plugin === 'auth' ? 'auth' : 'api',
    event_action: action_of(event),
    status: event.status,
    severity: severity_of(envelope.event_result, known ? known.minor : event.severityLevel === 'low'),
    severity_level: event.severityLevel,
    actor_type: event.actor.actorId === undefined ? 'anonymous' : event.actor.actorId.startsWith('user:') ? 'user' : 'service',
    details: {
      ...details,
      plugin: event.plugin,
      event_id: event.eventId,
      ...meta_of(event),
      ...(event.actor.hostname && { hostname: bounded(event.actor.hostname, 256) }),
      ...(event.error && { error: { name: bounded(event.error.name, 128) } }),
    },
  };
  if (event.actor.actorId !== undefined) {
    out.actor_id = bounded(event.actor.actorId);
    out.actor_verified = 'claimed';
  }
  if (event.actor.ip !== undefined) out.actor_ip = event.actor.ip.replace(/^::ffff:(?=\d+\.)/, '').slice(0, 64);
  if (event.actor.userAgent !== undefined) out.actor_user_agent = bounded(event.actor.userAgent, 512);
  if (event.request) {
    out.http_method = bounded(event.request.method, 32);
    out.api_endpoint = redact_text(bounded(event.request.url));
  }
  if (event.error) out.error_message = redact_text(bounded(event.error.message));
  return out;
}

/** The event that says how many are missing. A writer's token may not write type audit, so it has a name of its own. */
export function gap_event(server: string, lost: Map<string, number>, from: number, to: number, reason: string): JsonObject {
  const count = [...lost.values()].reduce((sum, each) => sum + each, 0);
  return {
    event_id: uuid7(),
    timestamp: new Date().toISOString(),
    event_name: 'client-audit-gap',
    event_type: 'security',
    event_action: 'create',
    event_result: 'error',
    status: 'failed',
    severity: 'error',
    severity_level: 'critical',
    actor_id: server,
    actor_type: 'service',
    target_type: 'log',
    error_message: `${count} audit events could not be recorded`,
    details: {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      count,
      by_method: Object.fromEntries(lost),
      spooled: 0,
      reason,
    },
  };
}
