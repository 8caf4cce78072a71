"""What a process says of the battle that it works for."""

from __future__ import annotations

import pytest

from inference.contract import traces
from inference.contract.requests import GenerateRequest, GenerateResult
from inference.contract.traces import Span
from inference.worker import tracing

BATTLE = traces.of("7Kq")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    spans: list[Span] = []
    monkeypatch.setattr(traces, "sinks", [spans.append])
    return spans


def test_all_who_know_a_battle_know_its_trace() -> None:
    assert traces.of("7Kq") == BATTLE != traces.of("7Kr")
    assert len(bytes.fromhex(BATTLE)) == 16


def test_only_work_for_a_battle_becomes_a_span(sent: list[Span]) -> None:
    with traces.piece("of nobody"):
        traces.happened("something")
    with pytest.raises(ValueError, match="odd"):
        fail_while_working()
    traces.join(BATTLE)  # in no piece of work: nothing to say it of
    traces.end("late")
    [span] = sent
    assert (span.trace, span.name, span.is_root) == (BATTLE, "page", True)
    assert [name for name, _at in span.events] == ["first words"]
    assert span.began <= span.events[0][1] <= span.ended


def fail_while_working() -> None:
    with traces.piece("page"):
        traces.join(BATTLE, is_root=True)
        for event in ("first words", "first words"):
            traces.happened(event)
        raise ValueError("odd")


def test_an_attempt_is_its_wait_and_its_writing(sent: list[Span]) -> None:
    request = GenerateRequest("s", 2, "w", [], trace=BATTLE)
    result = GenerateResult("s", 2, "Hi", queued_s=3.0, first_token_s=0.5, total_s=2.0)
    tracing.send(request, result)
    tracing.send(GenerateRequest("s", 1, "w", []), result)  # of no battle
    waiting, writing = sent
    assert waiting.ended - waiting.began == pytest.approx(3.0)
    assert waiting.ended == writing.began
    assert writing.ended - writing.began == pytest.approx(2.0)
    [(event, at)] = writing.events
    assert event == "first token"
    assert at - writing.began == pytest.approx(0.5)
    assert (writing.attributes["service"], writing.attributes["attempt"]) == ("w", 2)
