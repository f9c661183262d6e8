// SPDX-License-Identifier: Apache-2.0
/** A Backstage auditor that sends every event to Tallystick. */

import { createTallystickAuditorFactory } from './factory';

export { createTallystickAuditorFactory } from './factory';
export type { TallystickAuditorOptions } from './factory';
export { TallystickAuditor } from './auditor';
export type { AuditorParts, LogLine } from './auditor';
export type { AuditorEvent } from './event';
export { Sender } from './sender';
export type { SenderOptions } from './sender';
export { match_key, redact_json } from './redact';

/** backend.add(import('@tallystick/backstage-auditor')): settings come from `tallystick.auditor`. */
export default createTallystickAuditorFactory();
