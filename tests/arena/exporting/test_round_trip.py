"""Export and import again: the same tallies, and the field's readers can read our files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from arena.exporting import consent
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.importing import formats as importing
from arena.importing.intake import bring_in
from arena.models import Campaign, ImportedVote, Tally, Voter

from ..importing import samples
from ..importing.conftest import tallies
from ..importing.test_command_line import counted

pytestmark = pytest.mark.django_db(transaction=True)
ARENA = ("arena-33k", "arena-55k", "arena-100k", "arena-140k")
WITHOUT_BAD = ("arena-55k", "comparia")  # they do not distinguish "both bad" from a tie
SUFFIXES = (".json", ".jsonl", ".csv", ".parquet")


@pytest.fixture
def everybody_agrees(votes: list[object]) -> None:
    for voter in Voter.objects.all():
        consent.give(voter)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("format", [*ARENA, "comparia", "comparia-turns"])
@pytest.mark.usefixtures("everybody_agrees")
def test_votes_come_back_as_the_same_tallies(tmp_path: Path, format: str, suffix: str) -> None:
    path = tmp_path / f"votes{suffix}"
    export(FORMATS[format], path, "ours")
    report = bring_in(importing.FORMATS[format], path, "back")
    assert (report.votes, report.set_aside) == (8, 0)
    if format in WITHOUT_BAD:
        for tally in Tally.objects.filter(campaign__slug="ours"):
            tally.ties, tally.both_bad = tally.ties + tally.both_bad, 0
            tally.save()
    assert tallies("back") == tallies("ours") == counted(path)
    counts = tallies("ours").values()
    assert sum(map(sum, counts)) == 8


@pytest.mark.parametrize("format", [*ARENA, "comparia", "comparia-turns"])
def test_imported_votes_come_back_too(tmp_path: Path, format: str) -> None:
    path = samples.write(tmp_path / "votes.csv", samples.rows("csv"))
    bring_in(importing.FORMATS["csv"], path, "elsewhere")
    export(FORMATS[format], tmp_path / "votes.jsonl", "elsewhere")
    bring_in(importing.FORMATS[format], tmp_path / "votes.jsonl", "back")
    expected = samples.TALLIES_WITHOUT_BAD if format in WITHOUT_BAD else samples.TALLIES
    assert tallies("back") == expected
    assert Campaign.objects.get(slug="back").kind == Campaign.Kind.IMPORTED


def test_own_format_and_card_tell_what_was_made_elsewhere(tmp_path: Path) -> None:
    path = samples.write(tmp_path / "votes.csv", samples.rows("csv"))
    bring_in(importing.FORMATS["csv"], path, "elsewhere")
    done = export(FORMATS["evenhand"], tmp_path / "votes.jsonl", "elsewhere")
    frame = pd.read_json(done.path, lines=True)
    assert set(frame["item"]) == {"p0", "p1"}
    assert set(frame["language"]) == {"de"}
    assert "12 of these votes were cast elsewhere" in done.card.read_text()


@pytest.mark.parametrize("format", ARENA)
@pytest.mark.usefixtures("everybody_agrees")
def test_pandas_reads_every_kind_of_file(tmp_path: Path, format: str) -> None:
    for suffix in SUFFIXES:
        export(FORMATS[format], tmp_path / f"votes{suffix}", "ours")
    frames = [
        pd.read_json(tmp_path / "votes.json"),
        pd.read_json(tmp_path / "votes.jsonl", lines=True),
        pd.read_csv(tmp_path / "votes.csv"),
        pd.read_parquet(tmp_path / "votes.parquet"),
    ]
    pairs = [list(zip(frame["model_a"], frame["model_b"], strict=True)) for frame in frames]
    assert pairs == [pairs[0]] * 4
    assert len(pairs[0]) == 8
    assert [list(frame.columns) for frame in frames] == [list(FORMATS[format].columns)] * 4


ODD_IDS = ["0", "30000", "9007199254740993", "999999999999999999", "q-1", "007", "🦙", 'a,b\n"c"']


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("format", ARENA)
def test_what_was_imported_comes_back_as_it_was(tmp_path: Path, format: str, suffix: str) -> None:
    """Exported and imported again: ids, voters, languages, times, verdicts and order."""
    rows = samples.rows("csv")
    for row, id in zip(rows, ODD_IDS, strict=False):
        row |= {"id": id, "voter": f"{id} & co", "timestamp": "2024-02-03T04:05:06.123457Z"}
    bring_in(importing.FORMATS["csv"], samples.write(tmp_path / "votes.csv", rows), "elsewhere")
    for source, target in (("elsewhere", "back"), ("back", "again")):
        path = tmp_path / f"{target}{suffix}"
        export(FORMATS[format], path, source)
        report = bring_in(importing.FORMATS[format], path, target)
        assert (report.votes, report.set_aside, report.remarks) == (12, 0, [])
    first, back, again = (told(slug, format) for slug in ("elsewhere", "back", "again"))
    assert again == back
    numbers = [id for id in ODD_IDS if id.isdecimal() and str(int(id)) == id]
    if format == "arena-55k":  # its ids are numbers
        assert [vote[0] for vote in back if vote[0] in ODD_IDS] == numbers
    else:
        assert back == first


def told(slug: str, format: str) -> list[tuple[object, ...]]:
    votes = ImportedVote.objects.filter(source__campaign__slug=slug).order_by("pk")
    known = ["key", "contestant_a__name", "contestant_b__name", "verdict"]
    if format != "arena-55k":
        known += ["voter", "language", "at"]
    return list(votes.values_list(*known))


def test_votes_of_55k_are_found_again_after_an_export(tmp_path: Path) -> None:
    """Votes keep their own ids, not row numbers of a table: nothing is counted twice."""
    path = samples.write(tmp_path / "votes.csv", samples.rows("arena-55k"))
    bring_in(importing.FORMATS["arena-55k"], path, "elsewhere")
    export(FORMATS["arena-55k"], tmp_path / "out.csv", "elsewhere")
    report = bring_in(importing.FORMATS["arena-55k"], tmp_path / "out.csv", "elsewhere")
    assert (report.votes, report.repeated, report.changed.changed) == (0, 12, 0)


@pytest.mark.parametrize("format", ARENA)
@pytest.mark.usefixtures("everybody_agrees")
def test_own_votes_keep_their_ids_in_every_export(tmp_path: Path, format: str) -> None:
    for slug in ("first.csv", "second.csv"):
        export(FORMATS[format], tmp_path / slug, "ours")
    bring_in(importing.FORMATS[format], tmp_path / "first.csv", "back")
    assert ImportedVote.objects.values("key").distinct().count() == 8
    export(FORMATS[format], tmp_path / "third.csv", "back")
    ids = [
        pd.read_csv(tmp_path / f"{name}.csv", dtype=str).iloc[:, 0] for name in ("second", "third")
    ]
    assert list(ids[0]) == list(ids[1])
