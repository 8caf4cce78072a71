"""From votes to the weights of matchmaking."""

from __future__ import annotations

from datetime import timedelta

import pytest

from arena.matchmaking.odds import of_pairs
from arena.models import Campaign, Contestant, PairWeights, Tally
from ratings.refreshing import drafts, pair_weights

pytestmark = pytest.mark.django_db(transaction=True)


def written(campaign: Campaign) -> dict[tuple[int, int], float]:
    kept = PairWeights.objects.get(campaign=campaign)
    return of_pairs(kept.contestants, bytes(kept.weights))


@pytest.mark.usefixtures("votes")
def test_pair_that_is_least_certain_weighs_most(
    campaign: Campaign, contestants: list[Contestant], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, c = contestants
    Contestant.objects.update(state=Contestant.State.ACTIVE)
    Tally.objects.filter(first=a, second=c).update(first_wins=1, second_wins=0, ties=0, both_bad=0)
    drafts.refresh_all()
    weights = written(campaign)
    assert set(weights) == {(a.pk, b.pk), (a.pk, c.pk), (b.pk, c.pk)}
    assert max(weights, key=weights.__getitem__) == (a.pk, c.pk)
    assert min(weights.values()) / sum(weights.values()) > 0.2 / 3

    Tally.objects.filter(first=a, second=c).update(first_wins=4000, second_wins=4000)
    drafts.refresh_all()
    assert written(campaign) == weights  # written a moment ago
    monkeypatch.setattr(pair_weights, "WRITE_EVERY", timedelta(0))
    Tally.objects.filter(first=a, second=c).update(first_wins=4000, second_wins=4001)
    drafts.refresh_all()
    weights = written(campaign)
    assert min(weights, key=weights.__getitem__) == (a.pk, c.pk)


@pytest.mark.usefixtures("votes")
def test_those_that_can_be_drawn_are_weighed(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    drafts.refresh_all()
    assert not PairWeights.objects.exists()  # nobody is active
    Contestant.objects.filter(pk__in=[one.pk for one in contestants[:2]]).update(state="ACTIVE")
    Tally.objects.update(ties=7)
    Campaign.objects.update(kind=Campaign.Kind.IMPORTED)
    drafts.refresh_all()
    assert not PairWeights.objects.exists()
    Campaign.objects.update(kind=Campaign.Kind.LIVE)
    Tally.objects.update(ties=8)
    drafts.refresh_all()
    a, b, _ = contestants
    assert written(campaign) == {(a.pk, b.pk): 1.0}
    Campaign.objects.update(kind=Campaign.Kind.PREPARED, reveals=Campaign.Reveals.EACH_VOTE)
    Tally.objects.update(ties=9)
    drafts.refresh_all()
    assert len(written(campaign)) == 3  # answers that are there are judged in any state
