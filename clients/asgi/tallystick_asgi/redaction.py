# SPDX-License-Identifier: Apache-2.0
"""Masks secrets before they leave the application.

Names count exactly as in the log itself (docs/decisions/0016; the words are in sensitive_names.py). In free text the
usual forms are found here; what this misses is masked by `tallystick serve` before anything is hashed or stored.
"""
from __future__ import annotations

import base64
import binascii
import functools
import re
from typing import Any, Callable
from urllib.parse import unquote_plus

from .json_text import dumps, loads
from .sensitive_names import BEARER_PARAMETERS, DESCRIPTORS, PATTERNS, QUANTITIES, REGISTERED_NAMES

MASK = "[redacted]"
DEPTH_MAX = 64
EMBEDDED_MAX = 4
NOTES_MAX = 50
PATH_CHARS_MAX = 256
CACHED_CHARS_MAX = 64  # so that hostile names cannot fill the cache

Match = tuple[str, str]  # rule ("" = not sensitive) and excuse
Notes = list[dict[str, str]]

_NOTHING: Match = ("", "nothing")
_SEGMENT = re.compile(
    r"[0-9]+|[A-Z]+(?![a-z\u0080-\U0010ffff])|[A-Z]?[a-z\u0080-\U0010ffff]+|[A-Z]+")
_BY_FIRST: dict[str, list[tuple[tuple[str, ...], str, str, bool, str]]] = {}
for _pattern in PATTERNS:
    _BY_FIRST.setdefault(_pattern[0][0], []).append(_pattern)


def _end_of(pattern: tuple[str, ...], segments: list[str], at: int) -> int:
    end = at + len(pattern)
    while end < len(segments) and segments[end][0] in "0123456789":
        end += 1
    return end


def _applies(where: str, segments: list[str], at: int, end: int) -> bool:
    if where == "whole":
        return at == 0 and end == len(segments)
    if where == "last":
        return end == len(segments)
    if at == 0:
        return True
    before, word = segments[at - 1], segments[at]
    if word == "token":
        return before != "progress"
    if word == "tokens":
        return before not in QUANTITIES
    return word != "auth" or before != "o"


def _split(name: str) -> list[str]:
    return [segment.lower() if segment.isascii() else segment for segment in _SEGMENT.findall(name)]


def match_key(name: str) -> Match:
    """(rule, excuse) of a name; the rule is empty when nothing makes it sensitive."""
    return _known_key(name) if len(name) <= CACHED_CHARS_MAX else _match(name)


@functools.lru_cache(maxsize=4096)
def _known_key(name: str) -> Match:
    return _match(name)


def _match(name: str) -> Match:
    segments = _split(name)
    best, ordinary = _NOTHING, False
    for at, segment in enumerate(segments):
        for pattern, rule, where, weak, excuse in _BY_FIRST.get(segment, ()):
            if tuple(segments[at:at + len(pattern)]) != pattern:
                continue
            end = _end_of(pattern, segments, at)
            if not _applies(where, segments, at, end):
                continue
            if end < len(segments) and all(word in DESCRIPTORS for word in segments[end:]):
                return rule, "path" if segments[-1] in ("sock", "socket") else "harmless"
            if not best[0] or (ordinary and not weak):
                best, ordinary = (rule, excuse), weak
            break
    return best


def match_parameter(name: str) -> Match:
    """The same for a parameter of a URL, where key, sig and the like let their holder act too."""
    match = match_key(name)
    if match[0]:
        return match
    segments = _split(name)
    if segments and segments[-1] in ("sig", "signature"):
        return "signature", "nothing"
    folded = name.replace("-", "").replace("_", "").lower()
    ends = ("token", "secret", "password", "apikey", "sessionid", "signature", "credential")
    if folded in BEARER_PARAMETERS or folded.endswith(ends):
        return "bearer", "nothing"
    return _NOTHING


_NUMBER = re.compile(r"-?[0-9][0-9.]{0,19}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9\-:.+TZtz ]{0,25}", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#@ \t\r\n]+(?:[/?#][^ \t\r\n]*)?", re.ASCII)
_PATH = re.compile(r"(?:[A-Za-z]:)?[/\\][^=+\r\n]*", re.ASCII)


def _excuses_number(excuse: str) -> bool:
    return excuse in ("number", "count", "harmless")


def _excuses_string(excuse: str, value: str) -> bool:
    if excuse == "harmless":
        if _NUMBER.fullmatch(value) or _DATE.fullmatch(value) or _URL.fullmatch(value):
            return True
        return value.startswith("urn:ietf:params:oauth:") or value.lower() in REGISTERED_NAMES
    return excuse == "path" and _PATH.fullmatch(value) is not None


def _excuses_text(excuse: str, value: str) -> bool:
    if excuse == "nothing":
        return False
    if value in ("true", "false", "null", "True", "False", "None"):
        return True
    return (excuse == "count" and _NUMBER.fullmatch(value) is not None) or _excuses_string(excuse, value)


_STAND_IN = re.compile(r"(?:sha256:|hmac:[0-9a-z]{8}:)[0-9a-f]{64}", re.ASCII)


def _is_stand_in(value: str) -> bool:
    return value.startswith(MASK[:-1]) or _STAND_IN.fullmatch(value) is not None


def note(notes: Notes, path: str, rule: str) -> None:
    """Adds a finding; the list is bounded."""
    if len(notes) < NOTES_MAX:
        last = len(notes) + 1 == NOTES_MAX
        notes.append({"path": "" if last else path[:PATH_CHARS_MAX], "rule": "more" if last else rule, "action": "mask"})


_HEADERS = "authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|x-auth-token|mcp-session-id"
_HEADER = re.compile(rf"(?im)(?<![\w\-])({_HEADERS})([ \t]*:[ \t]*)([^\r\n\"']+)")
_BEARER = re.compile(r"(?i)\b(bearer[ \t]+)([A-Za-z0-9\-._~+/=]{6,})")
_BASIC = re.compile(r"(?i)\b(basic[ \t]+)([A-Za-z0-9+/=]{4,})")
_USER_INFO = re.compile(r"(://[^\s/?#\"'`<>@:]*:)([^\s/?#\"'`<>]+)(?=@)")
# A name begins where no name goes on: else a long word is looked at from each of its letters.
_ASSIGNED = re.compile(r"(?:([?&#])|(?<![A-Za-z0-9_%\-.]))([A-Za-z0-9_%][A-Za-z0-9_%\-.]*)=(\"[^\"]*\"|'[^']*'|[^\s\"'`&;<>#]*)")
_QUOTED = re.compile(r"([\"'])([A-Za-z0-9_\-. ]{2,64})\1([ \t]*:[ \t]*)(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")
_PLAIN = re.compile(r"(?<![\"'\w\-.])([A-Za-z][A-Za-z0-9_\-.]*)([ \t]*:[ \t]+)([^\s\"'`,;<>&})\]]+)")
_PROSE = {"realm", "token", "tokens", "scheme", "authentication", "error", "format", "header", "scope", "challenge",
          "authorization", "credential", "credentials", "method", "schemes"}
_WEAK = {"auth", "code", "pin", "otp", "pass", "bearer", "assertion"}


def _may_hold_secrets(text: str) -> bool:
    return any(sign in text for sign in "=:@ \t{[")


def redact_text(text: str, path: str, notes: Notes) -> str:
    """Credentials in free text: schemes, header lines, assignments, URLs."""
    if len(text) < 3 or not _may_hold_secrets(text):
        return text

    def masked(rule: str, *kept: str) -> str:
        note(notes, path, rule)
        return "".join(kept) + MASK

    def header(match: re.Match[str]) -> str:
        if _is_stand_in(match[3].strip()):
            return match[0]
        return masked("header:" + match[1].lower(), match[1], match[2])

    def bearer(match: re.Match[str]) -> str:
        prose = match[2].rstrip(".").lower() in _PROSE or match[2].rstrip("=").lower() in _PROSE
        return match[0] if prose else masked("value:bearer", match[1])

    def basic(match: re.Match[str]) -> str:
        try:
            pair = base64.b64decode(match[2] + "=" * (-len(match[2]) % 4), validate=True)
        except (binascii.Error, ValueError):
            return match[0]
        return masked("value:basic", match[1]) if b":" in pair else match[0]

    def assigned(match: re.Match[str]) -> str:
        value = match[3].strip("\"'")
        name = unquote_plus(match[2])
        rule, excuse = match_parameter(name) if match[1] else match_key(name)
        if not rule or not value or _is_stand_in(value) or _excuses_text(excuse, value):
            return match[0]
        if rule == "code" and not match[1] and value.lstrip("-").isdigit():
            return match[0]
        return masked(("url:" if match[1] else "text:") + rule, match[1] or "", match[2], "=")

    def quoted(match: re.Match[str]) -> str:
        value = match[4][1:-1]
        rule, excuse = match_key(match[2])
        if not rule or not value or _is_stand_in(value) or _excuses_string(excuse, value):
            return match[0]
        quote = match[4][0]
        return masked("text:" + rule, match[1], match[2], match[1], match[3], quote) + quote

    def plain(match: re.Match[str]) -> str:
        rule, excuse = match_key(match[1])
        if not rule or match[1].lower() in _WEAK or _is_stand_in(match[3]) or _excuses_text(excuse, match[3]):
            return match[0]
        literal = match[3] in ("null", "true", "false", "None", "True", "False", "{", "[")
        return match[0] if literal else masked("text:" + rule, match[1], match[2])

    steps: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_USER_INFO, lambda match: masked("url:userinfo", match[1])), (_HEADER, header), (_BEARER, bearer),
        (_BASIC, basic), (_ASSIGNED, assigned), (_QUOTED, quoted), (_PLAIN, plain))
    for pattern, step in steps:
        text = pattern.sub(step, text)
    return text


class _Walk:
    def __init__(self, notes: Notes) -> None:
        self.notes = notes

    def mask(self, path: str, rule: str) -> str:
        note(self.notes, path, rule)
        return MASK

    def value(self, value: Any, path: str, depth: int, embedded: int, inherited: Match) -> Any:
        if isinstance(value, str):
            if inherited[0]:
                return self.scalar(value, path, embedded, inherited)
            return self.string(value, path, embedded)
        if not isinstance(value, (dict, list)):
            return value
        if depth >= DEPTH_MAX:
            return self.mask(path, "limit:depth")
        if isinstance(value, list):
            return [self.value(item, f"{path}[{i}]", depth + 1, embedded, inherited) for i, item in enumerate(value)]
        return {key: self.member(key, item, f"{path}.{key}" if path else key, depth + 1, embedded, inherited)
                for key, item in value.items()}

    def member(self, key: str, value: Any, path: str, depth: int, embedded: int, inherited: Match) -> Any:
        match = match_key(key)
        if not match[0]:
            return self.value(value, path, depth, embedded, inherited)
        if value is None or isinstance(value, bool):
            return value
        if match[0] == "code" and not isinstance(value, str):
            return self.value(value, path, depth, embedded, inherited)
        if isinstance(value, (dict, list)):
            if not value:
                return value
            if not _excuses_number(match[1]):
                return self.mask(path, "key:" + match[0])
            return self.value(value, path, depth, embedded, match)
        return self.scalar(value, path, embedded, match)

    def scalar(self, value: Any, path: str, embedded: int, match: Match) -> Any:
        if not isinstance(value, str):
            return value if _excuses_number(match[1]) else self.mask(path, "key:" + match[0])
        if not value or _is_stand_in(value):
            return value
        if _excuses_string(match[1], value):
            return self.string(value, path, embedded)
        return self.mask(path, "key:" + match[0])

    def string(self, value: str, path: str, embedded: int) -> str:
        if len(value) < 3 or not _may_hold_secrets(value):
            return value
        text = value.strip(" \t\r\n")
        if text[:1] + text[-1:] in ("{}", "[]"):
            if embedded >= EMBEDDED_MAX:
                return self.mask(path, "limit:embedded")
            try:
                inner = loads(text)
            except (ValueError, RecursionError):
                inner = None
            if isinstance(inner, (dict, list)):
                clean = self.value(inner, path, 0, embedded + 1, _NOTHING)
                return value if clean == inner else dumps(clean)
        return redact_text(value, path, self.notes)


def redact_json(value: Any, path: str, notes: Notes) -> Any:
    """A copy of parsed JSON with secrets masked; findings go into `notes`."""
    return _Walk(notes).value(value, path, 0, 0, _NOTHING)


def redact_parameters(pairs: list[tuple[str, str]], path: str, notes: Notes, chars_max: int = 512,
                      total_max: int = 4096) -> dict[str, Any]:
    """Query or form parameters as an object; a repeated name has a list. What comes behind `total_max` is left out."""
    out: dict[str, Any] = {}
    for name, value in pairs:
        total_max -= min(len(name), 128) + min(len(value), chars_max)
        if total_max < 0:
            break
        rule, excuse = match_parameter(name)
        if rule and value and not _is_stand_in(value) and not _excuses_text(excuse, value):
            note(notes, f"{path}.{name}", "url:" + rule)
            value = MASK
        else:
            value = redact_text(value[:chars_max], f"{path}.{name}", notes)
        name = name[:128]
        if name in out:
            known = out[name]
            out[name] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            out[name] = value
    return out
