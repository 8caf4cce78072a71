"""Tickets: what a result is for, signed by the arena, with the request that a worker is given.

A model worker only hands its ticket back. So a result is recorded as what the arena asked for, or
not at all, whoever may write to the broker (docs/decisions/0033).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing

from inference.contract.limits import STREAMS
from inference.contract.requests import GenerateRequest

_SALT = "evenhand: ticket of a request"
# Twice as long as anything of an attempt is kept, as the clocks of two hosts may differ.
GOOD_FOR_S = 2 * STREAMS.kept_s


class Forged(Exception):
    """No ticket of ours, or not for this result; the message is a sentence."""


@dataclass(frozen=True)
class Ticket:
    task: str  # that receives the result
    about: dict[str, int]  # its keyword arguments


def of(request: GenerateRequest, task: str, about: Mapping[str, int]) -> str:
    signed = [request.stream, request.attempt, task, dict(about)]
    return signing.dumps(signed, salt=_SALT)


def checked(ticket: str, result: Mapping[str, Any]) -> Ticket:
    """What `result` is for. Raises Forged."""
    try:
        stream, attempt, task, about = signing.loads(ticket, salt=_SALT, max_age=GOOD_FOR_S)
    except signing.SignatureExpired as error:
        raise Forged("its ticket has expired") from error
    except signing.BadSignature as error:
        raise Forged("its ticket is not ours") from error
    if (result.get("stream"), result.get("attempt")) != (stream, attempt):
        raise Forged("its ticket is for another one")
    return Ticket(task, about)
