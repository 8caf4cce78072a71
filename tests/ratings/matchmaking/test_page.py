"""Staff's page of matchmaking: what is saved was previewed, and slips get a sentence."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from arena.matchmaking import changing
from arena.matchmaking.policies import Rules
from arena.models import (
    Campaign,
    Contestant,
    MatchmakingPolicy,
    PreparedAnswer,
    Prompt,
    Vote,
)
from people import roles
from people.models import AuditEvent
from ratings import freshness
from ratings.matchmaking.preview import Preview, in_words
from ratings.refreshing import drafts
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def address(campaign: Campaign, contestants: list[Contestant]) -> str:
    Contestant.objects.update(state=Contestant.State.ACTIVE)
    return f"/admin/arena/campaign/{campaign.pk}/matchmaking/"


def sent(contestants: list[Contestant], **changes: Any) -> dict[str, Any]:
    factors = {f"factor-{each.pk}": "1" for each in contestants}
    usual = {"strategy": "active", "boost": "1", "boost_until": "0", "floor": "20", "reason": ""}
    return {**factors, **usual, **changes}


def previewed(page: str) -> str:
    [found] = re.findall(r'name="previewed" value="(\w+)"', page)
    return str(found)


def test_policy_is_previewed_saved_and_used_again(
    boss: Client, address: str, contestants: list[Contestant], campaign: Campaign
) -> None:
    a, b, c = contestants
    page = boss.get(address).content.decode()
    assert "Save this policy" not in page  # not before a preview
    form = sent(contestants, strategy="uniform", one=a.pk, other=b.pk) | {f"factor-{c.pk}": "3"}
    page = boss.post(address, {**form, "preview": "Preview"}).content.decode()
    assert "nothing is saved yet" in page
    assert not MatchmakingPolicy.objects.exists()
    words = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert f"{a.name} – {c.name} 33.33% 50.00%" in words
    assert f"{a.name} – {b.name} 33.33% 0.00%" in words
    pair = f"{a.pk}-{b.pk}"
    form = {**form, "one": "", "other": "", "excluded": [pair], "previewed": previewed(page)}
    refused = boss.post(address, {**form, "save": "Save"}).content.decode()
    assert "Say why" in refused
    response = boss.post(address, {**form, "reason": "One model twice.", "save": "Save"})
    assert (response.status_code, response["Location"]) == (302, address)
    holds = changing.current(campaign)
    excluded = frozenset({frozenset({a.pk, b.pk})})
    assert changing.rules_of(holds) == Rules("uniform", weights={c.pk: 3.0}, excluded=excluded)
    assert (holds.label, holds.by) == ("uniform-2", User.objects.get())
    log = AuditEvent.objects.filter(about__startswith="matchmaking").get()
    assert (log.who, log.detail) == ("boss", "uniform-2: One model twice.")

    old = boss.get(f"{address}?like=1").content.decode()
    form = sent(contestants, reason="They are two after all.")
    page = boss.post(address, {**form, "preview": "Preview"}).content.decode()
    assert 'value="active" required id="id_strategy_0" checked' in old.replace("\n", " ")
    boss.post(address, {**form, "previewed": previewed(page), "save": "Save"})
    holds = changing.current(campaign)
    assert (holds.label, changing.rules_of(holds)) == ("active-3", Rules())


def test_nothing_is_saved_that_was_not_previewed(
    boss: Client, address: str, contestants: list[Contestant]
) -> None:
    form = sent(contestants, reason="Why not?")
    page = boss.post(address, {**form, "floor": "30", "preview": "Preview"}).content.decode()
    form |= {"floor": "40", "previewed": previewed(page), "save": "Save"}
    assert "You changed something after the preview" in boss.post(address, form).content.decode()
    assert not MatchmakingPolicy.objects.exists()


def test_slip_gets_a_sentence(boss: Client, address: str, contestants: list[Contestant]) -> None:
    a, b, c = contestants
    every = [f"{x.pk}-{y.pk}" for x, y in ((a, b), (a, c), (b, c))]
    cases: dict[str, dict[str, Any]] = {
        "A factor is a number from 0.01 to 100. To keep a contestant from being drawn, pause it.": {
            f"factor-{a.pk}": "0"
        },
        "The floor is from 1 to 100 per cent.": {"floor": "101"},
        "The boost is a number from 1, which is none, to 100.": {"boost": "nan"},
        "Give a whole number of votes": {"boost": "2", "boost_until": "-1"},
        "Say until how many votes the boost lasts.": {"boost": "2"},
        "Choose both, or neither.": {"one": a.pk},
        "A contestant never meets itself anyway.": {"one": a.pk, "other": a.pk},
        "This leaves no pair to draw. Let at least one meet.": {"excluded": every},
        "Select a valid choice. 7-x is not one of the available choices.": {"excluded": ["7-x"]},
    }
    unsaid = {
        said for said, slip in cases.items()
        if said not in boss.post(address, sent(contestants, **slip)).content.decode()
    }  # fmt: skip
    assert unsaid == set()
    Contestant.objects.exclude(pk=a.pk).update(state=Contestant.State.PAUSED)
    assert "Fewer than two contestants are active" in boss.get(address).content.decode()


def test_days_come_from_the_board_and_the_pace_of_votes(
    campaign: Campaign, contestants: list[Contestant], address: str, cast: list[Vote]
) -> None:
    drafts.refresh_all()
    found = Preview(campaign, contestants, Rules(), Rules(floor=1.0))
    assert found.per_day == 8
    assert found.pace.startswith("At 8 votes a day, as in the last two weeks, ")
    assert found.effect.startswith("With this policy, ")
    assert all(row.days_then.endswith(("day", "days", "gap", "years")) for row in found.rows)
    Vote.objects.all().delete()
    found = Preview(campaign, contestants, Rules(), Rules())
    assert found.pace == "Nobody has voted in the last two weeks, so no days can be given."
    assert {row.days_now for row in found.rows} == {"not known"}


def test_only_contestants_of_the_campaign_are_shown(
    boss: Client, address: str, contestants: list[Contestant], campaign: Campaign
) -> None:
    campaign.contestants.set(contestants[:2])
    page = boss.get(address).content.decode()
    shown = [each.pk for each in contestants if f"factor-{each.pk}" in page]
    assert shown == [each.pk for each in contestants[:2]]


def test_prepared_campaign_is_previewed_by_the_prompts_that_pairs_share(
    boss: Client, client: Client, address: str, contestants: list[Contestant], campaign: Campaign
) -> None:
    a, b, c = contestants
    Campaign.objects.update(kind=Campaign.Kind.PREPARED)
    assert "Fewer than two contestants have answered" in boss.get(address).content.decode()
    Contestant.objects.update(state=Contestant.State.RETIRED)
    for key, answering in (("one", (a, b)), ("two", (b, c))):
        prompt = Prompt.objects.create(campaign=campaign, key=key, text="Hello?")
        for each in answering:
            revision = factories.revision(each, number=each.revisions.count() + 9)
            PreparedAnswer.objects.create(
                prompt=prompt, revision=revision, state="DONE", text="Hello."
            )
    form = sent(contestants, strategy="uniform", reason="More of C.") | {f"factor-{c.pk}": "3"}
    page = boss.post(address, {**form, "preview": "Preview"}).content.decode()
    words = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert f"{a.name} – {b.name} 50.00% 25.00%" in words
    assert f"{b.name} – {c.name} 50.00% 75.00%" in words
    assert f"{a.name} – {c.name} 0.00% 0.00%" in words  # no prompt that both have answered
    assert "of voters who have judged nothing yet" in words
    boss.post(address, {**form, "previewed": previewed(page), "save": "Save"})
    assert changing.current(campaign).label == "uniform-2"
    freshness.clear()
    public = client.get(f"/leaderboard/{campaign.slug}/shares/").content.decode()
    for said in ("uniform-1", "uniform-2", "More of C."):
        assert said in public


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.0, "separated"), (0.3, "within a day"), (1.2, "2 days"), (4000.0, "over ten years"),
        (float("inf"), "never at this gap"), (float("nan"), "not known"),
    ],
)  # fmt: skip
def test_days_in_words(days: float, words: str) -> None:
    assert in_words(days) == words


def test_analyst_looks_and_changes_nothing(
    client: Client, address: str, contestants: list[Contestant]
) -> None:
    roles.make()
    analyst = User.objects.create_user("ann", is_staff=True)
    analyst.groups.set(Group.objects.filter(name="Analyst"))
    client.force_login(analyst)
    assert "Preview" not in client.get(address).content.decode().partition("History")[0]
    assert client.post(address, sent(contestants)).status_code == 403
