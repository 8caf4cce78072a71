"""Probes from their beginning to their findings."""

from __future__ import annotations

import pytest

from arena import broker
from arena.errors import Refused
from arena.generating import dispatch, watchdog
from arena.limits import TRYING, WATCHDOG
from arena.matchmaking import resting
from arena.models import Answer, Contestant, Probe, ProbeAnswer, RegistryEvent, Revision, Tally
from arena.probing import gate, running
from arena.probing.checks import CHECKS
from arena.probing.questions import QUESTIONS
from arena.tasks import advance_probes
from inference.contract.presence import withdraw
from tests import factories
from tests.bending import bend

from ..conftest import BEAT
from ..streams import lose_tasks, queued_ago
from .conftest import answer, found, played, underway

pytestmark = pytest.mark.usefixtures("in_service")


def test_probe_asks_a_few_questions_at_a_time_and_then_judges(
    revision: Revision, showing: None
) -> None:
    probe = running.begin(revision)
    assert (probe.answers.count(), underway(probe)) == (len(QUESTIONS), [])
    advance_probes()
    assert len(underway(probe)) == TRYING.at_once
    assert played(revision).pk == probe.pk
    probe.refresh_from_db()
    assert probe.ended
    assert probe.verdict == Probe.Verdict.GREEN, probe.findings
    assert [each["colour"] for each in probe.findings].count("none") == 2  # about APIs
    assert probe.shown
    assert probe.shown["sum"]["pieces"][0] == {"text": "<|im_start|>", "control": True}


def test_second_probe_of_a_revision_waits_for_none(revision: Revision) -> None:
    assert running.begin(revision) == running.begin(revision)


def test_probe_of_what_no_worker_serves_is_refused(revision: Revision) -> None:
    withdraw(broker.connection(), BEAT)
    with pytest.raises(Refused, match="No model worker serves the weights xylophonic-weights now"):
        running.begin(revision)
    assert not Probe.objects.exists()


def test_questions_are_short_and_asked_as_a_battle_would(revision: Revision) -> None:
    probe = running.begin(revision)
    second = probe.answers.get(question="second-turn")
    said = [message["content"] for message in running.life.messages(second)]
    assert said[0] == "Xylophonic speaks."
    assert "Pixel" in said[1]
    request = dispatch.request_for(
        revision, running.life.messages(second), running.life.policy, second.stream
    )
    assert request.max_tokens > TRYING.answer_tokens
    assert running.life.shaped(request).max_tokens == TRYING.answer_tokens


def test_failure_of_the_model_is_final_and_a_finding(revision: Revision) -> None:
    probe = running.begin(revision)
    advance_probes()
    while waiting := underway(probe):
        for one in waiting:
            answer(one, "", finish_reason="error", error="the key is wrong")
    probe.refresh_from_db()
    assert probe.verdict == Probe.Verdict.RED
    assert "Questions answered: 0 of 8. The key is wrong." in probe.findings[0]["sentence"]
    assert {one.attempt for one in probe.answers.all()} == {1}
    assert resting.among([revision]) == []  # it says nothing about battles


def test_lost_answer_is_asked_for_again_by_the_watchdog(
    revision: Revision, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, WATCHDOG, grace_s=0.0)
    probe = running.begin(revision)
    advance_probes()
    first = underway(probe)[0]
    dispatch.send(running.life, first)
    queued_ago(first, WATCHDOG.lost_s + 1)
    lose_tasks(first)
    watchdog.watch(running.life)
    first.refresh_from_db()
    assert (first.attempt, first.state) == (2, ProbeAnswer.State.QUEUED)


def test_probe_that_a_message_was_lost_of_goes_on_with_the_clock(revision: Revision) -> None:
    probe = running.begin(revision)
    advance_probes()
    ProbeAnswer.objects.filter(probe=probe).update(state=ProbeAnswer.State.FAILED, error="a: b")
    advance_probes()
    probe.refresh_from_db()
    assert probe.ended


def test_probe_counts_nowhere(revision: Revision, showing: None) -> None:
    played(revision)
    assert not Answer.objects.exists()
    assert not Tally.objects.exists()
    assert not RegistryEvent.objects.exists()


def test_red_probe_of_the_newest_revision_is_an_objection(revision: Revision) -> None:
    contestant = revision.contestant
    assert gate.objection(contestant) == ""
    assert "never been probed" in gate.hint(contestant)
    played(revision, {"sum": "4<|im_end|>"})
    assert gate.hint(contestant) == ""
    objection = gate.objection(contestant)
    assert "No control tokens in answers: 1 of 8 answers contain marks" in objection
    assert "“<|im_end|>”" in objection


def test_objection_ends_with_a_better_probe_or_a_new_revision(revision: Revision) -> None:
    played(revision, {"sum": "[INST]"})
    assert gate.objection(revision.contestant)
    played(revision)
    assert gate.objection(revision.contestant) == ""
    played(revision, {"sum": "[INST]"})
    factories.revision(revision.contestant, number=2, weights="xylophonic-weights")
    assert gate.objection(revision.contestant) == ""
    assert gate.hint(revision.contestant)


def test_amber_probe_is_no_objection(revision: Revision) -> None:
    probe = played(revision, {"sum": "Five", "who": "I am ChatGPT."})
    assert probe.verdict == Probe.Verdict.AMBER
    assert gate.objection(revision.contestant) == ""


def test_check_that_fails_itself_does_not_hold_up_the_others(
    revision: Revision, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(CHECKS, "Speed", broken)
    probe = played(revision)
    assert found(probe, "Speed")["colour"] == "none"
    assert found(probe, "Five easy questions")["colour"] == "green"


def test_draft_can_be_probed_and_goes_with_its_probes(draft: Contestant) -> None:
    revision = draft.revisions.get()
    played(revision)
    assert Probe.objects.filter(revision=revision).delete()[0] == 1 + len(QUESTIONS)
