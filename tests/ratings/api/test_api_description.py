"""The API against its description."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from arena.models import Campaign, Reason, Tally
from ratings.api.description import OPENAPI
from ratings.models import AnswerSpeed, CheckCount, ReasonShare, Snapshot
from ratings.refreshing import drafts
from tests import factories
from tests.ratings.conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)
PATHS = list(OPENAPI["paths"])
JSON = [path for path in PATHS if path.endswith("/")]


@pytest.fixture
def address(votes: None, campaign: Campaign, contestants: list[Any]) -> dict[str, str]:
    """Each described path with names of this arena in it."""
    tally(campaign, *contestants[:2], 4, 3, 2, 1, slice="coding")
    Tally.objects.filter(slice="overall").update(first_wins=400, second_wins=300)
    factories.vote(factories.battle(campaign, *contestants[:2]), "A")
    drafts.refresh_all()
    AnswerSpeed.objects.create(
        campaign=campaign, contestant=contestants[0], prompts="all", answers=40,
        first_s_median=[0.4, 0.3, 0.5], first_s_p90=[1.1, 0.9, 1.7],
    )  # fmt: skip
    ReasonShare.objects.create(
        campaign=campaign, contestant=contestants[0], reason=Reason.objects.get(key="useful"),
        answers=412, share=[0.42, 0.36, 0.48], of_all=0.33, relation=1, counted=timezone.now(),
    )  # fmt: skip
    CheckCount.objects.create(
        campaign=campaign, contestant=contestants[0], right=3, wrong=1, unanswered=1, unchecked=0
    )
    Campaign.objects.update(closes=timezone.now() - timedelta(hours=2))
    published = Snapshot.objects.get(board__slug="overall").public_id
    filled = {path: path.format(campaign="arena", public_id=published) for path in PATHS}
    compare = "/api/v1/campaigns/{campaign}/compare/"
    return {**filled, compare: f"{filled[compare]}?a=ada&b=bea"}


def validator(schema: dict[str, Any]) -> OAS31Validator:
    """A validator of a schema that also rejects unknown fields."""
    return OAS31Validator({**schema, "components": {"schemas": strict()}})


def strict() -> dict[str, Any]:
    schemas = OPENAPI["components"]["schemas"]
    return {
        name: {**schema, "additionalProperties": name == "Facts"}
        for name, schema in schemas.items()
    }


def media(path: str, status: str) -> dict[str, Any]:
    [found] = OPENAPI["paths"][path]["get"]["responses"][status]["content"].values()
    return dict(found)


def test_description_is_openapi(client: Client) -> None:
    served = client.get("/api/v1/").json()
    assert served == OPENAPI
    validate(served)


@pytest.mark.parametrize("path", JSON)
def test_answer_is_as_described(client: Client, address: dict[str, str], path: str) -> None:
    found = client.get(address[path])
    assert found.status_code == 200
    answer = found.json()
    assert answer.get("results", [answer])
    validator(media(path, "200")["schema"]).validate(answer)


@pytest.mark.parametrize("path", JSON)
def test_example_is_as_described(path: str) -> None:
    validator(media(path, "200")["schema"]).validate(media(path, "200")["example"])


def test_error_is_as_described(client: Client, address: dict[str, str]) -> None:
    found = client.get("/api/v1/campaigns/nowhere/ratings/")
    assert found.status_code == 404
    validator(media("/api/v1/campaigns/{campaign}/ratings/", "404")["schema"]).validate(
        found.json()
    )


def test_description_has_every_path() -> None:
    from ratings.api.urls import urlpatterns

    assert len(PATHS) == len(urlpatterns) - 3  # all but the page, the description and the 404 view


def test_page_shows_each_call_with_an_address_that_answers(
    client: Client, address: dict[str, str]
) -> None:
    page = client.get("/api/").content.decode()
    for path in PATHS:
        assert f"<code>{path}</code>" in page
        shown = address[path].replace("&", "&amp;")
        assert f'<a href="{shown}"><code>{shown}</code></a>' in page
        assert client.get(address[path]).status_code == 200


def test_page_of_an_empty_arena_has_examples(client: Client) -> None:
    assert (
        "/api/v1/campaigns/arena/compare/?a=ada-7b&amp;b=bea"
        in client.get("/api/").content.decode()
    )


@pytest.mark.usefixtures("august")
def test_examples_are_of_a_campaign_with_ratings(client: Client) -> None:
    page = client.get("/api/").content.decode()
    assert "/api/v1/campaigns/august/compare/?a=llama-31-405b-instruct&amp;b=chatgpt-4o" in page
