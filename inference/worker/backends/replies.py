"""What an API's events say, in whatever wire format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from inference.contract.endings import FinishReason
from inference.contract.requests import GenerateRequest

from .amounts import Usage, take

_SURE = 8  # characters that are not said again by chance


@dataclass
class Told:
    """All that an API has told of one answer but its text."""

    request: GenerateRequest
    usage: Usage = field(default_factory=Usage)
    finish_reason: FinishReason | None = None
    failure: str = ""  # in its words
    has_thoughts: bool = False
    _answer: str = ""

    def count(self, **usage: Any) -> None:
        take(self.usage, self.request, **usage)

    def new(self, text: str, *, perhaps_whole: bool) -> str:
        """What of `text` was not said before: some servers repeat all of an answer at its end, or
        each time."""
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
