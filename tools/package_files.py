#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/package_files.py --tallystick FILE --version V --output DIR: what packages need and the tree does not have as files: manual pages
and shell completion, both from what each command says with --help, and the changelog in Debian's form."""
import argparse
import gzip
import os
import re
import subprocess

DATE = "2026-11-22"
COMPLETION = """# bash completion of tallystick; made from its --help.
_tallystick() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]:-}} flags=
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '{commands}' -- "$word")
    return
  fi
  case $command in
{cases}
  esac
  case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
  esac
}}
complete -o filenames -F _tallystick tallystick
"""


def help_of(binary, *words):
    done = subprocess.run([binary, *words, "--help"], capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})
    return done.stdout


def escaped(text):
    """Text for roff: backslashes, hyphens that one may copy, lines that begin like a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def page(name, summary, text, version, more=""):
    usage, _, rest = text.partition("\n\n")
    if not usage.startswith("Usage"):  # the overview begins with what it is
        first, usage, rest = text.split("\n\n", 2)
        rest = first + "\n\n" + rest
    usage = re.sub(r"^(Usage:|      )\s*", "", usage, flags=re.MULTILINE)
    return (f'.TH {name.upper()} 1 {DATE} "tallystick {version}" "Tallystick"\n.SH NAME\n{escaped(name)} \\- {escaped(summary)}\n'
            f".SH SYNOPSIS\n.nf\n{escaped(usage)}\n.fi\n.SH DESCRIPTION\n.nf\n{escaped(rest.strip())}\n.fi\n{more}")


def write_gz(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write(text.encode())


def flags_of(text):
    return sorted(set(re.findall(r"^\s+(?:-\w, )?(--[\w-]+)", text, re.MULTILINE)))


def main():
    parser = argparse.ArgumentParser()
    for name in ("--tallystick", "--version", "--output"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    binary, version, out = os.path.abspath(given.tallystick), given.version, given.output
    overview = help_of(binary)
    commands = re.findall(r"^  ([a-z-]+) +(.*)$", overview, re.MULTILINE)
    names = [name for name, _ in commands]
    see = ", ".join(f"\\fBtallystick\\-{escaped(name)}\\fR(1)" for name in names if name not in ("help", "version"))
    files = (".SH FILES\n.TP\n/etc/tallystick/tallystick.yaml, /etc/tallystick/tallystick.env\nsettings of the service\n.TP\n"
             f"/var/lib/tallystick\nlog and keys of the service\n.SH SEE ALSO\n{see}\n")
    write_gz(f"{out}/man/man1/tallystick.1.gz",
             page("tallystick", "the audit log for the Model Context Protocol", overview, version, files))
    cases = []
    for name, summary in commands:
        text = help_of(binary, name) if name not in ("help", "version") else ""
        if text:
            write_gz(f"{out}/man/man1/tallystick-{name}.1.gz", page(f"tallystick-{name}", summary, text, version,
                                                                    ".SH SEE ALSO\n\\fBtallystick\\fR(1)\n"))
            cases.append(f"    {name}) flags='{' '.join(flags_of(text))}' ;;")
    os.makedirs(out, exist_ok=True)
    with open(f"{out}/tallystick.bash", "w", encoding="utf-8") as target:
        target.write(COMPLETION.format(commands=" ".join(names), cases="\n".join(cases)))
    write_gz(f"{out}/changelog.Debian.gz",
             f"tallystick ({version}-1) unstable; urgency=medium\n\n  * See CHANGELOG.md of the source.\n\n"
             " -- Tallystick maintainers <maintainers@tallystick.invalid>  Sun, 22 Nov 2026 12:00:00 +0000\n")


main()
