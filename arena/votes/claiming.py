"""A code that carries a voter to another browser: valid once, for a quarter of an hour.

Only its hash is stored, in the broker, and it is never part of an address that is sent to a server,
so no log, proxy, history or referrer holds it.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import broker
from ..counting import reasons, standing
from ..errors import Code, Refused
from ..exporting import consent
from ..models import Battle, Chat, Consent, Guest, Judgement, Vote, Voter
from ..transactions import retried

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without those that are easily confused
GROUPS, OF_GROUP = 3, 4  # 59 bits: beyond guessing within its life
KEPT_S = 15 * 60


def code_for(voter: Voter) -> str:
    """A new code, such as K7QM-3WZP-TT4H; the voter's last one ends. Raises `broker.AWAY`."""
    groups = ("".join(secrets.choice(LETTERS) for _i in range(OF_GROUP)) for _j in range(GROUPS))
    code, latest = "-".join(groups), f"claim-of:{voter.pk}"
    connection = broker.connection()
    if (before := connection.getdel(latest)) is not None:
        connection.delete(before)
    connection.set(latest, _key(code), ex=KEPT_S)
    connection.set(_key(code), voter.key.bytes, ex=KEPT_S)
    return code


def claim(code: str, here: Voter | None) -> Voter:
    """The voter whose code it is; the code is spent. What `here`, the voter of this browser, has
    done becomes part of it. Raises Refused, `broker.AWAY`."""
    key = broker.connection().getdel(_key(code))
    known = uuid.UUID(bytes=key) if isinstance(key, bytes) else None
    found = Voter.objects.filter(key=known).first() if known else None
    if found is None:
        raise _not_valid()
    if here is not None and here != found:
        merge(found, here)
    return found


def _not_valid() -> Refused:
    return Refused(
        _("This code is not valid: it may be mistyped, used, or too old. Make a new one."),
        code=Code.BAD_CODE,
        status=404,
    )


def _key(code: str) -> str:
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return f"claim:{hashlib.sha256(letters.encode()).hexdigest()}"


@retried
def merge(into: Voter, other: Voter) -> None:
    """Move everything of `other` to `into`: both are one person. Where both voted on the same two
    answers, only the first vote counts; where one had been told who wrote a text, no later vote on
    it does. Publication of what was done elsewhere needs consent given there too; otherwise consent
    ends. Raises Refused if one of them has just deleted their data."""
    held = Voter.objects.select_for_update().filter(pk__in=[into.pk, other.pk]).order_by("pk")
    if len(held) < 2 or any(one.forgotten for one in held):
        raise _not_valid()
    moved = Battle.objects.filter(voter=other)
    list(moved.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    if moved.exists() and not consent.is_given(other):
        consent.withdraw(into)
    # Links that were shared there go on only under a consent.
    leave = consent.end if consent.is_given(into) else consent.withdraw
    leave(other)
    for rows in (moved, *(model.objects.filter(voter=other) for model in (Vote, Chat, Consent))):
        rows.update(voter=into)
    invited = Guest.objects.filter(voter=into).values("invitation")
    Guest.objects.filter(voter=other).exclude(invitation__in=invited).update(voter=into)
    standing.exclude(Vote.objects.filter(pk__in=_repeated(into)), reasons.DUPLICATE)
    standing.exclude(_informed(into), reasons.KNOWN)
    # Its old cookies are nobody's, and what another tab still begins with one will be deleted.
    Voter.objects.filter(pk=other.pk).update(key=uuid.uuid4(), forgotten=timezone.now())


def _informed(voter: Voter) -> QuerySet[Vote]:
    """All counted votes of the voter on prepared texts whose authors had been told before."""
    sides = ("first", "second")
    same = reduce(
        or_, (Q(**{f"pairing__{a}": OuterRef(f"pairing__{b}")}) for a in sides for b in sides)
    )
    told = Judgement.objects.filter(
        same, battle__voter=voter, revealed__lt=OuterRef("battle__vote__created")
    )
    spoilt = Judgement.objects.filter(Exists(told), battle__voter=voter)
    return Vote.objects.filter(battle__in=spoilt.values("battle"), standing=Vote.Standing.COUNTED)


def _repeated(voter: Voter) -> list[int]:
    """All counted votes of the voter on two prepared answers but the first, by primary key."""
    judged = Judgement.objects.filter(
        battle__vote__voter=voter, battle__vote__standing=Vote.Standing.COUNTED
    )
    seen, again = set[int](), list[int]()
    for pairing, vote in judged.order_by("battle__vote").values_list("pairing", "battle__vote"):
        if pairing in seen:
            again.append(vote)
        seen.add(pairing)
    return again
