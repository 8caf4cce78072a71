"""Boards of slices, and with style control, are published like those of all votes."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from arena.counting import tallies
from arena.labels import Labels
from arena.models import Campaign, Contestant, Import, ImportedVote, Tally, Vote, Voter
from ratings.archive.reproduce import main, reproduce
from ratings.archive.snapshot_file import pack, unpack, unpack_votes
from ratings.boards import listing
from ratings.models import Board, Snapshot
from ratings.refreshing import drafts, publications, replay
from tests import factories

from ..archive.test_votes_file import lines_of, published

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()
LAST = NOW.replace(day=1) - timedelta(days=1)  # of the month before, and the one before that
DAYS = (NOW, LAST, LAST.replace(day=1) - timedelta(days=1))
MONTHS = [f"{day:%Y-%m}" for day in DAYS]
VOTES = 240
OTHERS = ("A", "B", "TIE", "BOTH_BAD")


@pytest.fixture(autouse=True)
def few_are_enough(settings: LazySettings) -> None:
    settings.SLICE_VOTES = 50


def cast(
    campaign: Campaign,
    voter: Voter,
    sides: Sequence[Contestant],
    labels: Labels,
    verdict: str = "A",
    at: datetime = NOW,
    **criteria: str,
) -> Vote:
    a, b = sides
    battle = factories.battle(campaign, a, b, voter=voter)
    return factories.vote(battle, verdict, labels, at, **criteria)


@pytest.fixture
def labelled(campaign: Campaign, contestants: list[Contestant]) -> list[Vote]:
    """Votes of three months, mostly for longer answers; a third on coding; German ones without
    texts. Half also say which answer is clearer."""
    rng = np.random.default_rng(5)
    voter = Voter.objects.create()
    made = []
    for n in range(VOTES):
        i, j = rng.choice(3, 2, replace=False)
        style = tuple(int(x) for x in rng.integers(0, 40, 8))
        categories = ("coding",) if n % 3 == 0 else ()
        labels = Labels("en", categories, "short", style) if n % 4 else Labels("de", categories)
        is_longer = style[0] > style[4]
        verdict = ("A" if is_longer else "B") if rng.random() < 0.8 else str(rng.choice(OTHERS))
        sides = contestants[i], contestants[j]
        said = {"clear": OTHERS[n // 2 % 4]} if n % 2 else {}
        made.append(cast(campaign, voter, sides, labels, verdict, DAYS[n // 3 % 3], **said))
    return made


@pytest.fixture
def refreshed(labelled: list[Vote]) -> None:
    drafts.refresh_all()


def file_of(slug: str, folder: Path) -> Path:
    file = folder / f"{slug}.zip"
    file.write_bytes(bytes(published(slug).archive or b""))
    return file


def with_lines(slug: str, folder: Path, lines: Sequence[str]) -> Path:
    """A publication's file with other votes in it."""
    content = unpack(bytes(published(slug).archive or b""))
    file = folder / "other.zip"
    file.write_bytes(pack(content, io.BytesIO("\n".join(lines).encode() + b"\n")))
    return file


@pytest.mark.usefixtures("refreshed")
@pytest.mark.parametrize(
    ("slug", "votes"),
    [("coding", 80), ("language-de", 60), (f"month-{MONTHS[1]}", 81), ("fresh", 240),
     ("overall-style", 240), ("criterion-clear", 120)],
)  # fmt: skip
def test_file_is_reproduced_by_another_process(slug: str, votes: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ratings", "reproduce", str(file_of(slug, tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"From {votes} individual votes; 0 were left out." in done.stdout
    assert len(lines_of(published(slug))) == 1 + votes


@pytest.mark.usefixtures("refreshed")
@pytest.mark.parametrize("slug", ["coding", "fresh", "overall-style"])
def test_one_altered_vote_is_noticed(slug: str, tmp_path: Path) -> None:
    head, *lines = lines_of(published(slug))
    assert main(with_lines(slug, tmp_path, [head, *lines])) == 0
    line = next(n for n, line in enumerate(lines) if ",A," in line)
    lines[line] = lines[line].replace(",A,", ",B,")
    file = with_lines(slug, tmp_path, [head, *lines])
    assert main(file) == 1
    assert "votes.csv adds up to" in reproduce(file).differences[0]


@pytest.mark.usefixtures("refreshed")
def test_altered_style_of_one_vote_is_noticed(tmp_path: Path) -> None:
    """Style is in no tally: only the recomputed numbers show the change."""
    head, *lines = lines_of(published("overall-style"))
    line = next(n for n, line in enumerate(lines) if not line.endswith(",,,,,,,"))
    lines[line] = lines[line][: lines[line].rindex(",")] + ",99"
    differences = reproduce(with_lines("overall-style", tmp_path, [head, *lines])).differences
    assert any(said.startswith("bold: points is ") for said in differences)
    assert any(said.startswith("ada: score is ") for said in differences)


def test_slice_s_file_has_its_own_exclusions(
    labelled: list[Vote], campaign: Campaign, tmp_path: Path
) -> None:
    coding = [vote for n, vote in enumerate(labelled) if n % 3 == 0][:2]
    rigged = Vote.objects.filter(pk__in=[vote.pk for vote in (*coding, labelled[1])])
    rigged.update(standing=Vote.Standing.EXCLUDED, standing_reason="rigged")
    Tally.objects.all().delete()
    tallies.add(campaign.pk, tallies.recounted(campaign.pk))
    drafts.refresh_all()
    content = unpack(bytes(published("coding").archive or b""))
    assert [*content.exclusions] == [["rigged", "2"]]
    assert unpack(bytes(published().archive or b"")).exclusions == [["rigged", "3"]]
    assert reproduce(file_of("coding", tmp_path)).differences == []


@pytest.mark.usefixtures("refreshed")
def test_fresh_says_which_months_it_was_made_of(tmp_path: Path) -> None:
    content = unpack(bytes(published("fresh").archive or b""))
    assert content.about["months"] == [MONTHS[2], MONTHS[0]]
    assert published("fresh").facts.months == (MONTHS[2], MONTHS[0])
    assert f"fresh ({MONTHS[2]} to {MONTHS[0]})" in reproduce(file_of("fresh", tmp_path)).report()
    assert "months" not in unpack(bytes(published("coding").archive or b"")).about


@pytest.mark.usefixtures("refreshed")
def test_slice_is_published_again_only_when_its_votes_have_changed(
    labelled: list[Vote], campaign: Campaign, contestants: list[Contestant], settings: LazySettings
) -> None:
    settings.PUBLISH_EVERY = settings.PUBLISH_SLICES_EVERY = timedelta(0)
    assert publications.publish_due() == []
    before = timezone.now()
    Snapshot.objects.update(created=before - timedelta(hours=2))  # style and Elo wait a minute
    cast(campaign, labelled[0].voter, contestants[:2], Labels("en", ("coding",), "short"))
    drafts.refresh_all()
    again = Snapshot.objects.filter(published__gt=before)
    assert set(again.values_list("board__slug", flat=True)) == {
        "overall", "overall-davidson", "overall-rao-kupper", "overall-elo", "overall-style",
        "coding", "language-en", "length-short", f"month-{MONTHS[0]}", "fresh",
    }  # fmt: skip


@pytest.mark.usefixtures("refreshed")
def test_slice_is_published_once_a_day(campaign: Campaign) -> None:
    Snapshot.objects.filter(published=None).delete()
    made = Snapshot.objects.exclude(published=None)
    made.update(published=timezone.now() - timedelta(hours=2))
    for board in Board.objects.exclude(snapshots=None):
        Snapshot.objects.create(board=board, last_vote_id=0, votes=0)
    assert {made.board.slice for made in publications.publish_due()} == {"overall"}
    made.update(published=timezone.now() - timedelta(hours=25))
    assert "coding" in {made.board.slice for made in publications.publish_due()}


@pytest.mark.usefixtures("labelled")
def test_range_that_a_reader_chose_is_not_published(campaign: Campaign) -> None:
    span = f"months-{MONTHS[2]}-{MONTHS[1]}"
    listing.ask_for(campaign, span)
    drafts.refresh_all()
    assert Snapshot.objects.get(board__slug=span).published is None


@pytest.mark.usefixtures("labelled")
def test_publications_of_slices_wait_for_their_turn() -> None:
    drafts.refresh_all()
    Snapshot.objects.update(published=None)
    whole = Board.objects.filter(slice="overall").exclude(snapshots=None).count()
    sliced = Board.objects.exclude(slice="overall").exclude(snapshots=None).count()
    counts = [len(publications.publish_due(until=0)) for _ in range(sliced + 1)]
    assert counts == [whole + 1, *[1] * (sliced - 1), 0]


@pytest.mark.usefixtures("labelled")
def test_slice_that_has_lost_its_votes_is_not_published(campaign: Campaign) -> None:
    drafts.refresh_all()
    Snapshot.objects.update(published=None)
    Tally.objects.filter(slice="coding").delete()
    assert "coding" not in {made.board.slug for made in publications.publish_due()}


def test_slice_of_summed_up_votes_has_a_file_without_single_ones(
    campaign: Campaign, contestants: list[Contestant], tmp_path: Path
) -> None:
    a, b, _ = contestants
    for part in ("overall", "coding"):
        Tally.objects.create(
            campaign=campaign, slice=part, first=a, second=b, first_wins=40, second_wins=20
        )
    drafts.refresh_all()
    data = bytes(published("coding").archive or b"")
    assert unpack_votes(data) is None
    assert unpack(data).about["no_single_votes"] == replay.SUMMED_UP
    assert main(file_of("coding", tmp_path)) == 0


@pytest.mark.usefixtures("refreshed")
def test_style_s_file_has_the_counts_of_each_vote_and_what_they_are_worth() -> None:
    head, *lines = lines_of(published("overall-style"))
    assert head == (
        "left,right,verdict,day,left_out,left_length,left_headers,left_lists,left_bold,"
        "right_length,right_headers,right_lists,right_bold"
    )
    assert sum(line.endswith(",,,,,,,,") for line in lines) == VOTES // 4  # without texts
    content = unpack(bytes(published("overall-style").archive or b""))
    assert [row[0] for row in content.style] == ["length", "headers", "lists", "bold"]
    length = published("overall-style").facts.style[0]
    assert round(float(content.style[0][1]), 2) == length.points
    assert length.lower > 0
    assert published("overall-style").votes == VOTES * 3 // 4
    with zipfile.ZipFile(io.BytesIO(bytes(published("coding").archive or b""))) as archive:
        assert "style.csv" not in archive.namelist()


def test_imported_votes_with_texts_take_part(
    campaign: Campaign, contestants: list[Contestant], labelled: list[Vote]
) -> None:
    source = Import.objects.create(campaign=campaign, format="csv", name="x", sha256="x", votes=1)
    a, b, _ = contestants
    ImportedVote.objects.create(
        source=source, contestant_a=a, contestant_b=b, verdict="A", labels="coding",
        style=[7, 0, 0, 0, 3, 0, 0, 0], at=NOW - timedelta(days=400),
    )  # fmt: skip
    tallies.add(campaign.pk, tallies.of_import(source))
    assert replay.with_texts(campaign) == VOTES * 3 // 4 + 1
    with CaptureQueriesContext(connection) as counted:
        replay.with_texts(campaign)
    assert not counted.captured_queries
    drafts.refresh_all()
    assert lines_of(published("overall-style"))[1].endswith(",7,0,0,0,3,0,0,0")
    assert published("overall-style").votes == VOTES * 3 // 4 + 1
    assert len(lines_of(published("coding"))) == 1 + 80 + 1
