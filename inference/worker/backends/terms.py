"""The terms of an API: which parameters it accepts, learned from its error messages.

The protocol has many dialects: some servers do not know `stream_options`, some want another name
for the limit, some accept no temperature, some no system role. Each error message names its cause;
that parameter is left out or replaced, and the terms of the first accepted call are remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from inference.contract import lessons
from inference.contract.lessons import LIMITS
from inference.contract.requests import GenerateRequest

# Statuses of errors that may be about the terms; 200 if an error replaces the answer.
REFUSALS = {200, 400, 404, 405, 415, 422, 500, 501}
_NEEDED = {"model", "messages", "input"}
_SURE = {400, 404, 405, 415, 422}  # the others may have any, even a transient cause
_WORDS = {"stop", "stream", "system", "user", "n", "seed", "thinking", "reasoning"}  # plain words
_NOT = (
    r"(?:\bnot |\bnot be |n't |n’t )(?:permit|support|allow|enabl|accept|recogni)"
    r"|unsupported|unrecogni[sz]ed|must be"
)
_PARAMETER = r"(?:parameter|argument|field|propert|attribute|option)"
# About parameters in general. Must not match other uses, such as "unexpected error".
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
    """The terms of one model at one API. `changes` lists what its answers are generated without."""

    limit: str = LIMITS[0]  # the name of the limit; "" for none
    renamed: bool = False
    left_out: frozenset[str] = frozenset()
    system_in_prompt: bool = False
    thinks: bool = False  # whether the limit has to leave room for thoughts
    has_no_room: bool = False  # whether the API rejects a limit with that room
    opens_inside: bool = False  # whether its answers begin inside thoughts, without a tag

    def messages(self, messages: Iterable[Message]) -> list[Message]:
        """The messages; with the system prompt in the first one if the API has no system role."""
        found = [dict(message) for message in messages]
        if not self.system_in_prompt:
            return found
        system = [m["content"] for m in found if m["role"] == "system"]
        others = [m for m in found if m["role"] != "system"]
        if system and others:
            others[0]["content"] = "\n\n".join([*system, others[0]["content"]])
        return others

    def most_tokens(self, request: GenerateRequest) -> int:
        """The limit to request."""
        room = request.max_thought_tokens if self.thinks and not self.has_no_room else 0
        return request.max_tokens + room

    def applied(self, body: dict[str, Any]) -> dict[str, Any]:
        """`body` without the rejected parameters."""
        kept = {name: value for name, value in body.items() if name not in self.left_out}
        if not kept.get("stream"):
            kept.pop("stream_options", None)
        return kept

    @property
    def changes(self) -> list[str]:
        plumbing = {"stream", "stream_options", "stop", "stop_sequences"}
        roles = ["system role"] if self.system_in_prompt else []
        return sorted(self.left_out - plumbing) + roles

    def taught(self, said: Iterable[str]) -> Terms:
        """These terms with what somebody has fixed. Unknown words, from a newer version, change
        nothing."""
        known, limit = {*said}, lessons.named(said, lessons.LIMIT)
        return replace(
            self,
            limit=limit[0] if limit else self.limit,
            left_out=self.left_out | {*lessons.named(known, lessons.WITHOUT)},
            system_in_prompt=self.system_in_prompt or lessons.SYSTEM in known,
            thinks=self.thinks or lessons.THINKS in known,
            has_no_room=self.has_no_room or lessons.NO_ROOM in known,
            opens_inside=self.opens_inside or lessons.INSIDE in known,
        )

    def learned_since(self, first: Terms) -> tuple[str, ...]:
        """What was found out, in words; the contrary of `taught`."""
        found = {
            lessons.LIMIT + self.limit: self.limit != first.limit,
            lessons.SYSTEM: self.system_in_prompt and not first.system_in_prompt,
            lessons.THINKS: self.thinks and not first.thinks,
            lessons.NO_ROOM: self.has_no_room and not first.has_no_room,
            lessons.INSIDE: self.opens_inside and not first.opens_inside,
        }
        without = [lessons.WITHOUT + name for name in sorted(self.left_out - first.left_out)]
        return (*without, *(lesson for lesson, is_new in found.items() if is_new))

    def after(self, refusal: str, body: dict[str, Any], status: int = 400) -> Terms | None:
        """The terms to try next, after `body` was rejected with `refusal`; None if none help."""
        optional = [name for name in body if name not in _NEEDED]
        sure = status in _SURE
        if (sure or _REFUSES.search(refusal)) and (named := _first_named(optional, refusal, sure)):
            return self._without(named, refusal)
        has_system = any(message["role"] == "system" for message in body.get("messages", ()))
        if has_system and _ROLES.search(refusal):
            return replace(self, system_in_prompt=True)
        extras = set(optional) - {"stream", self.limit}
        if extras - self.left_out and _EXTRA.search(refusal):
            return replace(self, left_out=self.left_out | extras)
        return None

    def without_room(self, refusal: str) -> Terms | None:
        """Terms without room for thoughts, if that room may have made the limit too high."""
        asks = self.thinks and not self.has_no_room and bool(self.limit)
        return replace(self, has_no_room=True) if asks and self.limit in refusal else None

    def _without(self, name: str, refusal: str) -> Terms:
        if name == "system":  # Anthropic's parameter, not a message
            return replace(self, system_in_prompt=True)
        if name != self.limit:
            return replace(self, left_out=self.left_out | {name})
        [other] = [limit for limit in LIMITS if limit != name]
        if other not in refusal and (terms := self.without_room(refusal)):
            return terms
        return replace(self, limit="" if self.renamed else other, renamed=True)


def _first_named(names: Iterable[str], text: str, sure: bool) -> str:
    """The first parameter that the text names. Not every match is one: `stop` is a verb too."""
    found = {name: re.search(_as_name(name, sure), text) for name in names}
    at = {name: match.start() for name, match in found.items() if match}
    return min(at, key=at.__getitem__, default="")


def _as_name(name: str, sure: bool) -> str:
    """A regular expression for mentions of a parameter. It is stricter unless `sure`: such a text
    may be about something else, or quote the request, where the name is just a JSON key."""
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
