"""The desk on votes in the database: what it holds, what it leaves, and what undoes it."""

from __future__ import annotations

import pytest

from arena.counting import bulk, standing, tallies
from arena.counting.reasons import SUSPECTED
from arena.limiting import clients
from arena.models import (
    BulkChange,
    Campaign,
    Contestant,
    DeskPlace,
    DeskPolicy,
    PromptSuggestion,
    Suspect,
    Tally,
    Turn,
    Vote,
    Voter,
)
from arena.votes import forgetting
from ratings.core.suspicion.record import Agenda
from ratings.desk import arenas, networks, watching

from .conftest import TARGET, Somebody

pytestmark = pytest.mark.django_db
COUNTED, PENDING = Vote.Standing.COUNTED, Vote.Standing.PENDING


def counted(campaign: Campaign) -> dict[tuple[str, int, int], list[int]]:
    columns = ("slice", *Tally.COLUMNS)
    rows = Tally.objects.filter(campaign=campaign).values_list(*columns)
    return {(part, first, second): [*rest] for part, first, second, *rest in rows}


def recounted(campaign: Campaign) -> dict[tuple[str, int, int], list[int]]:
    return {key: [*counts] for key, counts in tallies.recounted(campaign.pk).items()}


def standings(votes: list[Vote]) -> set[str]:
    return {*Vote.objects.filter(pk__in=[v.pk for v in votes]).values_list("standing", flat=True)}


def watch() -> int:
    return watching.watch(60.0)


def test_rigged_votes_are_held_and_honest_ones_count(
    campaign: Campaign, crowd: list[Vote], rigger: Somebody
) -> None:
    before = counted(campaign)
    rigged = rigger()
    watch()
    assert standings(rigged) == {PENDING}
    assert standings(crowd) == {COUNTED}
    assert counted(campaign) == before == recounted(campaign)


def test_a_hold_is_logged_with_its_evidence(crowd: list[Vote], rigger: Somebody) -> None:
    rigged = rigger()
    watch()
    change = BulkChange.objects.get()
    assert (change.by, change.state, change.changed) == (None, "APPLIED", len(rigged))
    assert change.reason == SUSPECTED
    assert change.preview["score"] > 1.5
    assert len(change.preview["reasons"]) >= 2
    assert any("Ocelot" in reason["words"] for reason in change.preview["reasons"])
    first = rigged[0].changes.get()
    assert (first.before, first.after, first.bulk) == (COUNTED, PENDING, change)


def test_undoing_a_hold_gives_back_every_number(
    campaign: Campaign, crowd: list[Vote], rigger: Somebody
) -> None:
    rigged = rigger()
    before = counted(campaign)
    watch()
    bulk.ask(BulkChange.objects.get(), None)
    assert counted(campaign) == before == recounted(campaign)
    assert standings(rigged) == {COUNTED}
    watch()
    assert standings(rigged) == {COUNTED}


def test_only_voters_with_new_votes_are_weighed(
    crowd: list[Vote], honest: Somebody, rigger: Somebody
) -> None:
    rigger()
    assert watch() == 11
    assert watch() == 0
    honest(2, seed=99)
    assert watch() == 1


def test_later_votes_of_a_held_voter_are_held_at_once(crowd: list[Vote], rigger: Somebody) -> None:
    rigged = rigger()
    watch()
    more = rigger(1, voter=rigged[0].voter)
    watch()
    assert standings(more) == {PENDING}
    assert Suspect.objects.get(voter=rigged[0].voter).held


def test_votes_that_a_moderator_counted_again_are_not_held_again(
    campaign: Campaign, crowd: list[Vote], rigger: Somebody, honest: Somebody
) -> None:
    rigged = rigger()
    before = counted(campaign)
    watch()
    standing.count_again(Vote.objects.filter(voter=rigged[0].voter))
    assert counted(campaign) == before
    later = honest(3, seed=7, voter=rigged[0].voter)
    watch()
    assert standings([*rigged, *later]) == {COUNTED}
    assert Suspect.objects.get(voter=rigged[0].voter).held is None


def test_bets_follow_the_most_suspicious_others_unless_a_moderator_trusts_them(
    campaign: Campaign, crowd: list[Vote], rigger: Somebody, contestants: list[Contestant]
) -> None:
    rigged = rigger()
    watch()
    lean = (arenas.now(campaign, set()).places[contestants[TARGET].pk], True)
    suspect = Suspect.objects.get(voter=rigged[0].voter)
    assert lean in [*arenas.now(campaign, set()).agendas(Suspect())[0].leans]
    assert lean not in leans_of(arenas.now(campaign, set()).agendas(suspect))
    standing.count_again(Vote.objects.filter(voter=rigged[0].voter))
    rigger(1, voter=rigged[0].voter)
    watch()
    assert lean not in leans_of(arenas.now(campaign, set()).agendas(Suspect()))


def leans_of(agendas: list[Agenda]) -> set[tuple[int, bool]]:
    return {lean for agenda in agendas for lean in agenda.leans}


def test_one_vote_counted_again_does_not_release_the_others(
    crowd: list[Vote], rigger: Somebody
) -> None:
    rigged = rigger()
    watch()
    standing.count_again(Vote.objects.filter(pk=rigged[0].pk))
    more = rigger(1, voter=rigged[0].voter)
    watch()
    assert standings(more) == {PENDING}
    assert standings(rigged[1:]) == {PENDING}


def test_new_votes_of_a_voter_whose_votes_were_left_out_are_held(
    crowd: list[Vote], rigger: Somebody
) -> None:
    rigged = rigger()
    watch()
    standing.exclude(Vote.objects.filter(voter=rigged[0].voter), "rigging")
    more = rigger(1, voter=rigged[0].voter)
    watch()
    assert standings(rigged) == {Vote.Standing.EXCLUDED}
    assert standings(more) == {PENDING}


def test_watching_only_lists_who_would_be_held(crowd: list[Vote], rigger: Somebody) -> None:
    DeskPolicy.objects.create(mode=DeskPolicy.Mode.WATCH, reason="a trial")
    rigged = rigger()
    watch()
    assert standings(rigged) == {COUNTED}
    assert Suspect.objects.order_by("-score")[0].voter == rigged[0].voter


def test_a_desk_that_is_off_weighs_nothing(crowd: list[Vote], rigger: Somebody) -> None:
    DeskPolicy.objects.create(mode=DeskPolicy.Mode.OFF, reason="holidays")
    assert watching.watch(60.0) == 0
    assert not Suspect.objects.exists()


def test_a_higher_threshold_holds_less(crowd: list[Vote], rigger: Somebody) -> None:
    DeskPolicy.objects.create(threshold=12.0, reason="too many alarms")
    rigged = rigger()
    watch()
    assert standings(rigged) == {COUNTED}


def test_a_run_that_is_cut_short_is_continued(crowd: list[Vote], rigger: Somebody) -> None:
    rigged = rigger()
    assert watching.watch(0.0) < 11
    for _ in range(15):
        watching.watch(0.02)
    watch()
    assert standings(rigged) == {PENDING}
    assert DeskPlace.objects.get().vote == rigged[-1].pk


def test_a_prompt_that_the_site_suggests_is_nobodys_probe(
    crowd: list[Vote], honest: Somebody
) -> None:
    said = "Explain to a child how tides and bread work together"
    PromptSuggestion.objects.create(text=said, category="EXPLAINING")
    vote = honest(1, seed=3)[0]
    Turn.objects.filter(battle=vote.battle).update(prompt=said)
    watch()
    assert Suspect.objects.get(voter=vote.voter).keys == []


def test_voters_who_share_a_network_are_a_circle(
    campaign: Campaign, crowd: list[Vote], rigger: Somebody
) -> None:
    voters = [rigger(4)[0].voter for _ in range(3)]
    for voter, network in zip(voters, ("one", "one", "two"), strict=True):
        clients.remember(clients.Client(clients.voter_key(voter.pk), network))
    watch()
    known = {suspect.voter: suspect for suspect in Suspect.objects.filter(voter__in=voters)}
    others = Suspect.objects.exclude(voter=voters[0])
    assert networks.alike(known[voters[0]], others) == [known[voters[1]].leanings]
    assert networks.alike(known[voters[2]], others.exclude(voter=voters[2])) == []


def test_no_key_of_a_prompt_outlives_the_data_of_its_voter(
    crowd: list[Vote], rigger: Somebody
) -> None:
    voter: Voter = rigger()[0].voter
    watch()
    assert Suspect.objects.get(voter=voter).keys
    forgetting.forget(voter)
    watch()
    assert Suspect.objects.get(voter=voter).keys == []
