"""Requests of other versions are accepted as far as their fields are known."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from inference.contract.cards import Card
from inference.contract.endings import FinishReason
from inference.contract.presence import Heartbeat
from inference.contract.requests import Endpoint, GenerateRequest, GenerateResult

NEW = {"mood": "glad"}


def test_fields_of_another_version_are_ignored() -> None:
    endpoint = Endpoint("http://there", "m", "KEY", "meter")
    request = GenerateRequest("s", 1, "w", [], endpoint=endpoint)
    said = {**request.to_dict(), **NEW, "endpoint": {**asdict(endpoint), **NEW}}
    assert GenerateRequest.from_dict(said) == request
    result = GenerateResult("s", 1, "text", FinishReason.STOP)
    assert GenerateResult.from_dict({**result.to_dict(), **NEW}) == result
    heartbeat = Heartbeat("w", ("a", "b"), 2)
    assert Heartbeat.parse(json.dumps({**asdict(heartbeat), **NEW})) == heartbeat
    card = Card("w", 1, 2)
    assert Card.parse(json.dumps({**asdict(card), **NEW})) == card


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
