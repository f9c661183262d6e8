// SPDX-License-Identifier: Apache-2.0
// Event names of the catalogue that the tests ask for; messages are found by details.method instead.

export const kServerStart = 'mcp-server-start';
export const kServerExit = 'mcp-server-exit';
export const kToolDefinition = 'mcp-tool-definition';
export const kProtocolViolation = 'mcp-protocol-violation';
export const kUnknownMethod = 'mcp-unknown-method';
