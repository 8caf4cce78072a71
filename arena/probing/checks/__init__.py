"""The checks of a probe, in the order of its report. A new one is a function and a line here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from ..evidence import Evidence
from ..findings import Finding, none
from . import answers, endings, formats, identity, remote, speed, turns

CHECKS: dict[str, Callable[[Evidence], Finding]] = {
    "Answers": answers.answered,
    "Speed": speed.speed,
    "Prompt format": formats.rendered,
    "Beginning of the text": formats.begins_once,
    "Stops by itself": endings.stops,
    "No control tokens in answers": endings.clean,
    "Two turns": turns.two_turns,
    "System prompt": turns.system_prompt,
    "Five easy questions": answers.golden,
    "Stays anonymous": identity.anonymous,
    "Thoughts": answers.thoughts,
    "Refuses nothing harmless": answers.refuses,
    "Token counts of the API": remote.usage,
    "Parameters": remote.parameters,
}


FAULT = "An error in the arena kept this check from its end; the core worker logged it."

logger = logging.getLogger(__name__)


def judge(evidence: Evidence) -> list[Finding]:
    return [replace(_found(title, evidence), title=title) for title in CHECKS]


def _found(title: str, evidence: Evidence) -> Finding:
    try:
        return CHECKS[title](evidence)
    except Exception:  # of any kind: the other checks still have something to say
        logger.exception("the check %r failed on %s", title, evidence.revision)
        return none(FAULT)
