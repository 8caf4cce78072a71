"""Charts of a new arena, and long names of models."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from ratings.charts import Column, Columns, HeatMap
from ratings.charts.heat_map import LONGEST
from ratings.facts import Flip, Flips
from ratings.findings import flips
from ratings.refreshing import drafts


@pytest.mark.parametrize(("days", "centre"), [(1, 50), (2, 25), (60, 100 / 120)])
def test_column_is_no_wall_and_stands_over_its_name(days: int, centre: float) -> None:
    drawn = Columns.draw([Column(f"Day {i}", (5,), "") for i in range(days)], "Votes")
    first = drawn.stacks[0]
    assert 0 < first.width <= 12
    assert first.x + first.width / 2 == pytest.approx(centre, abs=0.01)
    assert drawn.x_marks[0].at == pytest.approx(centre, abs=0.01)


@pytest.mark.parametrize(("models", "is_small"), [(4, True), (25, False)])
def test_map_of_few_models_is_small(models: int, is_small: bool) -> None:
    names = [f"Model {i}" for i in range(models)]
    assert HeatMap.draw(names, lambda i, j: 0.5, lambda i, j: "", "count").is_small is is_small


def test_long_name_is_cut_beside_the_map_and_whole_in_its_cells() -> None:
    name = "a-model-with-a-name-that-goes-on-and-on"
    drawn = HeatMap.draw([name, "b"], lambda i, j: 0.5, lambda i, j: f"{name}: 5", "count")
    [(_, shown), (_, other)] = drawn.places
    assert (shown, other) == (f"{name[: LONGEST - 1]}…", "b")
    assert drawn.cells[0].title == f"{name}: 5"


def test_publication_from_before_says_that_flips_are_not_counted_yet() -> None:
    figure = flips.figure(None)
    assert (figure.title, figure.drawing) == ("Votes to flip are not counted yet.", None)
    assert flips.figure(Flips(3)).title == "There are no neighbours to swap yet."
    found = Flips(1670250, (Flip("Ada", "Bea", 9), Flip("Bea", "Cy", None)))
    assert flips.figure(found).title == "Without 9 of 1,670,250 votes, Bea would be first."
    assert flips.figure(found).csv().splitlines()[1:] == ["Ada,Bea,9", "Bea,Cy,no number found"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("votes")
@pytest.mark.parametrize("part", ["open-and-closed", "statistics"])
def test_what_cannot_be_drawn_yet_is_one_list_with_reasons(client: Client, part: str) -> None:
    drafts.refresh_all()
    page = client.get(f"/leaderboard/arena/{part}/").content.decode()
    charts, _, absent = page.partition("Not available yet")
    drawn = charts.split("<figure")[1:]
    assert drawn
    assert all("<svg" in figure or "<table" in figure for figure in drawn)
    assert "<figure" not in absent
    assert len(re.findall("<dt>(.+?)</dt><dd>(.+?)</dd>", absent)) == absent.count("<dt>") > 0
