// SPDX-License-Identifier: Apache-2.0
// What must hold for the records of one process beside their number: each returns problem lines.

import { kServerExit, kServerStart, kToolDefinition, kUnknownMethod } from './names.mjs';

/** Records that stand for a message on the wire. */
export const of_messages = (events) =>
  events.filter((e) => e.details?.method !== undefined && e.event_name !== kToolDefinition);

/** One start, first; one exit, last; nothing else that neither a message nor a definition explains. */
export function check_process_records(events) {
  const problems = [];
  const names = events
    .filter((event) => event.details?.method === undefined && event.event_name !== kToolDefinition)
    .map((event) => event.event_name);
  if (names.join(' ') !== `${kServerStart} ${kServerExit}`) {
    problems.push(`records of no message: ${names.join(' ')}`);
  }
  if (events[0]?.event_name !== kServerStart) problems.push('the first record is not the start');
  if (events.at(-1)?.event_name !== kServerExit) problems.push('the last record is not the exit');
  return problems;
}

/**
 * Definitions: exactly the changed ones are recorded as changed, with before and after; whatever
 * else is recorded of them is about a tool that was served.
 */
export function check_definitions(events, expected) {
  const problems = [];
  const records = events.filter((event) => event.event_name === kToolDefinition);
  const changed = records.filter((event) => event.details.change === 'changed');
  const names = changed.map((event) => event.target_name).join(' ');
  if (names !== expected.definition_changes.join(' ')) {
    problems.push(`changed: ${names}, want ${expected.definition_changes.join(' ')}`);
  }
  for (const event of changed) {
    const [before, after] = [event.old_values, event.new_values].map((v) => JSON.stringify(v));
    if (before === undefined || after === undefined || before === after) {
      problems.push(`${event.target_name}: before ${before}, after ${after}`);
    }
  }
  for (const event of records) {
    if (!expected.tools.includes(event.target_name)) problems.push(`no tool ${event.target_name}`);
  }
  return problems;
}

/** Both records of a staged call share their interaction; every other interaction is its own. */
export function check_interactions(events) {
  const problems = [];
  const by_interaction = new Map();
  for (const event of events) {
    const known = by_interaction.get(event.interaction_id) ?? [];
    by_interaction.set(event.interaction_id, [...known, event]);
  }
  for (const [interaction, group] of by_interaction) {
    const statuses = group.map((event) => event.status).join(',');
    const requests = new Set(group.map((event) => JSON.stringify(event.details.jsonrpc_id)));
    const staged = group.length === 2 && group[0].status === 'initiated';
    if (!(staged || (group.length === 1 && statuses !== 'initiated')) || requests.size !== 1) {
      problems.push(`${interaction}: ${statuses} for ids ${[...requests].join(',')}`);
    }
    const [first, second] = group.map((event) => JSON.stringify(event.details.arguments));
    if (staged && first !== second) {
      problems.push(`${interaction}: initiated and completed do not carry the same arguments`);
    }
  }
  return problems;
}

/** The event name is the one that the catalogue gives the method in its direction. */
export function check_names(events, catalog) {
  const names = new Map();
  for (const { name, methods } of catalog.events) {
    for (const { method } of methods) names.set(method, name);
  }
  return events
    .filter((e) => e.event_name !== (names.get(e.details.method) ?? kUnknownMethod))
    .map((e) => `${e.details.method} is recorded as ${e.event_name}`);
}

/** An unknown outcome says why; a failure has its text; a duration is there once it is known. */
export function check_outcomes(events) {
  const problems = [];
  for (const e of events) {
    const what = `seq ${e.seq} ${e.details.method}`;
    if (e.event_result === 'unknown' && !e.details.outcome?.reason) {
      problems.push(`${what}: unknown without details.outcome.reason`);
    }
    if (['failure', 'error'].includes(e.event_result) && !e.error_message) {
      problems.push(`${what}: ${e.event_result} without error_message`);
    }
    const answered = e.details.jsonrpc_id !== undefined && e.status !== 'initiated';
    if (answered && e.event_result !== 'unknown' && !(e.duration_ms >= 0)) {
      problems.push(`${what}: no duration_ms`);
    }
  }
  return problems;
}

/** Numbered from 0, in order, without a gap. */
export function check_numbers(events) {
  return events.filter((e, index) => e.seq !== index).map((e) => `seq ${e.seq}: not its place`);
}
