"""What another version of a worker or of the site sends is understood as far as it is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from typing import Any

import pytest

from arena.jobs.progress import Progress
from inference.contract.cards import Card
from inference.contract.counting import Question
from inference.contract.endings import FinishReason
from inference.contract.presence import Heartbeat
from inference.contract.requests import Endpoint, GenerateRequest, GenerateResult
from inference.contract.streams import Entry, Kind

ENDPOINT = Endpoint("http://there", "m", "KEY", "meter", 5.0, 1000, 2.5, 0.1, 0.2, ("thinks",), 2)
HI = [{"role": "user", "content": "Hi"}]


@dataclass(frozen=True)
class Wire:
    """A type that crosses between processes: an example of it in which no field has its default,
    and how it is sent and read."""

    example: Any
    needs: str  # the fields without which it cannot be read: no later version may add one
    parse: Callable[[dict[str, Any]], Any]
    sent: Callable[[Any], dict[str, Any]] = field(default=asdict)

    @property
    def optional(self) -> dict[str, Any]:
        """The fields that an older version may not send, with their defaults."""
        defaults: dict[str, Any] = {}
        for each in fields(self.example):
            if each.default is not MISSING:
                defaults[each.name] = each.default
            elif each.default_factory is not MISSING and each.compare:
                defaults[each.name] = each.default_factory()
        return defaults


WIRES = [
    Wire(
        Card("w", 1, 2, "3", "bad", "ab", "llama", "W", 5, "Q4", 4096, "mit", True, 9.5, 7),
        "name bytes modified_ns",
        lambda said: Card.parse(json.dumps(said)),
    ),
    Wire(
        Heartbeat("w", ("a",), 2, 3, 4, {"a": 1}, {"a": 2}, 5.5, 6, {"KEY": ["there"]},
            ("b",), "host:/folder", 7, 8, ("KEY",), "CPU, 2 threads",
            "Sealed otherwise."),
        "worker serves slots",
        lambda said: Heartbeat.parse(json.dumps(said)),
    ),
    Wire(
        GenerateRequest(
            "s", 1, "w", HI, "openai", ENDPOINT, {"seed": 1}, ["###"], 8, 9, "{{ x }}", 10.0, 20.0,
            "net/voter", "Once upon", "signed", "request-1", "ab" * 16,
        ),
        "stream attempt weights messages",
        GenerateRequest.from_dict,
        GenerateRequest.to_dict,
    ),
    Wire(
        ENDPOINT,
        "url model key_variable meter",
        lambda said: GenerateRequest.from_dict(
            {**GenerateRequest("s", 1, "w", HI).to_dict(), "endpoint": said}
        ).endpoint,
    ),
    Wire(
        GenerateResult(
            "s", 1, "text", FinishReason.STOP, "odd", True, True, 0.1, 0.2, 0.3, 4, 5, "hm", 6, 7.5,
            "engine", "ab", 8.0, True, ("thinks",), 2, "request-1",
            True,
        ),
        "stream attempt",
        GenerateResult.from_dict,
        GenerateResult.to_dict,
    ),
    Wire(Question("w", HI, "{{ x }}", True), "weights messages", Question.from_dict),
    Wire(Progress(0.5, "half"), "", lambda said: Progress.parse(json.dumps(said).encode())),
]  # fmt: skip
each_wire = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: type(wire.example).__name__)


@each_wire
def test_unknown_fields_of_a_newer_version_are_ignored(wire: Wire) -> None:
    said = wire.sent(wire.example)
    assert wire.parse({**said, "mood": "glad"}) == wire.parse(said) == wire.example


@each_wire
def test_fields_that_an_older_version_does_not_send_have_their_defaults(wire: Wire) -> None:
    said = wire.sent(wire.example)
    assert {name for name in said if name not in wire.optional} == set(wire.needs.split())
    for name, default in wire.optional.items():
        assert getattr(wire.example, name) != default, f"give {name} another value"
        if name != "finish_reason":  # below
            without = {key: value for key, value in said.items() if key != name}
            assert wire.parse(without) == replace(wire.example, **{name: default})


def test_entry_of_another_version_is_read() -> None:
    fields = {b"attempt": b"2", b"kind": b"sung", b"text": b"la", b"mood": b"glad"}
    assert Entry.parse(b"5-0", fields) == Entry("5-0", 2, Kind.OTHER, "la", 0)


@pytest.mark.parametrize("word", ["bored", None])
def test_unknown_end_is_never_a_complete_answer(word: str | None) -> None:
    said = {"stream": "s", "attempt": 1, "text": "Half of", "finish_reason": word}
    result = GenerateResult.from_dict(said)
    assert result.finish_reason is FinishReason.ERROR
    assert not result.permanent
    assert result.error == (
        f"It ended with {word!r}, which this version does not know. Restart all processes."
    )
    assert GenerateResult.from_dict(result.to_dict()) == result
