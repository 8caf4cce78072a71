"""A model's output as it may be shown: its answer, and separately its thoughts."""

from __future__ import annotations

from ..text.characters import Cleaner, Scrubber, Stops
from ..text.thoughts import Said, Thoughts


class Speech:
    """Takes a model's text in pieces and returns the part that is final: cleaned, without a key,
    split into thoughts and answer, the answer up to its first stop string."""

    def __init__(
        self, stop: tuple[str, ...] = (), *, thoughts: Thoughts | None = None, key: str = ""
    ) -> None:
        self._cleaner = Cleaner()
        self._scrubber = Scrubber(key)
        self._thoughts = thoughts or Thoughts()
        self._stops = Stops(stop)
        self.is_empty = True  # no text of an answer yet

    @property
    def stopped(self) -> bool:
        """Whether it has reached a stop string."""
        return self._stops.stopped

    @property
    def answering(self) -> bool:
        """Whether its answer has begun."""
        return self._thoughts.answering

    @property
    def thinking(self) -> bool:
        """Whether the next text belongs to its thoughts."""
        return self._thoughts.thinking

    @property
    def thoughts_are_open(self) -> bool:
        return self._thoughts.open

    @property
    def thought(self) -> bool:
        """Whether there are thoughts."""
        return self._thoughts.begun

    @property
    def closed_unopened(self) -> bool:
        """Whether it closed thoughts without a tag that opened them: they passed as the answer."""
        return self._thoughts.closed_unopened

    def feed(self, piece: str) -> Said:
        said = self._thoughts.feed(self._scrubber.feed(self._cleaner.feed(piece)))
        return self._noted(Said(said.thoughts, self._stops.feed(said.answer)))

    def confirm(self) -> None:
        """Confirm that assumed thoughts are thoughts, although they have no end."""
        self._thoughts.confirm()

    def flush(self) -> Said:
        """The text held back so far, at the end."""
        rest = self._scrubber.feed(self._cleaner.flush()) + self._scrubber.flush()
        first, last = self._thoughts.feed(rest), self._thoughts.flush()
        answer = self._stops.feed(first.answer + last.answer) + self._stops.flush()
        return self._noted(Said(first.thoughts + last.thoughts, answer))

    def _noted(self, said: Said) -> Said:
        self.is_empty = self.is_empty and not said.answer.strip()
        return said
