"""Why a voter voted: a few reasons and a comment for each answer, after the vote. They change no
tally. The voter may change them while the answers are still fresh in mind; after that they stay as
they are in published files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..errors import Code, Refused
from ..limits import REASONS
from ..models import Reason, Remark, Side, Vote, VoteReason
from ..plurals import local


@dataclass(frozen=True)
class Said:
    """About one answer: keys of reasons, and a comment."""

    reasons: Sequence[str] = ()
    comment: str = ""


def can_change(vote: Vote) -> bool:
    return timezone.now() - vote.created < timedelta(seconds=REASONS.changed_s)


def said_about(vote: Vote) -> dict[Side, Said]:
    comments = dict(vote.remarks.values_list("side", "text"))
    chosen = list(vote.reasons.values_list("side", "reason__key"))
    return {
        side: Said([key for of, key in chosen if of == side], comments.get(side, ""))
        for side in Side
    }


def offered(chosen: Iterable[str]) -> list[Reason]:
    """Those that can be given now, and those that were chosen before they were archived."""
    kept = set(chosen)
    return [one for one in Reason.objects.all() if not one.archived or one.key in kept]


@transaction.atomic
def keep(vote: Vote, said: Mapping[Side, Said]) -> None:
    """Replace what was said about the two answers. Raises Refused, and then keeps what was."""
    Vote.objects.select_for_update().get(pk=vote.pk)  # or two windows would both add to it
    if not can_change(vote):
        raise Refused(
            _("Reasons can be changed for a day after the vote. Yours stay as they are."),
            code=Code.TOO_LATE,
        )
    before = [key for each in said_about(vote).values() for key in each.reasons]
    known = {one.key: one for one in offered(before)}
    for each in said.values():
        check(each, known)
    vote.reasons.all().delete()
    vote.remarks.all().delete()
    VoteReason.objects.bulk_create(
        VoteReason(vote=vote, side=side, reason=known[key])
        for side, each in said.items()
        for key in dict.fromkeys(each.reasons)
    )
    Remark.objects.bulk_create(
        Remark(vote=vote, side=side, text=each.comment)
        for side, each in said.items()
        if each.comment
    )


def check(said: Said, known: Mapping[str, Reason]) -> None:
    most, letters = REASONS.per_side, REASONS.comment_characters
    if any(key not in known for key in said.reasons):
        raise Refused(
            _("One of these reasons is no longer offered. Reload the page and choose again."),
            code=Code.NO_SUCH_CHOICE,
        )
    if len(set(said.reasons)) > most:
        raise Refused(
            _("Choose at most %(most)s reasons for each answer.") % {"most": most},
            code=Code.BAD_REQUEST,
        )
    if len(said.comment) > letters:
        raise Refused(
            _("A comment has at most %(most)s characters; yours has %(length)s. Shorten it.")
            % {"most": local(f"{letters:,}"), "length": local(f"{len(said.comment):,}")},
            code=Code.BAD_REQUEST,
        )
