// SPDX-License-Identifier: Apache-2.0
// A client of server-sent events as browsers have it (WHATWG HTML, "Server-sent events"), with headers, and with the
// connection in the hands of the test: it connects again by itself, with Last-Event-ID, until it is closed.

import http from 'node:http';

/** Takes a stream apart; feed() gives the events that are complete. */
export class EventParser {
  #rest = '';
  #event = '';
  #data = [];
  id = '';
  retry;

  feed(text) {
    const out = [];
    this.#rest += text;
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end < 0) return out;
      const line = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 1);
      if (line === '') {
        if (this.#data.length > 0) out.push({ id: this.id, event: this.#event || 'message', data: this.#data.join('\n') });
        this.#event = '';
        this.#data = [];
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'id') this.id = value;
      else if (field === 'event') this.#event = value;
      else if (field === 'data') this.#data.push(value);
      else if (field === 'retry') this.retry = Number(value);
    }
  }
}

export class EventSource {
  /** `on_event({id, event, data})` for each; `retry_ms` instead of what the server says. */
  constructor(url, { token, on_event, retry_ms }) {
    Object.assign(this, { url, token, on_event, retry_ms, id: '', connections: 0, status: 0, closed: false });
    this.#connect();
  }

  #connect() {
    if (this.closed) return;
    const headers = { authorization: `Bearer ${this.token}`, accept: 'text/event-stream' };
    if (this.id !== '') headers['last-event-id'] = this.id;
    const again = () => {
      if (this.request !== request) return;
      this.request = undefined;
      // As browsers: an answer that is no stream is final.
      if (!this.closed && !(this.status >= 400 && this.status !== 503)) {
        this.timer = setTimeout(() => this.#connect(), this.retry_ms ?? 2000);
      }
    };
    const request = http.get(this.url, { headers, agent: false }, (answer) => {
      this.status = answer.statusCode;
      ++this.connections;
      const parser = new EventParser();
      parser.id = this.id;
      answer.setEncoding('utf8');
      answer.on('data', (text) => {
        if (this.request !== request) return;
        for (const event of parser.feed(text)) this.on_event(event);
        this.id = parser.id;
        this.retry = parser.retry ?? this.retry;
      });
      answer.on('close', again);
    });
    request.on('error', again);
    this.request = request;
  }

  /** Loses the connection, as a network does; it comes back. */
  lose() {
    const lost = this.request;
    if (lost === undefined) return;
    this.request = undefined;
    lost.destroy();
    this.timer = setTimeout(() => this.#connect(), this.retry_ms ?? 2000);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.request?.destroy();
  }
}
