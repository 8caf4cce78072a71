"""The note on an answer that was cut off: the same for every cause before the vote, the cause after
it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from arena import broker
from arena.battles import stopping, turns, voiding
from arena.battles.answering import life
from arena.generating import watchdog
from arena.generating.endings import CUT_OFF, STOPPED, UNWATCHED, note
from arena.generating.settling import settle
from arena.limits import WATCHDOG
from arena.models import Answer, Battle, Revision, Side, Voter
from arena.votes import casting
from inference.contract.endings import FinishReason
from tests.bending import bend
from tests.each import each

from ..conftest import page_of, result
from ..streams import Script

pytestmark = pytest.mark.usefixtures("in_service")
ROOT = Path(__file__).resolve().parents[3]
APPS = ("config", "ratings", "arena", "inference")
OVERLONG = {"finish_reason": "length", "completion_tokens": 400}
REMOTE = {"backend": "openai", "url": "http://127.0.0.1:9/v1", "remote_model": "m", "weights": ""}


@pytest.fixture
def battle(in_service: None, voter: Voter) -> Battle:
    Revision.objects.update(max_tokens=400)
    return turns.begin(voter, "Hi")


def record(battle: Battle, **said: Any) -> None:
    for answer in Answer.objects.filter(turn__battle=battle):
        settle(life, answer.pk, result(answer, "So it was.", **said))
    with broker.connection() as connection:
        connection.delete(*(f"answer:{a.stream}" for a in Answer.objects.all()))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (OVERLONG, "Reached its limit of 400 tokens."),
        (OVERLONG | {"completion_tokens": 38}, "Its context was full after 38 tokens."),
        ({"finish_reason": "deadline", "deadline_s": 120.0}, "Ran out of time (120 s)."),
        ({"finish_reason": "deadline", "deadline_s": 0.5}, "Ran out of time (0.5 s)."),
        ({"finish_reason": "deadline"}, "Ran out of time."),
        ({"finish_reason": "filtered"}, "Cut off by its provider’s filter."),
    ],
)
def test_limit_is_named_after_the_vote_and_not_before(
    battle: Battle, client: Client, voter: Voter, said: dict[str, Any], told: str
) -> None:
    record(battle, **said)
    before = page_of(battle, client)
    assert before.count(CUT_OFF) == 2
    assert told not in before
    casting.cast(battle, voter, "A")
    assert page_of(battle, client).count(told) == 2


def test_count_of_an_api_does_not_decide_what_limit_it_was(
    battle: Battle, client: Client, voter: Voter
) -> None:
    Revision.objects.update(**REMOTE)
    record(battle, **OVERLONG | {"completion_tokens": 38})
    casting.cast(battle, voter, "A")
    assert page_of(battle, client).count("Reached its limit of 400 tokens.") == 2


def abandon(battle: Battle, monkeypatch: pytest.MonkeyPatch) -> None:
    bend(monkeypatch, WATCHDOG, grace_s=0.0)
    bend(monkeypatch, WATCHDOG, absent_s=-1)
    broker.connection().delete(f"watched:{battle.public_id}")
    watchdog.watch(life)


def test_battle_that_nobody_watched_does_not_claim_that_somebody_stopped_it(
    battle: Battle, client: Client, voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(battle)
    for side in Side:
        script.say(side, "word " * 4000, ago=3)
    abandon(battle, monkeypatch)
    page = page_of(battle, client)
    assert page.count(UNWATCHED) == 2
    assert STOPPED not in page
    casting.cast(battle, voter, "A")
    assert page_of(battle, client).count("Stopped because nobody was watching.") == 2


def test_battle_that_nobody_watched_before_its_first_words_is_void_for_that(
    battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    abandon(battle, monkeypatch)
    battle.refresh_from_db()
    assert voiding.farewell(battle).startswith("Nobody was watching")


def test_stop_that_the_voter_pressed_is_theirs(battle: Battle) -> None:
    stopping.stop(battle)
    battle.refresh_from_db()
    assert voiding.farewell(battle) == voiding.NOTHING_WRITTEN


@pytest.mark.parametrize("reason", list(FinishReason))
def test_reasons_of_one_side_alone_have_one_sentence(reason: FinishReason) -> None:
    of_both = reason in (FinishReason.CANCELLED, FinishReason.ABANDONED)
    assert of_both or note(reason) == (CUT_OFF if reason.is_cut else "")


def compared_with_reasons(tree: ast.AST) -> Iterator[str]:
    """The texts that something called a reason is compared with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Match):
            asked = node.left if isinstance(node, ast.Compare) else node.subject
            if "reason" in ast.unparse(asked).lower():
                parts = node.comparators if isinstance(node, ast.Compare) else node.cases
                for each in (inner for part in parts for inner in ast.walk(part)):
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        yield each.value


@each(sorted(file for app in APPS for file in (ROOT / app).rglob("*.py")))
def test_reason_is_compared_by_name_not_by_its_word(file: Path) -> None:
    words = {str(reason) for reason in FinishReason}
    assert not words & set(compared_with_reasons(ast.parse(file.read_text()))), file
