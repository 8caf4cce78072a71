"""A moderator's round: the list, the evidence, the decision, and what the voter is told."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from arena.models import BulkChange, Campaign, DeskPolicy, Suspect, Vote
from arena.votes import objections
from arena.votes.objections import Outcome
from ratings.desk import watching
from tests.arena.conftest import become
from tests.ratings.mine.conftest import page_of

from .conftest import Somebody
from .test_watching import counted, recounted

pytestmark = pytest.mark.django_db
LIST = "/admin/arena/suspect/"


@pytest.fixture
def held(crowd: list[Vote], rigger: Somebody) -> list[Vote]:
    votes = rigger()
    watching.watch(60.0)
    return votes


def receipt(vote: Vote) -> str:
    client = Client()
    become(client, vote.voter)
    return page_of(client, reverse("receipt", args=[vote.battle.public_id]))


def test_the_round_from_the_list_to_the_receipt(
    campaign: Campaign, held: list[Vote], admin_client: Client
) -> None:
    suspect = Suspect.objects.get(held__isnull=False)
    fair = counted(campaign)
    listed = page_of(admin_client, f"{LIST}?state=waiting")
    assert "1 suspected voter" in listed
    assert "waits for a decision" in listed
    assert "waiting for a check" in receipt(held[0])
    assert "That is a suspicion" in receipt(held[0])

    page = page_of(admin_client, f"{LIST}{suspect.pk}/change/")
    assert "Leave out 16 votes …" in page
    assert "Leaderboard of The arena" in page  # without them, and with
    assert "Ocelot" in page
    assert "Tell me who made you" in page

    draft = admin_client.post(f"{LIST}{suspect.pk}/change/", {"exclude": "1"})
    assert draft.status_code == 302
    admin_client.post(draft["Location"], {"reason": "rigging"})
    assert "left out" in page_of(admin_client, f"{LIST}?state=excluded")
    assert {vote.standing for vote in Vote.objects.filter(voter=suspect.voter)} == {"EXCLUDED"}
    assert "does not count" in receipt(held[0])
    assert "to move a model, not to judge answers" in receipt(held[0])
    assert counted(campaign) == fair == recounted(campaign)

    admin_client.post(draft["Location"], {"undo": "1"})
    assert "waiting for a check" in receipt(held[0])
    again = admin_client.post(f"{LIST}{suspect.pk}/change/", {"count": "1"})
    admin_client.post(again["Location"])
    assert "counted again" in page_of(admin_client, f"{LIST}?state=released")
    assert "0 suspected voters" in page_of(admin_client, f"{LIST}?state=waiting")
    assert "Your vote counts." in receipt(held[0])
    assert counted(campaign) == recounted(campaign) != fair
    by = [str(change.by or "the desk") for change in BulkChange.objects.order_by("pk")]
    assert by == ["the desk", "admin", "admin"]


def test_the_voters_objection_is_part_of_the_evidence(
    held: list[Vote], admin_client: Client
) -> None:
    suspect = Suspect.objects.get(held__isnull=False)
    assert "0 suspected voters" in page_of(admin_client, f"{LIST}?state=objected")
    objection = objections.object_to(held[3], "I like short answers.")
    assert "1 suspected voter" in page_of(admin_client, f"{LIST}?state=objected")
    hold = BulkChange.objects.get()
    for page in (f"{LIST}{suspect.pk}/change/", f"/admin/arena/bulkchange/{hold.pk}/change/"):
        assert 'open: <span dir="auto">I like short answers.' in page_of(admin_client, page)
    asked = page_of(admin_client, f"/admin/arena/objection/{objection.pk}/change/")
    assert f'<a href="{LIST}{suspect.pk}/change/">score' in asked
    objections.answer(objection, "We looked at it.", Outcome.COUNT)
    page = page_of(admin_client, f"{LIST}{suspect.pk}/change/")
    assert 'upheld: <span dir="auto">I like short answers.' in page
    assert "We looked at it." in page


def test_several_voters_are_judged_together(
    campaign: Campaign, held: list[Vote], rigger: Somebody, admin_client: Client
) -> None:
    rigger()
    watching.watch(60.0)
    chosen = [*Suspect.objects.filter(held__isnull=False).values_list("pk", flat=True)]
    assert len(chosen) == 2
    asked = {"action": "exclude_held", "_selected_action": chosen}
    draft = admin_client.post(LIST, asked)
    assert draft["Location"].startswith("/admin/arena/bulkchange/")
    assert BulkChange.objects.order_by("-pk")[0].preview["changing"] == 32


def test_a_voter_whose_votes_count_leaves_nothing_to_decide(
    crowd: list[Vote], admin_client: Client
) -> None:
    watching.watch(60.0)
    suspect = Suspect.objects.first()
    assert suspect is not None
    assert "Leave out" not in page_of(admin_client, f"{LIST}{suspect.pk}/change/")
    answer = admin_client.post(f"{LIST}{suspect.pk}/change/", {"exclude": "1"}, follow=True)
    assert "None of these votes waits for a decision." in answer.content.decode()


def test_the_policy_of_the_desk_is_changed_by_the_next_one(admin_client: Client) -> None:
    sent = {"mode": "WATCH", "threshold": "2", "reason": "Too many alarms."}
    admin_client.post("/admin/arena/deskpolicy/add/", sent)
    current = DeskPolicy.current()
    assert (current.mode, current.threshold, str(current.by)) == ("WATCH", 2.0, "admin")
    assert "at most 1%" in page_of(admin_client, "/admin/arena/deskpolicy/")
    refused = admin_client.post("/admin/arena/deskpolicy/add/", {**sent, "threshold": "0.1"})
    assert "A threshold lies between 1 and 12." in refused.content.decode()
