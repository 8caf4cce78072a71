from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from arena.importing.formats import FORMATS
from arena.importing.intake import bring_in
from arena.labelling import by_rules
from arena.labels import Labels
from arena.models import Campaign, Contestant, Tally, Vote, Voter
from ratings import freshness
from ratings.archive import votes_file
from ratings.core import NotEnoughDataError
from ratings.models import Board, Snapshot
from ratings.refreshing import drafts, publications, replay
from tests import factories
from tests.arena.importing import samples

from .archive.test_votes_file import leave_out
from .conftest import board_of

pytestmark = pytest.mark.django_db(transaction=True)
VOTES = 400


@pytest.fixture(autouse=True)
def few_are_enough(settings: LazySettings) -> None:
    settings.SLICE_VOTES = 100


@pytest.fixture
def long_wins(campaign: Campaign, contestants: list[Contestant]) -> None:
    """Voters take the longer answer two times in three; Cy writes long, and is no better."""
    rng = np.random.default_rng(3)
    voter = Voter.objects.create()
    for _ in range(VOTES):
        i, j = rng.choice(3, 2, replace=False)
        words = [int(rng.integers(50, 150)) * (2 if k == 2 else 1) for k in (i, j)]
        longer = "A" if words[0] > words[1] else "B"
        other = "B" if longer == "A" else "A"
        verdict = longer if rng.random() < 2 / 3 else other
        cast(campaign, voter, contestants[i], contestants[j], verdict, words)


def cast(
    campaign: Campaign, voter: Voter, a: Contestant, b: Contestant, verdict: str, words: list[int]
) -> Vote:
    battle = factories.battle(campaign, a, b, voter=voter)
    labels = Labels(style=(words[0], 0, 2, 0, words[1], 0, 2, 0))
    return factories.vote(battle, verdict, labels)


@pytest.mark.usefixtures("long_wins")
def test_length_is_found_to_win_and_the_long_writer_loses_its_lead() -> None:
    made = drafts.refresh_all()
    plain = {r.contestant.name: r for r in board_of(made).ratings.all()}
    held = board_of(made, "overall-style")
    level = {r.contestant.name: r for r in held.ratings.all()}
    assert plain["Cy"].score == max(r.score or 0 for r in plain.values())
    assert (level["Cy"].score or 0) < (plain["Cy"].score or 0) - 30
    assert level["Cy"].lower is not None
    assert level["Cy"].lower < 1000
    [length] = held.facts.style  # lists never differ: no coefficient
    assert (length.name, length.matters) == ("length", True)
    assert length.lower < length.points < length.upper
    assert held.votes == VOTES
    assert held.published is None


@pytest.mark.usefixtures("long_wins")
def test_votes_without_texts_do_not_take_part(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    factories.vote(factories.battle(campaign, *contestants[:2]), "A")
    made = drafts.refresh_all()
    assert (board_of(made).votes, board_of(made, "overall-style").votes) == (VOTES + 1, VOTES)


def test_votes_are_read_in_their_order_without_those_left_out(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    voter = Voter.objects.create()
    a, b, _ = contestants
    for n in range(5):
        cast(campaign, voter, a, b, ("A", "B", "TIE", "BOTH_BAD", "A")[n], [n, 9])
    leave_out(cast(campaign, voter, b, a, "A", [77, 9]), Vote.Standing.EXCLUDED, "rigged")
    board = Board(campaign=campaign, method=Board.Method.STYLE)
    with replay.reading(board) as found:
        assert found.votes is not None
        votes = votes_file.read(StringIO(found.votes.read().decode()))
    assert votes.style[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert votes.verdict.tolist() == [0, 1, 2, 3, 0]
    assert (votes.left[0], votes.right[0]) == (0, 1)
    assert votes.style[0].tolist() == [0, 0, 2, 0, 9, 0, 2, 0]
    assert votes.left_out == {"rigged": 1}


@pytest.mark.usefixtures("long_wins")
def test_feature_of_hardly_any_answer_is_left_out(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    """With a single header, on an answer that won, the coefficient of headers would diverge."""
    vote = cast(campaign, Voter.objects.create(), contestants[0], contestants[1], "A", [50, 50])
    by_rules.keep(vote.battle, Labels(style=(50, 1, 2, 0, 50, 0, 2, 0)))
    held = board_of(drafts.refresh_all(), "overall-style")
    assert [each.name for each in held.facts.style] == ["length"]


def test_style_that_decides_every_vote_is_no_ranking(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    voter = Voter.objects.create()
    for n in range(120):
        a, b = contestants[n % 3], contestants[(n + 1) % 3]
        cast(campaign, voter, a, b, "AB"[n % 2], [90, 30] if n % 2 == 0 else [30, 90])
    made = {snapshot.board.slug for snapshot in drafts.refresh_all()}
    assert "overall" in made
    assert "overall-style" not in made


def test_too_few_votes_are_not_rated(campaign: Campaign, contestants: list[Contestant]) -> None:
    cast(campaign, Voter.objects.create(), contestants[0], contestants[1], "A", [3, 4])
    board = Board(campaign=campaign, method=Board.Method.STYLE)
    with (
        replay.reading(board) as found,
        pytest.raises(NotEnoughDataError, match="1 votes have texts; it needs 100"),
    ):
        publications.rate(board, found.given, found.votes)


@pytest.mark.usefixtures("long_wins")
def test_style_is_computed_once_a_minute(campaign: Campaign, contestants: list[Contestant]) -> None:
    drafts.refresh_all()
    cast(campaign, Voter.objects.create(), contestants[0], contestants[1], "A", [3, 4])
    assert "overall-style" not in {made.board.slug for made in drafts.refresh_all()}
    Snapshot.objects.update(created=timezone.now() - timedelta(minutes=2))
    assert board_of(drafts.refresh_all(), "overall-style").votes == VOTES + 1


@pytest.mark.usefixtures("long_wins")
def test_page_says_what_style_is_worth(client: Client) -> None:
    drafts.refresh_all()
    page = " ".join(client.get("/leaderboard/?style=on").content.decode().split())
    assert "What style is worth to voters" in page
    assert '<th scope="row">Length</th>' in page
    assert "Style control: length, headers, lists and bold text of the answers." in page
    freshness.clear()
    assert "What style is worth" not in client.get("/leaderboard/").content.decode()


def test_page_says_how_many_votes_it_takes(
    client: Client, campaign: Campaign, contestants: list[Contestant]
) -> None:
    cast(campaign, Voter.objects.create(), contestants[0], contestants[1], "A", [3, 4])
    drafts.refresh_all()
    page = client.get("/leaderboard/?style=on").content.decode()
    assert "Style control: 1 of 100 votes" in page


@pytest.mark.usefixtures("long_wins")
def test_page_says_why_votes_summed_up_by_pair_have_no_such_board(client: Client) -> None:
    [some, *_] = Tally.objects.filter(slice="overall")
    Tally.objects.filter(pk=some.pk).update(ties=some.ties + 5)  # known only as a tally
    drafts.refresh_all()
    page = client.get("/leaderboard/?style=on").content.decode()
    assert "Style control: not available, or not yet" in page
    assert "of 100 votes" not in page


def test_imported_votes_with_answers_have_a_board_with_style_held_equal(
    client: Client, tmp_path: Path
) -> None:
    """Votes on three models, by voters who mostly take the longer answer."""
    rng = np.random.default_rng(8)
    rows = []
    for n in range(150):
        a, b = rng.choice(["ada", "bea", "cyd"], 2, replace=False).tolist()
        words = rng.integers(1, 60, 2).tolist()
        first = (words[0] > words[1]) == (rng.random() < 0.75)
        said = samples.arena_33k(n, (a, b, "model_a" if first else "model_b"))
        talks = {
            f"conversation_{k}": samples.talk("so " * w) for k, w in zip("ab", words, strict=True)
        }
        rows.append(said | talks)
    bring_in(FORMATS["arena-33k"], samples.write(tmp_path / "v.jsonl", rows), "elsewhere")
    length = board_of(drafts.refresh_all(), "overall-style").facts.style[0]
    assert length.lower > 0
    page = client.get("/leaderboard/elsewhere/?style=on").content.decode()
    assert "What style is worth to voters" in page
    assert re.search(r'name="style" value="on"\s+checked', page)


def test_page_of_votes_without_texts_says_so(client: Client, august: Campaign) -> None:
    page = client.get("/leaderboard/august/").content.decode()
    assert re.search(r'name="style" value="on"\s+disabled', page)
    assert "these votes came without the texts" in page
    assert (
        "No texts, no style control" in client.get("/leaderboard/august/?style=on").content.decode()
    )
