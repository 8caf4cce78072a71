"""A campaign as one page to print: of its newest publication, and of nothing newer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from arena.counting import standing
from arena.counting.reasons import DUPLICATE
from arena.models import Campaign, Contestant, Vote
from ratings import freshness
from ratings.findings import collection, report
from ratings.models import Snapshot
from ratings.refreshing import drafts, publications
from ratings.static_site.writing import StaticSite
from tests.ratings.conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/leaderboard/arena/report/"


def text_of(client: Client, address: str = PAGE) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page.content.decode())))


def publish(settings: LazySettings) -> Snapshot:
    settings.PUBLISH_EVERY = timedelta(0)
    drafts.refresh_all()
    publications.publish_due()
    freshness.clear()
    return Snapshot.objects.filter(board__slug="overall").exclude(published=None).latest("pk")


def test_report_begins_with_the_answer_and_ends_with_the_way_to_check_it(
    client: Client, votes: None, settings: LazySettings
) -> None:
    snapshot = publish(settings)
    said = text_of(client)
    answer, ranking, limits, appendix = (
        said.index(words)
        for words in ("Ada leads.", "Place: by score.", "What this cannot say", "Appendix")
    )
    assert answer < ranking < limits < appendix
    assert "116 votes on 3 models" in said
    assert "Bradley-Terry; a tie counts as half a win each" in said
    assert f"http://testserver/leaderboard/snapshots/{snapshot.public_id}.zip" in said
    for checked in (snapshot.archive_sha256, snapshot.code_version):
        assert checked in said[appendix:]


def test_report_is_of_the_newest_publication(
    client: Client, campaign: Campaign, votes: None, settings: LazySettings
) -> None:
    publish(settings)
    settings.PUBLISH_EVERY = timedelta(hours=1)
    campaign.tallies.update(first_wins=40)
    drafts.refresh_all()
    freshness.clear()
    assert "116 votes" not in text_of(client, "/leaderboard/arena/")
    assert "116 votes" in text_of(client)
    publish(settings)
    assert "116 votes" not in text_of(client)


def test_votes_that_do_not_count_are_told_by_reason(
    client: Client, cast: list[Vote], settings: LazySettings
) -> None:
    standing.exclude(Vote.objects.filter(pk__in=[vote.pk for vote in cast[:2]]), DUPLICATE)
    publish(settings)
    assert "2 votes left out, 6 votes counted. By reason: duplicate (2 votes)." in text_of(client)


def test_what_is_not_known_is_said(client: Client, votes: None, settings: LazySettings) -> None:
    publish(settings)
    said = text_of(client)
    for absent in (
        "No ranking of a category has been published yet.",
        "Too few votes have reasons yet",
        "No model has enough answers to prompts of this size yet",
        "Too few models have both prices",
        "This needs rated models of two families in the catalogue.",
        "Too few answers were judged by two voters to tell whether voters agree.",
    ):
        assert absent in said


def test_category_with_a_ranking_is_listed(
    client: Client,
    campaign: Campaign,
    contestants: list[Contestant],
    votes: None,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SLICE_VOTES = 50
    ada, bea, cy = contestants
    for name, wins in (("language-de", (40, 5)), ("coding", (5, 50))):
        tally(campaign, ada, bea, *wins, 0, 0, slice=name)
        tally(campaign, bea, cy, 20, 19, 0, 0, slice=name)
        tally(campaign, ada, cy, *wins, 0, 0, slice=name)
    publish(settings)
    said = text_of(client)
    assert "German 129 votes 129 Ada leads." in said
    assert re.search(r"Coding 149 votes 149 (Bea leads|2 of 3 models may be first)", said)
    monkeypatch.setattr(report, "MOST_CATEGORIES", 1)
    freshness.clear()
    assert "Rated, but not listed here: German." in text_of(client)


def test_model_that_is_good_enough_is_named_by_price(
    client: Client, campaign: Campaign, contestants: list[Contestant], settings: LazySettings
) -> None:
    ada, bea, cy = contestants
    Contestant.objects.filter(pk=bea.pk).update(output_price=9)
    for one, other in ((ada, bea), (bea, cy), (ada, cy)):
        tally(campaign, one, other, 5000, 5000, 0, 0)
    publish(settings)
    said = text_of(client)
    assert "Shown to be at most 20 points (52.9% of votes between them) behind the best:" in said
    assert "Cheapest: Bea. $9.00 per million output tokens. Given up:" in said


def test_shares_of_the_vote_are_written_into_a_small_map(
    client: Client, votes: None, settings: LazySettings
) -> None:
    publish(settings)
    page = client.get(PAGE).text
    labels = re.findall(r'<text class="label s\d"[^>]*>(\d+)<', page)
    titles = re.findall(r"<title>\w+ against \w+: (\d+)%", page)
    assert len(labels) == 6
    assert labels == titles


def test_long_board_is_cut(
    client: Client, votes: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settings)
    assert "the file has all" not in text_of(client)
    monkeypatch.setattr(report, "MOST_LISTED", 2)
    freshness.clear()
    assert "The best 2 of 3 models; the file has all." in text_of(client)
    assert client.get(PAGE).text.count("<tr data-tier=") == 2


def test_unchanged_report_is_not_sent_twice(
    client: Client, votes: None, settings: LazySettings
) -> None:
    publish(settings)
    first = client.get(PAGE)
    again = client.get(PAGE, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_campaign_without_votes_says_so(client: Client, campaign: Campaign) -> None:
    page = client.get(PAGE).text
    assert "No votes yet" in page
    assert "data-print" not in page


def test_campaign_by_invitation_has_no_report(client: Client) -> None:
    Campaign.objects.create(slug="shut", name="Shut", visibility=Campaign.Visibility.INVITATION)
    assert client.get("/leaderboard/shut/report/").status_code == 404


def test_static_copy_has_the_report_and_its_file(
    votes: None, settings: LazySettings, tmp_path: Path, campaign: Campaign
) -> None:
    snapshot = publish(settings)
    StaticSite(campaign, tmp_path, url="https://votes.example/arena").write()
    page = (tmp_path / "leaderboard/arena/report/index.html").read_text()
    file = f"leaderboard/snapshots/{snapshot.public_id}.zip"
    assert f"https://votes.example/arena/{file}" in page
    assert (tmp_path / file).exists()


@pytest.mark.parametrize(
    ("kind", "visibility", "said"),
    [
        ("LIVE", "PUBLIC", "Anybody who visits this site can vote."),
        ("PREPARED", "UNLISTED", "Anybody who has its address can vote."),
        ("IMPORTED", "PUBLIC", "who voted is for their source to say."),
    ],
)
def test_who_could_vote_is_told(kind: str, visibility: str, said: str) -> None:
    asked = Campaign.objects.create(slug="one", kind=kind, visibility=visibility, source="a")
    assert collection.who(asked).endswith(said)


@pytest.mark.parametrize(
    ("opens", "closes", "said"),
    [
        (None, None, ""),
        (1, None, "Open since 1 May 2026."),
        (None, 9, "Open until 9 May 2026."),
        (1, 9, "Open from 1 May 2026 to 9 May 2026."),
    ],
)
def test_when_it_was_open_is_told(opens: int | None, closes: int | None, said: str) -> None:
    days = (day and datetime(2026, 5, day, tzinfo=UTC) for day in (opens, closes))
    assert collection.opened(Campaign(**dict(zip(("opens", "closes"), days, strict=True)))) == said
