// SPDX-License-Identifier: Apache-2.0
// A bounded queue and one request at a time. An event leaves the queue when the server has answered that it is on
// disk; until then it is sent again under the same id.

import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { JsonObject } from '@backstage/types';
import { gap_event } from './event';

const packed = promisify(gzip);
const kBatchBytesMax = 4 * 1024 * 1024;
const kNamesMax = 20;

export type SenderOptions = {
  /** Where `tallystick serve` listens: https, or http on this machine. */
  url: string;
  /** A writer's token. */
  token: string;
  /** What target ids begin with; the name that a proxy in front has, so that records can be compared. */
  server: string;
  queueEvents: number;
  queueBytes: number;
  batchEvents: number;
  /** How long an event waits for others. */
  flushMs: number;
  /** The longest pause between two tries. */
  retryMs: number;
  /** One try. */
  timeoutMs: number;
};

export type Say = (level: 'warn' | 'error', text: string) => void;

type Verdict = { written: boolean; refused: number; detail: string; smaller?: boolean; pauseMs?: number };

/** Nothing here ever throws into the caller or rejects. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #say: Say;
  #lines: string[] = [];
  #bytes = 0;
  #lost = new Map<string, number>();
  #lost_from = 0;
  #lost_to = 0;
  #lost_reason = '';
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #pause_ms = 0;
  #trouble = false;
  #stopped = false;

  constructor(options: SenderOptions, say: Say) {
    const url = new URL(options.url);
    const local = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) {
      throw new Error('tallystick.auditor.url: use https, or http on this machine');
    }
    this.#options = options;
    this.#say = say;
  }

  /** Events that no answer has come for. */
  get waiting(): number {
    return this.#lines.length;
  }

  /** False when there is no room: it is counted, and told when there is. */
  put(event: JsonObject, name: string): boolean {
    let line: string;
    try {
      line = JSON.stringify(event);
    } catch {
      this.#count_lost(name, 1, 'not-encoded');
      return false;
    }
    const bytes = Buffer.byteLength(line);
    const full = this.#lines.length >= this.#options.queueEvents || this.#bytes + bytes > this.#options.queueBytes;
    if (full || this.#stopped) {
      this.#count_lost(name, 1, full ? 'queue-full' : 'stopping');
      return false;
    }
    this.#lines.push(line);
    this.#bytes += bytes;
    this.#schedule(this.#lines.length >= this.#options.batchEvents ? 0 : this.#options.flushMs);
    return true;
  }

  /** Counts an event that could not be made. */
  lost(name: string, reason: string): void {
    this.#count_lost(name, 1, reason);
    if (!this.#stopped) this.#schedule(this.#options.flushMs);
  }

  /** Sends what waits, for at most `limit_ms`; resolves to how many are lost. Later events are not taken. */
  async close(limit_ms: number): Promise<number> {
    this.#stopped = true;
    const end = Date.now() + limit_ms;
    while ((this.#lines.length > 0 || this.#lost.size > 0) && Date.now() < end) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      const limit = new AbortController();
      await Promise.race([this.#run(), wait(end - Date.now(), limit.signal)]);
      limit.abort(); // else the timer keeps the process
      if (this.#pause_ms > 0) await wait(Math.min(this.#pause_ms, 200, Math.max(0, end - Date.now())));
    }
    clearTimeout(this.#timer);
    const lost = this.#lines.length + [...this.#lost.values()].reduce((sum, each) => sum + each, 0);
    if (lost > 0) this.#say('error', `${lost} audit events could not be sent before the end and are lost`);
    return lost;
  }

  #schedule(after_ms: number): void {
    if (this.#running !== undefined || (this.#timer !== undefined && after_ms > 0)) return;
    if (this.#pause_ms > 0 && this.#timer !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#run();
    }, Math.max(after_ms, this.#pause_ms));
    this.#timer.unref();
  }

  #run(): Promise<void> {
    this.#running ??= this.#send_all()
      .catch((error: unknown) => this.#later(String(error)))
      .finally(() => {
        this.#running = undefined;
        if ((this.#lines.length > 0 || this.#lost.size > 0) && !this.#stopped) this.#schedule(this.#options.flushMs);
      });
    return this.#running;
  }

  async #send_all(): Promise<void> {
    for (;;) {
      if (this.#lines.length === 0) this.#tell_gap();
      const batch = this.#first_batch();
      if (batch.length === 0) return;
      let verdict = await this.#post(batch);
      if (verdict.smaller) verdict = await this.#one_by_one(batch, verdict);
      if (!verdict.written) {
        this.#later(verdict.detail, verdict.pauseMs);
        return;
      }
      for (const line of this.#lines.splice(0, batch.length)) this.#bytes -= Buffer.byteLength(line);
      this.#pause_ms = 0;
      if (this.#trouble) this.#say('warn', 'audit events are written again');
      this.#trouble = false;
      if (verdict.refused > 0) {
        this.#say('error', `tallystick refuses ${verdict.refused} audit events: ${verdict.detail}`);
        this.#count_lost('', verdict.refused, 'refused');
      }
    }
  }

  #first_batch(): string[] {
    const out: string[] = [];
    let size = 0;
    for (const line of this.#lines) {
      size += line.length;
      if (out.length > 0 && (out.length === this.#options.batchEvents || size > kBatchBytesMax)) break;
      out.push(line);
    }
    return out;
  }

  async #one_by_one(batch: string[], why: Verdict): Promise<Verdict> {
    const out: Verdict = { written: true, refused: 0, detail: '' };
    for (const line of batch) {
      const verdict = batch.length > 1 ? await this.#post([line]) : why;
      if (!verdict.written && !verdict.smaller) return verdict;
      if (verdict.smaller || verdict.refused > 0) {
        out.refused += 1;
        out.detail ||= verdict.detail;
      }
    }
    return out;
  }

  async #post(batch: string[]): Promise<Verdict> {
    let response: Response;
    let body: string;
    try {
      response = await fetch(new URL('api/audit/events', this.#options.url.replace(/\/*$/, '/')), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#options.token}`,
          'content-type': 'application/x-ndjson',
          'content-encoding': 'gzip',
        },
        body: await packed(`${batch.join('\n')}\n`, { level: 1 }),
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#options.timeoutMs),
      });
      body = await response.text();
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
      return { written: false, refused: 0, detail: `${String(error)}${cause}` };
    }
    return read_answer(response, body);
  }

  #later(detail: string, asked_ms = 0): void {
    if (!this.#trouble) this.#say('warn', `audit events wait, tallystick does not take them: ${detail}`);
    this.#trouble = true;
    this.#pause_ms = Math.min(this.#options.retryMs, Math.max(asked_ms, this.#pause_ms * 2, 100));
  }

  #count_lost(name: string, count: number, reason: string): void {
    if (this.#lost.size === 0) {
      this.#lost_from = Date.now();
      this.#say('error', `audit events are lost: ${reason}`);
    }
    this.#lost_to = Date.now();
    this.#lost_reason = reason;
    const key = this.#lost.has(name) || this.#lost.size < kNamesMax ? name || 'unknown' : 'other';
    this.#lost.set(key, (this.#lost.get(key) ?? 0) + count);
  }

  #tell_gap(): void {
    if (this.#lost.size === 0) return;
    const line = JSON.stringify(
      gap_event(this.#options.server, this.#lost, this.#lost_from, this.#lost_to, this.#lost_reason),
    );
    this.#lost = new Map();
    this.#lines.push(line);
    this.#bytes += Buffer.byteLength(line);
  }
}

function read_answer(response: Response, body: string): Verdict {
  if (response.status === 200 || response.status === 201) return { written: true, refused: 0, detail: '' };
  let said: { detail?: unknown; items?: unknown } = {};
  try {
    said = JSON.parse(body);
  } catch {
    // The status says enough.
  }
  const { status } = response;
  if ((status === 207 || status === 422) && Array.isArray(said.items)) {
    const errors = said.items.filter((item) => typeof item?.error === 'string');
    return { written: true, refused: errors.length, detail: String(errors[0]?.error ?? '').slice(0, 300) };
  }
  const detail = `status ${status}${typeof said.detail === 'string' ? `: ${said.detail.slice(0, 300)}` : ''}`;
  if (status === 400 || status === 413 || status === 422) return { written: false, refused: 0, detail, smaller: true };
  const after = Number(response.headers.get('retry-after') ?? 0);
  return { written: false, refused: 0, detail, pauseMs: Number.isFinite(after) ? Math.min(after, 30) * 1000 : 0 };
}

async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeoutPromise(ms, undefined, { signal }).catch(() => undefined);
}
