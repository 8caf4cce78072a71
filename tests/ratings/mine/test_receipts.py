"""The receipt of a vote: whether it counts, since when, and where that can be checked."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from arena.counting import reasons, standing
from arena.exporting import consent
from arena.exporting.votes import exported
from arena.models import Campaign, Vote, Voter
from ratings.mine.receipts import Receipt
from ratings.models import Snapshot
from ratings.refreshing import drafts

from .conftest import Cast, page_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def published_at_once(settings: LazySettings) -> None:
    settings.PUBLISH_EVERY = timedelta(0)


def address(vote: Vote) -> str:
    return f"/votes/{vote.battle.public_id}/"


def file_line(vote: Vote) -> tuple[int, list[str]]:
    """Number and values of the line that the receipt names, from the published file itself."""
    first = Receipt(vote).first
    assert first is not None
    assert first.line is not None
    whole = Snapshot.objects.get(pk=first.snapshot.pk)
    with zipfile.ZipFile(io.BytesIO(bytes(whole.archive or b""))) as archive:
        lines = archive.read("votes.csv").decode().splitlines()
    assert lines[first.line.number - 1] == first.line.text
    return first.line.number, next(csv.reader([first.line.text]))


def test_counted_vote_names_the_next_snapshot_and_then_the_first(
    settings: LazySettings, browser: Client, vote_on: Cast
) -> None:
    settings.PUBLISH_EVERY = timedelta(hours=1)
    vote_on(0, 1, "A")
    drafts.refresh_all()  # the first one is published at once
    vote = vote_on(1, 2, "B")
    drafts.refresh_all()
    page = page_of(browser, address(vote))
    assert "Your vote counts." in page
    assert "Bea (A) against Cy (B)" in page
    assert re.search(r"Not yet: the next snapshot is due within (59|60) minutes", page)
    settings.PUBLISH_EVERY = timedelta(0)
    drafts.refresh_all()
    vote_on(0, 2, "A")
    drafts.refresh_all()
    names = list(
        Snapshot.objects.filter(board__slug="overall")
        .exclude(published=None)
        .order_by("pk")
        .values_list("public_id", flat=True)
    )
    assert len(names) == 3
    page = page_of(browser, address(vote))
    assert f'href="/leaderboard/snapshots/{names[1]}/"' in page
    assert names[2] not in page


def test_line_of_the_file_is_that_of_the_vote(vote_on: Cast) -> None:
    made = [vote_on(i % 3, (i + 1) % 3, v) for i, v in enumerate(("A", "B", "TIE", "BOTH_BAD"))]
    drafts.refresh_all()
    day = f"{made[0].created:%Y-%m-%d}"
    assert [file_line(vote) for vote in made] == [
        (2, ["0", "1", "A", day, ""]),
        (3, ["1", "2", "B", day, ""]),
        (4, ["2", "0", "TIE", day, ""]),
        (5, ["0", "1", "BOTH_BAD", day, ""]),
    ]


def test_snapshot_without_single_votes_is_named_without_a_line(
    settings: LazySettings, browser: Client, vote_on: Cast
) -> None:
    settings.ARCHIVE_VOTES = 0
    vote = vote_on()
    drafts.refresh_all()
    page = page_of(browser, address(vote))
    assert "the snapshot of" in page
    assert "does not list single votes" in page


def test_excluded_vote_says_why_and_no_snapshot_counts_it(browser: Client, vote_on: Cast) -> None:
    vote_on(0, 1, "B")
    vote = vote_on()
    standing.exclude(Vote.objects.filter(pk=vote.pk), "Looks like a robot, <b>sorry</b>.")
    drafts.refresh_all()
    page = page_of(browser, address(vote))
    assert "Your vote does not count. Looks like a robot, &lt;b&gt;sorry&lt;/b&gt;." in page
    assert "No snapshot counts it." in page
    battle = page_of(browser, f"/battles/{vote.battle.public_id}/")
    assert "Your vote does not count." in battle
    assert f'href="/votes/{vote.battle.public_id}/"' in battle


def test_vote_counted_again_names_the_first_snapshot_after_that(
    browser: Client, vote_on: Cast
) -> None:
    vote_on(0, 1, "B")
    vote = vote_on(1, 2)
    one = Vote.objects.filter(pk=vote.pk)
    standing.exclude(one, reasons.DUPLICATE)
    drafts.refresh_all()
    without = Snapshot.objects.filter(board__slug="overall").latest("pk")
    standing.count_again(one)
    vote_on(0, 2)
    drafts.refresh_all()
    vote = one.get()
    first = Receipt(vote).first
    assert first is not None
    assert first.snapshot.pk > without.pk
    assert file_line(vote)[0] == 3
    page = page_of(browser, address(vote))
    assert "It was left out. You had already voted on the same two answers" in page
    assert "It counts again." in page


def test_vote_excluded_later_still_names_the_snapshot_that_counted_it(vote_on: Cast) -> None:
    vote = vote_on()
    vote_on(0, 2)
    drafts.refresh_all()
    counted = Snapshot.objects.filter(board__slug="overall").latest("pk")
    standing.exclude(Vote.objects.filter(pk=vote.pk), "spam")
    drafts.refresh_all()
    first = Receipt(Vote.objects.get(pk=vote.pk)).first
    assert first is not None
    assert first.snapshot.pk == counted.pk


def test_pending_vote_waits_for_a_check(browser: Client, vote_on: Cast) -> None:
    vote = vote_on()
    standing.exclude(Vote.objects.all(), "to be looked at")
    Vote.objects.update(standing=Vote.Standing.PENDING)
    assert "waiting for a check and does not count yet" in page_of(browser, address(vote))


@pytest.mark.parametrize("reason", [reasons.IDENTITY, reasons.DUPLICATE, reasons.BY_REQUEST])
def test_usual_reason_is_told_in_a_visitors_words(
    browser: Client, vote_on: Cast, reason: str
) -> None:
    vote = vote_on()
    standing.exclude(Vote.objects.all(), reason)
    page = page_of(browser, address(vote))
    assert str(reasons.WORDS[reason]) in page
    assert reason not in page


def test_receipt_has_the_id_of_the_export_only_with_consent(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign
) -> None:
    vote = vote_on()
    page = page_of(browser, address(vote))
    assert "You have not agreed to publication" in page
    consent.give(voter)
    [row] = exported(campaign, counted_only=True)
    assert row.key not in page
    assert f"<code>{row.key}</code>" in page_of(browser, address(vote))


def test_receipt_of_a_campaign_by_invitation_names_no_snapshot(
    browser: Client, vote_on: Cast, campaign: Campaign
) -> None:
    vote = vote_on()
    drafts.refresh_all()
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    page = page_of(browser, address(vote))
    assert "The results of this campaign are not public." in page
    assert "/leaderboard/snapshots/" not in page


def test_receipt_is_for_its_voter_only_and_never_stored(browser: Client, vote_on: Cast) -> None:
    vote = vote_on()
    theirs = vote_on(by=Voter.objects.create())
    assert "no-store" in browser.get(address(vote))["Cache-Control"]
    for client, path in (
        (Client(), address(vote)),
        (browser, address(theirs)),
        (browser, "/votes/nonsense/"),
    ):
        response = client.get(path)
        assert response.status_code == 404
        assert b"A receipt is shown only to its voter." in response.content
        assert b"Ada" not in response.content
