"""A voter's part in a prepared campaign."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from ..models import Battle, Campaign, Voter
from .known_texts import has_known
from .prepared_pairs import gone_for, left_of

WITHIN_REACH = 200  # pairs; of more, what is left would only discourage


@dataclass(frozen=True)
class Share:
    """A voter's part in a campaign, in pairs of answers."""

    judged: int
    skipped: int
    underway: int
    pairs: int  # that there are to judge

    @property
    def is_complete(self) -> bool:
        return not self.underway and 0 < self.pairs <= self.judged + self.skipped

    @property
    def is_within_reach(self) -> bool:
        """Whether the number of pairs invites to go on."""
        return self.pairs <= WITHIN_REACH


def share(campaign: Campaign, voter: Voter) -> Share:
    own = Battle.objects.filter(campaign=campaign, voter=voter, judgement__isnull=False)
    known = has_known(voter, "judgement__pairing__")
    # Pairs, not battles: a voter whose browsers were made one may have two battles on a pair.
    state, pairing = Battle.State, "judgement__pairing"
    counts = {
        "judged": Count(pairing, distinct=True, filter=Q(state=state.VOTED)),
        "skipped": Count(pairing, distinct=True, filter=Q(state__in=(state.SKIPPED, state.VOID))),
        "underway": Count("pk", filter=Q(state=state.OPEN) & ~known),
    }
    done = own.aggregate(**counts)
    left = left_of(campaign, gone_for(voter, campaign)).pairs
    return Share(**done, pairs=sum(done.values()) + left)
