// SPDX-License-Identifier: Apache-2.0
// Event names of the catalogue that the tests ask for; messages are found by details.method instead.

export const kProcessStart = 'process-start';
export const kProcessExit = 'process-exit';
export const kDefinitionChange = 'mcp-tool-definition-change';
export const kProtocolViolation = 'mcp-protocol-violation';
