"""Weighing a voter, and what follows of it: a row of `Suspect`, and votes that are held or counted
again."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from django.db.models import QuerySet

from arena.desk import holding
from arena.desk.states import PUSHES
from arena.models import Campaign, DeskPolicy, Suspect, Vote

from ..core.data.arrays import IntArray
from ..core.suspicion.agenda import agenda_of
from ..core.suspicion.rules import RULES
from ..core.suspicion.scoring import CLEARLY, Reason, Score, keeping, score
from . import arenas, records
from .arenas import Arena

logger = logging.getLogger(__name__)

KEYS = 400  # of prompts that are kept of a voter
TITLES = {rule.name: rule.title for rule in RULES}
FOUND = ["score", "corroborated", "reasons", "leanings", "stands_out", "looked"]
Mode, Standing = DeskPolicy.Mode, Vote.Standing


@dataclass
class Run:
    """Weighs some voters against the arenas as they are when the first of them is weighed."""

    policy: DeskPolicy
    arenas: dict[int, Arena] = field(default_factory=dict)

    def arena(self, campaign: int) -> Arena:
        if campaign not in self.arenas:
            of = Campaign.objects.get(pk=campaign)
            self.arenas[campaign] = arenas.now(of, records.suggested_in(of))
        return self.arenas[campaign]

    def weigh(self, voter: int, campaign: int, newest: int) -> None:
        """Weigh a voter with new votes, and hold the votes if they are suspected. Those of a voter
        who is held are held, too: later votes neither buy freedom nor add to the evidence."""
        known = Suspect.objects.filter(voter=voter, campaign=campaign).first()
        if known is not None:
            holding.release(known)
            known.refresh_from_db()
        if known is not None and known.held and self.policy.mode == Mode.HOLD:
            holding.hold(known)
            return
        suspect = known or Suspect(voter_id=voter, campaign_id=campaign)
        votes = holding.votes_of(voter, campaign).filter(standing=Standing.COUNTED)
        read = self._read(campaign, votes.filter(pk__gt=suspect.forgiven))
        if read is None:
            Suspect.objects.filter(pk=suspect.pk).update(through=newest)
            return
        suspect.keys, suspect.first = read.keys[:KEYS], read.first
        suspect.votes, suspect.through = len(read.record), max(newest, read.newest)
        rows = self.arena(campaign).without(read.record)
        self._keep(suspect, self._score(suspect, read, rows))
        suspect.save()
        self.hold_if_suspected(suspect)

    def weigh_again(self, suspect: Suspect) -> None:
        """Weigh the same votes once more, as what they are weighed against has changed: to hold
        them, or to let go of them. What a moderator has decided stays."""
        holding.release(suspect)
        suspect.refresh_from_db()
        suspect.looked = self.arena(suspect.campaign_id).at
        read = None if holding.is_judged(suspect) else self._read_again(suspect)
        if read is None:
            suspect.save(update_fields=["looked"])
            return
        self._keep(suspect, keeping(self._score_again(suspect, read), _told_before(suspect)))
        suspect.save(update_fields=FOUND)
        if suspect.held is None:
            self.hold_if_suspected(suspect)
        else:
            self.let_go_if_clear(suspect)

    def let_go_if_clear(self, suspect: Suspect) -> None:
        if not suspect.belongs and suspect.score < self.policy.threshold - CLEARLY:
            self._let_go(suspect)

    def let_go_unless_suspected(self, suspect: Suspect) -> None:
        """Who was held for a push only, which is over. What a moderator has decided stays."""
        if not self._is_suspected(suspect) and not holding.is_judged(suspect):
            self._let_go(suspect)

    def _is_suspected(self, suspect: Suspect) -> bool:
        return suspect.score >= self.policy.threshold and suspect.corroborated

    def _read_again(self, suspect: Suspect) -> records.Weighed | None:
        standing = Standing.PENDING if suspect.held else Standing.COUNTED
        votes = holding.votes_of(suspect.voter_id, suspect.campaign_id)
        same = votes.filter(standing=standing, pk__lte=suspect.through)
        return self._read(suspect.campaign_id, same)

    def _score_again(self, suspect: Suspect, read: records.Weighed) -> Score:
        """Held votes are not among the rows anyway."""
        arena = self.arena(suspect.campaign_id)
        rows = arena.rows if suspect.held else arena.without(read.record)
        return self._score(suspect, read, rows)

    def _let_go(self, suspect: Suspect) -> None:
        """The votes that came later, which were held unweighed, are weighed with the others."""
        change = holding.let_go(suspect)
        logger.warning("votes count again: %d of %s", change.changed if change else 0, suspect)
        self.arenas.pop(suspect.campaign_id)
        self.weigh(suspect.voter_id, suspect.campaign_id, suspect.through)

    def _read(self, campaign: int, votes: QuerySet[Vote]) -> records.Weighed | None:
        arena = self.arena(campaign)
        return records.read(votes, arena.campaign, arena.places, arena.suggested)

    def _score(self, suspect: Suspect, read: records.Weighed, rows: IntArray) -> Score:
        return score(read.record, self.arena(suspect.campaign_id).around(suspect, rows))

    def hold_if_suspected(self, suspect: Suspect) -> None:
        if (self._is_suspected(suspect) or suspect.belongs) and self.policy.mode == Mode.HOLD:
            change = holding.hold(suspect)
            held = change.changed if change else 0
            logger.warning("votes held: %d of %s, score %.1f", held, suspect, suspect.score)

    def _keep(self, suspect: Suspect, found: Score) -> None:
        arena = self.arena(suspect.campaign_id)
        keys = {place: key for key, place in arena.places.items()}
        names = {
            (model, favours): f"{keys[model]}{'+' if favours else '-'}"
            for model, favours in found.leanings
        }
        suspect.score, suspect.corroborated = round(found.value, 3), found.is_corroborated
        pushing = [reason for reason in suspect.reasons or [] if reason["rule"] == PUSHES]
        suspect.reasons = [*pushing, *map(_told, found.reasons)]
        suspect.leanings = {
            names[lean]: float(f"{e_value:.4g}") for lean, e_value in found.leanings.items()
        }
        suspect.stands_out = [names[lean] for lean in agenda_of(found.leanings)]
        suspect.looked = arena.at


def _told(reason: Reason) -> dict[str, object]:
    return {
        "rule": reason.rule,
        "title": TITLES[reason.rule],
        "weight": round(reason.weight, 3),
        "words": reason.words,
        "speaks": reason.speaks,
    }


def _told_before(suspect: Suspect) -> list[Reason]:
    return [
        Reason(each["rule"], each["weight"], each["words"], each["speaks"])
        for each in suspect.reasons
    ]
