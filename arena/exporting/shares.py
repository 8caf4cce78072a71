"""Battles that their voters share: for anyone who has the link, with names and verdict, redacted
like an export. Only with the voter's consent to publication, and only while it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from arena.errors import Code, Refused
from arena.models import Campaign, Contestant, Share, Side, Verdict, Vote

from . import consent
from .votes import Exchange, ExportedVote, of_this_arena


def can_share(vote: Vote) -> bool:
    """Others still judge the answers of a prepared campaign, and must not learn who wrote them; one
    by invitation has no public pages. A battle that staff have blocked stays blocked."""
    campaign = vote.battle.campaign
    if campaign.visibility == Campaign.Visibility.INVITATION:
        return False
    is_live = campaign.kind == Campaign.Kind.LIVE
    return is_live and not Share.objects.filter(vote=vote, blocked=True).exists()


def share(vote: Vote) -> Share:
    """Raises Refused."""
    if not can_share(vote):
        raise Refused(
            _("This battle can't be shared: others judge it too, or staff have blocked it."),
            code=Code.NOT_SHARED,
        )
    if not consent.is_given(vote.voter):
        raise Refused(
            _("Agree to publication first: tick the box, then share."), code=Code.NOT_SHARED
        )
    return Share.objects.get_or_create(vote=vote)[0]


def stop(vote: Vote) -> None:
    """The link is dead from now on; sharing again makes another."""
    Share.objects.filter(vote=vote, blocked=False).delete()


@dataclass(frozen=True)
class SharedBattle:
    """A shared battle as anyone may see it."""

    share: Share

    @property
    def vote(self) -> Vote:
        return self.share.vote

    @property
    def counts(self) -> bool:
        return self.vote.standing == Vote.Standing.COUNTED

    @cached_property
    def _redacted(self) -> ExportedVote:
        return of_this_arena(self.vote, 1)

    @property
    def turns(self) -> list[tuple[Exchange, Exchange]]:
        a, b = (self._redacted.sides[side] for side in Side)
        return list(zip(a, b, strict=True))

    @property
    def prompt(self) -> str:
        """The first one."""
        return self.turns[0][0].prompt

    def contestant(self, side: Side) -> Contestant:
        return self.vote.battle.contestant(side)

    @property
    def preferred(self) -> Side | None:
        """None for a draw."""
        return Side(self.vote.verdict) if self.vote.verdict in Side.values else None

    @property
    def finding(self) -> str:
        names = {side.value.lower(): self.contestant(side).name for side in Side}
        if self.vote.verdict == Verdict.TIE:
            return _("%(a)s and %(b)s were judged equally good") % names
        if self.vote.verdict == Verdict.BOTH_BAD:
            return _("%(a)s and %(b)s were both judged bad") % names
        if self.preferred is Side.B:
            names = {"a": names["b"], "b": names["a"]}
        return _("%(a)s was preferred to %(b)s") % names


def shared(token: str) -> SharedBattle:
    """Raises Refused, also from the moment on when consent is withdrawn."""
    whole = Share.objects.select_related(
        "vote__battle__contestant_a", "vote__battle__contestant_b", "vote__battle__labels"
    ).prefetch_related("vote__battle__turns__answers__revision")
    consented = Vote.objects.filter(consent.CONSENTED)
    found = whole.filter(token=token, blocked=False, vote__in=consented).first()
    if found is None:
        raise Refused(_("This battle is not shared, or no longer."), code=Code.MISSING, status=404)
    return SharedBattle(found)
