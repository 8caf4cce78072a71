"""Proof of work: nobody ordinary is asked, none is used twice, and nobody honest is locked out."""

from __future__ import annotations

import base64
import html
import json
import re
import time
from functools import cache

import altcha
import pytest
from django.test import Client as Browser
from pytest_django import Settings

from arena import broker
from arena.control.panels.proofs import Proofs
from arena.limiting import gates, proof, proof_counts, suspicion
from arena.limiting.clients import Client, voter_key
from arena.limiting.proof import Outcome, Unproven
from arena.models import Battle, Voter
from inference.contract.broker import connect

from .conftest import Limit

pytestmark = pytest.mark.django_db
SUSPECT = Client("suspect", "net")


@pytest.fixture(autouse=True)
def asked_for(settings: Settings, limit: Limit, monkeypatch: pytest.MonkeyPatch) -> None:
    """And cheap enough to be solved here."""
    limit()
    settings.PROOF_OF_WORK = 3
    monkeypatch.setattr(proof, "COST", 1)
    monkeypatch.setattr(proof, "TRIES", {1: 4, 2: 8, 3: 16})


def suspect(level: int, client: Client = SUSPECT) -> None:
    broker.connection().set(f"limits:suspect:{client.voter}", level)


def task_for(client: Client = SUSPECT, **posted: str) -> Unproven:
    with pytest.raises(Unproven) as refusal:
        proof.check(client, posted)
    return refusal.value


def solved(challenge: str) -> str:
    """As the widget sends it."""
    asked = altcha.Challenge.from_dict(json.loads(challenge))
    solution = altcha.solve_challenge(asked)
    assert solution is not None
    payload = {"challenge": asked.to_dict(), "solution": solution.to_dict()}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def counts() -> dict[str, int]:
    return dict(proof_counts.report().hour)


def test_ordinary_visitor_is_asked_for_nothing(in_service: None, client: Browser) -> None:
    for _ in range(3):
        assert client.post("/battles/", {"prompt": "Hi"}).status_code == 302
    assert counts() == {}
    assert Proofs().look() is None


def test_suspected_voter_proves_work_and_goes_on(
    in_service: None, browser: Browser, voter: Voter
) -> None:
    suspicion.tell(voter.pk, 1)
    refused = browser.post("/battles/", {"prompt": "Hello there"})
    page = refused.content.decode()
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) == proof.WAITS_S[1]
    assert "has to do a calculation first" in page
    assert "Hello there</textarea>" in page
    assert "Without JavaScript, wait 20 seconds, then send it again." in page
    assert not Battle.objects.exists()
    found = re.search(r'challenge="([^"]+)"', page)
    assert found
    said = {"prompt": "Hello there", "proof": solved(html.unescape(found[1]))}
    assert browser.post("/battles/", said).status_code == 302
    assert browser.post("/battles/", {"prompt": "Another"}).status_code == 302  # it has a pass
    assert counts() == {"asked": 1, "proven": 1}


def test_proof_is_good_for_ten_battles() -> None:
    suspect(1)
    proof.check(SUSPECT, {"proof": solved(task_for().task.challenge)})
    for _ in range(proof.PASS_BATTLES - 1):
        proof.check(SUSPECT, {})
    task_for()


def test_solution_works_once_whoever_sends_it() -> None:
    suspect(1)
    other = Client("other", "elsewhere")
    suspect(1, other)
    solution = solved(task_for().task.challenge)
    proof.check(SUSPECT, {"proof": solution})
    again = task_for(other, proof=solution)
    assert "was used before" in str(again)
    assert counts() == {"asked": 1, "proven": 1, "failed": 1}


@pytest.mark.parametrize("solution", ["junk", "e30=", "", "x" * 10_000])
def test_what_is_no_solution_proves_nothing(solution: str) -> None:
    suspect(1)
    task_for(proof=solution)


def test_forged_and_late_solutions_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    suspect(1)
    own = altcha.create_challenge(proof.ALGORITHM, 1, counter=1, hmac_secret="mine")
    task_for(proof=solved(json.dumps(own.to_dict())))
    late = solved(task_for().task.challenge)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + proof.VALID_S + 5)
    task_for(proof=late)


def test_easy_proof_is_not_enough_for_whoever_is_suspected_more() -> None:
    suspect(1)
    easy = solved(task_for().task.challenge)
    suspect(2)
    hard = task_for(proof=easy)
    proof.check(SUSPECT, {"proof": solved(hard.task.challenge)})
    suspect(1)
    proof.check(SUSPECT, {})  # the harder one is good for less, too


def test_who_cannot_compute_waits_once_for_each_battle(monkeypatch: pytest.MonkeyPatch) -> None:
    suspect(1)
    monkeypatch.setattr(proof, "PASS_BATTLES", 1)
    assert task_for().retry_s == proof.WAITS_S[1]
    task_for()
    now = broker.now()
    monkeypatch.setattr(broker, "now", lambda: now + proof.WAITS_S[1] + 1)
    proof.check(SUSPECT, {})
    task_for()
    assert counts() == {"asked": 3, "unverified": 1}


def test_own_error_lets_everybody_pass_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    suspect(1)
    monkeypatch.setattr(altcha, "verify_solution", lambda *_: 1 / 0)
    proof.check(SUSPECT, {"proof": "anything"})
    assert counts() == {"broken": 1}


def test_nobody_is_asked_while_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    suspect(3)
    monkeypatch.setattr(broker, "connection", cache(lambda: connect("redis://127.0.0.1:1/0")))
    proof.check(SUSPECT, {})


def test_level_is_never_above_the_setting(settings: Settings) -> None:
    suspect(3)
    settings.PROOF_OF_WORK = 1
    assert task_for().retry_s == proof.WAITS_S[1]
    settings.PROOF_OF_WORK = 0
    proof.check(SUSPECT, {})


@pytest.mark.parametrize(("new", "level"), [(30, 0), (40, 1), (100, 2), (300, 3)])
def test_crowd_of_new_voters_in_one_network_is_suspected(new: int, level: int) -> None:
    for number in range(new):
        gates.arrive(Client(f"voter {number}", "net"), is_new=True)
    assert suspicion.level_of(Client("", "net")) == level
    assert suspicion.level_of(Client("", "elsewhere")) == 0
    assert suspicion.level_of(Client("voter 1", "net")) == 0  # who is here already


def test_voter_near_the_limit_of_an_hour_is_suspected(limit: Limit, battle: Battle) -> None:
    limit(votes={"voter": "5/minute; 10/hour"})
    client, levels = Client(voter_key(battle.voter_id), ""), []
    for _ in range(5):
        gates.voted(client, battle)
    assert suspicion.level_of(client) == 0
    for _ in range(5):
        key = [*broker.connection().scan_iter("limits:votes/voter*minute")]
        broker.connection().delete(*key)
        gates.voted(client, battle)
        levels.append(suspicion.level_of(client))
    assert levels == [1, 1, 1, 2, 2]


def test_jump_of_those_who_could_not_be_verified_is_told() -> None:
    for outcome, number in {Outcome.PROVEN: 30, Outcome.UNVERIFIED: 2}.items():
        for _ in range(number):
            proof_counts.note(outcome)
    said = Proofs().look()
    assert said is not None
    assert said.title == "30 proofs of work this hour, 2 could not be verified, 0 failed"
    assert not said.is_urgent
    for _ in range(9):
        proof_counts.note(Outcome.BROKEN)
    said = Proofs().look()
    assert said is not None
    assert said.is_urgent
    assert "set PROOF_OF_WORK=0" in said.about
