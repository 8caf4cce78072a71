"""One network floods a queue; a volunteer elsewhere asks once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks
from redis.lock import Lock

from arena.battles import turns
from arena.errors import Code, Refused
from arena.limiting import clients
from arena.limiting.clients import Client, voter_key
from arena.matchmaking import fair_share, live_pairs, places, waiting
from arena.matchmaking.live_pairs import Draw
from arena.models import Answer, Battle, Voter
from inference.contract.fairness import TURN, label

pytestmark = pytest.mark.usefixtures("in_service")

SLOTS = 8  # of each model, as the test's worker says
SHARE = SLOTS * waiting.MOST_WAITING


def someone(network: str) -> Voter:
    voter = Voter.objects.create()
    clients.remember(Client(voter_key(voter.pk), network))
    return voter


def begin_until_refused(voters: list[Voter]) -> Refused:
    for voter in voters:
        try:
            turns.begin(voter, "Hi")
        except Refused as refusal:
            return refusal
    raise AssertionError("Nobody was refused.")


def wanted() -> Counter[str]:
    return Counter(place.service for place in places.taken())


def test_network_that_fills_the_queues_leaves_room_for_others() -> None:
    refusal = begin_until_refused([someone("flooding") for _ in range(100)])
    assert (refusal.code, refusal.status, refusal.retry_s) == (Code.LIMIT, 429, 10)
    assert "leaves room for everybody else. Your prompt is kept" in str(refusal)
    assert max(wanted().values()) == SHARE
    battle = turns.begin(someone("home"), "Hi")
    answers = [*Answer.objects.filter(turn__battle=battle).select_related("revision")]
    waits = waiting.waits_of(answers, {each.revision.service: SLOTS for each in answers})
    assert max(waits.values()).ahead <= 1


def test_newcomers_are_not_refused_however_many_flood() -> None:
    begin_until_refused([someone(f"flooding-{n % 3}") for n in range(100)])
    assert max(wanted().values()) >= SHARE
    for n in range(SLOTS):
        turns.begin(someone(f"home-{n}"), "Hi")


def test_networks_have_equal_parts_of_a_full_share() -> None:
    begin_until_refused([someone("flooding") for _ in range(100)])
    begin_until_refused([someone("school") for _ in range(100)])
    of_school = Counter(each.service for each in places.taken() if each.client.startswith("school"))
    assert max(of_school.values()) == SHARE // 2
    with pytest.raises(Refused, match="leaves room for everybody else"):
        turns.begin(someone("flooding"), "Hi")


def test_queue_is_full_once_many_networks_have_a_turn_in_it() -> None:
    fill = SLOTS * (1 + waiting.MOST_WAITING) // TURN
    queues = fair_share.Queues("home/v", {"s": [f"{n}/v" for n in range(fill)] * TURN})
    assert queues.is_full("s", SLOTS)
    assert not queues.is_full("s", SLOTS + 1)
    assert not fair_share.Queues("home/v", {"s": ["net/v"] * 1000}).is_full("s", 1)


def test_voter_has_half_of_what_a_network_has() -> None:
    begin_until_refused([someone("flooding")] * 100)
    assert max(wanted().values()) == SHARE // 2
    turns.begin(someone("flooding"), "Hi")


def test_voters_of_unknown_networks_have_no_share_together() -> None:
    queues = fair_share.Queues("/new", {"s": [f"/voter-{n % 40}" for n in range(80)]})
    assert not queues.is_used_up("s", SLOTS)
    assert fair_share.Queues("/voter-0", queues.taken).is_used_up("s", SLOTS)


@pytest.mark.django_db(transaction=True)
def test_of_four_prompts_at_once_one_gets_the_last_places(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_until_refused([someone("flooding") for _ in range(100)])
    Battle.objects.latest("pk").delete()
    late, drawn, draw = [someone("flooding") for _ in range(4)], Barrier(4), live_pairs.draw_pair

    def together(*given: Any) -> Draw:
        found = draw(*given)
        drawn.wait(60)
        return found

    monkeypatch.setattr(live_pairs, "draw_pair", together)
    with ThreadPoolExecutor(4) as others:
        assert sorted(others.map(is_begun_elsewhere, late)) == [False, False, False, True]


def is_begun_elsewhere(voter: Voter) -> bool:
    try:
        turns.begin(voter, "Hi")
    except Refused:
        return False
    finally:
        connection.close()
    return True


@pytest.mark.django_db(transaction=True)
def test_claim_that_was_never_released_holds_nobody_up_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fair_share, "CLAIMED_S", 0.2)
    monkeypatch.setattr(Lock, "release", lambda self: None)
    for _ in range(2):
        turns.begin(someone("home"), "Hi")


def test_request_says_whose_turn_it_is_in_opaque_words(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda *_, args, **__: sent.extend(args))
    voter = someone("0123456789abcdef")
    with django_capture_on_commit_callbacks(execute=True):
        turns.begin(voter, "Hi")
    assert [each["client"] for each in sent] == [label("0123456789abcdef", voter_key(voter.pk))] * 2


def test_place_in_the_queue_is_told_by_turns() -> None:
    voters = [someone("flooding") for _ in range(2)] + [someone("home")]
    for voter in [voters[0]] * 5 + [voters[1], voters[2]]:
        turns.begin(voter, "Hi")
    queue = places.taken()
    service = queue[-1].service
    own = [place for place in queue if place.service == service]
    ahead = places.ahead(own, 1)
    assert ahead.get(own[-1].stream, 0) == min(1, len(own) - 1)
    assert own[0].stream not in ahead
