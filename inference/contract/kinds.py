"""What workers say is read as if anybody had written it, as a host may have been taken over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_MOST = 2**63
_HALF = re.compile("[\ud800-\udfff]")


def loaded(text: str | bytes) -> Any:
    """Raises ValueError if it is not JSON."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def parsed(text: str | bytes, usual: Mapping[str, object]) -> dict[str, Any]:
    """The JSON object in `text`, without fields that `usual` has not, which a newer version sends.
    Raises ValueError, unless each field is of the kind of the usual one."""
    said = loaded(text)
    if not isinstance(said, dict):
        raise ValueError("it is no object")
    known = {name: value for name, value in said.items() if name in usual}
    if odd := [name for name, value in known.items() if not _fits(value, usual[name])]:
        raise ValueError(f"{odd[0]} is not what it should be")
    return known


def is_for(asked: object, replies: str) -> bool:
    """Whether it is a question whose reply goes to one of these keys: the worker that is asked may
    write to others, too."""
    return isinstance(asked, dict) and str(asked.get("reply", "")).startswith(replies)


def _fits(value: object, usual: object) -> bool:
    """As JSON has it."""
    if isinstance(usual, tuple):
        return isinstance(value, list) and all(_is_text(each) for each in value)
    if isinstance(usual, dict):
        return isinstance(value, dict) and all(
            _is_text(name) and (_fits(each, ()) or _fits(each, 0)) for name, each in value.items()
        )
    if isinstance(usual, int | float):
        return isinstance(value, int | float) and abs(value) < _MOST  # not NaN either
    return _is_text(value)


def _is_text(value: object) -> bool:
    """Without half characters (surrogates), which no page can show."""
    return isinstance(value, str) and (value.isascii() or not _HALF.search(value))
