# SPDX-License-Identifier: Apache-2.0
"""JSON in and out: what is read can be written again as strict JSON."""
from __future__ import annotations

import json
import math
from typing import Any, Union


class RepeatedKeys(dict[str, Any]):
    """An object in which a key stands twice: two parsers may take it for two things. This one has the last."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    return out if len(out) == len(pairs) else RepeatedKeys(pairs)


def _number(text: str) -> Union[float, str]:
    value = float(text)
    return value if math.isfinite(value) else text


def _integer(text: str) -> Union[int, str]:
    return int(text) if len(text) < 100 else text  # the time it takes grows with the square


def loads(data: Union[str, bytes]) -> Any:
    """Numbers that are none in JSON (NaN, 1e999) or have 100 digits become text, objects with
    a key twice RepeatedKeys. Errors: ValueError, RecursionError."""
    return json.loads(data, parse_float=_number, parse_int=_integer, parse_constant=str,
                      object_pairs_hook=_object)


def dumps(value: Any) -> str:
    """Compact. Errors: ValueError and TypeError for what is no JSON, RecursionError."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
