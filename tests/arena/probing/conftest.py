"""Probes of which the test plays the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from arena import broker
from arena.models import Contestant, Probe, ProbeAnswer, Revision
from arena.probing import running
from arena.tasks import advance_probes, record_probe_answer
from inference.contract.counting import Counting
from inference.contract.prompts import Piece, Shown
from inference.contract.requests import GenerateResult
from tests import factories

from ..conftest import BEAT

RIGHT = {
    "sum": "4",
    "capital": "Paris.",
    "repeat": "lighthouse",
    "json": '```json\n{"colour": "blue"}\n```',
    "language": "Le ciel est bleu.",
    "who": "I am a helpful assistant.",
    "second-turn": "Your cat is called Pixel.",
    "system": "Hello! Zebra",
}
Play = Callable[..., Probe]


def chatml(question: object) -> Shown:
    """What a worker shows of a well-made format."""
    pieces = [Piece("<|im_start|>", control=True)]
    pieces += [Piece(f"{each['role']}\n{each['content']}\n") for each in question.messages]  # type: ignore[attr-defined]
    return Shown(pieces, tokens=20, bos=1, bos_in_a_row=1)


@pytest.fixture
def revision(in_service: None) -> Revision:
    return Revision.objects.get(contestant__slug="xylophonic-slug")


@pytest.fixture
def draft(in_service: None) -> Contestant:
    """A draft whose weights a worker serves."""
    made = factories.contestant("Zebrawood", state=Contestant.State.DRAFT)
    factories.revision(made, weights="zugzwang-weights")
    return made


@pytest.fixture
def showing() -> Iterator[None]:
    """A worker that shows prompts."""
    thread = Counting(broker.connection(), lambda: BEAT.serves, lambda _: 1, chatml)
    thread.start()
    yield
    thread.stop()
    thread.join(timeout=10)


def answer(one: ProbeAnswer, text: str = "Well.", **changes: object) -> None:
    given = {
        "stream": str(one.stream), "attempt": one.attempt, "text": text, "finish_reason": "stop",
        "first_token_s": 0.4, "total_s": 1.0, "tokens_per_second": 40.0, "prompt_tokens": 20,
        "completion_tokens": 7, "engine": "llama.cpp 1",
    }  # fmt: skip
    told = GenerateResult.from_dict({**given, **changes})
    record_probe_answer(told.to_dict(), one.pk)


def underway(probe: Probe) -> list[ProbeAnswer]:
    return list(probe.answers.filter(state=ProbeAnswer.State.QUEUED))


def played(revision: Revision, texts: dict[str, str] | None = None, **changes: object) -> Probe:
    """A whole probe, whose answers are right except for `texts`."""
    probe = running.begin(revision)
    advance_probes()
    said = {**RIGHT, **(texts or {})}
    while waiting := underway(probe):
        for one in waiting:
            answer(one, said[one.question], **changes)
    probe.refresh_from_db()
    return probe


def found(probe: Probe, title: str) -> dict[str, str]:
    by_title: dict[str, dict[str, str]] = {each["title"]: each for each in probe.findings}
    return by_title[title]
