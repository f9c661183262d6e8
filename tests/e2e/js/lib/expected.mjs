// SPDX-License-Identifier: Apache-2.0
// The oracle: from the frames that an independent tap saw, the records that must be in the log.
// Written from docs/ and the event rules alone, in the plainest way, and sharing nothing with src/.
//
// A record is {direction, id, method, status, event_result}; `id` is the JSON text of the request's
// id, null for a notification.

const kAlwaysStaged = new Set(['tasks/update', 'tasks/cancel', 'subscriptions/listen']);
const kInternalError = -32603;

/** Outcome of a response -> [status, event_result]. The first row that matches decides. */
const kOutcomes = [
  [(m) => m.error?.code === kInternalError, ['failed', 'error']],
  [(m) => m.error !== undefined, ['failed', 'failure']],
  [(m) => m.result?.isError === true, ['failed', 'failure']],
  [(m) => m.result?.resultType === 'input_required', ['succeeded', 'deferred']],
  [(m) => m.result?.resultType === 'task', ['succeeded', 'deferred']],
  [(m, request) => is_created_task(m, request), ['succeeded', 'deferred']],
  [() => true, ['succeeded', 'success']],
];

/** 2025-11-25: a request with `task` in its parameters is answered with the task alone. */
function is_created_task(response, request) {
  return request.params?.task !== undefined && response.result?.task?.taskId !== undefined;
}

function outcome_of(response, request) {
  return kOutcomes.find(([matches]) => matches(response, request))[1];
}

/** JSON with keys in order, to tell whether two definitions are the same. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** The tool definitions served so far on one connection. */
class Definitions {
  constructor() {
    this.tools = new Map();
    this.changes = [];
  }

  served(tools) {
    for (const tool of tools) {
      const text = canonical(tool);
      const known = this.tools.get(tool.name);
      const changed = known !== undefined && known.text !== text;
      if (changed) this.changes.push(tool.name);
      this.tools.set(tool.name, {
        text,
        changed: changed || known?.changed === true,
        read_only: tool.annotations?.readOnlyHint === true,
      });
    }
  }

  /** Only the hint of a definition that was served and never changed takes the first stage away. */
  is_read_only(name) {
    const known = this.tools.get(name);
    return known !== undefined && known.read_only && !known.changed;
  }
}

function is_staged(request, direction, definitions) {
  if (direction !== 'c2s') return false;
  if (request.method === 'tools/call') return !definitions.is_read_only(request.params?.name);
  return kAlwaysStaged.has(request.method);
}

/**
 * The records of one connection. `frames` = [{dir, text}]. Returns
 * {records, definition_changes: [tool name], tools: [name], messages, request_states}.
 */
export function expected_records(frames) {
  const records = [];
  const open = new Map();
  const definitions = new Definitions();
  const request_states = new Set();
  const other = { c2s: 's2c', s2c: 'c2s' };

  const add = (direction, id, method, [status, event_result]) =>
    records.push({ direction, id, method, status, event_result });

  for (const { dir, text } of frames) {
    const message = JSON.parse(text);
    const has_id = Object.hasOwn(message, 'id');
    const id = has_id ? JSON.stringify(message.id) : null;
    for (const state of [message.params?.requestState, message.result?.requestState]) {
      if (state !== undefined) request_states.add(state);
    }
    if (message.method !== undefined && !has_id) {
      add(dir, null, message.method, ['succeeded', 'success']);
      continue;
    }
    if (message.method !== undefined) {
      open.set(`${dir} ${id}`, message);
      if (is_staged(message, dir, definitions)) {
        add(dir, id, message.method, ['initiated', 'pending']);
      }
      continue;
    }
    const key = `${other[dir]} ${id}`;
    const request = open.get(key);
    if (request === undefined) {
      add(dir, id, null, ['unpaired', 'unpaired']);
      continue;
    }
    open.delete(key);
    add(other[dir], id, request.method, outcome_of(message, request));
    if (request.method === 'tools/list' && Array.isArray(message.result?.tools)) {
      definitions.served(message.result.tools);
    }
  }
  for (const [key, request] of open) {
    const [direction, id] = [key.slice(0, 3), key.slice(4)];
    add(direction, id, request.method, ['failed', 'unknown']);
  }
  return {
    records,
    definition_changes: definitions.changes,
    tools: [...definitions.tools.keys()],
    messages: frames.length,
    request_states: [...request_states],
  };
}
