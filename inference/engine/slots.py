"""The slots of a context, and the choice of one for a new answer."""

from __future__ import annotations

from collections.abc import Iterable

from ..contract.endings import FinishReason
from .answers import Answer
from .context import Batch, Context
from .samplers import SamplerChain


class Slot:
    """One sequence: the tokens its KV cells hold and, while taken, the answer being made.

    `due` are the tokens to decode next: the rest of the prompt, or the token drawn last. When the
    answer ends, the cells stay as a cache for the next turn of the conversation.
    """

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self.held: list[int] = []
        self.due: list[int] = []
        self.answer: Answer | None = None
        self.taken_at = 0  # step
        self.released_at = 0  # step
        self._chain: SamplerChain | None = None

    @property
    def writing(self) -> bool:
        """Whether one token is due, as for an answer past its prompt."""
        return len(self.due) == 1

    def take(self, answer: Answer, chain: SamplerChain, context: Context, step: int) -> None:
        """Begin `answer`, reusing the cells that match the beginning of its prompt."""
        keep = reusable(self.held, answer)
        if not context.truncate(self.sequence, keep):
            keep = 0
            context.truncate(self.sequence, keep)
        self.held = answer.prompt[:keep]
        self.due = answer.prompt[keep:]
        self.answer, self._chain = answer, chain
        self.taken_at = step
        chain.accept(answer.prompt)
        answer.start(reused_tokens=keep)

    def feed(self, batch: Batch, count: int) -> int:
        """Move the first `count` due tokens to `batch`. Returns the row of the last."""
        tokens, self.due = self.due[:count], self.due[count:]
        row = batch.add(self.sequence, len(self.held), tokens, sample=not self.due)
        self.held += tokens
        return row

    def draw(self, context: Context, row: int) -> int:
        """The next token, from the logits of `row`."""
        assert self._chain is not None
        return self._chain.draw(context, row)

    def release(self, reason: FinishReason, step: int, error: str = "") -> None:
        """End the answer. The cells stay."""
        if self._chain and self.answer:
            self._chain.close()
            self.answer.finish(reason, error)
        self.answer = self._chain = None
        self.due = []
        self.released_at = step


def reusable(held: list[int], answer: Answer) -> int:
    """How many of the prompt's first tokens need not be decoded again.

    Never all of them, since the logits of the last one are needed. None if the job has a seed:
    cells computed in another batch differ in the last bits, which can change the text.
    """
    if answer.repeatable:
        return 0
    return min(common_prefix(held, answer.prompt), len(answer.prompt) - 1)


def common_prefix(first: list[int], second: list[int]) -> int:
    """The number of leading elements that are the same."""
    for index, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return index
    return min(len(first), len(second))


def choose(free: Iterable[Slot], answer: Answer) -> Slot:
    """The free slot to take: the one that saves most, if it saves half of the prompt or more.

    Otherwise the least recently used one. All prompts of a model begin alike (template, system
    prompt), and that alone is no reason to drop another conversation's cache.
    """
    slots = sorted(free, key=lambda slot: slot.released_at)
    best = max(slots, key=lambda slot: reusable(slot.held, answer))
    worthwhile = 2 * reusable(best.held, answer) >= len(answer.prompt)
    return best if worthwhile else slots[0]
