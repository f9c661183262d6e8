// SPDX-License-Identifier: Apache-2.0
// Small questions to a list of events, for the hostile cases. Each answers with problem lines.

import { kServerExit, kServerStart } from './names.mjs';

export const of_method = (events, method) =>
  events.filter((event) => event.details?.method === method);

export const outcome = (event) => `${event.status}/${event.event_result}`;

/** The outcomes of the records with this method and id must be exactly these, in log order. */
export function want_outcomes(events, method, id, outcomes) {
  const found = of_method(events, method)
    .filter((event) => JSON.stringify(event.details.jsonrpc_id ?? null) === JSON.stringify(id))
    .map(outcome);
  if (JSON.stringify(found) === JSON.stringify(outcomes)) return [];
  return [`${method} ${id}: records ${found.join(', ') || 'none'}, want ${outcomes.join(', ')}`];
}

/** Exactly `count` records with this event name. */
export function want_count(events, event_name, count) {
  const found = events.filter((event) => event.event_name === event_name).length;
  if (found === count) return [];
  const names = [...new Set(events.map((event) => event.event_name))].join(' ');
  return [`${found} records of ${event_name}, want ${count}; there are: ${names}`];
}

/** Every process in the log has its start and, unless it was killed, its exit. */
export function want_process(events, { starts = 1, exits = 1 } = {}) {
  return [...want_count(events, kServerStart, starts), ...want_count(events, kServerExit, exits)];
}
