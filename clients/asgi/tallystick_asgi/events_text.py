# SPDX-License-Identifier: Apache-2.0
"""Texts and times as they may stand in an event."""
from __future__ import annotations

from datetime import datetime, timezone

FIELD_CHARS_MAX = 1000  # at most 4 KiB of UTF-8


def timestamp(seconds: float) -> str:
    """RFC 3339, UTC, microseconds."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text(value: str, limit: int = FIELD_CHARS_MAX) -> str:
    """Valid UTF-8, no NUL, bounded."""
    return value[:limit].encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
