// SPDX-License-Identifier: Apache-2.0
// The service factory that takes the place of the default auditor.

import { coreServices, createServiceFactory } from '@backstage/backend-plugin-api';
import type { LoggerService, RootConfigService, ServiceFactory, AuditorService } from '@backstage/backend-plugin-api';
import { TallystickAuditor } from './auditor';
import type { LogLine } from './auditor';
import type { AuditorEvent } from './event';
import { Sender } from './sender';
import type { SenderOptions } from './sender';

/** What is given here goes before `tallystick.auditor` of the configuration. */
export type TallystickAuditorOptions = Partial<SenderOptions> & {
  /** true: the default auditor's log line too, with what this auditor adds; 'plain': without that; false: none. */
  logLine?: boolean | 'plain';
  /** How long the end of the backend waits for events that are still to be sent. */
  shutdownMs?: number;
};

type Settings = SenderOptions & { logLine: boolean | 'plain'; shutdownMs: number };

export function settings_of(config: RootConfigService, options: TallystickAuditorOptions): Settings {
  const found = config.getOptionalConfig('tallystick.auditor');
  const text = (key: string): string | undefined => found?.getOptionalString(key);
  const number = (key: string, otherwise: number): number => found?.getOptionalNumber(key) ?? otherwise;
  const url = options.url ?? text('url');
  const token = options.token ?? text('token');
  if (url === undefined || token === undefined) {
    throw new Error('tallystick.auditor: url and token are needed in the configuration');
  }
  const line = found?.getOptional('logLine');
  return {
    server: text('server') ?? 'backstage',
    queueEvents: number('queueEvents', 20_000),
    queueBytes: number('queueBytes', 64 * 1024 * 1024),
    batchEvents: number('batchEvents', 500),
    flushMs: number('flushMs', 200),
    retryMs: number('retryMs', 5_000),
    timeoutMs: number('timeoutMs', 30_000),
    shutdownMs: number('shutdownMs', 5_000),
    logLine: line === false || line === 'plain' ? line : true,
    ...options,
    url,
    token,
  };
}

const kLevels = { low: 'debug', medium: 'info', high: 'info', critical: 'info' } as const;
type Level = 'debug' | 'info' | 'warn' | 'error';

/** The line of the default factory, with its levels (backend.auditor.severityLogLevelMappings). */
function log_line(logger: LoggerService, config: RootConfigService): LogLine {
  const audit = logger.child({ isAuditEvent: true } as never);
  const level_of = (severity: AuditorEvent['severityLevel']): Level => {
    const given = config.getOptionalString(`backend.auditor.severityLogLevelMappings.${severity}`);
    return given === 'debug' || given === 'info' || given === 'warn' || given === 'error' ? given : kLevels[severity];
  };
  return ({ error, ...event }) => {
    const level = level_of(event.severityLevel);
    const name = `${event.plugin}.${event.eventId}`;
    if (error === undefined) audit[level](name, event as never);
    else audit.child(event as never)[level](name, error);
  };
}

export function createTallystickAuditorFactory(
  options: TallystickAuditorOptions = {},
): ServiceFactory<AuditorService, 'plugin', 'singleton'> {
  return createServiceFactory({
    service: coreServices.auditor,
    deps: {
      config: coreServices.rootConfig,
      lifecycle: coreServices.rootLifecycle,
      rootLogger: coreServices.rootLogger,
      logger: coreServices.logger,
      auth: coreServices.auth,
      httpAuth: coreServices.httpAuth,
      plugin: coreServices.pluginMetadata,
    },
    createRootContext({ config, lifecycle, rootLogger }) {
      const settings = settings_of(config, options);
      const sender = new Sender(settings, (level, text) => rootLogger[level](text));
      lifecycle.addShutdownHook(async () => {
        await sender.close(settings.shutdownMs);
      });
      return { settings, sender };
    },
    factory({ config, logger, auth, httpAuth, plugin }, { settings, sender }) {
      return new TallystickAuditor({
        plugin: plugin.getId(),
        server: settings.server,
        auth,
        httpAuth,
        sender,
        log: settings.logLine === false ? undefined : log_line(logger, config),
        logFacts: settings.logLine === true,
        trouble: (text) => logger.error(text),
      });
    },
  });
}
