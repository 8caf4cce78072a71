"""Our files in other tools: arena-rank's own loader finds our votes and our scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from arena.exporting import consent
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.models import Tally, Voter
from ratings.core import Ratings, Tallies, bradley_terry
from tests.peers.child import rate_files

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ["Ada 1", "Bea 2", "Cyd 3"]
KINDS = {
    "arena-33k": ".json",
    "arena-55k": ".jsonl",
    "arena-100k": ".csv",
    "arena-140k": ".parquet",
}


@pytest.fixture
def ours(votes: list[object]) -> Ratings:
    """Our rating of the eight votes, all of which may be published."""
    for voter in Voter.objects.all():
        consent.give(voter)
    found = Tally.objects.filter(campaign__slug="ours", slice="overall")
    pairs = [(NAMES.index(t.first.name), NAMES.index(t.second.name)) for t in found]
    counts = [(t.first_wins, t.second_wins, t.ties, t.both_bad) for t in found]
    return bradley_terry(Tallies.from_counts(pairs, counts, len(NAMES)))


def test_arena_rank_reads_our_files_and_gives_our_scores(tmp_path: Path, ours: Ratings) -> None:
    paths = [tmp_path / f"votes-{format}{suffix}" for format, suffix in KINDS.items()]
    for format, path in zip(KINDS, paths, strict=True):
        export(FORMATS[format], path, "ours")
    rated = rate_files(*paths)
    assert [theirs.votes for theirs in rated] == [8, 8, 8, 8]
    for theirs in rated:
        assert theirs.scores == pytest.approx(dict(zip(NAMES, ours.scores, strict=True)), abs=1e-6)
        assert theirs.upper == pytest.approx(dict(zip(NAMES, ours.upper, strict=True)), abs=0.05)
