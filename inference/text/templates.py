"""Turns messages into prompt text, with the Jinja chat template that a model was trained with.

Templates differ in what they accept. Some reject a system prompt, or drop it; some require
alternating roles, or a message's text as a list of parts. So each template is first tried out with
a short conversation, and from then on gets its messages in the first manner that loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError

from ..contract.errors import EngineError
from ..contract.limits import TEXTS
from .apart import fill_in

Messages = Sequence[Mapping[str, str]]

_SYSTEM, _FIRST, _ANSWER, _LAST = "zephyr", "quartz", "walnut", "violet"  # words of the try-out
_TALK = (
    {"role": "system", "content": _SYSTEM},
    {"role": "user", "content": _FIRST},
    {"role": "assistant", "content": _ANSWER},
    {"role": "user", "content": _LAST},
)


@dataclass(frozen=True)
class Manner:
    """How a template wants its messages."""

    folded: bool = False  # no system role: its text goes before the first prompt
    parts: bool = False  # a message's text as a list of parts, as for vision models

    def messages(self, messages: Messages) -> list[dict[str, Any]]:
        given: list[dict[str, Any]] = [dict(message) for message in messages]
        if self.folded:
            given = _folded(given)
        if self.parts:
            given = [{**m, "content": [{"type": "text", "text": m["content"]}]} for m in given]
        return given


_LIST = re.compile(r"""["']type["']""", re.IGNORECASE)  # a list of parts printed verbatim
MANNERS = (Manner(), Manner(folded=True), Manner(parts=True), Manner(folded=True, parts=True))


def render(template: str, messages: Messages, *, bos_token: str, eos_token: str) -> str:
    """The prompt that asks for the next answer. Raises EngineError, permanent, if it fails."""
    if not template.strip():
        raise EngineError(
            "These weights have no chat template. Give the contestant a prompt format.",
            permanent=True,
        )
    if len(template) > TEXTS.template:
        raise EngineError(
            f"The prompt format has {len(template):,} characters; the limit is {TEXTS.template:,}.",
            permanent=True,
        )
    return _filled(template, manner_of(template).messages(messages), bos_token, eos_token)


def check(template: str, *, with_system_prompt: bool) -> None:
    """Raises EngineError, permanent, if `template` drops the prompt or the system prompt, in the
    first turn or in a later one."""
    opening = _TALK[0 if with_system_prompt else 1 : 2]
    for talk in (opening, [*opening, *_TALK[2:]]):
        lost = _lost(render(template, talk, bos_token="<s>", eos_token="</s>"), talk)
        if talk[-1]["content"] in lost:
            raise EngineError("The prompt format leaves out the prompt.", permanent=True)
        if _SYSTEM in lost:
            raise EngineError("The prompt format leaves out the system prompt.", permanent=True)


@lru_cache(maxsize=256)
def manner_of(template: str) -> Manner:
    """The first manner in which a conversation is rendered completely; otherwise the one that loses
    least. A template that always fails raises its error when it is used."""
    return min(MANNERS, key=lambda manner: _loss(template, manner))


def _loss(template: str, manner: Manner) -> int:
    """How many messages of the try-out are lost; one more than there are if it fails."""
    try:
        text = _filled(template, manner.messages(_TALK), "<s>", "</s>")
    except EngineError:
        return len(_TALK) + 1
    if manner.parts and _LIST.search(text):
        return len(_TALK) + 1
    return len(_lost(text, _TALK))


def _lost(text: str, talk: Messages) -> set[str]:
    found = text.casefold()
    return {message["content"] for message in talk if message["content"] not in found}


def _folded(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the system prompt before the first prompt, and merge adjacent messages of one role."""
    folded: list[dict[str, Any]] = []
    for message in messages:
        role = "user" if message["role"] == "system" else message["role"]
        if folded and folded[-1]["role"] == role:
            content = f"{folded[-1]['content']}\n\n{message['content']}"
            folded[-1] = {**folded[-1], "content": content}
        else:
            folded.append({**message, "role": role})
    return folded


def _filled(template: str, messages: list[dict[str, Any]], bos_token: str, eos_token: str) -> str:
    values = {
        "messages": messages,
        "add_generation_prompt": True,
        "bos_token": bos_token,
        "eos_token": eos_token,
        "tools": None,
        "documents": None,
    }
    try:
        return fill_in(template, values)
    except TemplateError as error:
        raise EngineError(f"The prompt format failed: {error}", permanent=True) from error
