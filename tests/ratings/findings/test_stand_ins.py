"""A stand-in plays another model: it is a kind of its own, on neither side."""

from __future__ import annotations

import pytest
from django.test import Client

from arena.models import Contestant
from ratings.findings.openness import facts
from ratings.models import Rating, Snapshot
from ratings.presentation.lines import Line, Scores
from ratings.refreshing import drafts

from ..conftest import board_of
from ..pages.test_leaderboard import names

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def snapshot(votes: None) -> Snapshot:
    """Ada is a stand-in; her weights would be open, and she is the best."""
    Contestant.objects.filter(slug="ada").update(stands_in_for="GPT-4 (OpenAI)")
    return board_of(drafts.refresh_all())


@pytest.mark.parametrize(
    ("access", "expected"),
    [("open", ["Cy"]), ("source", []), ("closed", ["Bea"]), ("stand-in", ["Ada"])],
)
@pytest.mark.usefixtures("snapshot")
def test_filter_finds_it_as_a_stand_in_only(
    client: Client, access: str, expected: list[str]
) -> None:
    assert names(client, f"?access={access}") == expected


@pytest.mark.usefixtures("snapshot")
def test_page_and_files_name_one_kind(client: Client) -> None:
    page = client.get("/leaderboard/arena/?q=ada").content.decode()
    assert page.count('<span class="badge stand-in">stand-in</span>') == 1
    assert "proprietary<" not in page
    rows = client.get("/api/v1/campaigns/arena/ratings/").json()["results"]
    assert {row["slug"]: row["access"] for row in rows}["ada"] == "STAND_IN"
    assert "STAND_IN" in client.get("/leaderboard/arena/leaderboard.csv").content.decode()


def test_it_has_published_nothing_of_what_the_model_it_plays_has() -> None:
    played, stand_in = (
        Line(Rating(contestant=Contestant(name="GPT-4", stands_in_for=plays)), Scores(900, 1100))
        for plays in ("", "GPT-4 (OpenAI)")
    )
    assert [fact.question for fact in facts(played)][:1] == ["Training data"]
    assert facts(stand_in) == []


def test_it_leads_neither_kind(snapshot: Snapshot) -> None:
    duel = snapshot.facts.duel
    assert duel is not None
    assert (duel.open, duel.closed) == ("cy", "bea")
