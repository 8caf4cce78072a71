"""What is deleted when it is old enough. Nothing that a vote, a tally or a publication needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, ManyToOneRel, OuterRef, QuerySet
from django.utils import timezone

from ..jobs import orders
from ..models import Battle, Chat, Consent, Flag, Job, Voter

Rows = QuerySet[Any]
UNVOTED = (Battle.State.OPEN, Battle.State.VOID)


@dataclass(frozen=True)
class Rule:
    """Attributes:
    name: as in the setting `RETAIN_<NAME>_DAYS`.
    what: for people.
    old: the rows that are old enough to go, given the moment before which they are.
    remove: of one row, where deleting the row is not all.
    """

    name: str
    what: str
    old: Callable[[datetime], Rows]
    remove: Callable[[Any], None] | None = None

    @property
    def days(self) -> int:
        """0: they are kept for ever."""
        return settings.RETENTION[self.name]

    def due(self) -> Rows:
        rows = self.old(timezone.now() - timedelta(days=self.days))
        return rows if self.days else rows.none()


def _unvoted(before: datetime) -> Rows:
    """Neither voted on nor skipped, with their texts."""
    return Battle.objects.filter(state__in=UNVOTED, created__lt=before).order_by("created")


def _voters(before: datetime) -> Rows:
    """Browsers of which there is nothing else: no battle, chat, consent or anything else."""
    rows = Voter.objects.filter(created__lt=before).order_by("pk")
    for relation in Voter._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            others = relation.related_model._default_manager
            rows = rows.exclude(Exists(others.filter(**{relation.field.name: OuterRef("pk")})))
    return rows


def _ended(before: datetime) -> Rows:
    """Addresses and browsers of staff's sessions that are over."""
    there = Session.objects.filter(pk=OuterRef("session_key"))
    rows: Rows = UserSession.objects.filter(~Exists(there), last_seen_at__lt=before)
    return rows.order_by("pk")


def _proofs(before: datetime) -> Rows:
    """Consents that ended long ago: nothing that is exported rests on them."""
    return Consent.objects.filter(withdrawn__lt=before).order_by("pk")


RULES = (
    Rule("unvoted", "battles without a vote, with their texts", _unvoted),
    Rule("chats", "chats of visitors",
         lambda before: Chat.objects.filter(created__lt=before, staff=None).order_by("pk")),
    Rule("trials", "chats in which staff try a contestant",
         lambda before: Chat.objects.filter(created__lt=before).exclude(staff=None).order_by("pk")),
    Rule("exports", "files of exports, since they were made",
         lambda before: Job.objects.filter(kind="export", ended__lt=before).order_by("pk"),
         orders.delete),
    Rule("flags", "flags of moderation",
         lambda before: Flag.objects.filter(at__lt=before).order_by("at")),
    Rule("sign_ins", "failed attempts to sign in, with their addresses",
         lambda before: AccessAttempt.objects.filter(attempt_time__lt=before).order_by("pk")),
    Rule("sessions", "sessions, since they expired",
         lambda before: Session.objects.filter(expire_date__lt=before).order_by("pk")),
    Rule("session_list", "sessions of staff that have ended, with their addresses", _ended),
    Rule("consents", "consents, since they ended", _proofs),
    Rule("voters", "voters of whom nothing is left", _voters),  # after all that they may have had
)  # fmt: skip
