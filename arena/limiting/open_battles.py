"""How many battles may wait for a vote at once. Leaving a battle does not end it: for an hour it
counts, unless its voter votes or skips it."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from .. import broker
from ..models import Answer, Battle, Voter
from .clients import Client
from .meter import NOT_CHECKED
from .rules import Scope
from .words import GOES_ON, OTHERWISE, PROMPT_KEPT, limit_reached

COUNTED = timedelta(hours=1)


def check(client: Client, voter: Voter | None) -> None:
    """Raises Refused if the client has as many as allowed."""
    if voter is not None:
        check_own(voter)
    with broker.spared(NOT_CHECKED):
        if client.prefix:
            _check(Scope.PREFIX, _open().filter(pk__in=_begun_from(client.prefix)))
    _check(Scope.ALL, _open())


def check_own(voter: Voter) -> None:
    """Raises Refused if the voter has as many as allowed."""
    _check(Scope.VOTER, _open().filter(voter=voter))


def note(client: Client, battle: Battle) -> None:
    """Remember which network it was begun from, for as long as it counts."""
    if not client.prefix:
        return
    with broker.spared("an open battle was not counted for its network"):
        connection, key, now = broker.connection(), _key(client.prefix), timezone.now()
        connection.zadd(key, {str(battle.pk): now.timestamp()})
        connection.zremrangebyscore(key, 0, (now - COUNTED).timestamp())
        connection.expire(key, COUNTED)


def _open() -> QuerySet[Battle]:
    """Battles that take a vote; not those of which an answer has failed."""
    since = timezone.now() - COUNTED
    battles = Battle.objects.filter(state=Battle.State.OPEN, created__gt=since)
    failed = Answer.objects.filter(state=Answer.State.FAILED, turn__battle__created__gt=since)
    return battles.exclude(pk__in=failed.values("turn__battle"))


def _check(scope: Scope, battles: QuerySet[Battle]) -> None:
    if not (most := settings.OPEN_BATTLES[scope]):
        return
    newest_first = battles.order_by("-created").values_list("created", flat=True)
    for begun in newest_first[most - 1 : most]:  # has to end before another can begin
        wait = begun + COUNTED - timezone.now()
        otherwise = OTHERWISE if scope is Scope.VOTER else GOES_ON
        wait_s = max(1, ceil(wait.total_seconds()))
        raise limit_reached(_said(scope, most), wait_s, PROMPT_KEPT, otherwise)


def _said(scope: Scope, most: int) -> str:
    if scope is Scope.VOTER:
        return ngettext(
            "You have %(n)s battle without a vote, which is the limit. Vote on it or skip it to "
            "begin another at once.",
            "You have %(n)s battles without a vote, which is the limit. Vote on one or skip it to "
            "begin another at once.",
            most,
        ) % {"n": most}
    if scope is Scope.PREFIX:
        return gettext("Too many battles from your network wait for a vote.")
    return gettext("Too many battles wait for a vote at the moment.")


def _begun_from(prefix: str) -> list[int]:
    since = (timezone.now() - COUNTED).timestamp()
    members: list[bytes] = broker.connection().zrangebyscore(_key(prefix), since, "+inf")  # type: ignore[assignment]
    return [int(member) for member in members]


def _key(prefix: str) -> str:
    return f"limits:open:{prefix}"
