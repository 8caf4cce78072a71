from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings as project
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from arena.models import (
    Answer,
    Battle,
    Campaign,
    Chat,
    Consent,
    Flag,
    Job,
    Turn,
    Vote,
    Voter,
)
from arena.retaining import sweeping
from arena.retaining.rules import RULES, Rule
from tests import factories

pytestmark = pytest.mark.django_db
BY_NAME = {rule.name: rule for rule in RULES}


def made(rows: Any, field: str, days: float) -> None:
    """As if it had happened so many days ago."""
    at = timezone.now() - timedelta(days=days)
    type(rows)._default_manager.filter(pk=rows.pk).update(**{field: at})


@pytest.fixture
def pair(db: None) -> tuple[Any, Any]:
    return factories.contestant("Xylo"), factories.contestant("Quetzal")


@pytest.fixture
def battle(pair: tuple[Any, Any]) -> Callable[..., Battle]:
    campaign = Campaign.objects.create(slug="arena", name="The arena")
    revisions = [factories.revision(each) for each in pair]

    def make(days: float, **changes: Any) -> Battle:
        one = factories.battle(campaign, *pair, **changes)
        factories.turn(one, "Hi", {revisions[0]: "Hello", revisions[1]: "Good day"})
        made(one, "created", days)
        return one

    return make


def test_every_rule_has_a_setting() -> None:
    assert {*BY_NAME} == {*project.RETENTION}


def test_old_battles_without_a_vote_go_with_all_their_texts(
    battle: Callable[..., Battle],
) -> None:
    old, void = battle(91), battle(91, state="VOID", void_reason="x")
    Flag.objects.create(battle=old, category="hate", action="LOG")
    young, voted = battle(89), battle(91)
    skipped = battle(91, state="SKIPPED", skipped=timezone.now())
    factories.vote(voted, "A")
    Battle.objects.filter(pk=voted.pk).update(state="VOTED")
    sweeping.sweep()
    left = {*Battle.objects.values_list("pk", flat=True)}
    assert left == {young.pk, voted.pk, skipped.pk}
    assert (Turn.objects.count(), Answer.objects.count(), Vote.objects.count()) == (3, 6, 1)
    assert not {old.pk, void.pk} & {*Flag.objects.values_list("battle", flat=True)}


def test_voter_goes_only_when_nothing_else_is_left_of_them(
    battle: Callable[..., Battle],
) -> None:
    alone, young, playing, consenting, chatting = (Voter.objects.create() for _ in range(5))
    for each in (alone, playing, consenting, chatting):
        made(each, "created", 31)
    battle(1, voter=playing)
    Consent.objects.create(voter=consenting, version=1, language="en", wording="w", sha256="s")
    revision = playing.battles.get().turns.get().answers.first()
    assert revision is not None
    Chat.objects.create(voter=chatting, revision_a=revision.revision)
    sweeping.sweep()
    left = {*Voter.objects.values_list("pk", flat=True)}
    assert left == {young.pk, playing.pk, consenting.pk, chatting.pk}


def test_other_old_rows_go_and_young_ones_stay(db: None) -> None:
    campaign = Campaign.objects.create(slug="arena", name="The arena")
    voter = Voter.objects.create()
    for days in (1, 6 * 365):
        at = timezone.now() - timedelta(days=days)
        consent = Consent(voter=voter, version=1, language="en", wording="w", sha256="s")
        consent.withdrawn = at
        flag = Flag(category="hate", action="LOG")
        attempt = AccessAttempt(attempt_time=at, ip_address="192.0.2.1", failures_since_start=1)
        job = Job(kind="export", campaign=campaign, name="v.csv", state=Job.State.DONE, ended=at)
        for row in (consent, flag, attempt, job):
            row.save()
        made(flag, "at", days)
        made(attempt, "attempt_time", days)
        job.folder.mkdir(parents=True, exist_ok=True)
        (job.folder / "v.csv").write_text("a")
    old = Job.objects.latest("pk").folder
    sweeping.sweep()
    counts = [model._default_manager.count() for model in (Consent, Flag, AccessAttempt, Job)]
    assert counts == [1, 1, 1, 1]
    assert not old.exists()
    assert Job.objects.get().folder.exists()


def test_sessions_that_expired_go_with_what_the_list_has_of_them(db: None) -> None:
    boss, now = User.objects.create_user("boss"), timezone.now()
    ages = {"new": -14, "old": 2, "older": 31}
    for key, days in ages.items():
        at = now - timedelta(days=days)
        Session.objects.create(session_key=key, session_data="", expire_date=at)
        UserSession.objects.create(user=boss, session_key=key, ip="192.0.2.1", last_seen_at=at)
    sweeping.sweep()
    assert [*Session.objects.values_list("pk", flat=True)] == ["new"]
    listed = UserSession.objects.order_by("session_key").values_list("session_key", flat=True)
    assert [*listed] == ["new", "old"]


def test_rule_of_no_days_keeps_for_ever(battle: Callable[..., Battle], settings: Any) -> None:
    settings.RETENTION = {**settings.RETENTION, "unvoted": 0}
    battle(5_000)
    sweeping.sweep()
    assert Battle.objects.count() == 1


def test_batches_are_bounded_and_the_command_does_all(
    battle: Callable[..., Battle], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for _ in range(5):
        battle(91)
    call_command("retention")
    said = capsys.readouterr().out
    assert "5  battles without a vote, with their texts  (after 90 days)" in said
    assert "Nothing was deleted" in said
    assert Battle.objects.count() == 5
    sweeping.sweep(most=1)
    assert Battle.objects.count() == 3
    call_command("retention", "--delete")
    assert Battle.objects.count() == 0


def test_rule_counts_what_it_deletes(battle: Callable[..., Battle]) -> None:
    battle(91)
    found = {each.rule.name: each.rows for each in sweeping.due()}
    done: dict[str, int] = {}

    def note(swept: sweeping.Swept) -> None:
        done[swept.rule.name] = swept.rows

    assert isinstance(BY_NAME["unvoted"], Rule)
    sweeping.sweep(told=note)
    assert (found["unvoted"], done["unvoted"]) == (1, 1)
