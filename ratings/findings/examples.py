"""Battles of two models as they took place: only with the voter's consent, personal data
redacted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.exporting.consent import CONSENTED
from arena.generating.endings import explanation
from arena.markdown import blocks
from arena.models import Battle, Campaign, Contestant, Side, Turn, Verdict, Vote
from arena.personal import redacted

MOST = 3
SAYS = {
    Verdict.TIE: gettext_lazy("The voter found both equally good."),
    Verdict.BOTH_BAD: gettext_lazy("The voter found neither good."),
}


@dataclass(frozen=True)
class Exchange:
    """A prompt and its two answers, the first model's first: each with its model, its blocks of
    HTML, and the reason if it is cut off."""

    prompt: str
    answers: Sequence[tuple[str, Sequence[SafeString], str]]


@dataclass(frozen=True)
class Example:
    prompt: str  # the first one, for a heading
    verdict: str
    exchanges: Sequence[Exchange]


def votes_to_show(campaign: Campaign, first: str, second: str) -> tuple[int, ...]:
    """The newest counted votes between two models, by slug, that may be published now: none of a
    prepared campaign while others judge the same texts."""
    if campaign.kind == Campaign.Kind.PREPARED and not campaign.has_closed():
        return ()
    either = [first, second]
    votes = Vote.objects.filter(
        CONSENTED,
        battle__campaign=campaign,
        battle__contestant_a__slug__in=either,
        battle__contestant_b__slug__in=either,
        standing=Vote.Standing.COUNTED,
    )
    return tuple(votes.order_by("-pk").values_list("pk", flat=True)[:MOST])


def examples(votes: Sequence[int], first: Contestant) -> list[Example]:
    """The battles of these votes, the newest first."""
    whole = Vote.objects.select_related("battle__contestant_a", "battle__contestant_b")
    found = (
        whole.prefetch_related("battle__turns__answers__revision")
        .filter(pk__in=votes)
        .order_by("-pk")
    )
    return [example(vote, first) for vote in found]


def example(vote: Vote, first: Contestant) -> Example:
    battle, verdict = vote.battle, Verdict(vote.verdict)
    sides = [Side.A, Side.B] if battle.contestant_a_id == first.pk else [Side.B, Side.A]
    winner = "" if verdict in SAYS else battle.contestant(Side(verdict)).name
    exchanges = [exchange(battle, turn, sides) for turn in battle.turns.all()]
    return Example(
        prompt=exchanges[0].prompt if exchanges else "",
        verdict=str(SAYS.get(verdict) or _("The voter preferred %(model)s.") % {"model": winner}),
        exchanges=exchanges,
    )


def exchange(battle: Battle, turn: Turn, sides: Sequence[Side]) -> Exchange:
    written = {answer.side: answer for answer in turn.answers.all()}
    answers = [
        (battle.contestant(side).name, blocks(redacted(answer.text)), explanation(answer))
        for side in sides
        if (answer := written.get(side))
    ]
    return Exchange(redacted(turn.prompt), answers)
