"""Limits that are different for one test."""

from __future__ import annotations

import pytest

from inference.contract.limits import Limits


def bend(monkeypatch: pytest.MonkeyPatch, group: Limits, **limits: float) -> None:
    """Change limits wherever they are read, unchecked: a test may want what no arena may have."""
    for name, value in limits.items():
        assert name in vars(group), name
        monkeypatch.setitem(vars(group), name, value)
