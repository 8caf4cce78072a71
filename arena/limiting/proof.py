"""Proof of work by ALTCHA: a suspected client's browser has to compute for seconds before its next
battle, or wait for longer, where it can't.

A wrong or used solution has failed. Whoever waits could not be verified, which is another thing and
counted apart; so is an error of our own, which lets everybody pass.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import altcha
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from .. import broker
from ..errors import Code, Refused
from . import proof_counts, suspicion
from .clients import Client

ALGORITHM, COST = "PBKDF2/SHA-256", 5_000  # milliseconds for a try, here and in the browser
TRIES = {1: 300, 2: 1_500, 3: 6_000}  # at most; half of it at least
WAITS_S = {1: 20, 2: 60, 3: 180}  # the slower path
VALID_S = 900  # for a challenge, and for a wait that has begun
PASS_S, PASS_BATTLES = 1800, 10  # what one proof is good for
FIELD = "proof"  # of the form

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    ASKED = "asked"  # and not proven yet
    PROVEN = "proven"
    FAILED = "failed"
    UNVERIFIED = "unverified"  # waited, as the browser could not compute
    BROKEN = "broken"  # our own fault: let pass


@dataclass(frozen=True)
class Task:
    """What a page gives its browser to do."""

    challenge: str  # JSON
    wait_s: int  # where the browser can't


class Unproven(Refused):
    """The page asks for a proof, and then sends the same again."""

    def __init__(self, sentence: str, task: Task) -> None:
        super().__init__(sentence, code=Code.PROOF, status=429, retry_s=task.wait_s)
        self.task = task


def check(client: Client, posted: Mapping[str, str]) -> None:
    """Raises Unproven if the client has to prove something first, and `posted` doesn't."""
    try:
        if not (level := min(settings.PROOF_OF_WORK, suspicion.level_of(client))):
            return
        if _has_pass(client, level):
            return
        outcome = _outcome(client, level, posted.get(FIELD, ""))
    except broker.AWAY as error:
        logger.warning("no proof of work was asked for: the broker is unavailable: %s", error)
        return
    except Exception:  # whatever is wrong with it, it must not keep honest people out
        logger.exception("a proof of work could not be checked, so it is taken as one")
        outcome = Outcome.BROKEN
    proof_counts.note(outcome)
    if outcome in (Outcome.ASKED, Outcome.FAILED):
        raise _unproven(level, outcome)
    _give_pass(client, level)


def _outcome(client: Client, level: int, solution: str) -> Outcome:
    if solution:
        return Outcome.PROVEN if _is_solved(solution, level) else Outcome.FAILED
    return Outcome.UNVERIFIED if _has_waited(client, level) else Outcome.ASKED


def _is_solved(solution: str, level: int) -> bool:
    """Of a challenge of ours that is as hard as asked for, and only once."""
    if not altcha.verify_solution(solution, _secret()).verified:
        return False
    challenge = altcha.Payload.from_base64(solution).challenge
    if (challenge.parameters.data or {}).get("level", 0) < level:
        return False
    digest = hashlib.sha256(str(challenge.signature).encode()).hexdigest()
    return bool(broker.connection().set(f"limits:solved:{digest}", 1, nx=True, ex=VALID_S + 60))


def _has_waited(client: Client, level: int) -> bool:
    """Since it was first asked; one battle for each wait."""
    key, now = f"limits:waiting:{client.voter or client.prefix}", broker.now()
    if broker.connection().set(key, now, nx=True, ex=VALID_S):
        return False
    began = float(broker.connection().get(key) or now)
    waits = 0 <= now - began < WAITS_S[level]  # or else long enough, or the clock was set back
    return not waits and bool(broker.connection().delete(key))


def _has_pass(client: Client, level: int) -> bool:
    """Of an earlier proof, as hard or harder; uses it."""
    if not client.voter:
        return False
    keys = [_pass_key(client, each) for each in range(level, suspicion.MOST + 1)]
    left: Any = broker.connection().mget(keys)
    return any(
        int(broker.connection().decr(key)) >= 0 for key, n in zip(keys, left, strict=True) if n
    )


def _give_pass(client: Client, level: int) -> None:
    if client.voter:
        with broker.spared("a proof of work is good for one battle only"):
            broker.connection().set(_pass_key(client, level), PASS_BATTLES - 1, ex=PASS_S)


def _pass_key(client: Client, level: int) -> str:
    return f"limits:pass:{client.voter}:{level}"


def _unproven(level: int, outcome: Outcome) -> Unproven:
    sentence = _(
        "A lot has come from here lately, so your browser has to do a calculation first, which "
        "takes some seconds."
    )
    if outcome is Outcome.FAILED:
        sentence = _("The calculation was not right, or it was used before. Here is another one.")
    challenge = altcha.create_challenge(
        ALGORITHM,
        COST,
        counter=_counter(TRIES[level]),
        expires_at=int(time.time()) + VALID_S,
        data={"level": level},
        hmac_secret=_secret(),
    )
    return Unproven(sentence, Task(json.dumps(challenge.to_dict()), WAITS_S[level]))


def _counter(most: int) -> int:
    return most // 2 + secrets.randbelow(most // 2)


def _secret() -> str:
    return salted_hmac("arena.limiting.proof", "challenge", algorithm="sha256").hexdigest()
