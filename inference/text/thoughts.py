"""Separates thoughts from the answer that follows them.

The rule is the same for every model: thoughts come first, between tags. From the first word of the
answer on, everything is answer, so that an answer about `<think>` loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from ..contract.endings import FinishReason
from .characters import Stops, could_begin

# How thoughts begin and end.
TAGS = {
    "<think>": "</think>",  # DeepSeek, Qwen and most others
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",  # Mistral
    "◁think▷": "◁/think▷",  # Kimi
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel|>analysis<|message|>": "<|end|>",  # Harmony, of gpt-oss
    "<|channel|>commentary<|message|>": "<|end|>",
}
_FINAL = "<|channel|>final<|message|>"
# Markup before and between thoughts that is neither thought nor answer.
_FRAME = ("<|start|>assistant", _FINAL, "</think>", "[/THINK]")
_OPENING = (*TAGS, *_FRAME)
_ENDS_OF_FINAL = ("<|return|>", "<|end|>")
# Marks that can be a single control token, which has no text in an answer.
MARKS = frozenset(
    {*TAGS, *TAGS.values(), "<|start|>", "<|channel|>", "<|message|>", "<|end|>"}
)  # fmt: skip
# A line that closes thoughts without a tag that opened them.
_LONE_CLOSING = "\n</think>"


class Said(NamedTuple):
    """The thoughts and the answer in a piece of text."""

    thoughts: str = ""
    answer: str = ""


class _State(Enum):
    BEFORE = "before"  # before the answer, and outside thoughts
    THINKING = "thinking"
    ANSWERING = "answering"


class Thoughts:
    """Separates text that arrives in pieces; a tag may be split between them.

    `opened` is the tag with which the prompt itself opened the thoughts. If that is only `assumed`,
    thoughts that are never closed count as the answer at the end.
    """

    def __init__(self, opened: str = "", *, assumed: bool = False) -> None:
        self._state = _State.THINKING if opened else _State.BEFORE
        self._closing = TAGS.get(opened, "")
        self._held = ""
        self._assumed: list[str] | None = [] if assumed else None
        self._ends = Stops(())
        self._last = ""
        self.begun = bool(opened) and not assumed  # whether there are any
        self.closed_unopened = False  # whether the answer looks as if it began with thoughts

    @property
    def answering(self) -> bool:
        return self._state is _State.ANSWERING

    @property
    def thinking(self) -> bool:
        """Whether the text is not part of the answer, as far as is known now."""
        return self._state is _State.THINKING or (self.begun and not self.answering)

    @property
    def open(self) -> bool:
        """Whether thoughts have begun but not ended."""
        return self._state is _State.THINKING

    def feed(self, piece: str) -> Said:
        thoughts, answer = "", ""
        self._held += piece
        while self._state is not _State.ANSWERING:
            before = (self._state, len(self._held))
            thoughts += self._think() if self._state is _State.THINKING else self._look()
            if before == (self._state, len(self._held)) or not self._held:
                break
        if self._state is _State.ANSWERING:
            answer, self._held = self._ends.feed(self._held), ""
            self._watch(answer)
        return Said(thoughts, answer)

    def confirm(self) -> None:
        """Confirm that the assumed thoughts are thoughts."""
        if self._assumed is not None:
            self._held = "".join([*self._assumed, self._held])
            self._assumed, self.begun = None, True

    def flush(self) -> Said:
        """The text held back so far, at the end."""
        held, self._held = self._held, ""
        if self._state is _State.ANSWERING:
            return Said(answer=self._ends.flush())
        if self._state is _State.BEFORE:
            return Said(answer=held.lstrip() if self.begun else held)
        if self._assumed is None:
            return Said(thoughts=held)
        self._state = _State.ANSWERING
        return Said(answer="".join([*self._assumed, held]))

    def _look(self) -> str:
        """Before the answer: consume a tag, wait for the rest of one, or begin the answer."""
        text = self._held.lstrip()
        if tag := next((tag for tag in _OPENING if text.startswith(tag)), ""):
            self._held = text.removeprefix(tag)
            if tag in TAGS:
                self._state, self._closing, self.begun = _State.THINKING, TAGS[tag], True
            elif tag == _FINAL:
                self._ends, self.begun = Stops(_ENDS_OF_FINAL), True
            else:
                self.begun = True
        elif not any(tag.startswith(text) for tag in _OPENING):
            self._state = _State.ANSWERING
            self._held = text if self.begun else self._held
        return ""

    def _think(self) -> str:
        thought, closing, rest = self._held.partition(self._closing)
        if not closing:
            safe = len(thought) - could_begin(thought, (self._closing,))
            thought, self._held = thought[:safe], thought[safe:]
            if self._assumed is None:
                return thought
            self._assumed.append(thought)
            return ""
        self._state, self._held, self.begun = _State.BEFORE, rest, True
        assumed, self._assumed = self._assumed or [], None
        return "".join([*assumed, thought])

    def _watch(self, answer: str) -> None:
        if not self.begun and not self.closed_unopened:
            recent = self._last + answer
            self.closed_unopened = _LONE_CLOSING in recent
            self._last = recent[-len(_LONE_CLOSING) :]


def apart(text: str) -> Said:
    """The thoughts and the answer in a complete text, for example an imported one."""
    thoughts = Thoughts()
    said, rest = thoughts.feed(text), thoughts.flush()
    if thoughts.closed_unopened and text.find("<think>") < 0:  # their beginning was in the prompt
        thoughts = Thoughts("<think>", assumed=True)
        said, rest = thoughts.feed(text), thoughts.flush()
    return Said(said.thoughts + rest.thoughts, said.answer + rest.answer)


# Finish reasons after which thoughts without an answer are a failure of the model.
ENDS = (FinishReason.STOP, FinishReason.LENGTH, FinishReason.DEADLINE)


def opened_by(prompt: str, messages: Sequence[Mapping[str, str]]) -> str:
    """The tag with which a template opens the thoughts of the answer; "" if it does not. A typed
    tag does not count."""
    end = prompt.rstrip()
    tag = next((tag for tag in TAGS if end.endswith(tag)), "")
    typed = sum(message["content"].count(tag) for message in messages) if tag else 0
    return tag if tag and prompt.count(tag) > typed else ""


def no_answer(reason: FinishReason, tokens: int, limit: int, deadline_s: float) -> str:
    """Why there are only thoughts, as a sentence."""
    if reason is FinishReason.DEADLINE:
        return (
            f"It was still thinking, after {tokens:,} tokens, when its {deadline_s:,.0f} "
            "seconds ran out."
        )
    if reason is FinishReason.LENGTH and tokens >= limit:
        return f"It thought for {limit:,} tokens, its limit, and gave no answer."
    return f"It thought for {tokens:,} tokens and gave no answer."
