"""Staff handle the request of a person who has a receipt, but no longer the cookie."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet
from django.test import Client

from arena.battles import turns
from arena.models import Battle, BattleWords, Consent, Share, Turn, Voter
from arena.votes import casting
from arena.votes.casting import Seen
from people.models import AuditEvent
from tests.arena.conftest import answer_all, become

pytestmark = pytest.mark.django_db
SECRET = "My cousin Zebulon grows quinces"
PAGE = "/admin/arena/voter/"


@pytest.fixture
def voted(in_service: None, voter: Voter) -> Battle:
    battle = turns.begin(voter, SECRET)
    answer_all(battle, "Zebulon is a fine name.")
    casting.cast(battle, voter, "A", Seen())
    Consent.objects.create(voter=voter, version=1, language="en", wording="w", sha256="s")
    Share.objects.create(vote=battle.vote)
    return battle


def searched() -> QuerySet[BattleWords]:
    return BattleWords.objects.filter(words=SearchQuery("zebulon", config="simple"))


def open_by_receipt(client: Client, receipt: str) -> str:
    response = client.post(PAGE, {"receipt": receipt})
    assert response.status_code == 302
    return str(response["Location"])


def test_receipt_or_its_address_finds_the_voter(admin_client: Client, voted: Battle) -> None:
    page = f"{PAGE}{voted.voter_id}/change/"
    for receipt in (voted.public_id, f" https://arena.example/fr/votes/{voted.public_id}/ "):
        assert open_by_receipt(admin_client, receipt) == page
    shown = admin_client.get(page).content.decode()
    assert "Zebulon" not in shown
    wrong = admin_client.post(PAGE, {"receipt": "unknown-one"})
    assert "No battle has this receipt." in wrong.content.decode()


def test_data_of_a_person_are_exported_whole(admin_client: Client, voted: Battle) -> None:
    response = admin_client.post(f"{PAGE}{voted.voter_id}/export/")
    data = json.loads(response.content)
    assert data["battles"][0]["turns"][0]["prompt"] == SECRET
    assert data["consents"][0]["wording"] == "w"
    assert "no-store" in response["Cache-Control"]


def test_erased_person_is_nowhere_and_their_vote_still_counts(
    admin_client: Client, voted: Battle, client: Client
) -> None:
    become(client, voted.voter)
    assert searched().exists()
    assert admin_client.post(f"{PAGE}{voted.voter_id}/delete/").status_code == 302
    voted.refresh_from_db()
    assert (voted.state, voted.vote.standing) == (Battle.State.VOTED, "COUNTED")
    assert not Turn.objects.exclude(prompt="").exists()
    assert not Share.objects.exists()
    assert not Consent.objects.filter(withdrawn=None).exists()
    assert not searched().exists()
    assert client.get(f"/votes/{voted.public_id}/").status_code == 404
    assert "Erased on" in admin_client.get(f"{PAGE}{voted.voter_id}/change/").content.decode()


def test_log_says_that_it_was_done_and_nothing_of_the_data(
    admin_client: Client, voted: Battle
) -> None:
    open_by_receipt(admin_client, voted.public_id)
    admin_client.post(f"{PAGE}{voted.voter_id}/export/")
    admin_client.post(f"{PAGE}{voted.voter_id}/delete/")
    events = AuditEvent.objects.order_by("pk").filter(about=f"voter {voted.voter_id}")
    assert list(events.values_list("what", "detail")) == [
        ("sent", "found by a receipt"),
        ("downloaded", "all data of a person"),
        ("deleted", "all data of a person"),
    ]
    kept = str([*AuditEvent.objects.values(), *LogEntry.objects.values()])
    assert "Zebulon" not in kept
    assert voted.public_id not in kept
