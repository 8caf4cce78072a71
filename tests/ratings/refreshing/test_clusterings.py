"""Intervals of a board take the votes of each voter together, as far as voters are known."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from django.test import Client

from arena.counting import tallies
from arena.models import Campaign, Contestant, Import, ImportedVote, Vote, Voter
from ratings.archive import covariances
from ratings.archive.reproduce import main
from ratings.archive.snapshot_file import unpack
from ratings.core import Ratings, Settings, Tallies, bradley_terry
from ratings.core.methods.ratings import CovarianceKind
from ratings.core.questions.compare import compare
from ratings.models import Board, Snapshot, VoterScatter
from ratings.refreshing import clusterings, drafts
from tests import factories

from ..conftest import board_of
from ..core.shapes import Array

pytestmark = pytest.mark.django_db(transaction=True)

PAIRS = ((0, 1), (1, 2), (2, 0), (1, 0))


def vote(
    campaign: Campaign, contestants: list[Contestant], voters: int, seed: int = 1
) -> list[Vote]:
    """Each new voter casts four votes, and mostly repeats one verdict."""
    rng = random.Random(seed)
    made = []
    for _ in range(voters):
        voter, usual = Voter.objects.create(), rng.choice(("A", "B"))
        for a, b in PAIRS:
            battle = factories.battle(campaign, contestants[a], contestants[b], voter=voter)
            verdict = usual if rng.random() < 0.8 else rng.choice(("A", "B", "TIE", "BOTH_BAD"))
            made.append(factories.vote(battle, verdict))
    return made


def expected(votes: list[Vote], contestants: list[Contestant], kind: CovarianceKind) -> Array:
    """Upper ends of the intervals, straight from the votes."""
    return rated(votes, contestants, kind).upper


def rated(votes: list[Vote], contestants: list[Contestant], kind: CovarianceKind) -> Ratings:
    places = {one.pk: i for i, one in enumerate(contestants)}
    a = [places[one.battle.contestant_a_id] for one in votes]
    b = [places[one.battle.contestant_b_id] for one in votes]
    verdict = [("A", "B", "TIE", "BOTH_BAD").index(one.verdict) for one in votes]
    voter = [one.voter_id for one in votes]
    summed = Tallies.from_votes(a, b, verdict, len(contestants), voter=voter)
    return bradley_terry(summed, covariance=kind)


def uppers(snapshot: Snapshot | None) -> Array:
    assert snapshot is not None
    lines = snapshot.ratings.order_by("contestant_id").values_list("upper", flat=True)
    return np.array(list(lines))


def test_board_takes_the_votes_of_each_voter_together(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    votes = vote(campaign, contestants, 25)
    drafts.refresh_all()
    board = Board.objects.get(campaign=campaign, slug="overall")
    newest = board.newest()
    assert newest is not None
    assert newest.facts.voters is not None
    together = expected(votes, contestants, "clustered")
    alone = expected(votes, contestants, "sandwich")
    np.testing.assert_allclose(uppers(newest), together, atol=0.3)
    assert (np.abs(together - alone) > 3).all()
    assert newest.facts.voters.number == 25
    assert newest.facts.voters.effective == pytest.approx(25)


@pytest.mark.parametrize("slug", ["overall", "overall-davidson", "overall-rao-kupper"])
def test_published_file_is_reproduced_with_nothing_about_single_voters(
    slug: str, campaign: Campaign, contestants: list[Contestant], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    vote(campaign, contestants, 25)
    drafts.refresh_all()
    newest = Board.objects.get(campaign=campaign, slug=slug).newest()
    data = bytes((newest and newest.archive) or b"")
    file = tmp_path / "snapshot.zip"
    file.write_bytes(data)
    assert main(file) == 0
    said = capsys.readouterr().out
    assert "Reproduced: every number is the same" in said
    assert "of each of 25 voters together, by the sums in voters.csv, which cannot be" in said
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        rows = archive.read("voters.csv").decode().splitlines()[1:]
    models = 3 + (slug != "overall")
    assert len(rows) <= models * (models + 1) / 2
    assert all(len(row.split(",")[2].strip("-0.").replace(".", "")) <= 3 for row in rows)
    assert unpack(data).settings["covariance"] == "clustered"


def test_too_few_voters_are_not_told_of(campaign: Campaign, contestants: list[Contestant]) -> None:
    votes = vote(campaign, contestants, 19)
    newest = board_of(drafts.refresh_all())
    np.testing.assert_allclose(uppers(newest), expected(votes, contestants, "sandwich"), atol=1e-6)
    content = unpack(bytes(Snapshot.objects.get(pk=newest.pk).archive or b""))
    assert (content.clustering, content.settings["covariance"]) == (None, "sandwich")
    assert newest.facts.voters is None


def test_aggregated_votes_are_taken_as_independent(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    vote(campaign, contestants, 25)
    tallies.add(campaign.pk, {("overall", contestants[0].pk, contestants[1].pk): (1, 2, 3, 4)})
    drafts.refresh_all()
    assert VoterScatter.objects.get(board__slug="overall", board__campaign=campaign).voters == 0


def test_gaps_tiers_and_ranks_follow(campaign: Campaign, contestants: list[Contestant]) -> None:
    votes = vote(campaign, contestants, 40)
    drafts.refresh_all()
    newest = Snapshot.objects.get(board__slug="overall", published__isnull=False)
    kept = covariances.read(newest.pk, Settings())
    together = rated(votes, contestants, "clustered")
    for a, b in ((0, 1), (0, 2), (1, 2)):
        gap, exact = compare(kept, a, b), compare(together, a, b)
        assert (gap.gap_lower, gap.gap_upper) == pytest.approx(
            (exact.gap_lower, exact.gap_upper), abs=0.5
        )
    assert kept.critical == pytest.approx(together.critical, abs=0.01)
    assert kept.critical > rated(votes, contestants, "sandwich").critical
    for line in newest.ratings.all():
        i = contestants.index(line.contestant)
        assert (line.rank_low, line.rank_high, line.tier) == (
            together.rank_low[i], together.rank_high[i], together.tier[i],
        )  # fmt: skip


def test_slices_take_the_votes_of_each_voter_together(
    campaign: Campaign, contestants: list[Contestant], settings: Any
) -> None:
    settings.SLICE_VOTES = 50
    votes = vote(campaign, contestants, 25)
    drafts.refresh_all()
    [board] = Board.objects.filter(campaign=campaign, slug__startswith="month-")
    together = expected(votes, contestants, "clustered")
    np.testing.assert_allclose(uppers(board.newest()), together, atol=0.3)


def bring(campaign: Campaign, contestants: list[Contestant], voters: list[str]) -> list[int]:
    """An import of votes on alternating pairs by these voters; returns their verdicts."""
    source = Import.objects.create(campaign=campaign, format="x", name="x", votes=len(voters))
    rng = random.Random(5)
    verdicts = [rng.choice((0, 0, 1, 2)) for _ in voters]
    ImportedVote.objects.bulk_create(
        ImportedVote(
            source=source, voter=voter, verdict=("A", "B", "TIE")[verdict],
            contestant_a=contestants[i % 3], contestant_b=contestants[(i + 1) % 3],
        )
        for i, (voter, verdict) in enumerate(zip(voters, verdicts, strict=True))
    )  # fmt: skip
    tallies.add(campaign.pk, tallies.of_import(source))
    return verdicts


def test_imported_votes_without_a_voter_are_each_of_another(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    voters = [f"voter {i // 10}" for i in range(250)] + [""] * 150
    verdicts = bring(campaign, contestants, voters)
    drafts.refresh_all()
    a = np.arange(400)
    names = np.where(a < 250, a // 10, a)
    summed = Tallies.from_votes(a % 3, (a + 1) % 3, verdicts, 3, voter=names)
    board = Board.objects.get(campaign=campaign, slug="overall")
    together = bradley_terry(summed, covariance="clustered")
    np.testing.assert_allclose(uppers(board.newest()), together.upper, atol=0.3)
    kept = VoterScatter.objects.get(board=board)
    assert (kept.voters, kept.votes) == (25, 400)


def test_imported_votes_without_voters_are_independent(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    bring(campaign, contestants, [""] * 100)
    drafts.refresh_all()
    assert VoterScatter.objects.get(board__slug="overall", board__campaign=campaign).voters == 0


def test_votes_since_the_last_publication_count_as_by_others(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    votes = vote(campaign, contestants, 25)
    drafts.refresh_all()
    before = VoterScatter.objects.get(board__slug="overall", board__campaign=campaign)
    more = vote(campaign, contestants, 25, seed=2)
    drafts.refresh_all()
    board = Board.objects.get(campaign=campaign, slug="overall")
    kept = VoterScatter.objects.get(board=board)
    assert (kept.triangle, kept.counted) == (before.triangle, before.counted)
    draft = board.newest()
    assert draft is not None
    assert draft.published is None
    assert unpack(bytes(draft.archive or b"")).clustering is None
    live = uppers(draft)
    together = expected(votes + more, contestants, "clustered")
    alone = expected(votes + more, contestants, "sandwich")
    assert (np.abs(live - alone) > 1).all()
    assert (np.abs(live - together) > 1).all()


def test_a_few_new_voters_do_not_show_in_the_sums(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    vote(campaign, contestants, 25)
    drafts.refresh_all()
    board = Board.objects.get(campaign=campaign, slug="overall")
    before = VoterScatter.objects.get(board=board).triangle
    vote(campaign, contestants, clusterings.FEWEST_NEW - 1, seed=3)
    assert not clusterings.count(board)
    assert VoterScatter.objects.get(board=board).triangle == before
    vote(campaign, contestants, 1, seed=4)
    assert clusterings.count(board)
    assert VoterScatter.objects.get(board=board).triangle != before


def test_pages_and_api_say_whose_votes_are_taken_together(
    campaign: Campaign, contestants: list[Contestant], client: Client
) -> None:
    vote(campaign, contestants, 25)
    drafts.refresh_all()
    published = Snapshot.objects.get(board__slug="overall", published__isnull=False)
    together = "Intervals allow for each of 25 voters having a taste of their own."
    alone = "Intervals take every vote as independent, whoever cast it."
    snapshot = f"/leaderboard/snapshots/{published.public_id}/"
    for address, said in (
        ("/leaderboard/", together),
        (snapshot, together),
        ("/leaderboard/?method=elo", alone),
        (f"/leaderboard/{campaign.slug}/compare/?a=ada&b=bea", together),
        (f"/leaderboard/{campaign.slug}/choose/", together),
    ):
        assert said in client.get(address).content.decode()
    found = client.get(f"/api/v1/campaigns/{campaign.slug}/ratings/").json()
    assert found["snapshot"]["voters"] == 25


def test_board_of_a_criterion_takes_together_what_each_voter_said_of_it(
    campaign: Campaign, contestants: list[Contestant], settings: LazySettings
) -> None:
    """Not the verdicts on the answers as a whole."""
    settings.SLICE_VOTES = 50
    rng, said = random.Random(3), vote(campaign, contestants, 25)
    for each in said:
        each.verdict = "AB"[each.voter_id % 2] if rng.random() < 0.9 else "TIE"  # not stored
        with tallies.following(campaign.pk, [each.pk]):
            each.criteria.create(criterion="clear", verdict=each.verdict)
    drafts.refresh_all()
    newest = Board.objects.get(campaign=campaign, slug="criterion-clear").newest()
    together = expected(said, contestants, "clustered")
    np.testing.assert_allclose(uppers(newest), together, atol=0.3)
    assert (np.abs(together - expected(said, contestants, "sandwich")) > 1).all()
