"""The leaderboard page: its choices are in the URL, and it works without JavaScript."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from arena.models import Campaign, Contestant
from ratings import freshness
from ratings.models import Snapshot
from ratings.refreshing import drafts

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/leaderboard/arena/{query}").content.decode()
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page)


@pytest.fixture
def rated(votes: None) -> None:
    drafts.refresh_all()


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Ada", "Bea", "Cy"]),
        ("?q=works", ["Ada", "Bea", "Cy"]),
        ("?q=bea", ["Bea"]),
        ("?q=llama+cy", ["Cy"]),
        ("?access=open", ["Ada", "Cy"]),
        ("?access=source", ["Ada"]),
        ("?access=closed", ["Bea"]),
        ("?commercial=yes", ["Ada"]),
        ("?commercial=conditional", ["Ada", "Cy"]),
        ("?organisation=cy-works", ["Cy"]),
        ("?laptop=1", ["Ada"]),
        ("?size=large", ["Cy"]),
        ("?sort=name&order=down", ["Cy", "Bea", "Ada"]),
        ("?sort=size", ["Ada", "Cy", "Bea"]),
        ("?sort=size&order=down", ["Cy", "Ada", "Bea"]),
        ("?sort=&access=&size=&method=bradley-terry&slice=overall", ["Ada", "Bea", "Cy"]),
        ("?ties=davidson", ["Ada", "Bea", "Cy"]),
    ],
)
def test_choice_shows_and_sorts(client: Client, query: str, expected: list[str]) -> None:
    assert names(client, query) == expected


@pytest.mark.usefixtures("rated")
def test_filtered_board_keeps_ranks_among_all(client: Client) -> None:
    page = client.get("/leaderboard/arena/?access=closed").content.decode()
    assert "1 of 3 models; ranks are those among all models." in page
    assert '<td class="rank">2</td>' in page or '<td class="rank">2–3</td>' in page


@pytest.mark.usefixtures("rated")
def test_nothing_found_offers_the_whole_board(client: Client) -> None:
    page = client.get("/leaderboard/arena/?q=zzz").content.decode()
    assert "No models match your filters" in page
    assert 'href="?">Show all' in page


@pytest.mark.usefixtures("rated")
def test_elo_without_order_says_why(client: Client) -> None:
    assert (
        "Elo needs the order in which votes were cast"
        in client.get("/leaderboard/arena/?method=elo").content.decode()
    )


@pytest.mark.usefixtures("rated")
def test_search_is_escaped(client: Client) -> None:
    page = client.get("/leaderboard/arena/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


@pytest.mark.usefixtures("rated")
def test_campaign_by_invitation_is_not_shown(client: Client, campaign: Campaign) -> None:
    permalink = f"/leaderboard/snapshots/{Snapshot.objects.earliest('pk').public_id}/"
    assert client.get(permalink).status_code == 200
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    freshness.clear()
    for path in ("", "open-and-closed/", "compare/", "statistics/", "leaderboard.csv", "embed/"):
        assert client.get(f"/leaderboard/arena/{path}").status_code == 404, path
    assert client.get(permalink).status_code == 404
    assert "Ada" not in client.get("/leaderboard/").content.decode()


def test_few_votes_are_provisional(
    client: Client, campaign: Campaign, contestants: list[Contestant]
) -> None:
    tally(campaign, contestants[0], contestants[1], 3, 2, 1, 0)
    drafts.refresh_all()
    page = client.get("/leaderboard/arena/").content.decode()
    assert page.count(">provisional</span>") == 2
    assert "do not separate the best open model, Ada, from the best closed one, Bea" in page


@pytest.mark.usefixtures("rated")
def test_stand_in_is_neither_open_nor_closed(client: Client) -> None:
    Contestant.objects.filter(name="Bea").update(stands_in_for="Bea Max")
    Snapshot.objects.all().delete()
    drafts.refresh_all()
    [facts] = Snapshot.objects.filter(board__slug="overall").values_list("facts", flat=True)
    assert facts.duel is None


@pytest.mark.usefixtures("rated")
def test_page_is_answered_from_memory_until_the_votes_change(
    client: Client, campaign: Campaign
) -> None:
    first = client.get("/leaderboard/arena/")
    assert client.get("/leaderboard/arena/").content == first.content
    unchanged = client.get("/leaderboard/arena/", headers={"if-none-match": first["ETag"]})
    assert unchanged.status_code == 304
    zipped = client.get("/leaderboard/arena/", headers={"accept-encoding": "gzip"})
    assert zipped["Content-Encoding"] == "gzip"
    assert len(zipped.content) < len(first.content) / 2


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize("known", ["{}", "*", '"other", {}', "{strong}"])
def test_browser_that_has_the_page_gets_no_body(client: Client, known: str) -> None:
    first = client.get("/leaderboard/arena/")
    etag = first["ETag"]
    sent = known.format(etag, strong=etag.removeprefix("W/"))
    for ask in (client.get, client.head):
        unchanged = ask("/leaderboard/arena/", headers={"if-none-match": sent})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        for header in ("ETag", "Cache-Control", "Vary"):
            assert unchanged[header] == first[header]
    newer = client.get("/leaderboard/arena/", headers={"if-none-match": '"other"'})
    assert newer.content == first.content


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize("cookie", ["csrftoken", "sessionid", "voter"])
def test_page_does_not_depend_on_what_cookies_a_browser_has(client: Client, cookie: str) -> None:
    zipped = {"accept-encoding": "gzip"}
    expected = client.get("/leaderboard/arena/", headers=zipped)
    client.cookies[cookie] = "x" * 32
    freshness.clear()
    for _ in range(2):  # rendered, and from the cache
        got = client.get("/leaderboard/arena/", headers=zipped)
        assert (got.content, {**got.headers}) == (expected.content, {**expected.headers})


@pytest.mark.usefixtures("rated")
def test_page_names_the_host_of_its_own_visitor(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    page = "/leaderboard/arena/models/ada/"
    for host, secure in (("one.example", False), ("two.example", False), ("two.example", True)):
        got = client.get(page, headers={"host": host}, secure=secure).content.decode()
        origins = set(re.findall(r"https?://(?:one|two)\.example", got))
        assert origins == {f"http{'s' if secure else ''}://{host}"}


@pytest.mark.usefixtures("rated")
def test_page_names_the_address_of_the_settings(client: Client, settings: Settings) -> None:
    settings.SITE_URL = "https://arena.example"
    picture = client.get("/leaderboard/arena/").content.decode()
    assert 'content="https://arena.example/leaderboard/arena/image.png"' in picture


@pytest.mark.usefixtures("rated")
def test_feed_names_the_address_of_the_settings(client: Client, settings: Settings) -> None:
    settings.SITE_URL = "https://arena.example"
    address = "https://arena.example/leaderboard/arena/feed.atom"
    feed = client.get("/leaderboard/arena/feed.atom").content.decode()
    assert f"<id>{address}</id>" in feed
    assert f'<link rel="self" href="{address}"/>' in feed
    sliced = client.get("/leaderboard/arena/feed.atom?q=&ties=davidson").content.decode()
    assert f"<id>{address}?ties=davidson</id>" in sliced  # one feed, one name


@pytest.mark.usefixtures("rated")
def test_method_keeps_the_campaign(client: Client) -> None:
    other = Campaign.objects.create(slug="other", name="The other", kind="IMPORTED")
    a, b = Contestant.objects.order_by("pk")[:2]
    tally(other, a, b, 1, 0, 0, 0)
    drafts.refresh_all()
    board = client.get("/leaderboard/other/").content.decode()
    assert 'href="/leaderboard/other/method/"' in board
    method = client.get("/leaderboard/other/method/").content.decode()
    assert "<title>Method · The other ·" in method
    assert 'href="/leaderboard/other/statistics/"' in method
    assert client.get("/leaderboard/method/").status_code == 200  # for old links


@pytest.mark.parametrize(
    ("reveals", "waits"), [("EACH_VOTE", False), ("END", True), ("NEVER", True)]
)
def test_method_says_whose_boards_wait_for_five_voters(
    client: Client, reveals: str, waits: bool
) -> None:
    Campaign.objects.create(slug="other", name="The other", kind="PREPARED", reveals=reveals)
    method = client.get("/leaderboard/other/method/").content.decode()
    assert ("wait for votes of five voters" in " ".join(method.split())) == waits


@pytest.mark.usefixtures("contestants")
def test_one_vote_is_no_votes(client: Client, campaign: Campaign) -> None:
    a, b = Contestant.objects.order_by("pk")[:2]
    tally(campaign, a, b, 1, 0, 0, 0)
    drafts.refresh_all()
    for page in ("", "statistics/", "models/ada/", "compare/?a=ada&b=bea"):
        text = client.get(f"/leaderboard/arena/{page}").content.decode()
        assert re.findall(r"\b1 (?:votes|models|answers|pairs)\b", text) == []
