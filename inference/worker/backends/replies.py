"""The content of an API's events, independent of the wire format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from inference.contract.endings import FinishReason
from inference.contract.requests import GenerateRequest

from .amounts import Usage, take

_SURE = 8  # characters: a repetition this long is no coincidence


@dataclass
class Told:
    """Everything an API has reported about one answer except its text."""

    request: GenerateRequest
    usage: Usage = field(default_factory=Usage)
    finish_reason: FinishReason | None = None
    failure: str = ""  # in the API's words
    has_thoughts: bool = False
    _answer: str = ""

    def count(self, **usage: Any) -> None:
        take(self.usage, self.request, **usage)

    def new(self, text: str, *, perhaps_whole: bool) -> str:
        """The new part of `text`: some servers repeat the whole answer at its end, or in every
        event."""
        said = len(self._answer)
        if perhaps_whole and text.startswith(self._answer) and (len(text) > said or said >= _SURE):
            text = text[said:]
        self._answer += text
        return text


@dataclass(frozen=True)
class Part:
    """A piece of an answer, or of the thoughts before it."""

    text: str
    is_thought: bool = False
