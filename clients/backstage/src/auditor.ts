// SPDX-License-Identifier: Apache-2.0
// An AuditorService that takes note and returns: what is audited never waits for the audit and never fails by it.

import type {
  AuditorService,
  AuditorServiceCreateEventOptions,
  AuditorServiceEvent,
  AuthService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import { facts_of } from './enrich';
import type { AuditedRequest, Facts } from './enrich';
import { result_of, to_event } from './event';
import type { AuditorEvent, Envelope } from './event';
import type { Sender } from './sender';
import { uuid7 } from './uuid7';

export type LogLine = (event: AuditorEvent) => void;

export type AuditorParts = {
  plugin: string;
  /** What target ids begin with. */
  server: string;
  auth: AuthService;
  httpAuth: HttpAuthService;
  sender: Sender;
  /** Where the default auditor's line goes; undefined: nowhere. */
  log?: LogLine;
  /** Whether that line carries meta.tallystick. */
  logFacts: boolean;
  /** Told once of each kind of trouble. */
  trouble: (text: string) => void;
};

/** One interaction: what is the same for its two records. */
type Interaction = {
  options: AuditorServiceCreateEventOptions;
  request?: AuditorEvent['request'];
  actor: Omit<AuditorEvent['actor'], 'actorId'>;
  facts: Facts;
  id: string;
  began: number;
  who: Promise<{ actorId?: string; problem?: string }>;
};

export class TallystickAuditor implements AuditorService {
  readonly #parts: AuditorParts;

  constructor(parts: AuditorParts) {
    this.#parts = parts;
  }

  /**
   * Resolves at once and never rejects, also when credentials cannot be resolved: the event then has no actor and says
   * why. The same holds for success() and fail(); of these the first one counts.
   */
  async createEvent(options: AuditorServiceCreateEventOptions): Promise<AuditorServiceEvent> {
    let interaction: Interaction | undefined;
    try {
      interaction = this.#begin(options);
      this.#record(interaction, { status: 'initiated' }, options.meta);
    } catch (error) {
      this.#lost(options.eventId, error);
    }
    let closed = false;
    const close = (outcome: { status: 'succeeded' } | { status: 'failed'; error: Error }, meta?: JsonObject): void => {
      if (closed || interaction === undefined) return;
      closed = true;
      try {
        this.#record(interaction, outcome, { ...options.meta, ...meta });
      } catch (error) {
        this.#lost(options.eventId, error);
      }
    };
    return {
      success: async (params) => close({ status: 'succeeded' }, params?.meta),
      fail: async (params) => close({ status: 'failed', error: params.error }, params.meta),
    };
  }

  #begin(options: AuditorServiceCreateEventOptions): Interaction {
    const request = options.request as AuditedRequest | undefined;
    return {
      options,
      request: request && { url: request.originalUrl ?? '', method: request.method ?? '' },
      actor: { ip: request?.ip, hostname: request?.hostname, userAgent: user_agent_of(request) },
      facts: facts_of(options.eventId, request, options.meta?.toolName),
      id: uuid7(),
      began: performance.now(),
      who: this.#who(options),
    };
  }

  async #who(options: AuditorServiceCreateEventOptions): Promise<{ actorId?: string; problem?: string }> {
    const { auth, httpAuth } = this.#parts;
    try {
      const credentials = options.request
        ? await httpAuth.credentials(options.request)
        : await auth.getOwnServiceCredentials();
      if (auth.isPrincipal(credentials, 'user')) return { actorId: credentials.principal.userEntityRef };
      if (auth.isPrincipal(credentials, 'service')) return { actorId: credentials.principal.subject };
      return {};
    } catch (error) {
      return { problem: error instanceof Error ? error.name : 'Error' };
    }
  }

  #record(
    interaction: Interaction,
    outcome: { status: 'initiated' } | { status: 'succeeded' } | { status: 'failed'; error: Error },
    meta: JsonObject | undefined,
  ): void {
    const { request_id, trace_id, ...facts } = interaction.facts;
    const { options } = interaction;
    const result =
      outcome.status === 'initiated' ? 'pending' : outcome.status === 'failed' ? result_of(outcome.error) : 'success';
    const tool = options.meta?.toolName;
    const envelope: Envelope = {
      event_id: uuid7(),
      timestamp: new Date().toISOString(),
      interaction_id: interaction.id,
      event_result: result,
      ...(outcome.status !== 'initiated' && { duration_ms: Math.round((performance.now() - interaction.began) * 1000) / 1000 }),
      ...(request_id !== undefined && { request_id }),
      ...(trace_id !== undefined && { trace_id }),
      ...(typeof tool === 'string'
        ? { target_type: 'tool', target_id: `${this.#parts.server}/${tool}`, target_name: tool }
        : this.#parts.plugin === 'mcp-actions' && { target_type: 'server', target_id: this.#parts.server }),
      details: facts as JsonObject,
    };
    void interaction.who.then(({ actorId, problem }) => {
      try {
        if (problem !== undefined) envelope.details = { ...envelope.details, actor_problem: problem };
        this.#write(interaction, outcome, meta, envelope, actorId);
      } catch (error) {
        this.#lost(interaction.options.eventId, error);
      }
    });
  }

  #write(
    interaction: Interaction,
    outcome: { status: 'initiated' } | { status: 'succeeded' } | { status: 'failed'; error: Error },
    meta: JsonObject | undefined,
    envelope: Envelope,
    actorId: string | undefined,
  ): void {
    const { options } = interaction;
    const event: AuditorEvent = {
      plugin: this.#parts.plugin,
      eventId: options.eventId,
      severityLevel: options.severityLevel ?? 'low',
      actor: { actorId, ...interaction.actor },
      request: interaction.request,
      meta: meta && Object.keys(meta).length > 0 ? meta : undefined,
      ...outcome,
    };
    this.#parts.sender.put(to_event(event, envelope), `${event.plugin}.${event.eventId}`);
    if (this.#parts.log === undefined) return;
    const { details, ...fields } = envelope;
    const ours = this.#parts.logFacts ? { meta: { ...event.meta, tallystick: { ...fields, ...details } } } : {};
    try {
      this.#parts.log({ ...event, ...ours });
    } catch (error) {
      this.#parts.trouble(`an audit line could not be logged: ${String(error)}`);
    }
  }

  #lost(event_id: string, error: unknown): void {
    this.#parts.sender.lost(`${this.#parts.plugin}.${event_id}`, 'not-made');
    this.#parts.trouble(`an audit event could not be made: ${String(error)}`);
  }
}

function user_agent_of(request: AuditedRequest | undefined): string | undefined {
  try {
    return request?.get('user-agent');
  } catch {
    return undefined;
  }
}
