"""What voters said by criterion is exported and imported again: the boards agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arena.exporting import consent
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.exporting.writers import SUFFIXES
from arena.importing import formats as importing
from arena.importing.intake import bring_in
from arena.importing.report import Report
from arena.labels import Labels
from arena.models import Campaign, ImportedVote, Revision, Tally, Voter
from ratings.core import Tallies, bradley_terry
from ratings.refreshing.reading import one_moment, read, read_inside
from ratings.refreshing.recount import differences
from ratings.refreshing.replay import with_voters
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
CODING = Labels("de", ("coding",), "short", (1,) * 8, "rules")
# contestants on side A and B, verdict, and by criterion
SAID: list[tuple[str, str, str, dict[str, str]]] = [
    ("Ada 1", "Bea 2", "A", {"accurate": "A", "clear": "B"}),
    ("Bea 2", "Ada 1", "A", {"accurate": "B"}),
    ("Ada 1", "Cyd 3", "B", {"accurate": "TIE", "clear": "BOTH_BAD"}),
    ("Cyd 3", "Bea 2", "TIE", {}),
    ("Bea 2", "Cyd 3", "BOTH_BAD", {"accurate": "A"}),
    ("Cyd 3", "Ada 1", "A", {"accurate": "A"}),
]


@pytest.fixture
def asked(campaign: Campaign, revisions: dict[str, Revision]) -> Campaign:
    for a, b, verdict, criteria in SAID:
        voter = Voter.objects.create()
        consent.give(voter)
        one, other = revisions[a], revisions[b]
        battle = factories.battle(campaign, one.contestant, other.contestant, voter=voter)
        factories.turn(battle, "Name a tree.", {one: "**Oak**", other: "Elm"})
        factories.vote(battle, verdict, CODING, None, **criteria)
    return campaign


def sliced(slug: str) -> dict[tuple[str, int, int], list[int]]:
    return {
        (tally.slice, tally.first_id, tally.second_id): [
            getattr(tally, name) for name in Tally.COUNTS
        ]
        for tally in Tally.objects.filter(campaign__slug=slug)
    }


def board(campaign: Campaign, part: str) -> dict[str, str]:
    """Scores and intervals by model, as text: some are NaN."""
    given = read(campaign, part)
    rows, names = given.numbered(), [each.name for each in given.contestants]
    rated = bradley_terry(Tallies.from_counts(rows[:, :2], rows[:, 2:], len(names)))
    columns = (names, rated.scores, rated.lower, rated.upper)
    return {name: f"{numbers}" for name, *numbers in zip(*columns, strict=True)}


def single_votes(campaign: Campaign, part: str) -> list[list[int]]:
    """Both contestants and the verdict of each."""
    with one_moment():
        return sorted(with_voters(read_inside(campaign, part))[:, 1:].tolist())


def brought(path: Path, slug: str) -> Report:
    return bring_in(importing.FORMATS["evenhand"], path, slug, aside=path.with_suffix(".aside"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_boards_by_criterion_come_back(asked: Campaign, tmp_path: Path, suffix: str) -> None:
    for source, target in (("ours", "back"), ("back", "again")):
        path = tmp_path / f"{target}{suffix}"
        export(FORMATS["evenhand"], path, source)
        report = brought(path, target)
        assert (report.votes, report.set_aside, report.remarks) == (6, 0, [])
        assert sliced(target) == sliced("ours")
    slices = {part for part, *_ in sliced("back")}
    assert {"criterion-accurate", "criterion-clear", "coding", "length-short"} <= slices
    back = Campaign.objects.get(slug="again")
    assert differences(back) == []
    for part in ("overall", "criterion-accurate", "criterion-clear"):
        assert board(back, part) == board(asked, part)
        assert single_votes(back, part) == single_votes(asked, part)
    assert ImportedVote.objects.exclude(style=None).count() == 6


def test_row_of_a_criterion_that_cannot_be_read_is_set_aside(
    asked: Campaign, tmp_path: Path
) -> None:
    path = tmp_path / "votes.jsonl"
    export(FORMATS["evenhand"], path, "ours")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[0]["criteria"] = json.dumps({"accurate": "better"})
    rows[1]["criteria"] = json.dumps({"elegant": "A", "clear": "A"})
    rows[2]["criteria"] = "oops"
    rows[3]["standing"] = "EXCLUDED"
    path.write_text("\n".join(map(json.dumps, rows)))
    report = brought(path, "back")
    assert (report.votes, report.set_aside) == (3, 2)
    reasons = {why: lines for why, _, lines in report.reasons}
    assert reasons == {
        "criterion 'accurate' 'better' is not one of A, B, TIE, BOTH_BAD": [1],
        "'criteria' is not JSON": [3],
    }
    assert dict(report.passed_over) == {"votes that the arena does not count": 1}
    assert any("not known here" in remark for remark in report.remarks)
    [clear] = [counts for (part, *_), counts in sliced("back").items() if part == "criterion-clear"]
    assert clear == [0, 1, 0, 0]
