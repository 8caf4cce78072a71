"""A bulk change of standings: the board is what its preview said, and what it was once undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import LazySettings
from django.contrib.auth.models import User

from arena.counting import bulk
from arena.errors import Refused
from arena.labels import Labels
from arena.models import Battle, BulkChange, Campaign, Contestant, StandingChange, Tally, Vote
from ratings.models import Board, Rating
from ratings.refreshing import drafts, previews
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
VERDICTS = ("A", "B", "TIE", "A", "BOTH_BAD", "B", "A")
NUMBERS = (
    "contestant", "position", "score", "lower", "upper", "rank_low", "rank_high", "votes",
    "win_rate", "status",
)  # fmt: skip
EXCLUDED, COUNTED = Vote.Standing.EXCLUDED, Vote.Standing.COUNTED


@pytest.fixture
def campaign(db: None) -> Campaign:
    return Campaign.objects.create(slug="arena", name="The arena")


@pytest.fixture
def votes(campaign: Campaign) -> list[Vote]:
    models = [factories.contestant(name) for name in ("Ant", "Bee", "Cat", "Dog")]
    found = []
    for i in range(84):
        a, b = models[i % 4], models[(i + 1 + i % 3) % 4]
        battle = factories.battle(campaign, a, b, state=Battle.State.VOTED)
        labels = Labels(language="en", categories=("coding",) * (i % 2), source="rules 0")
        found.append(factories.vote(battle, VERDICTS[i % 7], labels))
    return found


def boards() -> dict[str, list[Any]]:
    """Every number of every board, as readers get them after a refresh."""
    drafts.refresh_all()
    return {
        board.slug: [*Rating.objects.filter(snapshot=board.newest()).values_list(*NUMBERS)]
        for board in Board.objects.all()
    }


def sorted_tallies() -> list[Any]:
    return [*Tally.objects.order_by("slice", "first", "second").values("slice", *Tally.COLUMNS)]


def overall(change: BulkChange, which: int) -> dict[str, Any]:
    """What the preview says of each model, before (0) or after (1) the change."""
    [board] = change.preview["boards"]
    return {line["name"]: line["both"][which] for line in board["lines"]}


def shown() -> dict[str, Any]:
    newest = Board.objects.get(slug="overall").newest()
    lines = Rating.objects.filter(snapshot=newest).select_related("contestant")
    return {line.contestant.name: previews.told(line) for line in lines}


def test_board_is_as_previewed_and_the_same_once_undone(
    votes: list[Vote], admin_user: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SLICE_VOTES = 6
    monkeypatch.setattr(drafts, "REPLAY_EVERY", timedelta(0))  # Elo reads the votes each time
    monkeypatch.setattr(drafts, "REPLAY_REST", timedelta(0))
    before, tallies = boards(), sorted_tallies()
    some = Vote.objects.filter(verdict="B")
    change = bulk.draft(some, EXCLUDED, admin_user)
    assert change.preview["changing"] == 24
    assert boards() == before
    assert overall(change, 0) == shown()
    bulk.finish(change.pk, "always the right side")
    after = boards()
    assert overall(change, 1) == shown()
    assert {slug for slug in before if after[slug] != before[slug]} >= {
        "overall",
        "coding",
        "overall-elo",
    }
    bulk.finish(change.pk, None)
    assert boards() == before
    assert sorted_tallies() == tallies
    change.refresh_from_db()
    assert (change.state, change.changed, change.restored) == ("UNDONE", 24, 24)


def test_votes_counted_again_are_previewed_too(votes: list[Vote], admin_user: User) -> None:
    whole = boards()["overall"]
    bulk.finish(bulk.draft(Vote.objects.all(), EXCLUDED, admin_user).pk, "a robot")
    change = bulk.draft(Vote.objects.all(), COUNTED, admin_user)
    bulk.finish(change.pk, "")
    assert boards()["overall"] == whole
    assert overall(change, 1) == shown()
    assert set(overall(change, 0).values()) == {None}


def test_undoing_leaves_alone_what_was_changed_since(votes: list[Vote], admin_user: User) -> None:
    pending, later, other = (Vote.objects.filter(pk=vote.pk) for vote in votes[:3])
    pending.update(standing=Vote.Standing.PENDING, standing_reason="new here")
    change = bulk.draft(pending | later, EXCLUDED, admin_user)
    bulk.finish(change.pk, "a robot")
    bulk.finish(bulk.draft(later | other, COUNTED, admin_user).pk, "")
    bulk.finish(bulk.draft(later, EXCLUDED, admin_user).pk, "a robot after all")
    bulk.finish(change.pk, None)
    bulk.finish(change.pk, None)
    change.refresh_from_db()
    assert (change.changed, change.restored) == (2, 1)
    assert pending.values_list("standing", "standing_reason").get() == ("PENDING", "new here")
    assert later.values_list("standing", "standing_reason").get() == (
        "EXCLUDED", "a robot after all",
    )  # fmt: skip
    assert StandingChange.objects.filter(vote=pending.get()).count() == 2


def test_change_of_too_many_votes_or_of_none_is_refused(
    votes: list[Vote], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="No vote is chosen"):
        bulk.draft(Vote.objects.none(), EXCLUDED, None)
    monkeypatch.setattr(bulk, "MOST", 3)
    with pytest.raises(Refused, match="more than 3 votes"):
        bulk.draft(Vote.objects.all(), EXCLUDED, None)


def test_large_change_is_left_to_the_background_worker(
    votes: list[Vote], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[list[Any]] = []
    monkeypatch.setattr(bulk, "IN_REQUEST", 3)
    monkeypatch.setattr(current_app, "send_task", lambda name, args: sent.append(args))
    change = bulk.draft(Vote.objects.all(), EXCLUDED, None)
    assert not bulk.ask(change, "a robot")
    assert sent == [[change.pk, "a robot"]]
    assert Vote.objects.filter(standing=COUNTED).count() == len(votes)
    change.refresh_from_db()
    assert change.asked is not None
    bulk.finish(change.pk, "a robot")
    assert not Vote.objects.filter(standing=COUNTED).exists()
    assert Contestant.objects.exists()


def test_large_change_that_no_queue_takes_is_not_said_to_be_under_way(
    votes: list[Vote], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(name: str, args: list[Any]) -> None:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(bulk, "IN_REQUEST", 3)
    monkeypatch.setattr(current_app, "send_task", away)
    change = bulk.draft(Vote.objects.all(), EXCLUDED, None)
    with pytest.raises(Refused, match="Try again in half a minute"):
        bulk.ask(change, "a robot")
    change.refresh_from_db()
    assert change.asked is None
