"""The page of votes that do not count: as of a publication, and with nothing but what it says."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from arena.counting import standing
from arena.counting.reasons import DUPLICATE, SUSPECTED
from arena.models import Campaign, Vote
from ratings import freshness
from ratings.refreshing import drafts, publications

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/leaderboard/arena/integrity/"


def text_of(client: Client) -> str:
    page = client.get(PAGE)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page.content.decode())))


def publish(settings: LazySettings) -> None:
    settings.PUBLISH_EVERY = timedelta(0)
    drafts.refresh_all()
    publications.publish_due()
    freshness.clear()


def some(votes: list[Vote]) -> list[int]:
    return [vote.pk for vote in votes]


def test_votes_left_out_are_told_by_reason_and_month(
    client: Client, campaign: Campaign, cast: list[Vote], settings: LazySettings
) -> None:
    publish(settings)
    settings.PUBLISH_EVERY = timedelta(hours=1)
    standing.exclude(Vote.objects.filter(pk__in=some(cast[:2])), DUPLICATE)
    standing.suspend(Vote.objects.filter(pk__in=some(cast[2:3])), SUSPECTED)
    drafts.refresh_all()
    assert "All votes that were cast here count." in text_of(client)  # until it is published
    publish(settings)
    said = text_of(client)
    assert "3 votes left out, 5 votes counted." in said
    assert "2 votes left out: duplicate" in said
    assert "1 vote held: suspected of rigging" in said
    assert "Held as suspected so far: 1 vote, of which 0 have been judged." in said
    rows = list(csv.reader(io.StringIO(client.get(f"{PAGE}by-month.csv").content.decode())))
    month = f"{timezone.now():%Y-%m-01}"
    assert rows[1:] == [[month, "duplicate", "2"], [month, "suspected of rigging", "1"]]


def test_wrong_suspicions_are_told(
    client: Client, campaign: Campaign, cast: list[Vote], settings: LazySettings
) -> None:
    suspected = Vote.objects.filter(pk__in=some(cast[:4]))
    standing.suspend(suspected, SUSPECTED)
    standing.count_again(Vote.objects.filter(pk__in=some(cast[:1])))
    standing.exclude(Vote.objects.filter(pk__in=some(cast[1:4])), "rigging")
    publish(settings)
    said = text_of(client)
    assert "Held as suspected so far: 4 votes, of which 4 have been judged." in said
    assert "25% of these were held wrongly, and count again." in said
    assert "1 vote counted again " in said


def test_without_exclusions_all_votes_count(
    client: Client, campaign: Campaign, cast: list[Vote], settings: LazySettings
) -> None:
    publish(settings)
    assert "All votes that were cast here count." in text_of(client)
    assert "No vote has been held as suspected so far." in text_of(client)


@pytest.mark.parametrize(("desk", "is_said"), [("hold", True), ("watch", False), ("off", False)])
def test_what_the_desk_does_is_what_is_said(
    client: Client,
    campaign: Campaign,
    cast: list[Vote],
    settings: LazySettings,
    desk: str,
    is_said: bool,
) -> None:
    settings.DESK = desk
    publish(settings)
    said = text_of(client)
    assert ("the votes are held at once" in said) is is_said
    assert ("Here no vote is held by rules" in said) is not is_said


def test_without_votes_it_says_what_to_do(client: Client, campaign: Campaign) -> None:
    assert "No votes yet" in text_of(client)
