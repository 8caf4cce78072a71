"""JSON of any shape, and sound JSON or bytes of which something is replaced."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

_odd: SearchStrategy[Any] = st.sampled_from(
    [None, True, "", " ", "\0", "\ud83d", "[", "x" * 500, 0, -1, 2**70, 1e400, float("nan"), [], {}]
)
_leaves = st.one_of(_odd, st.integers(), st.floats(), st.text(max_size=12))
values: SearchStrategy[Any] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def altered(draw: DrawFn, sound: Any) -> Any:
    """`sound` with one value, at any depth, replaced or left out."""
    if isinstance(sound, dict) and sound and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(sorted(sound)))
        rest = {key: value for key, value in sound.items() if key != name}
        return rest if draw(st.integers(0, 7)) == 0 else {**sound, name: draw(altered(sound[name]))}
    if isinstance(sound, list) and sound and draw(st.booleans()):
        at = draw(st.integers(0, len(sound) - 1))
        return [*sound[:at], draw(altered(sound[at])), *sound[at + 1 :]]
    return draw(values)


@st.composite
def damaged(draw: DrawFn, sound: bytes, *, within: int | None = None) -> bytes:
    """`sound` cut, or with a few bytes replaced, left out, doubled or put in."""
    content = bytearray(sound)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, min(len(content), within or len(content)) - 1)))
        size = draw(st.sampled_from([1, 1, 4, 8, 50]))
        match draw(st.sampled_from(["replace", "drop", "double", "insert", "cut"])):
            case "replace":
                content[at : at + size] = draw(st.binary(min_size=size, max_size=size))
            case "drop":
                del content[at : at + size]
            case "double":
                content[at:at] = content[at : at + size]
            case "insert":
                content[at:at] = draw(st.binary(max_size=size))
            case _:
                del content[at + size * 100 :]
    return bytes(content)
