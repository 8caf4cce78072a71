"""The start page: battles that lack a vote, and suggestions."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone, translation

import arena
from arena.battles import turns, voiding
from arena.models import Battle, Campaign, PromptSuggestion, Voter
from arena.pages.suggestions import suggestions
from tests import factories

from ..conftest import answer_all

pytestmark = pytest.mark.django_db

ONE, MANY = "You have a battle without a vote", "You have battles without a vote"
SEEDS = Path(arena.__file__).parent / "migrations/seeds/suggestions.toml"


def home(browser: Client) -> str:
    return browser.get("/").content.decode()


def test_battle_without_a_vote_is_found_until_it_is_voted_on(
    browser: Client, battle: Battle
) -> None:
    link = f'<a href="/battles/{battle.public_id}/" dir="auto">Hi</a>'
    answer_all(battle)
    page = home(browser)
    assert ONE in page
    assert link in page
    assert "no-store" in browser.get("/").headers["Cache-Control"]
    assert ONE not in home(Client())
    browser.post(f"/battles/{battle.public_id}/vote/", {"verdict": "A"})
    assert ONE not in home(browser)


def test_battles_without_a_vote_are_the_newest_few_of_a_day(
    browser: Client, battle: Battle, voter: Voter
) -> None:
    void, *others = (turns.begin(voter, f"Prompt {n} " + "and so on " * 20) for n in range(5))
    voiding.void(void, "test")
    Battle.objects.filter(pk=battle.pk).update(created=timezone.now() - timedelta(days=2))
    page = home(browser)
    assert MANY in page
    found = re.findall(r'/battles/([\w-]+)/" dir="auto">(Prompt \d)[^<]{60,90}…<', page)
    assert found == [
        (other.public_id, f"Prompt {n}") for n, other in zip((4, 3, 2), others[:0:-1], strict=True)
    ]


@pytest.mark.usefixtures("in_service")
def test_unvoted_battle_of_a_campaign_is_found_with_its_name(
    browser: Client, voter: Voter, battle: Battle
) -> None:
    answer_all(battle)
    browser.post(f"/battles/{battle.public_id}/vote/", {"verdict": "A"})
    campaign = Campaign.objects.create(slug="panel", name="The panel", kind="PREPARED")
    judged = factories.battle(campaign, battle.contestant_a, battle.contestant_b, voter=voter)
    factories.turn(judged, "Why?", {r.revision: "So." for r in battle.turns.get().answers.all()})
    page = home(browser)
    assert f'<a href="/battles/{judged.public_id}/" dir="auto">Why?</a>' in page
    assert "· The panel" in page


def suggest(*texts: str, category: str = "WRITING", language: str = "en", **more: bool) -> None:
    for order, text in enumerate(texts):
        PromptSuggestion.objects.create(
            text=text, category=category, language=language, order=order, **more
        )


def shown(page: str) -> list[str]:
    return re.findall(r'data-suggestion="([^"]+)"', page)


def test_suggestions_are_one_of_each_category_and_others_come_next(client: Client) -> None:
    PromptSuggestion.objects.all().delete()
    suggest("Write of [a thing] & more", "Write on")
    suggest("Explain it", category="EXPLAINING")
    suggest("Old", category="CODING", archived=True)
    first, second = ([each.text for each in suggestions(Campaign.live(), turn)] for turn in (0, 1))
    assert first == ["Write of [a thing] & more", "Explain it"]
    assert second == ["Write on", "Explain it"]
    page = client.get("/?suggestions=4").content.decode()
    assert shown(page) == ["Write of [a thing] &amp; more", "Explain it"]
    assert "?prompt=Write%20of%20%5Ba%20thing%5D%20%26%20more" in page
    assert 'href="/?suggestions=5"' in page
    for odd in ("", "-1", "x", "9" * 4000):
        assert "Explain it" in client.get("/", {"suggestions": odd}).content.decode()


def test_suggestions_are_in_the_visitor_s_language_if_there_are_any(client: Client) -> None:
    PromptSuggestion.objects.all().delete()
    suggest("Write")
    suggest("Écris", language="fr")
    assert 'href="/fr/?prompt=%C3%89cris"' in client.get("/fr/?suggestions=0").content.decode()
    for language, text in [("fr", "Écris"), ("en", "Write"), ("de", "Write")]:
        with translation.override(language):
            assert [each.text for each in suggestions(Campaign.live(), 0)] == [text]


def test_start_page_without_suggestions_has_none(client: Client) -> None:
    PromptSuggestion.objects.all().delete()
    page = client.get("/").content.decode()
    assert shown(page) == []
    assert "Suggest others" not in page


def test_seeds_are_whole_in_every_language() -> None:
    languages = tomllib.loads(SEEDS.read_text(encoding="utf-8"))
    names = {category.lower() for category in PromptSuggestion.Category.values}
    assert set(languages) == {"en", "fr", "de", "es", "zh-hans"}
    for categories in languages.values():
        assert categories.keys() == names
        assert all(len(texts) >= 4 for texts in categories.values())
        texts = [text for some in categories.values() for text in some]
        assert len(set(texts)) == len(texts)
        assert all(text.count("[") == text.count("]") for text in texts)


def test_staff_edit_suggestions(client: Client, admin_user: User) -> None:
    suggest("Write")
    client.force_login(admin_user)
    assert client.get("/admin/arena/promptsuggestion/").status_code == 200
    [made] = PromptSuggestion.objects.filter(text="Write")
    form = {"text": "Write [it]", "category": "CODING", "language": "de", "order": 2}
    client.post(f"/admin/arena/promptsuggestion/{made.pk}/change/", form)
    made.refresh_from_db()
    assert (made.text, made.category, made.language) == ("Write [it]", "CODING", "de")
