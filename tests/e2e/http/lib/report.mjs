// SPDX-License-Identifier: Apache-2.0
// Counts checks, shows the failed ones, and ends the process as the drivers do: "N passed, N failed".

export class Report {
  passed = 0;
  failed = 0;

  /** `problems` = lines; none means that the check passed. */
  check(name, problems) {
    if (problems.length === 0) {
      ++this.passed;
      return true;
    }
    ++this.failed;
    process.stdout.write(`FAILED ${name}\n`);
    for (const line of problems.slice(0, 40)) process.stdout.write(`    ${line}\n`);
    if (problems.length > 40) process.stdout.write(`    and ${problems.length - 40} more\n`);
    return false;
  }

  say(line) {
    process.stdout.write(`${line}\n`);
  }

  /** Runs `body`; what it throws is a failed check of that name. */
  async guard(name, body) {
    try {
      return await body();
    } catch (error) {
      this.check(name, String(error?.stack ?? error).split('\n'));
      return undefined;
    }
  }

  finish() {
    process.stdout.write(`${this.passed} passed, ${this.failed} failed\n`);
    process.exit(this.failed === 0 && this.passed > 0 ? 0 : 1);
  }
}
