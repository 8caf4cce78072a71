"""Several live campaigns: each with its start page, contestants, prompts, dates and voters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from arena.battles import admission, turns
from arena.errors import Refused
from arena.matchmaking import live_pairs
from arena.models import Battle, Campaign, Contestant, PromptSuggestion, Vote, Voter
from arena.votes import casting

from ..conftest import answer_all

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def campaign(in_service: None, contestants: list[Contestant]) -> Campaign:
    made = Campaign.objects.create(
        slug="medicine", name="Medicine", instructions="Ask as a nurse would.", languages="de, en"
    )
    made.contestants.set(contestants[:2])
    return made


def dated(campaign: Campaign, **ago: timedelta) -> Campaign:
    for name, before in ago.items():
        setattr(campaign, name, timezone.now() - before)
    campaign.save()
    return campaign


def test_start_page_begins_a_battle_of_its_own_contestants(
    browser: Client, campaign: Campaign, contestants: list[Contestant]
) -> None:
    PromptSuggestion.objects.create(
        campaign=campaign, text="What is a stent?", category="KNOWLEDGE", language="en"
    )
    page = browser.get("/campaigns/medicine/").content.decode()
    for said in ("Ask as a nurse would.", "Languages: German, English", "What is a stent?"):
        assert said in page
    assert "What is a stent?" not in browser.get("/").content.decode()
    for _ in range(6):
        browser.post("/campaigns/medicine/battles/", {"prompt": "Hi"})
    drawn = [{b.contestant_a, b.contestant_b} for b in Battle.objects.filter(campaign=campaign)]
    assert drawn == [set(contestants[:2])] * 6
    replacement = live_pairs.draw_replacement((contestants[0], contestants[1]), campaign=campaign)
    assert replacement is None


def test_battle_leads_back_to_its_campaign(browser: Client, campaign: Campaign) -> None:
    begun = browser.post("/campaigns/medicine/battles/", {"prompt": "Hi"})
    battle = Battle.objects.get(campaign=campaign)
    shown = browser.get(begun.headers["location"]).content.decode()
    assert '<span dir="auto">· Medicine</span>' in shown  # where the vote will count
    assert "<title>Battle · Medicine · " in " ".join(shown.split()).replace("<title> ", "<title>")
    answer_all(battle)
    assert "Medicine" in browser.get("/").content.decode()  # among battles without a vote
    page = browser.post(f"{begun.headers['location']}vote/", {"verdict": "A"}, follow=True)
    assert page.content.decode().count('action="/campaigns/medicine/battles/"') == 2
    assert 'href="/campaigns/medicine/"' in page.content.decode()


def test_arena_of_the_front_page_stays_the_default(campaign: Campaign, voter: Voter) -> None:
    assert turns.begin(voter, "Hi").campaign.slug == "arena"
    assert Campaign.live().slug == "arena"


def test_battle_of_the_front_page_names_no_campaign(browser: Client, campaign: Campaign) -> None:
    begun = browser.post("/battles/", {"prompt": "Hi"})
    shown = browser.get(begun.headers["location"]).content.decode()
    assert '<span dir="auto">·' not in shown
    assert "The arena" not in shown


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"opens": -HOUR}, "This campaign opens on"),
        ({"opens": 3 * HOUR, "closes": HOUR}, "This campaign has ended"),
        ({"paused": True}, "This campaign is paused"),
    ],
)
@pytest.mark.parametrize("slug", ["arena", "medicine"])
def test_no_battle_begins_while_it_is_not_open(
    browser: Client, campaign: Campaign, slug: str, changes: dict[str, object], says: str
) -> None:
    found = Campaign.objects.get(slug=slug)
    for name, value in changes.items():
        when = timezone.now() - value if isinstance(value, timedelta) else value
        setattr(found, name, when)
    found.full_clean()
    found.save()
    start, begin = ("/", "/battles/") if slug == "arena" else (f"/campaigns/{slug}/",) * 2
    begin += "battles/" if slug != "arena" else ""
    for response in (browser.get(start), browser.post(begin, {"prompt": "My words"})):
        assert says in response.content.decode()
    assert "My words" in response.content.decode()
    assert response.status_code == 409
    assert not Battle.objects.exists()


@pytest.mark.parametrize(("closed", "votes"), [(timedelta(minutes=59), 1), (HOUR, 0)])
def test_battle_begun_before_the_end_is_voted_on_for_an_hour(
    campaign: Campaign, voter: Voter, closed: timedelta, votes: int
) -> None:
    battle = turns.begin(voter, "Hi", campaign)
    answer_all(battle)
    dated(campaign, opens=3 * HOUR, closes=closed)
    battle.refresh_from_db()
    with pytest.raises(Refused, match="This campaign has ended"):
        turns.continue_(battle, "And then?")
    if votes:
        casting.cast(battle, voter, "A")
    else:
        with pytest.raises(Refused, match="more than an hour ago"):
            casting.cast(battle, voter, "A")
    assert Vote.objects.count() == votes


def test_paused_campaign_lets_begun_battles_go_on(campaign: Campaign, voter: Voter) -> None:
    battle = turns.begin(voter, "Hi", campaign)
    answer_all(battle)
    Campaign.objects.update(paused=True)
    battle.refresh_from_db()
    turns.continue_(battle, "And then?")
    answer_all(battle)
    assert casting.cast(battle, voter, "B").battle.campaign == campaign


def test_dates_are_compared_with_the_clock_of_the_database(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated(campaign, opens=3 * HOUR, closes=HOUR)
    monkeypatch.setattr(timezone, "now", lambda: campaign.opens)  # a host whose clock is late
    refusal = admission.why_closed(campaign)
    assert refusal is not None
    assert refusal.code == "closed"


def test_expired_form_keeps_the_prompt_in_its_campaign(campaign: Campaign) -> None:
    browser = Client(enforce_csrf_checks=True)
    page = browser.post("/campaigns/medicine/battles/", {"prompt": "My words"})
    assert page.status_code == 403
    assert "Medicine" in page.content.decode()
    assert "My words" in page.content.decode()
