"""One answer received from an API: cleaned, limited by our own count, its thoughts separate."""

from __future__ import annotations

import time

from inference.contract.endings import FinishReason
from inference.contract.requests import GenerateRequest
from inference.engine import Generation
from inference.engine.jobs import State
from inference.engine.speech import Speech
from inference.text.characters import Cleaner, Scrubber
from inference.text.thoughts import Said, Thoughts

from .amounts import LONGEST, Count, beginning
from .replies import Part


class Hearing:
    """Passes clean text on to `generation`, without `key` should the API have quoted it."""

    def __init__(
        self, request: GenerateRequest, generation: Generation, key: str = "", opened: str = ""
    ) -> None:
        self._request = request
        self._generation = generation
        self._aside = Cleaner(), Scrubber(key)  # for thoughts that the API sends separately
        thoughts = Thoughts(opened, assumed=True) if opened else Thoughts()
        self.speech = Speech(tuple(request.stop), thoughts=thoughts, key=key)
        self.answer, self.thoughts = Count(), Count()
        self.first: float | None = None  # when the answer began

    @property
    def is_empty(self) -> bool:
        """Whether there is no text of an answer yet."""
        return self.speech.is_empty

    @property
    def thought(self) -> bool:
        return self.speech.thought or self.thoughts.pieces > 0

    def take(self, part: Part) -> FinishReason | None:
        """Take a part. Returns the reason to stop reading, if there is one."""
        if part.is_thought:
            cleaner, scrubber = self._aside
            return self._take(Said(thoughts=scrubber.feed(cleaner.feed(part.text))))
        reason = self._take(self.speech.feed(part.text))
        return FinishReason.STOP if self.speech.stopped else reason

    def end(self, *, cut: bool = False) -> None:
        """End the answer, which is complete, or was `cut` off by a limit."""
        if cut:
            self.speech.confirm()
        cleaner, scrubber = self._aside
        self._take(Said(thoughts=scrubber.feed(cleaner.flush()) + scrubber.flush()))
        self._take(self.speech.flush())

    def _take(self, said: Said) -> FinishReason | None:
        if said.thoughts:
            self.thoughts.add(said.thoughts)
            self._generation.think(said.thoughts)
            if self.is_empty and self.thoughts.at_least > self._request.max_thought_tokens:
                return FinishReason.LENGTH
        return self._write(said.answer) if said.answer else None

    def _write(self, text: str) -> FinishReason | None:
        limit, before = self._request.max_tokens, self.answer.bytes
        self.answer.add(text)
        is_over = self.answer.at_least > limit
        if is_over:  # cut a single long piece to the limit; else drop the last one
            room = LONGEST * limit - before if self.answer.bytes > LONGEST * limit else 0
            text = beginning(text, room)
        if text:
            self._show(text)
        return FinishReason.LENGTH if is_over else None

    def _show(self, text: str) -> None:
        if self.first is None:
            self.first = time.monotonic()
            self._generation.advance(State.DECODING)
        self._generation.write(text)
