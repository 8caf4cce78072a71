from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from arena import broker
from arena.battles import stopping, turns, voiding, watching
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating import dispatch, settling, watchdog
from arena.generating.endings import CUT_OFF, STOPPED
from arena.generating.life import Fault
from arena.generating.settling import SILENT, fail, settle
from arena.limits import WATCHDOG
from arena.models import Answer, Battle, Side, Voter
from arena.pages.presentation import BattleView
from arena.votes import casting
from inference.contract.streams import Kind, StreamWriter
from tests.bending import bend

from ..conftest import page_of, result
from ..streams import Script

pytestmark = pytest.mark.usefixtures("in_service")

SLOW = "Slow but sure wins the race"
QUICK = "Quick and unbelievably long-winded answers tell the sides apart at once."


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    bend(monkeypatch, WATCHDOG, grace_s=0.0)


def answers(battle: Battle) -> dict[Side, Answer]:
    return {Side(a.side): a for a in Answer.objects.filter(turn__battle=battle)}


def texts(battle: Battle) -> list[str]:
    return [answer.text for _, answer in sorted(answers(battle).items())]


def reasons(battle: Battle) -> list[str]:
    return [answer.finish_reason for _, answer in sorted(answers(battle).items())]


@pytest.mark.parametrize("is_recorded", [False, True])
@pytest.mark.parametrize("quick", Side)
def test_both_are_cut_where_they_were_shown(
    battle: Battle, script: Script, quick: Side, is_recorded: bool
) -> None:
    """However much of the quicker side has arrived, and whether it is stored or not."""
    script.say(quick, QUICK, ago=20, ends="stop")
    script.say(quick.other, SLOW + " ", ago=20)
    if is_recorded:
        answer = answers(battle)[quick]
        settle(life, answer.pk, result(answer, QUICK))
    stopping.stop(battle, seen="2.3")
    cut = {quick: "Quick and unbelievably", quick.other: "Slow but sure"}
    assert texts(battle) == [cut[Side.A], cut[Side.B]]
    assert reasons(battle) == ["cancelled", "cancelled"]


def test_what_is_written_down_after_the_stop_changes_nothing_but_figures(
    battle: Battle, script: Script, voter: Voter
) -> None:
    for side in Side:
        script.say(side, QUICK, ago=20)
    stopping.stop(battle, seen="2.2")
    for answer in answers(battle).values():
        settle(life, answer.pk, result(answer, QUICK, finish_reason="cancelled"))
    assert texts(battle) == ["Quick and", "Quick and"]
    assert [answer.total_s for answer in answers(battle).values()] == [0.5, 0.5]
    assert casting.cast(battle, voter, "A").verdict == "A"


def test_what_is_cut_off_is_in_no_page_and_no_later_turn(
    battle: Battle, script: Script, client: Client
) -> None:
    for side in Side:
        script.say(side, 99 * QUICK, ago=2, ends="stop")
        answer = answers(battle)[side]
        settle(life, answer.pk, result(answer, 99 * QUICK))
    stopping.stop(battle, seen="2.2")
    turn = turns.continue_(battle, "Go on")
    assert dispatch.conversation(turn, "A", "")[1] == {"role": "assistant", "content": "Quick and"}
    page = page_of(battle, client)
    assert page.count(STOPPED) == 2
    assert "unbelievably" not in page


@pytest.mark.parametrize("seen", ["", "2.9999", "9.1", "nonsense"])
def test_more_than_the_clock_has_shown_is_not_kept(
    battle: Battle, script: Script, seen: str
) -> None:
    for side in Side:
        script.say(side, "word " * 4000, ago=3)
    stopping.stop(battle, seen=seen)
    lengths = {len(text.split()) for text in texts(battle)}
    assert lengths <= set(range(30, 4000))
    assert len(lengths) == 1


def test_side_that_was_shown_to_its_end_stays_complete(
    battle: Battle, script: Script, client: Client
) -> None:
    script.say(Side.A, "Yes.", ago=20, ends="stop")
    script.say(Side.B, QUICK, ago=20, ends="length")
    stopping.stop(battle, seen="2.4")
    assert texts(battle) == ["Yes.", "Quick and unbelievably long-winded"]
    assert reasons(battle) == ["stop", "cancelled"]


def test_limit_that_was_not_seen_is_not_told(battle: Battle, script: Script) -> None:
    for side in Side:
        script.say(side, QUICK, ago=20, ends="length")
    stopping.stop(battle, seen="2.3")
    assert reasons(battle) == ["cancelled", "cancelled"]


def test_whoever_watches_is_told_where_it_ends(
    battle: Battle,
    script: Script,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    for side in Side:
        script.say(side, QUICK, ago=20)
    with django_capture_on_commit_callbacks(execute=True):
        stopping.stop(battle, seen="2.2")
    for answer in answers(battle).values():
        last = script.entries(answer)[-1]
        assert (last.kind, last.text) == (Kind.STOPPED, "2")
        assert not StreamWriter(broker.connection(), str(answer.stream), 1).write(Kind.TEXT, "more")


def test_second_stop_changes_nothing(battle: Battle, script: Script) -> None:
    for side in Side:
        script.say(side, QUICK, ago=20)
    stopping.stop(battle, seen="2.4")
    stopping.stop(battle, seen="2.1")
    assert texts(battle) == ["Quick and unbelievably long-winded"] * 2


@pytest.mark.parametrize("said", [[], [Side.A]])
def test_stopped_before_a_word_of_both_is_void_with_a_reason(
    battle: Battle, script: Script, said: list[Side]
) -> None:
    for side in said:
        script.say(side, QUICK, ago=20)
    stopping.stop(battle)
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID
    assert "stopped before both models had answered" in voiding.farewell(battle)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (SILENT, voiding.GONE),
        (settling.UNSERVED, voiding.GONE),
        (settling.OVERDUE, voiding.CROWDED),
        (Fault("HTTP 500"), voiding.APOLOGY),
        (Fault(f"{settling.OF_PROMPT}too long"), voiding.TOO_MUCH),
    ],
)
def test_void_battle_tells_the_true_reason_in_plain_words(
    battle: Battle, fault: Fault, said: str
) -> None:
    voiding.void(battle, f"side A: {fault.reason}")
    battle.refresh_from_db()
    assert voiding.farewell(battle) == said


def test_farewell_of_a_battle_that_goes_on_asks_the_database_nothing(
    battle: Battle, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert BattleView(battle).farewell == ""


def test_stopped_answer_is_not_tried_again(battle: Battle, script: Script) -> None:
    for side in Side:
        script.say(side, QUICK, ago=20)
    stopping.stop(battle)
    answer = answers(battle)[Side.A]
    fail(life, answer, SILENT)
    assert answers(battle)[Side.A].attempt == 1
    battle.refresh_from_db()
    assert battle.state == Battle.State.OPEN


def test_stop_after_all_is_shown_changes_nothing(battle: Battle, script: Script) -> None:
    for side in Side:
        script.say(side, "All of it.", ago=60, ends="stop")
    for answer in answers(battle).values():
        settle(life, answer.pk, result(answer, "All of it."))
    stopping.stop(battle, seen="2.1")
    assert texts(battle) == ["All of it."] * 2
    assert battle.turns.get().stopped is False


def test_stop_after_the_vote_changes_nothing(battle: Battle, script: Script) -> None:
    for side in Side:
        script.say(side, "word " * 4000, ago=1, ends="stop")
    for answer in answers(battle).values():
        settle(life, answer.pk, result(answer, "word " * 4000))
    Battle.objects.update(state=Battle.State.VOTED)
    stopping.stop(battle, seen="2.1")
    assert texts(battle) == ["word " * 4000] * 2


def test_battle_nobody_looks_at_is_stopped(battle: Battle) -> None:
    watching.note(battle)
    for answer in answers(battle).values():
        queued = f"answer:{answer.stream}:queued"
        broker.connection().set(queued, broker.now() - WATCHDOG.absent_s - 1)
    watchdog.watch(life)
    assert battle.turns.get().stopped is False
    broker.connection().delete(f"watched:{battle.public_id}")
    for answer in answers(battle).values():
        queued = f"answer:{answer.stream}:queued"
        broker.connection().set(queued, broker.now() - WATCHDOG.absent_s - 1)
    watchdog.watch(life)
    assert battle.turns.get().stopped is True


def test_stop_of_somebody_elses_battle_is_refused(battle: Battle, client: Client) -> None:
    assert client.post(f"/battles/{battle.public_id}/stop/").status_code == 403
    assert battle.turns.get().stopped is False


def test_follow_up_waits_until_all_is_shown(battle: Battle, script: Script) -> None:
    """Otherwise the time of acceptance would reveal when the slower side ended."""
    for side in Side:
        script.say(side, "word " * 4000, ago=1, ends="stop")
    for answer in answers(battle).values():
        settle(life, answer.pk, result(answer, "word " * 4000))
    with pytest.raises(Refused, match="still being written"):
        turns.continue_(battle, "Go on")


def test_page_loaded_before_all_is_shown_has_as_much_of_both(
    battle: Battle, script: Script, client: Client
) -> None:
    for side, word in ((Side.A, "apple"), (Side.B, "berry")):
        script.say(side, f"{word} " * 4000, ago=2, ends="length")
        answer = answers(battle)[side]
        settle(life, answer.pk, result(answer, f"{word} " * 4000, finish_reason="length"))
    page = page_of(battle, client)
    assert 10 < page.count("apple") == page.count("berry") < 4000
    assert CUT_OFF not in page
    assert "data-streaming" in page
