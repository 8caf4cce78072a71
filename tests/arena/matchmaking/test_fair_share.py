"""One network floods a queue; a volunteer elsewhere asks once."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from pytest_django import DjangoCaptureOnCommitCallbacks

from arena.battles import turns
from arena.errors import Code, Refused
from arena.limiting import clients
from arena.limiting.clients import Client, voter_key
from arena.matchmaking import fair_share, places, waiting
from arena.models import Answer, Voter
from inference.contract.fairness import label

pytestmark = pytest.mark.usefixtures("in_service")

SLOTS = 8  # of each model, as the test's worker says


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


def test_network_that_fills_the_queues_leaves_room_for_others() -> None:
    refusal = begin_until_refused([someone("flooding") for _ in range(100)])
    assert (refusal.code, refusal.status, refusal.retry_s) == (Code.LIMIT, 429, 10)
    assert "leaves room for everybody else. Your prompt is kept" in str(refusal)
    for service, wanted in waiting.demand().items():
        assert wanted <= SLOTS * waiting.MOST_WAITING, service
    battle = turns.begin(someone("home"), "Hi")
    for answer in Answer.objects.filter(turn__battle=battle):
        assert waiting.wait_of(answer, SLOTS).ahead <= 1


def test_voter_has_half_of_what_a_network_has() -> None:
    begin_until_refused([someone("flooding")] * 100)
    assert max(waiting.demand().values()) == SLOTS * waiting.MOST_WAITING // 2
    turns.begin(someone("flooding"), "Hi")


def test_voters_of_unknown_networks_have_no_share_together() -> None:
    for _ in range(40):
        turns.begin(Voter.objects.create(), "Hi")
    voter, slots = Voter.objects.create(), dict.fromkeys(waiting.demand(), 1)
    assert fair_share.used_up(voter, slots) == set()


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
    assert places.ahead(own[-1].stream, own, 1) == min(1, len(own) - 1)
    assert places.ahead(own[0].stream, own, 1) == 0
