"""What an API takes of a call, learned from what it refuses.

The interface has many dialects: some servers know no `stream_options`, some want another name for
the limit, some take no temperature, some no system role. Each refusal names what it is about; that
is left out or said in another way, and once a call has been accepted its terms are remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from inference.contract.requests import GenerateRequest

LIMITS = ("max_tokens", "max_completion_tokens")  # two names for the same
# That may be about how it was asked; 200 with an error in place of an answer.
REFUSALS = {200, 400, 404, 405, 415, 422, 500, 501}
_NEEDED = {"model", "messages"}
_SURE = {400, 404, 405, 415, 422}  # the others may be about anything, and pass
_WORDS = {"stop", "stream", "system", "user", "n", "seed", "thinking", "reasoning"}  # in any text
_NOT = (
    r"(?:\bnot |\bnot be |n't |n’t )(?:permit|support|allow|enabl|accept|recogni)"
    r"|unsupported|unrecogni[sz]ed|must be"
)
_PARAMETER = r"(?:parameter|argument|field|propert|attribute|option)"
# Of parameters in general: an error that is merely unexpected says nothing about them.
_EXTRA = re.compile(
    rf"\b(?:unknown|unsupported|unrecogni[sz]ed|extra|additional)\W+(?:\w+\W+)?"
    rf"(?:{_PARAMETER}|inputs\b)"
    rf"|\bunexpected\W+(?:keyword\W+)?{_PARAMETER}"
    rf"|\b(?:{_PARAMETER}|inputs\b)\w*\W+(?:\w+\W+){{0,2}}not (?:be )?(?:permit|support|allow)",
    re.IGNORECASE,
)
_REFUSES = re.compile(rf"{_NOT}|{_EXTRA.pattern}", re.IGNORECASE)
_ROLES = re.compile(
    r"(?=.*(?:\broles?\b|\b(?:system|developer) (?:message|prompt|instruction)"
    r"|[\"'`]system\\?[\"'`]|\bsystem (?:is |are )?not\b))"
    rf"(?=.*(?:{_NOT}|alternat|invalid role|invalid value\W+system|unexpected role"
    r"|only .{0,60}\broles?\b|roles? should))",
    re.IGNORECASE | re.DOTALL,
)
_QUOTE = r"""\\?["'`‘’“”]"""

Message = dict[str, str]


@dataclass(frozen=True)
class Terms:
    """Of one model at one API. `changes` says in words what an answer is made without."""

    limit: str = LIMITS[0]  # its name; "" for none
    renamed: bool = False
    left_out: frozenset[str] = frozenset()
    system_in_prompt: bool = False
    thinks: bool = False  # so that its limit has to leave room for thoughts
    has_no_room: bool = False  # but a limit so high is refused
    opens_inside: bool = False  # its answers begin within thoughts

    def messages(self, messages: Iterable[Message]) -> list[Message]:
        """With the system prompt at the head of the first message, if it may be nowhere else."""
        found = [dict(message) for message in messages]
        if not self.system_in_prompt:
            return found
        system = [m["content"] for m in found if m["role"] == "system"]
        others = [m for m in found if m["role"] != "system"]
        if system and others:
            others[0]["content"] = "\n\n".join([*system, others[0]["content"]])
        return others

    def most_tokens(self, request: GenerateRequest) -> int:
        """What to ask for at most."""
        room = request.max_thought_tokens if self.thinks and not self.has_no_room else 0
        return request.max_tokens + room

    def applied(self, body: dict[str, Any]) -> dict[str, Any]:
        """`body` without what is refused."""
        kept = {name: value for name, value in body.items() if name not in self.left_out}
        if not kept.get("stream"):
            kept.pop("stream_options", None)
        return kept

    @property
    def changes(self) -> list[str]:
        plumbing = {"stream", "stream_options", "stop", "stop_sequences"}
        roles = ["system role"] if self.system_in_prompt else []
        return sorted(self.left_out - plumbing) + roles

    def after(self, refusal: str, body: dict[str, Any], status: int = 400) -> Terms | None:
        """What to try next, after `body` was refused with these words; None if nothing helps."""
        optional = [name for name in body if name not in _NEEDED]
        sure = status in _SURE
        if (sure or _REFUSES.search(refusal)) and (named := _first_named(optional, refusal, sure)):
            return self._without(named, refusal)
        has_system = any(message["role"] == "system" for message in body["messages"])
        if has_system and _ROLES.search(refusal):
            return replace(self, system_in_prompt=True)
        extras = set(optional) - {"stream", self.limit}
        if extras - self.left_out and _EXTRA.search(refusal):
            return replace(self, left_out=self.left_out | extras)
        return None

    def without_room(self, refusal: str) -> Terms | None:
        """If it may be the room for thoughts that made a call too large."""
        asks = self.thinks and not self.has_no_room and bool(self.limit)
        return replace(self, has_no_room=True) if asks and self.limit in refusal else None

    def _without(self, name: str, refusal: str) -> Terms:
        if name == "system":  # Anthropic's, which is no message
            return replace(self, system_in_prompt=True)
        if name != self.limit:
            return replace(self, left_out=self.left_out | {name})
        [other] = [limit for limit in LIMITS if limit != name]
        if other not in refusal and (terms := self.without_room(refusal)):
            return terms
        return replace(self, limit="" if self.renamed else other, renamed=True)


def _first_named(names: Iterable[str], text: str, sure: bool) -> str:
    """The first of the names that the text speaks of as names: `stop` is a word too."""
    found = {name: re.search(_as_name(name, sure), text) for name in names}
    at = {name: match.start() for name, match in found.items() if match}
    return min(at, key=at.__getitem__, default="")


def _as_name(name: str, sure: bool) -> str:
    """Where a text speaks of a parameter. One that may be about anything else has to say so, and
    quotes perhaps what it was asked: a key is no name there."""
    word = re.escape(name)
    alone, no_key = rf"(?<![\w-]){word}(?![\w-])", "" if sure else rf"(?!(?:{_QUOTE})?\s*:)"
    ways = [rf"{_QUOTE}{word}{_QUOTE}{no_key}", rf"(?i:{_PARAMETER}\w*(?: supplied)?:) ?{alone}"]
    if "_" in name or (sure and name not in _WORDS):
        ways.append(alone + no_key)
    elif sure:
        ways += [
            rf"{alone} (?:parameter|argument|field|option|is not|cannot|must)",
            rf"(?:parameter|argument|field|option|support) {alone}",
            rf"(?:^|{_QUOTE}){alone}:",
        ]
    return "|".join(ways)
