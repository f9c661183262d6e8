// SPDX-License-Identifier: Apache-2.0
// What /openapi.json says, as tests need it: operations, requests that fit them, and values that do not.

const kUuid = '019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d';

/** [{method, path, security, parameters, body}], one for each operation of the document. */
export function operations_of(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      open: operation.security.length === 0,
      parameters: operation.parameters ?? [],
      body: operation.requestBody !== undefined,
      responses: operation.responses,
    })),
  );
}

/** A value that a schema takes. */
export function good_value({ schema }) {
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.format === 'uuid') return kUuid;
  if (schema.format === 'date-time') return '2026-11-21T19:00:00Z';
  if (schema.type === 'integer') return String(schema.minimum);
  if (schema.type === 'boolean') return 'true';
  return 'x';
}

/** Values that a schema does not take. */
export function bad_values({ schema }) {
  const empty = [''];
  if (schema.enum !== undefined) return [...empty, 'nonsense', schema.enum[0].toUpperCase() + 'X', `${schema.enum[0]},`];
  if (schema.format === 'uuid') return [...empty, 'x', kUuid.toUpperCase(), kUuid.slice(1), `${kUuid}0`];
  if (schema.format === 'date-time') return [...empty, 'soonish', '2026-13-01', '2026-11-21T25:00:00Z', '1e3', '-15'];
  if (schema.type === 'integer') {
    const { minimum, maximum } = schema;
    const outside = [String(minimum - 1), String(BigInt(maximum) + 1n), '99999999999999999999'];
    return [...empty, ...outside, '1.5', '1e2', '0x1', '01', ' 1', 'one', 'NaN'];
  }
  if (schema.type === 'boolean') return [...empty, '1', 'yes', 'TRUE', 'null'];
  return [...empty, 'x'.repeat(schema.maxLength + 1), 'a\u0000b', 'a\nb'];
}

/** The path of an operation with `values` = {name: value} in it; good ones where none is given. */
export function target_of(operation, values = {}) {
  const query = [];
  let path = operation.path;
  for (const parameter of operation.parameters) {
    const given = values[parameter.name];
    if (parameter.in === 'path') {
      path = path.replace(`{${parameter.name}}`, encodeURIComponent(given ?? good_value(parameter)));
    } else if (parameter.in === 'query' && given !== undefined) {
      query.push(`${parameter.name}=${encodeURIComponent(given)}`);
    }
  }
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}
