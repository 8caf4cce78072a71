"""Invalid campaign settings are rejected on saving, not ignored afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from arena.battles import turns
from arena.errors import Refused
from arena.models import Campaign, Contestant, Voter
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


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("opens", LONG_AGO, "pause its models"),
        ("closes", LONG_AGO, "pause its models"),
        ("visibility", "INVITATION", "The live arena is public"),
        ("visibility", "UNLISTED", "The live arena is public"),
    ],
)
def test_live_campaign_refuses_what_it_would_ignore(field: str, value: Any, says: str) -> None:
    [said] = objections(**{field: value})[field]
    assert says in said


def test_live_campaign_takes_the_rest() -> None:
    assert objections(name="Ours", goal=1000, languages="de", instructions="Be kind.") == {}


def test_questions_are_families_behind_families() -> None:
    assert objections(questions="mixtral behind gpt-4, claude\n\nqwen behind llama") == {}
    [said] = objections(questions="mixtral behind gpt-4\nIs Mixtral good?")["questions"]
    assert said == "“Is Mixtral good?” is not a question. Write “FAMILY behind FAMILY, FAMILY”."


def test_second_live_campaign_is_refused() -> None:
    Campaign.live()
    with pytest.raises(ValidationError, match="all live battles belong to it"):
        Campaign(slug="second", name="Second").full_clean()


def test_kind_of_a_campaign_with_battles_stays(contestants: list[Contestant]) -> None:
    factories.battle(Campaign.live(), *contestants[:2])
    assert "Create a new campaign" in objections(kind=Campaign.Kind.PREPARED)["kind"][0]


def test_imported_campaign_neither_opens_nor_closes() -> None:
    with pytest.raises(ValidationError, match="Only a prepared campaign opens and closes"):
        Campaign(slug="x", name="X", kind=Campaign.Kind.IMPORTED, closes=LONG_AGO).full_clean()


def test_prepared_campaign_opens_and_closes() -> None:
    Campaign(slug="x", name="X", kind=Campaign.Kind.PREPARED, closes=LONG_AGO).full_clean()


def test_admin_reads_why(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    Campaign.live()
    given = {"slug": "second", "name": "Second", "kind": "LIVE", "visibility": "PUBLIC"}
    more = {"judgements_per_pair": 3, "shared_percent": 20, "licence": "CC-BY-4.0"}
    page = client.post("/admin/arena/campaign/add/", given | more).content.decode()
    assert "There is already a live campaign, “The arena”" in page
    assert Campaign.objects.count() == 1


def test_arena_closed_by_an_earlier_version_takes_no_battle() -> None:
    Campaign.live()
    Campaign.objects.update(closes=LONG_AGO)
    with pytest.raises(Refused, match="has ended"):
        turns.begin(Voter.objects.create(), "Hello?")
