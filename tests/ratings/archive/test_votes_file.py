"""Single votes in the file of a publication: what they reveal, and what they do not."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
import uuid
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from arena.counting import tallies
from arena.models import Battle, Campaign, Contestant, Import, ImportedVote, Vote
from arena.votes import casting
from ratings.archive import votes_file
from ratings.archive.reproduce import main, reproduce
from ratings.archive.snapshot_file import pack, unpack, unpack_votes
from ratings.models import Snapshot
from ratings.refreshing import drafts, publications, replay

from ..conftest import VERDICTS, board_of

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "left,right,verdict,day,left_out"


def published(slug: str = "overall") -> Snapshot:
    return Snapshot.objects.exclude(published=None).filter(board__slug=slug).latest("pk")


def lines_of(snapshot: Snapshot) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(bytes(snapshot.archive or b""))) as archive:
        return archive.read("votes.csv").decode().splitlines()


def repacked(snapshot: Snapshot, folder: Path, lines: Sequence[str]) -> Path:
    """The publication's file with other votes in it."""
    content = unpack(bytes(snapshot.archive or b""))
    file = folder / "other.zip"
    file.write_bytes(pack(content, io.BytesIO("\n".join(lines).encode() + b"\n")))
    return file


def test_votes_are_in_the_order_cast_with_side_and_day(cast: list[Vote]) -> None:
    drafts.refresh_all()
    day = f"{timezone.now():%Y-%m-%d}"
    sides = ["0,1", "1,0", "2,0", "0,2", "1,2", "2,1", "0,1", "1,0"]
    assert [vote.battle.contestant_a.slug[0] for vote in cast[:3]] == ["a", "b", "c"]
    assert lines_of(published()) == [
        HEAD, *(f"{side},{said},{day}," for side, said in zip(sides, VERDICTS, strict=True))
    ]  # fmt: skip


def test_votes_left_out_say_why_and_do_not_count(cast: list[Vote], tmp_path: Path) -> None:
    leave_out(cast[0], Vote.Standing.EXCLUDED, "always the left, side")
    leave_out(cast[1], Vote.Standing.EXCLUDED, "")
    leave_out(cast[2], Vote.Standing.PENDING, "")
    drafts.refresh_all()
    reasons = [line.split(",", 4)[4] for line in lines_of(published())[1:5]]
    assert reasons == ['"always the left, side"', "no reason given", "pending", ""]
    file = tmp_path / "snapshot.zip"
    file.write_bytes(bytes(published().archive or b""))
    outcome = reproduce(file)
    assert outcome.differences == []
    assert "From 5 individual votes; 3 were left out." in outcome.report()


def leave_out(vote: Vote, standing: str, reason: str) -> None:
    """Exclude a vote; the tally changes in the same transaction."""
    vote.standing, vote.standing_reason = standing, reason
    vote.save()
    battle = vote.battle
    first, second = sorted((battle.contestant_a_id, battle.contestant_b_id))
    won_first = (vote.verdict == "A") == (first == battle.contestant_a_id)
    undone = (-1, 0, 0, 0) if won_first else (0, -1, 0, 0)
    tallies.add(battle.campaign_id, {("overall", first, second): undone})


@pytest.mark.parametrize("slug", ["overall", "overall-elo"])
def test_file_with_votes_is_reproduced_by_another_process(
    cast: list[Vote], client: Client, tmp_path: Path, slug: str
) -> None:
    drafts.refresh_all()
    file = tmp_path / "snapshot.zip"
    public_id = published(slug).public_id
    file.write_bytes(client.get(f"/leaderboard/snapshots/{public_id}.zip").content)
    command = [sys.executable, "-m", "ratings", "reproduce", str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "From 8 individual votes; 0 were left out." in done.stdout


def test_vote_that_is_another_than_was_counted_is_found(cast: list[Vote], tmp_path: Path) -> None:
    drafts.refresh_all()
    lines = lines_of(published())
    lines[1] = lines[1].replace(",A,", ",B,")
    file = repacked(published(), tmp_path, lines)
    assert main(file) == 1
    assert reproduce(file).differences == [
        "models 0 and 1: tallies.csv says (2, 2, 0, 0), votes.csv adds up to (1, 3, 0, 0)"
    ]


def test_vote_that_was_left_out_in_silence_is_found(cast: list[Vote], tmp_path: Path) -> None:
    drafts.refresh_all()
    lines = lines_of(published())
    lines.append(f"{lines[1]}no reason")
    assert reproduce(repacked(published(), tmp_path, lines)).differences == [
        "exclusions.csv and votes.csv disagree on the votes that were left out"
    ]


def test_elo_of_votes_in_another_order_is_found(cast: list[Vote], tmp_path: Path) -> None:
    drafts.refresh_all()
    elo = published("overall-elo")
    head, *lines = lines_of(elo)
    assert main(repacked(elo, tmp_path, [head, *lines])) == 0
    assert main(repacked(elo, tmp_path, [head, *reversed(lines)])) == 1


def test_elo_without_its_votes_cannot_be_rated(
    cast: list[Vote], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drafts.refresh_all()
    file = tmp_path / "elo.zip"
    file.write_bytes(pack(unpack(bytes(published("overall-elo").archive or b""))))
    assert main(file) == 1
    assert "The method elo needs individual votes" in capsys.readouterr().out


def test_summed_up_votes_are_said_to_be_so(august: Campaign) -> None:
    content = unpack(bytes(published().archive or b""))
    assert unpack_votes(bytes(published().archive or b"")) is None
    assert content.about["no_single_votes"] == replay.SUMMED_UP
    assert not Snapshot.objects.filter(board__slug="overall-elo").exists()


def test_more_votes_than_a_file_should_hold_stay_in_the_exports(
    cast: list[Vote], settings: Settings
) -> None:
    settings.ARCHIVE_VOTES = len(cast) - 1
    drafts.refresh_all()
    about = unpack(bytes(published().archive or b"")).about
    assert about["no_single_votes"] == replay.TOO_MANY.format(7)
    assert Snapshot.objects.get(board__slug="overall-elo").published is None


def test_vote_between_draft_and_publication_is_in_neither_or_both(
    cast: list[Vote], campaign: Campaign
) -> None:
    Snapshot.objects.all().delete()
    draft = board_of(drafts.refresh_all())
    Snapshot.objects.update(published=None)
    late = cast[0].battle
    late.pk = None
    late.public_id = "late"
    late.save()
    casting.count(Vote.objects.create(battle=late, voter=late.voter, verdict="B", seconds=1.0))
    made = publications.publish(draft)
    assert made.pk != draft.pk
    assert made.votes == len(lines_of(made)) - 1 == 9
    draft.refresh_from_db()
    assert draft.published is None


def test_imported_votes_come_first_by_their_own_time(
    cast: list[Vote], campaign: Campaign, contestants: list[Contestant]
) -> None:
    source = Import.objects.create(campaign=campaign, format="csv", name="x", sha256="x", votes=2)
    day = timezone.now() - timedelta(days=400)
    a, b, _ = contestants
    for verdict, when in (("TIE", day), ("A", day - timedelta(days=1))):
        ImportedVote.objects.create(
            source=source, contestant_a=b, contestant_b=a, verdict=verdict, at=when
        )
    tallies.add(campaign.pk, {("overall", a.pk, b.pk): (0, 1, 1, 0)})
    drafts.refresh_all()
    lines = lines_of(published())
    assert lines[1:3] == [f"1,0,A,{day - timedelta(days=1):%Y-%m-%d},", f"1,0,TIE,{day:%Y-%m-%d},"]
    assert len(lines) == 1 + 2 + 8


def test_nothing_tells_who_voted(cast: list[Vote]) -> None:
    drafts.refresh_all()
    with zipfile.ZipFile(io.BytesIO(bytes(published().archive or b""))) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    voter = cast[0].voter
    assert str(voter.key) not in whole
    assert cast[0].battle.public_id not in whole
    assert f"{cast[0].created:%H:%M:%S}" not in whole.replace(
        str(unpack(bytes(published().archive or b"")).about["computed"]), ""
    )


def test_every_method_has_its_past(cast: list[Vote], client: Client) -> None:
    drafts.refresh_all()
    page = client.get("/leaderboard/arena/snapshots/?method=elo").content.decode()
    of_elo, every = page.split('id="every-board"')
    assert published("overall-elo").public_id in of_elo
    assert published("overall").public_id not in of_elo
    assert re.search(r'<a href="\?ties=davidson"\s*>Bradley-Terry, ties by Davidson</a>', every)
    today = f"{timezone.now():%Y-%m-%d}"
    for query in ("", "&method=elo", "&ties=davidson", "&ties=rao-kupper"):
        board = client.get(f"/leaderboard/arena/?on={today}{query}").content.decode()
        assert "Permalink" in board, query
        before = client.get(f"/leaderboard/arena/?on=2020-01-01{query}").content.decode()
        assert "Nothing had been published by then" in before, query


def test_elo_says_what_changed_since(cast: list[Vote], client: Client) -> None:
    drafts.refresh_all()
    old = published("overall-elo")
    Snapshot.objects.update(
        created=timezone.now() - timedelta(days=2), published=timezone.now() - timedelta(days=2)
    )
    for _ in range(40):
        battle = Battle.objects.get(pk=cast[0].battle_id)
        battle.pk, battle.public_id = None, f"again-{uuid.uuid4().hex[:8]}"
        battle.save()
        casting.count(
            Vote.objects.create(battle=battle, voter=battle.voter, verdict="B", seconds=1)
        )
    drafts.refresh_all()
    page = client.get(f"/leaderboard/snapshots/{old.public_id}/").content.decode()
    assert published("overall-elo").public_id in page
    assert "Ada was at rank 1–3, is now at " in page
    assert "Elo" in page
    assert "a tie counts as" not in page


@pytest.mark.parametrize(
    "text", ["", "a,b\n", f"{HEAD}\n0,1,C,,\n", f"{HEAD}\n0,x,A,,\n", f"{HEAD}\n0,1,A\n"]
)
def test_other_table_is_no_votes_file(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        votes_file.read(io.StringIO(text))


def test_two_workers_publish_a_board_once(cast: list[Vote]) -> None:
    """Both check at the same moment, before either has written."""
    drafts.refresh_all()
    Snapshot.objects.update(published=None)
    together = threading.Barrier(2)

    def work() -> int:
        try:
            together.wait()
            return len(publications.publish_due())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        made = [found.result() for found in [workers.submit(work) for _ in range(2)]]
    boards = Snapshot.objects.values("board").distinct().count()
    assert sum(made) == Snapshot.objects.exclude(published=None).count() == boards == 4
