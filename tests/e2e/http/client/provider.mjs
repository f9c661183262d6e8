// SPDX-License-Identifier: Apache-2.0
// An OAuth user without a browser: follows the authorization redirect at once and keeps the answer for finishAuth.

import { ClientCredentialsProvider, PrivateKeyJwtProvider } from '@modelcontextprotocol/client';

const kRedirect = 'http://localhost:3000/callback';
/** The suite's own name for a client that is known by the address of its metadata (CIMD). */
const kMetadataUrl = 'https://conformance-test.local/client-metadata.json';

export class Provider {
  redirectUrl = kRedirect;
  clientMetadataUrl = kMetadataUrl;
  #tokens = new Map();
  #clients = new Map();

  /** `context` = what the scenario tells the client; `fetch` is used for the authorization request. */
  constructor(context, fetch) {
    this.context = context;
    this.fetch = fetch;
  }

  get clientMetadata() {
    return {
      client_name: 'tallystick-conformance-client',
      redirect_uris: [kRedirect],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    };
  }

  clientInformation(ctx) {
    const { client_id, client_secret, issuer } = this.context;
    if (client_id !== undefined) return { client_id, client_secret, issuer };
    return this.#clients.get(ctx?.issuer ?? '');
  }

  saveClientInformation(information, ctx) {
    this.#clients.set(ctx?.issuer ?? '', information);
  }

  tokens(ctx) {
    return this.#tokens.get(ctx?.issuer ?? '') ?? [...this.#tokens.values()].at(-1);
  }

  saveTokens(tokens, ctx) {
    this.#tokens.set(ctx?.issuer ?? '', tokens);
  }

  async redirectToAuthorization(url) {
    const answer = await this.fetch(url, { redirect: 'manual' });
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`authorization answered ${answer.status}`);
    this.callback = new URL(location).searchParams;
  }

  saveCodeVerifier(verifier) {
    this.verifier = verifier;
  }

  codeVerifier() {
    return this.verifier;
  }

  invalidateCredentials(scope) {
    if (scope === 'all' || scope === 'tokens') this.#tokens.clear();
    if (scope === 'all' || scope === 'client') this.#clients.clear();
  }
}

/** The provider that the scenario is about; undefined where there is no authorization. */
export function provider_for(scenario, context, fetch) {
  const { client_id: clientId, client_secret: clientSecret } = context;
  if (scenario === 'auth/client-credentials-basic') {
    return new ClientCredentialsProvider({ clientId, clientSecret });
  }
  if (scenario === 'auth/client-credentials-jwt') {
    return new PrivateKeyJwtProvider({
      clientId,
      privateKey: context.private_key_pem,
      algorithm: context.signing_algorithm,
    });
  }
  return scenario.startsWith('auth/') ? new Provider(context, fetch) : undefined;
}
