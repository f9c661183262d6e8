// SPDX-License-Identifier: Apache-2.0
// What a request says beyond what plugins put into their events: the JSON-RPC message, its arguments, the client.

import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '@backstage/types';
import { redact_json } from './redact';

export const kArgumentBytesMax = 16 * 1024;
const kClientBytesMax = 2 * 1024;
const kPreviewMax = 500;
const kTextMax = 1000;

/** The part of an Express request that is looked at. */
export type AuditedRequest = {
  method?: string;
  originalUrl?: string;
  ip?: string;
  hostname?: string;
  body?: unknown;
  get(name: string): string | undefined;
};

/** Facts of a request in the names of the log's own fields and details. */
export type Facts = {
  request_id?: string;
  trace_id?: string;
  jsonrpc_id?: string | number;
  method?: string;
  protocol_version?: string;
  arguments?: JsonValue;
  arguments_digest?: JsonObject;
  client?: JsonValue;
  batch?: JsonObject;
};

/** Which elements of a batch have been given to an event already, per request. */
const taken = new WeakMap<object, Set<number>>();

/** At most `limit` characters, no NUL, no surrogate without its partner. */
export function bounded(text: string, limit = kTextMax): string {
  return Buffer.from(text.slice(0, limit).replaceAll('\0', '\ufffd'), 'utf8').toString('utf8');
}

type Message = { id?: unknown; method?: unknown; params?: { [key: string]: unknown } };

function is_object(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The JSON-RPC message that an event of the MCP plugin is about. On a batch every event sees the whole array: the n-th
 * event for a tool is the n-th call of it, since the MCP server begins them in order.
 */
function message_of(body: unknown, method: string, tool: unknown): { message: Message; batch?: JsonObject } | undefined {
  const fits = (item: unknown): item is Message =>
    is_object(item) &&
    (method === '' || item.method === method) &&
    (tool === undefined || (is_object(item.params) && item.params.name === tool));
  if (!Array.isArray(body)) return fits(body) ? { message: body } : undefined;
  const used = taken.get(body) ?? new Set<number>();
  taken.set(body, used);
  const index = body.findIndex((item, i) => !used.has(i) && fits(item));
  if (index < 0 || method === '') return undefined;
  used.add(index);
  return { message: body[index], batch: { index, size: body.length } };
}

/** As it may be recorded: masked, and above the bound replaced by size, beginning and (without secrets) digest. */
export function capped(value: JsonValue, limit = kArgumentBytesMax): { value?: JsonValue; digest?: JsonObject } {
  const { value: clean, redacted } = redact_json(value);
  const text = JSON.stringify(clean);
  const bytes = Buffer.byteLength(text);
  if (bytes <= limit) return { value: clean };
  const digest: JsonObject = { bytes, preview: bounded(text, kPreviewMax) };
  if (!redacted) digest.digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { digest };
}

const kMethods: { [event: string]: string } = { 'tool-execution': 'tools/call', 'tool-discovery': 'tools/list' };

/** Never throws. `tool` is the event's meta.toolName. Headers other than these are never looked at. */
export function facts_of(event_id: string, request: AuditedRequest | undefined, tool: unknown): Facts {
  const out: Facts = {};
  if (request === undefined) return out;
  try {
    const id = request.get('x-request-id');
    if (id !== undefined && /^[\w.:/+=@-]{1,128}$/.test(id)) out.request_id = id;
    const trace = request.get('traceparent')?.match(/^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/);
    if (trace) out.trace_id = trace[1];
    const version = request.get('mcp-protocol-version');
    if (version !== undefined) out.protocol_version = bounded(version, 64);
    const found = message_of(request.body, kMethods[event_id] ?? '', event_id === 'tool-execution' ? tool : undefined);
    if (found === undefined) return out;
    const { message } = found;
    if (typeof message.method === 'string') out.method = bounded(message.method, 256);
    if (typeof message.id === 'number') out.jsonrpc_id = message.id;
    if (typeof message.id === 'string') out.jsonrpc_id = bounded(message.id, 256);
    if (found.batch) out.batch = found.batch;
    const params = is_object(message.params) ? message.params : {};
    const meta = is_object(params._meta) ? params._meta : {};
    // Sessions say it in initialize, stateless requests (2026-07-28) in each.
    const client = params.clientInfo ?? meta['io.modelcontextprotocol/clientInfo'];
    if (is_object(client)) out.client = capped(client as JsonObject, kClientBytesMax).value;
    // Each POST has two pairs of connection events: they need not all carry them.
    const wanted = event_id !== 'connection' && params.arguments !== undefined && params.arguments !== null;
    if (wanted) {
      const { value, digest } = capped(params.arguments as JsonValue);
      if (value !== undefined) out.arguments = value;
      if (digest !== undefined) out.arguments_digest = digest;
    }
  } catch {
    // What was found so far is still true.
  }
  return out;
}
