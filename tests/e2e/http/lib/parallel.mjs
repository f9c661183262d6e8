// SPDX-License-Identifier: Apache-2.0
// Several things at a time, but not more than so many.

/** Runs `action(thing)` for each thing, at most `at_once` at the same time; resolves to the results in order. */
export async function each(things, at_once, action) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < things.length) {
      const place = next++;
      results[place] = await action(things[place]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(at_once, things.length) }, worker));
  return results;
}
