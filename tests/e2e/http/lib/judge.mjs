// SPDX-License-Identifier: Apache-2.0
// Whether what an upstream understood of one connection is what the log says of it.

const kUnparsed = /unparsed/;
/** Longer names are cut in records; so much of one is always there. */
const kNameKept = 64;

/** The JSON-RPC messages in a body, as the upstream that parsed it would run them. */
function messages(body) {
  return [body].flat().filter((m) => m !== null && typeof m === 'object' && !Array.isArray(m));
}

/** {method, name} of every call in what was seen, in order. */
function calls(seen) {
  return seen
    .flatMap(({ body }) => (body === undefined ? [] : messages(body)))
    .filter(({ method }) => typeof method === 'string')
    .map(({ method, params }) => ({ method, name: params?.name }));
}

/** A record is UTF-8: half a surrogate pair can only be replaced in it. */
function same_name(name, record) {
  if (typeof name !== 'string') return true;
  const [wanted, recorded] = [name.toWellFormed(), String(record.target_name)];
  if (wanted.length > kNameKept) return recorded.startsWith(wanted.slice(0, kNameKept));
  return recorded === wanted;
}

const matches = (call, event) =>
  event.details?.method === call.method &&
  (call.method !== 'tools/call' || same_name(call.name, event));

/** One event for each message: of a staged one the completed. What else is said of an exchange is not a message. */
function interactions(events) {
  const last = new Map();
  for (const event of events) {
    if (event.details?.method === undefined) continue;
    last.set(`${event.interaction_id ?? event.event_id} ${event.details.method}`, event);
  }
  return [...last.values()];
}

const was_refused = (event) =>
  event.event_result === 'denied' || event.details?.outcome?.reason === 'not_forwarded';

/**
 * {verdict, problems}: `same` (all that was understood is recorded), `opaque` (recorded as something that could not be
 * parsed), `refused` (the upstream got nothing), or `different` with the reasons.
 */
export function judge(seen, events) {
  const problems = [];
  const left = interactions(events);
  let opaque = 0;
  const take = (test) => {
    const at = left.findIndex((event) => !was_refused(event) && test(event));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  for (const call of calls(seen)) {
    if (take((event) => matches(call, event))) continue;
    if (events.some((event) => kUnparsed.test(event.event_name))) ++opaque;
    else problems.push(`not recorded: ${call.method} ${JSON.stringify(call.name)}`);
  }
  const recorded = events.filter((event) => !was_refused(event)).length;
  if (seen.length > 0 && recorded === 0) problems.push('the upstream saw a request, no record');
  for (const event of left) {
    if (event.event_result !== 'success' || event.details.direction !== 'c2s') continue;
    problems.push(`recorded, not understood: ${event.details.method} ${event.target_name}`);
  }
  if (problems.length > 0) return { verdict: 'different', problems };
  if (seen.length === 0) return { verdict: 'refused', problems };
  return { verdict: opaque > 0 ? 'opaque' : 'same', problems };
}

/** A short text of what was seen. */
export function say(seen) {
  if (seen === undefined || seen.length === 0) return 'nothing';
  return seen
    .map(({ method, target, body, error }) => {
      const shown = calls([{ body }]).map((call) => `${call.method} ${String(call.name).slice(0, 30)}`);
      return `${method} ${target.slice(0, 40)} [${error ?? shown.join(', ')}]`;
    })
    .join(' + ');
}
