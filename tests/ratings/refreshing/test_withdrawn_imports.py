"""Withdrawing an import leaves the arena as if it had never come; taking it back, as it was."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from arena.contestants import lifecycle
from arena.counting import standing
from arena.errors import Refused
from arena.exporting.formats import FORMATS as EXPORTS
from arena.exporting.outlet import numbers
from arena.importing import withdrawing
from arena.importing.errors import ImportRefused
from arena.importing.formats import FORMATS
from arena.importing.intake import bring_in
from arena.models import Campaign, Contestant, Import, ImportChange, Tally, Vote
from ratings.models import Board, Rating
from ratings.refreshing import drafts, previews
from ratings.refreshing.recount import differences
from tests import factories
from tests.arena.importing import samples

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = ("contestant", "position", "score", "lower", "upper", "rank_low", "rank_high", "votes",
           "win_rate", "status")  # fmt: skip
HERE = ("A", "B", "TIE", "A", "BOTH_BAD", "B")


@pytest.fixture
def campaign(db: None) -> Campaign:
    """It has votes cast here, and a file of votes."""
    made = Campaign.objects.create(
        slug="mixed", name="Mixed", kind=Campaign.Kind.PREPARED, reveals="EACH_VOTE"
    )
    models = [factories.contestant(name) for name in samples.NAMES]
    for i in range(18):
        factories.vote(factories.battle(made, models[i % 3], models[(i + 1) % 3]), HERE[i % 6])
    return made


def bring(folder: Path, format: str, name: str, slug: str = "mixed", shift: int = 0) -> Import:
    rows = [samples.ROWS[format](number + shift, said) for number, said in enumerate(samples.VOTES)]
    path = samples.write(folder / name, rows)
    bring_in(FORMATS[format], path, slug)
    return Import.objects.latest("pk")


def bring_tallies(folder: Path, slug: str = "mixed", wins: int = 3) -> Import:
    path = folder / f"tallies-{wins}.json"
    path.write_text(json.dumps({"models": ["ada", "bea", "dot"], "X": [[0, 1], [2, 1]],
                                "Y": [[wins, 1, 0, 2], [1, 2, 3]]}))  # fmt: skip
    bring_in(FORMATS["arena-tallies"], path, slug)
    return Import.objects.latest("pk")


def sums() -> list[Any]:
    rows = Tally.objects.order_by("campaign", "slice", "first", "second")
    return [*rows.values_list("campaign", "slice", *Tally.COLUMNS)]


def boards() -> dict[tuple[int, str], list[Any]]:
    """Every number of every board, as readers get them after a refresh."""
    drafts.refresh_all()
    with_votes = Board.objects.filter(votes__gt=0)
    return {
        (board.campaign_id, board.slug): [
            *Rating.objects.filter(snapshot=board.newest()).values_list(*NUMBERS)
        ]
        for board in with_votes
    }


@pytest.fixture(autouse=True)
def at_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SLICE_VOTES = 4
    monkeypatch.setattr(drafts, "REPLAY_EVERY", timedelta(0))  # Elo reads the votes each time
    monkeypatch.setattr(drafts, "REPLAY_REST", timedelta(0))


def test_boards_are_as_before_the_import_and_as_before_it_was_withdrawn(
    campaign: Campaign, tmp_path: Path
) -> None:
    bring(tmp_path, "csv", "first.csv")
    bring(tmp_path, "arena-33k", "other.jsonl", slug="elsewhere")
    never, board_never = sums(), boards()
    sources = [bring(tmp_path, "arena-140k", "labelled.jsonl", shift=50), bring_tallies(tmp_path)]
    there, board_there = sums(), boards()
    assert board_there != board_never
    for source in sources:
        withdrawing.withdraw(source.pk, "a mistake")
    assert (sums(), boards()) == (never, board_never)
    assert differences(campaign) == []  # no tallies without votes are left
    for source in reversed(sources):
        withdrawing.take_back(source.pk, "no mistake after all")
    assert (sums(), boards()) == (there, board_there)


def test_what_was_excluded_meanwhile_stays_excluded(campaign: Campaign, tmp_path: Path) -> None:
    source = bring(tmp_path, "csv", "votes.csv")
    there = sums()
    excluded = Vote.objects.order_by("pk")[:5]
    chosen = Vote.objects.filter(pk__in=[*excluded.values_list("pk", flat=True)])
    withdrawing.withdraw(source.pk, "a mistake")
    standing.exclude(chosen, "a robot")
    withdrawing.take_back(source.pk, "no mistake")
    assert sums() != there
    assert differences(campaign) == []
    assert set(chosen.values_list("standing", flat=True)) == {"EXCLUDED"}
    standing.count_again(chosen)
    assert sums() == there


def test_preview_is_what_the_board_then_is(campaign: Campaign, tmp_path: Path) -> None:
    source = bring_tallies(tmp_path, wins=40)
    for act in (withdrawing.withdraw, withdrawing.take_back):
        board = withdrawing.preview(source)
        act(source.pk, "why not")
        boards()
        newest = Board.objects.get(campaign=campaign, slug="overall").newest()
        lines = Rating.objects.filter(snapshot=newest).select_related("contestant")
        shown = {line.contestant.name: previews.told(line) for line in lines}
        assert {one["name"]: one["both"][1] for one in board["lines"] if one["both"][1]} == shown
        source.refresh_from_db()


def test_campaign_without_any_vote_left_has_no_board(tmp_path: Path) -> None:
    source = bring(tmp_path, "csv", "votes.csv", slug="elsewhere")
    there = boards()
    withdrawing.withdraw(source.pk, "a mistake")
    assert (sums(), boards()) == ([], {})
    withdrawing.take_back(source.pk, "no mistake")
    assert boards() == there


def test_withdrawn_votes_are_in_no_export_and_shadow_no_new_import(
    campaign: Campaign, tmp_path: Path
) -> None:
    source = bring(tmp_path, "csv", "votes.csv")
    withdrawing.withdraw(source.pk, "wrong winners")
    assert numbers(campaign, next(iter(EXPORTS.values())))[1] == 0
    again = bring(tmp_path, "csv", "votes.csv")
    assert (again.votes, again.repeated) == (12, 0)
    with pytest.raises(Refused, match="The same file was imported again since"):
        withdrawing.take_back(source.pk, "no mistake")
    (tmp_path / "votes.csv").write_text((tmp_path / "votes.csv").read_text() + "\n\n")
    withdrawing.withdraw(again.pk, "once more")
    longer = bring_in(FORMATS["csv"], tmp_path / "votes.csv", "mixed")
    assert longer.votes == 12
    with pytest.raises(Refused, match=r"12 votes of it came again since, with votes\.csv"):
        withdrawing.take_back(source.pk, "no mistake")


def test_tallies_of_an_older_release_are_told_apart_if_they_are_the_only_ones(
    campaign: Campaign, tmp_path: Path
) -> None:
    bring(tmp_path, "csv", "first.csv")
    never = sums()
    one, there = bring_tallies(tmp_path), sums()
    Import.objects.update(summed_up=None)
    withdrawing.withdraw(one.pk, "a mistake")
    assert sums() == never
    withdrawing.take_back(one.pk, "no mistake")
    assert sums() == there
    two = bring_tallies(tmp_path, wins=9)
    Import.objects.update(summed_up=None)
    with pytest.raises(Refused, match="before the arena noted which were whose"):
        withdrawing.withdraw(two.pk, "a mistake")


def test_change_needs_a_reason_and_happens_once(campaign: Campaign, tmp_path: Path) -> None:
    source = bring(tmp_path, "csv", "votes.csv")
    with pytest.raises(Refused, match="Say why"):
        withdrawing.withdraw(source.pk, "  ")
    with pytest.raises(Refused, match="is not withdrawn"):
        withdrawing.take_back(source.pk, "why not")
    withdrawing.withdraw(source.pk, "a mistake")
    with pytest.raises(Refused, match="withdrawn already"):
        withdrawing.withdraw(source.pk, "a mistake")
    assert ImportChange.objects.count() == 1


def test_contestant_of_a_withdrawn_import_is_not_deleted(tmp_path: Path) -> None:
    source = bring(tmp_path, "csv", "votes.csv", slug="elsewhere")
    withdrawing.withdraw(source.pk, "a mistake")
    assert lifecycle.parts_taken(Contestant.objects.get(name="ada")) == ["withdrawn imports"]


def test_campaign_is_not_locked_while_votes_are_imported(
    campaign: Campaign, tmp_path: Path
) -> None:
    """A new battle refers to its row, and batches lock it."""
    other, looks = connection.copy(), []

    def look(done: float) -> None:
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM arena_campaign WHERE slug = 'mixed' FOR UPDATE NOWAIT")
            looks.append(cursor.fetchone())

    path = samples.write(tmp_path / "more.jsonl", samples.rows("fastchat-log"))
    bring_in(FORMATS["fastchat-log"], path, "mixed", progress=look)
    other.close()
    assert len(looks) >= 1


def test_readers_are_told_why_until_it_is_taken_back(
    campaign: Campaign, tmp_path: Path, client: Client, admin_user: User
) -> None:
    source = bring(tmp_path, "csv", "votes.csv")
    withdrawing.withdraw(source.pk, "wrong file", admin_user)
    assert "wrong file" in client.get("/campaigns/mixed/").content.decode()
    withdrawing.take_back(source.pk, "right file", admin_user)
    assert "wrong file" not in client.get("/campaigns/mixed/").content.decode()
    assert [*ImportChange.objects.values_list("withdrawn", "reason", "by")] == [
        (False, "right file", admin_user.pk), (True, "wrong file", admin_user.pk),
    ]  # fmt: skip


def test_import_of_a_withdrawn_file_is_refused_only_while_it_counts(
    campaign: Campaign, tmp_path: Path
) -> None:
    bring(tmp_path, "csv", "votes.csv")
    assert bring_in(FORMATS["csv"], tmp_path / "votes.csv", "mixed").done_before
    with pytest.raises(ImportRefused):
        bring_in(FORMATS["csv"], tmp_path / "none.csv", "mixed")
