"""The admin's page of a battle: all that is known of it, for those who may know."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from arena.battles.page import address, measured
from arena.counting import bulk
from arena.models import (
    Answer,
    Battle,
    BulkChange,
    Campaign,
    Consent,
    Contestant,
    Objection,
    Reason,
    Remark,
    Share,
    Vote,
    VoteReason,
)
from tests import factories


@pytest.fixture
def vote(db: None) -> Vote:
    """On a battle of which everything is known."""
    campaign = Campaign.objects.create(slug="arena", name="The arena")
    ant, bee = (factories.contestant(name) for name in ("Ant", "Bee"))
    sides = [factories.revision(one) for one in (ant, bee)]
    battle = factories.battle(campaign, ant, bee, state=Battle.State.VOTED)
    factories.turn(battle, "Say <b>hello</b>.", dict(zip(sides, ("**Hello**", "Hi"), strict=True)))
    second = factories.turn(battle, "And now?", dict(zip(sides, ("Bye", ""), strict=True)), 2)
    Answer.objects.filter(turn=second, side="B").update(
        state="FAILED", error="attempt 3: the worker ended", attempt=3, swapped_at_attempt=2
    )
    Answer.objects.filter(turn=second, side="A").update(
        first_token_s=0.25, tokens_per_second=31.5, thoughts="Hmm, bye.", finish_reason="length"
    )
    made = factories.vote(battle, "A")
    Vote.objects.filter(pk=made.pk).update(early=True, words_seen=12)
    VoteReason.objects.create(vote=made, side="A", reason=Reason.objects.earliest("pk"))
    Remark.objects.create(vote=made, side="B", text="It says nothing.")
    Share.objects.create(vote=made)
    Objection.objects.create(vote=made, text="Count it, please.", answer="It counts.")
    Consent.objects.create(voter=battle.voter, version=1, language="en", wording="Yes.", sha256="x")
    change = bulk.draft(Vote.objects.all(), Vote.Standing.EXCLUDED, None)
    bulk.finish(change.pk, "a robot")
    _others(campaign, ant, bee, made)
    return made


def _others(campaign: Campaign, ant: Contestant, bee: Contestant, vote: Vote) -> None:
    """Two more votes of the voter, of which one is as most others'."""
    for voter, verdict in ((None, "A"), (None, "A"), (vote.voter, "A"), (vote.voter, "B")):
        factories.vote(factories.battle(campaign, ant, bee, voter=voter), verdict)


def staff(*permissions: str) -> Client:
    user = User.objects.create_user(f"sam-{len(permissions)}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_page_of_a_battle_tells_all(admin_client: Client, vote: Vote) -> None:
    page = admin_client.get(address(vote.battle_id))
    text = " ".join(page.content.decode().split())
    for said in (
        "Say &lt;b&gt;hello&lt;/b&gt;.", "<strong>Hello</strong>", "**Hello**</pre>", "Ant r1",
        "attempt 3: the worker ended", "3, by another contestant before 1 of them", "Hmm, bye.",
        "0.2 s", "31.5 tokens/s", "length", "A is better, early: after 12 words", "on turn 2",
        "(decided the vote)", "excluded: a robot", "counted → excluded: a robot",
        str(BulkChange.objects.get()),
        "It says nothing.", "Count it, please.", "It counts.</span>", "agreed on",
        "1 of 2 other decisive votes", "Count this vote …",
    ):  # fmt: skip
        assert said in text, said
    assert "no-store" in page["Cache-Control"]


def test_link_of_a_vote_leads_to_its_battle(admin_client: Client, vote: Vote) -> None:
    page = admin_client.get(f"/admin/arena/vote/{vote.pk}/change/")
    assert page["Location"] == f"{address(vote.battle_id)}#vote"
    assert admin_client.get("/admin/arena/vote/x/change/").status_code == 404
    assert admin_client.get("/admin/arena/battle/0/change/").status_code == 404


def test_page_of_a_battle_shows_what_one_may_see(client: Client, vote: Vote) -> None:
    path = address(vote.battle_id)
    assert client.get(path)["Location"].startswith("/admin/login/")
    assert staff().get(path).status_code == 403
    page = staff("view_battle").get(path).content.decode()
    assert "the worker ended" in page
    for hidden in ("a robot", "It says nothing.", "Count it, please.", 'id="vote"'):
        assert hidden not in page
    page = staff("view_battle", "view_vote").get(path).content.decode()
    assert "a robot" in page
    assert "Count this vote" not in page


def test_vote_is_excluded_from_the_page_of_its_battle(admin_client: Client, vote: Vote) -> None:
    data = {"_selected_action": vote.pk, "select_across": "0", "action": "count_again"}
    page = admin_client.post("/admin/arena/vote/", data, follow=True)
    assert "Count 1 vote again?" in page.content.decode()
    admin_client.post(page.request["PATH_INFO"])
    assert Vote.objects.get(pk=vote.pk).standing == Vote.Standing.COUNTED


def test_what_was_not_measured_has_no_unit() -> None:
    assert [measured(None, "s"), measured(0.04, "s"), measured(1234.56)] == [
        "–",
        "0.0 s",
        "1,234.6",
    ]
