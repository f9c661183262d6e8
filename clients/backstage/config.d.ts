// SPDX-License-Identifier: Apache-2.0
/** What app-config.yaml may hold. */

export interface Config {
  tallystick?: {
    auditor?: {
      /** Where `tallystick serve` listens: https, or http on this machine. */
      url: string;
      /**
       * A writer's token.
       * @visibility secret
       */
      token: string;
      /** What target ids begin with; give it the name of the proxy in front. Default: backstage. */
      server?: string;
      /** The default auditor's log line too: true, false, or 'plain' (without what this auditor adds). Default: true. */
      logLine?: boolean | 'plain';
      /** Events and bytes that may wait. Default: 20000 and 64 MiB. */
      queueEvents?: number;
      queueBytes?: number;
      batchEvents?: number;
      flushMs?: number;
      retryMs?: number;
      timeoutMs?: number;
      shutdownMs?: number;
    };
  };
}
