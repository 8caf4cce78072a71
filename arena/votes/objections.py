"""Objections of voters to the standing of their votes, and the answers of admins."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from ..counting import standing
from ..errors import Code, Refused
from ..limits import OBJECTIONS
from ..models import Objection, Vote, Voter
from ..transactions import retried

A_DAY = timedelta(days=1)


class Outcome(models.TextChoices):
    """What an answer does with the vote."""

    KEEP = "KEEP", "Refuse: the vote stays as it is"
    COUNT = "COUNT", "Uphold: the vote counts"
    EXCLUDE = "EXCLUDE", "Uphold: the vote is left out"

    @property
    def state(self) -> Objection.State:
        is_kept = self == Outcome.KEEP
        return Objection.State.REFUSED if is_kept else Objection.State.UPHELD


@retried
def object_to(vote: Vote, text: str) -> Objection:
    """Put an objection into the admins' queue. Raises Refused if the text is empty or too long, if
    another one is still open, or if there were too many."""
    text = _checked(text)
    # Locks the voter: two objections at the same moment could otherwise exceed a limit.
    Voter.objects.select_for_update(no_key=True).get(pk=vote.voter_id)
    if (refusal := why_not(vote)) is not None:
        raise refusal
    return Objection.objects.create(vote=vote, text=text)


def why_not(vote: Vote) -> Refused | None:
    """Why the voter may not object to this vote now; None if they may."""
    of_vote = Objection.objects.filter(vote=vote)
    if of_vote.filter(state=Objection.State.OPEN).exists():
        return Refused(
            _("Your objection to this vote is waiting for an answer."), code=Code.OBJECTION_OPEN
        )
    today = Objection.objects.filter(vote__voter=vote.voter_id, created__gt=timezone.now() - A_DAY)
    if of_vote.count() >= OBJECTIONS.of_vote:
        return Refused(
            _("Your objections to this vote were answered. The last answer stands."),
            code=Code.TOO_MANY_OBJECTIONS,
            status=429,
        )
    if today.count() >= OBJECTIONS.of_day:
        return Refused(
            _("You have sent many objections today. Come back tomorrow."),
            code=Code.TOO_MANY_OBJECTIONS,
            status=429,
        )
    return None


def _checked(text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused(
            _("Write what is wrong, so that somebody can look into it."),
            code=Code.EMPTY_OBJECTION,
            status=400,
        )
    if len(text) > OBJECTIONS.characters:
        raise Refused(
            _("Keep it under %(most)s characters.") % {"most": OBJECTIONS.characters},
            code=Code.LONG_OBJECTION,
            status=400,
        )
    return text


@retried
def answer(objection: Objection, words: str, outcome: str, reason: str = "") -> Objection:
    """Answer an objection and, if it is upheld, change the vote's standing and the tallies with
    it. Raises Refused if it was answered already, or without a reason for an exclusion."""
    held = Objection.objects.select_for_update(no_key=True).get(pk=objection.pk)
    if held.state != Objection.State.OPEN:
        raise Refused("Somebody has already answered this objection.", code=Code.ANSWERED)
    vote = Vote.objects.filter(pk=held.vote_id)
    if outcome == Outcome.COUNT:
        standing.count_again(vote)
    elif outcome == Outcome.EXCLUDE:
        standing.exclude(vote, reason)
    held.state, held.answer, held.answered = Outcome(outcome).state, words, timezone.now()
    held.save(update_fields=["state", "answer", "answered"])
    return held
