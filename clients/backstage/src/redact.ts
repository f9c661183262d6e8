// SPDX-License-Identifier: Apache-2.0
// Masks secrets before they leave the process. Names count as in the log itself (docs/decisions/0016; the words are
// in sensitive_names.ts); free text is looked at for the usual forms, and by `tallystick serve` for all of them.

import type { JsonObject, JsonValue } from '@backstage/types';
import { DESCRIPTORS, PATTERNS, QUANTITIES, REGISTERED_NAMES, BEARER_PARAMETERS } from './sensitive_names';
import type { Excuse, Pattern, Where } from './sensitive_names';

export const kMask = '[redacted]';
const kDepthMax = 64;
const kEmbeddedMax = 4;

export type Match = { rule: string; excuse: Excuse };
const kNothing: Match = { rule: '', excuse: 'nothing' };

const by_first = new Map<string, Pattern[]>();
for (const pattern of PATTERNS) {
  by_first.set(pattern[0][0], [...(by_first.get(pattern[0][0]) ?? []), pattern]);
}
const kSegment = /[0-9]+|[A-Z]+(?![a-z\u0080-\u{10ffff}])|[A-Z]?[a-z\u0080-\u{10ffff}]+|[A-Z]+/gu;
const is_number = (segment: string): boolean => segment[0] >= '0' && segment[0] <= '9';

function split(name: string): string[] {
  return (name.match(kSegment) ?? []).map((segment) => segment.replace(/[A-Z]/g, (c) => c.toLowerCase()));
}

function applies(where: Where, segments: string[], at: number, end: number): boolean {
  if (where === 'whole') return at === 0 && end === segments.length;
  if (where === 'last') return end === segments.length;
  if (at === 0) return true;
  const before = segments[at - 1];
  if (segments[at] === 'token') return before !== 'progress';
  if (segments[at] === 'tokens') return !QUANTITIES.has(before);
  return segments[at] !== 'auth' || before !== 'o';
}

/** What makes a name sensitive, and which values stay visible under it; `rule` is empty when nothing does. */
export function match_key(name: string): Match {
  const segments = split(name);
  let best = kNothing;
  let ordinary = false;
  for (let at = 0; at < segments.length; ++at) {
    for (const [pattern, rule, where, weak, excuse] of by_first.get(segments[at]) ?? []) {
      if (!pattern.every((word, i) => segments[at + i] === word)) continue;
      let end = at + pattern.length;
      while (end < segments.length && is_number(segments[end])) ++end;
      if (!applies(where, segments, at, end)) continue;
      if (end < segments.length && segments.slice(end).every((word) => DESCRIPTORS.has(word))) {
        const last = segments[segments.length - 1];
        return { rule, excuse: last === 'sock' || last === 'socket' ? 'path' : 'harmless' };
      }
      if (best.rule === '' || (ordinary && !weak)) {
        best = { rule, excuse };
        ordinary = weak;
      }
      break;
    }
  }
  return best;
}

/** The same for parameters of URLs, where key, sig and the like let their holder act too. */
export function is_secret_parameter(name: string): boolean {
  if (match_key(name).rule !== '') return true;
  const folded = name.replace(/[-_]/g, '').toLowerCase();
  return BEARER_PARAMETERS.has(folded) || /(token|secret|password|apikey|sessionid|signature|credential|sig)$/.test(folded);
}

const excuses_number = (excuse: Excuse): boolean => excuse === 'number' || excuse === 'count' || excuse === 'harmless';

function excuses_string(excuse: Excuse, value: string): boolean {
  if (excuse === 'harmless') {
    return (
      /^-?[0-9][0-9.]{0,19}$/.test(value) ||
      /^[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9\-:.+TZtz ]{0,25}$/.test(value) ||
      /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#@ \t\r\n]+([/?#][^ \t\r\n]*)?$/.test(value) ||
      value.startsWith('urn:ietf:params:oauth:') ||
      REGISTERED_NAMES.has(value.toLowerCase())
    );
  }
  return excuse === 'path' && /^([A-Za-z]:)?[/\\][^=+\r\n]*$/.test(value);
}

const is_stand_in = (value: string): boolean =>
  value.startsWith('[redacted') || /^(sha256:|hmac:[0-9a-z]{8}:)[0-9a-f]{64}$/.test(value);

const kProse = new Set(['realm', 'token', 'tokens', 'scheme', 'authentication', 'error', 'format', 'header', 'scope',
  'challenge', 'authorization', 'credential', 'credentials', 'method', 'schemes']);

const kLiterals = new Set(['null', 'true', 'false', 'None', 'True', 'False', '{', '[']);
/** Alone these are ordinary words too. */
const kWeak = new Set(['auth', 'code', 'pin', 'otp', 'pass', 'bearer', 'assertion']);

/** Credentials in free text: schemes, header lines, assignments, URLs. */
export function redact_text(text: string): string {
  if (text.length < 3 || !/[=:@ \t{[]/.test(text)) return text;
  return text
    .replace(/(:\/\/[^\s/?#"'`<>@:]*:)[^\s/?#"'`<>]+(?=@)/g, `$1${kMask}`)
    .replace(
      /(?<![\w-])((?:proxy-)?authorization|cookie|set-cookie|x-api-key|api-key|x-auth-token|mcp-session-id)([ \t]*:[ \t]*)[^\r\n"']+/gi,
      `$1$2${kMask}`,
    )
    .replace(/\b(bearer[ \t]+)([A-Za-z0-9\-._~+/=]{6,})/gi, (whole, scheme: string, token: string) =>
      kProse.has(token.replace(/[.=]+$/, '').toLowerCase()) ? whole : scheme + kMask,
    )
    .replace(/\b(basic[ \t]+)([A-Za-z0-9+/=]{4,})/gi, (whole, scheme: string, pair: string) =>
      Buffer.from(pair, 'base64').includes(':') ? scheme + kMask : whole,
    )
    .replace(
      // A name begins where no name goes on: else a long word is looked at from each of its letters.
      /(?:([?&#])|(?<![A-Za-z0-9_%\-.]))([A-Za-z0-9_%][A-Za-z0-9_%\-.]*)=("[^"]*"|'[^']*'|[^\s"'`&;<>#]*)/g,
      (whole, before: string | undefined, name: string, quoted: string) => {
        const value = quoted.replace(/^["']|["']$/g, '');
        const match = match_key(name);
        const secret = before === undefined ? match.rule !== '' : is_secret_parameter(name);
        if (!secret || value === '' || is_stand_in(value) || excuses_string(match.excuse, value)) return whole;
        if (match.rule === 'code' && before === undefined && /^-?\d+$/.test(value)) return whole;
        return `${before ?? ''}${name}=${kMask}`;
      },
    )
    .replace(
      /(["'])([A-Za-z0-9_\-. ]{2,64})\1([ \t]*:[ \t]*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g,
      (whole, quote: string, name: string, colon: string, quoted: string) => {
        const value = quoted.slice(1, -1);
        const match = match_key(name);
        if (match.rule === '' || value === '' || is_stand_in(value) || excuses_string(match.excuse, value)) return whole;
        return quote + name + quote + colon + quoted[0] + kMask + quoted[0];
      },
    )
    .replace(
      /(?<!["'\w\-.])([A-Za-z][A-Za-z0-9_\-.]*)([ \t]*:[ \t]+)([^\s"'`,;<>&})\]]+)/g,
      (whole, name: string, colon: string, value: string) => {
        const match = match_key(name);
        const shown = is_stand_in(value) || excuses_string(match.excuse, value) || kLiterals.has(value);
        return match.rule === '' || kWeak.has(name.toLowerCase()) || shown ? whole : name + colon + kMask;
      },
    );
}

/** Walks one JSON value; `redacted` says whether something was masked. */
class Walk {
  redacted = false;

  private mask(): string {
    this.redacted = true;
    return kMask;
  }

  value(value: JsonValue, depth: number, embedded: number, inherited: Match): JsonValue {
    if (typeof value === 'string') {
      return inherited.rule === '' ? this.text(value, embedded) : this.scalar(value, embedded, inherited);
    }
    if (value === null || typeof value !== 'object') return value;
    if (depth >= kDepthMax) return this.mask();
    if (Array.isArray(value)) return value.map((item) => this.value(item, depth + 1, embedded, inherited));
    const out: JsonObject = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) out[key] = this.member(key, item, depth + 1, embedded, inherited);
    }
    return out;
  }

  private member(key: string, value: JsonValue, depth: number, embedded: number, inherited: Match): JsonValue {
    const match = match_key(key);
    if (match.rule === '') return this.value(value, depth, embedded, inherited);
    if (value === null || typeof value === 'boolean') return value;
    if (match.rule === 'code' && typeof value !== 'string') return this.value(value, depth, embedded, inherited);
    if (typeof value === 'object') {
      if (Object.keys(value).length === 0) return value;
      return excuses_number(match.excuse) ? this.value(value, depth, embedded, match) : this.mask();
    }
    return this.scalar(value, embedded, match);
  }

  private scalar(value: string | number, embedded: number, match: Match): JsonValue {
    if (typeof value === 'number') return excuses_number(match.excuse) ? value : this.mask();
    if (value === '' || is_stand_in(value)) return value;
    return excuses_string(match.excuse, value) ? this.text(value, embedded) : this.mask();
  }

  private text(value: string, embedded: number): string {
    const trimmed = value.trim();
    if (/^(\{[^]*\}|\[[^]*\])$/.test(trimmed)) {
      if (embedded >= kEmbeddedMax) return this.mask();
      try {
        const inner = new Walk();
        const clean = inner.value(JSON.parse(trimmed), 0, embedded + 1, kNothing);
        if (!inner.redacted) return value;
        this.redacted = true;
        return JSON.stringify(clean);
      } catch {
        // no JSON: text
      }
    }
    const clean = redact_text(value);
    if (clean !== value) this.redacted = true;
    return clean;
  }
}

/** A copy with secrets masked. */
export function redact_json(value: JsonValue): { value: JsonValue; redacted: boolean } {
  const walk = new Walk();
  const clean = walk.value(value, 0, 0, kNothing);
  return { value: clean, redacted: walk.redacted };
}
