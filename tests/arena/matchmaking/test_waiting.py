from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from arena import broker
from arena.battles import turns
from arena.errors import Refused
from arena.matchmaking import live_pairs, places, waiting
from arena.matchmaking.waiting import NO_WAIT, slots_of
from arena.models import Answer, Battle, Campaign, Contestant, Revision, Voter
from inference.contract import spending
from inference.contract.presence import Heartbeat
from inference.contract.requests import key_service
from tests import factories

pytestmark = pytest.mark.usefixtures("in_service")


def revision_of(contestant: Contestant) -> Revision:
    return Revision.objects.get(contestant=contestant)


def queue(battle: Battle, revision: Revision, count: int) -> list[Answer]:
    """`count` unfinished answers of one contestant, the oldest first."""
    turn = battle.turns.get()
    turn.answers.all().delete()
    made = []
    for number in range(count):
        another = battle.turns.create(number=number + 2, prompt="x")
        since = timezone.now() - timedelta(seconds=count - number)
        queued = {"state": "QUEUED", "attempt": 1, "dispatched": since}
        made.append(another.answers.create(side="A", revision=revision, **queued))
    return made


def slots(answers: list[Answer], each: int) -> dict[str, int]:
    return {answer.revision.service: each for answer in answers}


def test_slots_of_several_workers_add_up() -> None:
    key = key_service("OPENAI_API_KEY")
    workers = [
        Heartbeat("a", ("x", "y"), slots=2),
        Heartbeat("b", ("x", key), slots=4, remote_slots=16),
    ]
    assert slots_of(workers) == {"x": 6, "y": 2, key: 16}


def test_keys_of_one_worker_have_slots_of_their_own() -> None:
    keys = key_service("OPENAI_API_KEY"), key_service("MISTRAL_API_KEY")
    assert slots_of([Heartbeat("a", keys, 8, remote_slots=3)]) == dict.fromkeys(keys, 3)


def test_wait_counts_who_came_before(battle: Battle, contestants: list[Contestant]) -> None:
    answers = queue(battle, revision_of(contestants[0]), 5)
    found = waiting.waits_of(answers, slots(answers, 2))
    waits = [found[answer.pk] for answer in answers]
    assert [wait.ahead for wait in waits] == [0, 0, 1, 2, 3]
    assert waits[1] == NO_WAIT
    assert [wait.seconds for wait in waits[2:]] == [5, 10, 15]  # two at a time, a guessed 10 s each


def test_wait_is_estimated_from_recent_answers(
    battle: Battle, contestants: list[Contestant]
) -> None:
    revision = revision_of(contestants[0])
    answers = queue(battle, revision, 3)
    answers[0].state, answers[0].total_s = Answer.State.DONE, 4.0
    answers[0].save()
    found = waiting.waits_of(answers, slots(answers, 1))
    assert found[answers[0].pk] == NO_WAIT
    assert found[answers[2].pk].seconds == 4


def test_service_without_a_worker_has_no_estimate(
    battle: Battle, contestants: list[Contestant]
) -> None:
    answers = queue(battle, revision_of(contestants[0]), 3)
    assert set(waiting.waits_of(answers, {}).values()) == {NO_WAIT}


def test_long_queue_is_not_played_to_its_end(
    battle: Battle, contestants: list[Contestant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "FAR", 3)
    answers = queue(battle, revision_of(contestants[0]), 9)
    found = waiting.waits_of(answers, slots(answers, 2))
    assert [found[answer.pk].ahead for answer in answers] == [0, 0, 1, 2, 3, 4, 5, 6, 7]


def test_others_queues_do_not_count(battle: Battle, contestants: list[Contestant]) -> None:
    queue(battle, revision_of(contestants[0]), 5)
    [own] = queue(turns.begin(Voter.objects.create(), "Hi"), revision_of(contestants[1]), 1)
    assert waiting.waits_of([own], slots([own], 1)) == {own.pk: NO_WAIT}


def test_queue_that_many_fill_is_left_out_of_the_draw(contestants: list[Contestant]) -> None:
    campaign, revision = Campaign.live(), revision_of(contestants[0])
    for _ in range(8 * (1 + waiting.MOST_WAITING)):
        turn = factories.battle(campaign, *contestants[:2]).turns.create(number=1, prompt="x")
        turn.answers.create(side="A", revision=revision, state="QUEUED", dispatched=timezone.now())
    assert {r.contestant for r in live_pairs.able()} == set(contestants[1:])


def test_when_all_are_full_the_prompt_is_politely_refused(
    battle: Battle, voter: Voter, contestants: list[Contestant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_WAITING", -1)
    with pytest.raises(Refused, match=r"every queue is full\. Your prompt is kept") as refusal:
        turns.begin(voter, "Hi")
    assert (refusal.value.code, refusal.value.status) == ("busy", 503)


HOSTS = {"SOME_API_KEY": ["api.openai.com"]}


@pytest.fixture
def remote(contestants: list[Contestant]) -> Revision:
    """The first contestant, moved behind an API with a spending cap."""
    Contestant.objects.filter(pk=contestants[0].pk).update(input_price=1, output_price=2)
    return Revision.objects.create(
        contestant=Contestant.objects.get(pk=contestants[0].pk),
        number=2,
        backend="openai",
        remote_model="gpt-x",
        key_variable="SOME_API_KEY",
        daily_tokens=100,
    )


def names(revisions: list[Revision]) -> set[str]:
    return {revision.contestant.name.split()[0] for revision in revisions}


def test_api_model_is_in_service_where_its_key_is(
    remote: Revision, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Xylophonic" not in names(live_pairs.in_service())
    served = (key_service("SOME_API_KEY"),)
    monkeypatch.setattr(
        live_pairs,
        "live_workers",
        lambda _: [Heartbeat("r", served, 1, remote_slots=1, key_hosts=HOSTS)],
    )
    assert names(live_pairs.in_service()) == {"Xylophonic"}


def test_api_model_rests_when_its_day_is_used_up(
    remote: Revision, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = (key_service("SOME_API_KEY"),)
    monkeypatch.setattr(
        live_pairs,
        "live_workers",
        lambda _: [Heartbeat("r", served, 1, remote_slots=1, key_hosts=HOSTS)],
    )
    endpoint = remote.endpoint
    assert endpoint is not None
    spending.add(broker.connection(), endpoint, 90, 9)
    assert live_pairs.in_service() == [remote]
    spending.add(broker.connection(), endpoint, 0, 1)
    assert live_pairs.in_service() == []
    assert spending.spent_today(broker.connection(), endpoint.meter).usd == pytest.approx(110e-6)
