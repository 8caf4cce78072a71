"""A campaign with languages takes prompts in these only, everywhere, and says so."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from arena.battles import turns
from arena.campaigns import prompt_sets
from arena.errors import Refused
from arena.models import Battle, Campaign, Prompt, PromptSuggestion, Voter

from ..conftest import answer_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_service")]
FRENCH = "Pourquoi le ciel est-il bleu pendant la journée ?"
GERMAN = "Warum ist der Himmel am Tag blau?"
ONLY = "takes prompts in these languages only: German, English"


@pytest.fixture
def campaign() -> Campaign:
    return Campaign.objects.create(slug="medicine", name="Medicine", languages="de, en")


@pytest.mark.parametrize(
    ("start", "begin"),
    [("/campaigns/medicine/", "/campaigns/medicine/battles/"), ("/", "/battles/")],
)
def test_prompt_in_another_language_is_refused_and_kept(
    browser: Client, campaign: Campaign, start: str, begin: str
) -> None:
    Campaign.live()
    Campaign.objects.update(languages="de, en")
    said = browser.get(start).content.decode()
    assert "Languages: German, English" in said
    assert "prompts in others are refused" in said
    refused = browser.post(begin, {"prompt": FRENCH})
    page = refused.content.decode()
    assert refused.status_code == 400
    assert ONLY in page
    assert "another one (French)" in page
    assert FRENCH in page
    assert not Battle.objects.exists()
    for taken in (GERMAN, "Salut"):  # too short to tell
        assert browser.post(begin, {"prompt": taken}).status_code == 302


def test_follow_up_in_another_language_is_refused(campaign: Campaign, voter: Voter) -> None:
    battle = turns.begin(voter, GERMAN, campaign)
    answer_all(battle)
    with pytest.raises(Refused, match=ONLY):
        turns.continue_(battle, FRENCH)
    assert battle.turns.count() == 1
    turns.continue_(battle, "Und nachts, wenn die Sonne nicht scheint?")


def test_campaign_without_languages_or_with_unrecognised_ones_takes_any(
    browser: Client, voter: Voter
) -> None:
    turns.begin(voter, FRENCH)
    campaign = Campaign.objects.create(slug="hawaii", name="Hawaii", languages="haw")
    turns.begin(voter, FRENCH, campaign)
    page = browser.get("/campaigns/hawaii/").content.decode()
    assert "Languages: " in page
    assert "prompts in others are refused" not in page


def test_suggestions_are_in_its_languages(browser: Client, campaign: Campaign) -> None:
    PromptSuggestion.objects.all().delete()
    Campaign.live()
    Campaign.objects.update(languages="de")
    for owner in (None, campaign):
        for language, text in (("de", "Was ist ein Stent?"), ("en", "What is a stent?")):
            PromptSuggestion.objects.create(
                campaign=owner, text=text, category="KNOWLEDGE", language=language
            )
    for start in ("/", "/campaigns/medicine/"):
        page = browser.get(start).content.decode()
        assert "Was ist ein Stent?" in page
        assert "What is a stent?" not in page


def test_suggestion_in_another_language_is_refused_in_the_form(
    client: Client, campaign: Campaign
) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    address = "/admin/arena/promptsuggestion/add/"
    sent = {"campaign": campaign.pk, "text": "Salut", "category": "WRITING", "order": 0}
    page = client.post(address, {**sent, "language": "fr"}).content.decode()
    assert "Its campaign takes prompts in de, en only. Translate or archive it." in page
    assert client.post(address, {**sent, "language": "de"}).status_code == 302


def test_prompt_set_in_another_language_is_refused_whole() -> None:
    campaign = Campaign.objects.create(
        slug="ready", name="Ready", kind=Campaign.Kind.PREPARED, languages="de, en"
    )
    rows: list[dict[str, object]] = [{"text": GERMAN}, {"text": FRENCH}]
    with pytest.raises(Refused, match=r"“Pourquoi .*” is in a language \(French\) that is not"):
        prompt_sets.enter(campaign, rows)
    assert not Prompt.objects.exists()
    with pytest.raises(Refused, match=r"\(it\) that is not one of the campaign's \(de, en\)"):
        prompt_sets.enter(campaign, [{"text": "Ciao", "language": "it"}])
    given = [{"text": GERMAN}, {"text": "Hi"}, {"text": FRENCH, "language": "English"}]
    assert prompt_sets.enter(campaign, given) == 3  # what a row says holds
