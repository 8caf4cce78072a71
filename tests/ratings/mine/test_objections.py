"""Objections: bounded, one at a time, answered by admins, and then seen on the receipt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from arena.counting import standing
from arena.errors import Refused
from arena.limits import OBJECTIONS
from arena.models import Campaign, Objection, Vote, Voter
from arena.votes import objections
from arena.votes.objections import Outcome
from people.models import AuditEvent
from ratings.refreshing.recount import differences
from tests.arena.conftest import become

from .conftest import Cast, page_of

pytestmark = pytest.mark.django_db(transaction=True)


def address(vote: Vote) -> str:
    return f"/votes/{vote.battle.public_id}/"


def refused(doing: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        doing()
    return refusal.value.code


@pytest.fixture
def admin(django_user_model: type[User]) -> Client:
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    wanted = ("change_objection", "view_objection", "change_vote", "view_vote")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client = Client()
    client.force_login(clerk)
    return client


def answered(admin: Client, objection: Objection, **said: str) -> int:
    page = f"/admin/arena/objection/{objection.pk}/change/"
    usual = {"answer": "We looked into it.", "outcome": "KEEP", "reason": ""}
    return admin.post(page, {**usual, **said}).status_code


def test_objection_is_answered_and_the_vote_counts_again(
    browser: Client, admin: Client, vote_on: Cast, campaign: Campaign
) -> None:
    vote = vote_on(prompt="Why <b>now</b>?")
    standing.exclude(Vote.objects.all(), "Looks like a robot.")
    assert "If you think that your vote should count, say why." in page_of(browser, address(vote))
    sent = browser.post(f"{address(vote)}objections/", {"text": " I am <i>no</i> robot. "})
    assert (sent.status_code, sent["Location"]) == (302, f"{address(vote)}#objections")
    page = page_of(browser, address(vote))
    assert "I am &lt;i&gt;no&lt;/i&gt; robot." in page
    assert "Your objection to this vote is waiting for an answer." in page
    assert "Send the objection" not in page
    queue = page_of(admin, "/admin/arena/objection/?state__exact=OPEN")
    assert "I am &lt;i&gt;no&lt;/i&gt; robot." in queue
    assert "excluded: Looks like a robot." in queue
    [objection] = Objection.objects.all()
    asked = page_of(admin, f"/admin/arena/objection/{objection.pk}/change/")
    assert "<summary>Prompt</summary>Why &lt;b&gt;now&lt;/b&gt;?" in asked
    assert "<summary>Ada</summary>Because of one." in asked
    assert answered(admin, objection, answer="You are right, sorry.", outcome="COUNT") == 302
    page = page_of(browser, address(vote))
    assert "Your objection was upheld on" in page
    assert "You are right, sorry." in page
    assert "Your vote counts." in page
    assert differences(campaign) == []
    assert Vote.objects.get().standing == Vote.Standing.COUNTED
    assert "0 objections" in page_of(admin, "/admin/arena/objection/?state__exact=OPEN")


def test_mistaken_vote_is_left_out_with_a_reason(
    browser: Client, admin: Client, vote_on: Cast, campaign: Campaign
) -> None:
    vote = vote_on()
    assert "If this was a mistake, or was not you" in page_of(browser, address(vote))
    browser.post(f"{address(vote)}objections/", {"text": "My cat did it."})
    [objection] = Objection.objects.all()
    assert answered(admin, objection, outcome="EXCLUDE") == 200  # a reason is missing
    assert Vote.objects.get().standing == Vote.Standing.COUNTED
    assert answered(admin, objection, outcome="EXCLUDE", reason="at the voter's request") == 302
    assert differences(campaign) == []
    assert "Your vote does not count. You asked us to leave it out." in page_of(
        browser, address(vote)
    )


def test_answer_that_was_given_stands(admin: Client, vote_on: Cast) -> None:
    objection = objections.object_to(vote_on(), "Why?")
    assert answered(admin, objection) == 302
    assert Objection.objects.get().state == Objection.State.REFUSED
    logged = AuditEvent.objects.get(about=f"objection {objection.pk}")
    assert (logged.who, logged.detail) == ("clerk", "Refuse: the vote stays as it is")
    assert answered(admin, objection, answer="No, after all.", outcome="EXCLUDE") == 403
    code = refused(lambda: objections.answer(objection, "No.", Outcome.EXCLUDE, "spam"))
    assert code == "answered"
    assert Objection.objects.get().answer == "We looked into it."
    assert Vote.objects.get().standing == Vote.Standing.COUNTED


def test_queue_has_the_open_objections_first(admin: Client, vote_on: Cast) -> None:
    said = [objections.object_to(vote_on(), text) for text in ("First", "Second", "Third")]
    objections.answer(said[0], "Yes.", Outcome.KEEP)
    queue = page_of(admin, "/admin/arena/objection/")
    assert queue.index("Second") < queue.index("Third") < queue.index("First")


def test_staff_who_may_not_change_votes_only_read_objections(
    django_user_model: type[User], vote_on: Cast
) -> None:
    objection = objections.object_to(vote_on(), "Why?")
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    wanted = ("change_objection", "view_objection")
    reader.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client = Client()
    client.force_login(reader)
    assert "Why?" in page_of(client, f"/admin/arena/objection/{objection.pk}/change/")
    assert answered(client, objection) == 403
    assert Objection.objects.get().state == Objection.State.OPEN


@pytest.mark.parametrize(
    ("text", "code"),
    [("", 400), (" \0\n", 400), ("x" * (OBJECTIONS.characters + 1), 400), ("Hm.", 302)],
)
def test_text_of_an_objection_is_bounded_and_kept(
    browser: Client, vote_on: Cast, text: str, code: int
) -> None:
    vote = vote_on()
    response = browser.post(f"{address(vote)}objections/", {"text": text})
    assert response.status_code == code
    assert Objection.objects.count() == (code == 302)
    if len(text) > 10:
        assert f">{text}</textarea>" in response.content.decode()


def test_objections_are_few_to_a_vote_and_in_a_day(vote_on: Cast, voter: Voter) -> None:
    first, *others = [vote_on() for _ in range(4)]
    for _ in range(OBJECTIONS.of_vote):
        objections.answer(objections.object_to(first, "Hm."), "Yes.", Outcome.KEEP)
    assert refused(lambda: objections.object_to(first, "Again.")) == "too_many_objections"
    objections.object_to(others[0], "Hm.")
    assert refused(lambda: objections.object_to(others[0], "Hm.")) == "objection_open"
    objections.object_to(others[1], "Hm.")
    assert refused(lambda: objections.object_to(others[2], "Hm.")) == "too_many_objections"
    Objection.objects.update(created=timezone.now() - timedelta(days=2))
    objections.object_to(others[2], "Hm.")


def test_objection_of_a_stranger_or_from_another_site_is_refused(
    browser: Client, vote_on: Cast, voter: Voter
) -> None:
    vote = vote_on()
    for stranger in (Client(), Client()):
        assert stranger.post(f"{address(vote)}objections/", {"text": "Hm."}).status_code == 404
        become(stranger, Voter.objects.create())
    strict = Client(enforce_csrf_checks=True)
    become(strict, voter)
    assert strict.post(f"{address(vote)}objections/", {"text": "Hm."}).status_code == 403
    assert not Objection.objects.exists()


def test_database_itself_allows_one_open_objection(vote_on: Cast) -> None:
    vote = vote_on()
    Objection.objects.create(vote=vote, text="Hm.", state=Objection.State.REFUSED)
    Objection.objects.create(vote=vote, text="Hm.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.create(vote=vote, text="Hm.")


def test_objections_at_the_same_moment_are_one(vote_on: Cast) -> None:
    vote, codes, together = vote_on(), list[str](), threading.Barrier(5)

    def click() -> None:
        together.wait()
        try:
            objections.object_to(vote, "Hm.")
        except Refused as refusal:
            codes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == ["objection_open"] * 4
    assert Objection.objects.count() == 1
