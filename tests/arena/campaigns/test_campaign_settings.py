"""Invalid campaign settings are rejected on saving, not ignored afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from arena.battles import turns
from arena.errors import Refused
from arena.models import Campaign, Contestant, Import, Voter
from tests import factories

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def objections(**settings: Any) -> dict[str, list[str]]:
    campaign = Campaign.live()
    for name, value in settings.items():
        setattr(campaign, name, value)
    try:
        campaign.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize("visibility", ["INVITATION", "UNLISTED"])
def test_arena_of_the_front_page_stays_public(visibility: str) -> None:
    [said] = objections(visibility=visibility)["visibility"]
    assert "It is the arena of the front page" in said


@pytest.mark.parametrize("languages", ["German", "de; en", "DE"])
def test_languages_are_codes(languages: str) -> None:
    assert "is no code of a language" in objections(languages=languages)["languages"][0]


def test_live_campaign_takes_the_rest() -> None:
    assert objections(name="Ours", goal=1000, languages="de", instructions="Be kind.") == {}


def test_questions_are_families_behind_families() -> None:
    assert objections(questions="mixtral behind gpt-4, claude\n\nqwen behind llama") == {}
    [said] = objections(questions="mixtral behind gpt-4\nIs Mixtral good?")["questions"]
    assert said == "“Is Mixtral good?” is not a question. Write “FAMILY behind FAMILY, FAMILY”."


@pytest.mark.parametrize("visibility", Campaign.Visibility.values)
def test_further_live_campaigns_open_and_close_for_whom_they_like(visibility: str) -> None:
    Campaign.live()
    Campaign(slug="second", name="Second", closes=LONG_AGO, visibility=visibility).full_clean()


def test_kind_of_the_front_page_stays() -> None:
    assert "front page" in objections(kind=Campaign.Kind.PREPARED)["kind"][0]


def test_kind_of_a_campaign_with_battles_or_votes_stays(contestants: list[Contestant]) -> None:
    second = Campaign.objects.create(slug="second", name="Second")
    third = Campaign.objects.create(slug="third", name="Third", kind=Campaign.Kind.IMPORTED)
    factories.battle(second, *contestants[:2])
    Import.objects.create(campaign=third, format="csv", name="v.csv", sha256="0" * 64)
    for campaign, held in ((second, "battles"), (third, "votes")):
        campaign.kind = Campaign.Kind.PREPARED
        with pytest.raises(ValidationError, match=f"It holds {held} as .* Create a new campaign"):
            campaign.full_clean()


def test_imported_campaign_neither_opens_nor_closes() -> None:
    with pytest.raises(ValidationError, match="neither opens nor closes"):
        Campaign(slug="x", name="X", kind=Campaign.Kind.IMPORTED, closes=LONG_AGO).full_clean()


def test_prepared_campaign_opens_and_closes() -> None:
    Campaign(slug="x", name="X", kind=Campaign.Kind.PREPARED, closes=LONG_AGO).full_clean()


def test_arena_of_the_front_page_that_closed_takes_no_battle() -> None:
    Campaign.live()
    Campaign.objects.update(closes=LONG_AGO)
    with pytest.raises(Refused, match="has ended"):
        turns.begin(Voter.objects.create(), "Hello?")
