"""A small, seeded part of `make bench-rolling`: this release and the one before, side by side."""

from __future__ import annotations

from pathlib import Path

from benchmarks.rolling.older import AbsentError, checkout
from benchmarks.rolling.reading import SAID
from benchmarks.rolling.upgrading import upgrade

from .hosted import begin, in_place_of_all
from .site import ROOT, Site
from .volunteer import Volunteer


def test_battles_outlast_a_rolling_upgrade(site: Site, tmp_path: Path) -> None:
    try:
        code = checkout(tmp_path / "code")
    except AbsentError as error:  # still a rolling restart, without a change of code
        print(error)
        code = ROOT
    with in_place_of_all(site, one=SAID, other=SAID):
        with Volunteer(site.url) as volunteer:
            begin(volunteer, "Is anybody there?")
        outcome = upgrade(site, code, tmp_path / "var", battles=12, at_once=6, seed=1)
    assert outcome.holds, outcome
    assert outcome.battles == 12
    assert outcome.moved > 0, "no connection was lost while the older web process stopped"
