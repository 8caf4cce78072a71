"""One test over many entries: it checks all of them, and lists those that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def each(entries: Iterable[T]) -> Callable[[Callable[[T], None]], Callable[[], None]]:
    """Turn a check of one entry into a test of all `entries`, which must not be empty."""
    checked = list(entries)

    def decorate(check: Callable[[T], None]) -> Callable[[], None]:
        def test() -> None:
            assert checked, "There is nothing to look at."
            faults = [fault for entry in checked if (fault := _fault(check, entry))]
            assert not faults, "\n".join([f"{len(faults)} of {len(checked)}:", *faults])

        test.__name__ = check.__name__
        test.__doc__ = check.__doc__
        return test

    return decorate


def _fault(check: Callable[[T], None], entry: T) -> str:
    try:
        check(entry)
    except AssertionError as error:
        return f"{_name(entry)}: {error}"
    return ""


def _name(entry: object) -> str:
    for attribute in ("slug", "name", "id"):
        if hasattr(entry, attribute):
            return str(getattr(entry, attribute))
    return repr(entry)
