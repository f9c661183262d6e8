# SPDX-License-Identifier: Apache-2.0
"""Objects of a gateway (tool, server, user ...) as they were last seen, so that a change can be told with old values."""
from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Optional

from .json_text import RepeatedKeys, dumps
from .redaction import Notes, redact_json

OBJECTS_MAX = 10_000
BYTES_MAX = 16 * 1024 * 1024
MEMBERS_MAX = 128
MEMBER_BYTES_MAX = 4096
OBJECT_BYTES_MAX = 10 * 1024
LIST_MAX = 1000
STATE_NAMES = ("activate", "enabled", "is_active", "active", "isActive")
_KEY = os.urandom(32)  # of this process: digests by it are compared, never sent

Json = dict[str, Any]


@dataclass
class Object:
    """Redacted; `hidden` has digests of members in which something was masked, so that a change of them shows."""

    members: Json
    hidden: dict[str, bytes]
    names: dict[str, str]
    seen_at: float = 0.0
    bytes: int = 0

    def is_called(self, identity: str) -> bool:
        return not self.names or identity in self.names.values()

    def own_id(self, kind: str) -> str:
        for key in (("email",) if kind == "user" else ()) + ("id", "uri", "email", "name"):
            if self.names.get(key):
                return self.names[key]
        return ""


def read_object(value: Any) -> Optional[Object]:
    """None for what is no object, one with too many members or with a key twice. What does not fit is kept by size and digest."""
    if not isinstance(value, dict) or isinstance(value, RepeatedKeys) or len(value) > MEMBERS_MAX:
        return None
    out = Object({}, {}, {})
    for key, item in value.items():
        notes: Notes = []
        clean = redact_json({key: item}, "", notes)[key]
        size = len(dumps(clean))
        if size > MEMBER_BYTES_MAX or out.bytes + size > OBJECT_BYTES_MAX:
            text = dumps(clean).encode("utf-8", "replace")
            clean = {"bytes": len(text)}
            if not notes:
                clean["digest"] = "sha256:" + hashlib.sha256(text).hexdigest()
            size = 100
        if notes:
            out.hidden[key] = hmac.new(_KEY, dumps(item).encode("utf-8", "replace"), "sha256").digest()
        out.bytes += size + len(key) + 100
        out.members[key[:128]] = clean
        if key in ("id", "name", "uri", "email", "slug") and not notes and isinstance(item, (str, int)):
            out.names[key] = str(item)[:512]
    return out


def shown_object(body: Any, kind: str) -> Optional[Json]:
    """The object in an answer: alone, or in a member "data", "item" or of its kind's name."""
    if not isinstance(body, dict):
        return None
    for key in (kind, "data", "item"):
        if isinstance(body.get(key), dict):
            inner: Json = body[key]
            return inner
    return body


def shown_list(body: Any, kind: str) -> list[Any]:
    """The objects of a list: an array, alone or in a member."""
    if isinstance(body, dict):
        for key in (kind + "s", "data", "items", "results"):
            if isinstance(body.get(key), list):
                body = body[key]
                break
    return body[:LIST_MAX] if isinstance(body, list) else []


def difference(before: Object, after: Object) -> tuple[Json, Json]:
    """(old, new) members of `after` that differ in `before` or are not there. Answers show more or less of an object."""
    old: Json = {}
    new: Json = {}
    for key, value in after.members.items():
        if key in before.members:
            if before.members[key] == value and before.hidden.get(key) == after.hidden.get(key):
                continue
            old[key] = before.members[key]
        new[key] = value
    return old, new


class ObjectMemory:
    """Bounded: the object not seen for longest is forgotten first. Used by one thread at a time."""

    def __init__(self, objects_max: int = OBJECTS_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._objects: OrderedDict[tuple[str, str], tuple[Optional[Object], float]] = OrderedDict()
        self._objects_max, self._bytes_max, self._bytes = objects_max, bytes_max, 0
        self._lists: OrderedDict[tuple[str, str], tuple[bytes, int]] = OrderedDict()
        self._changes = 0

    def find(self, kind: str, identity: str) -> Optional[Object]:
        found = self._objects.get((kind, identity))
        return found[0] if found is not None else None

    def shown(self, kind: str, identity: str, seen: Object, asked: float) -> None:
        """By the answer to a request that began at `asked`; of no effect when it was changed since."""
        known = self._objects.get((kind, identity))
        if known is None or known[1] < asked:
            self._put((kind, identity), seen, known[1] if known is not None else 0.0)

    def changed(self, kind: str, identity: str, seen: Optional[Object], when: float) -> None:
        """`seen` as the answer to the change shows it; None: unknown from now on."""
        self._changes += 1
        self._put((kind, identity), seen, when)

    def doubt(self, kind: str, name: str, when: float) -> None:
        """Something that is called `name` may have changed: what could be meant is unknown."""
        for key, (seen, _) in list(self._objects.items()):
            if key[0] == kind and seen is not None and name in seen.names.values():
                self.changed(kind, key[1], None, when)

    def is_known_list(self, kind: str, path: str, data: bytes) -> bool:
        """Whether exactly this list was shown there last and nothing was changed since; remembers it."""
        digest = hashlib.sha256(data).digest()
        same = self._lists.get((kind, path)) == (digest, self._changes)
        self._lists[kind, path] = (digest, self._changes)
        self._lists.move_to_end((kind, path))
        if len(self._lists) > 100:
            self._lists.popitem(last=False)
        return same

    def _put(self, key: tuple[str, str], seen: Optional[Object], changed_at: float) -> None:
        before = self._objects.pop(key, None)
        if before is not None and before[0] is not None:
            self._bytes -= before[0].bytes
        self._objects[key] = (seen, changed_at)
        self._bytes += seen.bytes if seen is not None else 0
        while self._bytes > self._bytes_max or len(self._objects) > self._objects_max:
            _, (oldest, _) = self._objects.popitem(last=False)
            self._bytes -= oldest.bytes if oldest is not None else 0
