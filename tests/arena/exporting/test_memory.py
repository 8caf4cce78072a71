"""Memory does not grow with the number of votes. `make bench-export` measures it at ten million."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from arena.exporting import consent, votes
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.exporting.writers import write
from arena.models import (
    Answer,
    Battle,
    Campaign,
    Import,
    ImportedVote,
    Revision,
    Side,
    Turn,
    Vote,
    Voter,
)

pytestmark = pytest.mark.django_db(transaction=True)
MOST_BYTES_PER_VOTE = 100  # per added vote; a vote held in memory takes at least 1,000
Fill = Callable[[Campaign, Revision, Revision, int], None]


@pytest.fixture(autouse=True)
def eager_collector() -> Iterator[None]:
    """A battle and its turns form a reference cycle, so only the garbage collector frees them: here
    it runs often, and only over new objects."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(usual[0], 1, 1)
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


def peak_of(slug: str, path: Path) -> int:
    """Peak bytes of Python objects during an export."""
    gc.collect()
    tracemalloc.start()
    try:
        export(FORMATS["evenhand"], path, slug)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def fill_with_imported(campaign: Campaign, a: Revision, b: Revision, number: int) -> None:
    source = Import.objects.create(campaign=campaign, format="csv", name="f", sha256=campaign.slug)
    vote = {"source": source, "contestant_a": a.contestant, "contestant_b": b.contestant}
    ImportedVote.objects.bulk_create(
        (ImportedVote(**vote, verdict="A", key=str(n)) for n in range(number)), batch_size=2_000
    )


def fill_with_own(campaign: Campaign, a: Revision, b: Revision, number: int) -> None:
    voter = Voter.objects.create()
    consent.give(voter)
    sides = {"contestant_a": a.contestant, "contestant_b": b.contestant}
    made = {"campaign": campaign, "voter": voter, "selection_probability": 0.5, "policy": "p"}
    battles = Battle.objects.bulk_create(Battle(**sides, **made) for _ in range(number))
    turns = Turn.objects.bulk_create(
        Turn(battle=battle, number=1, prompt="Why? " * 100) for battle in battles
    )
    said = {"state": "DONE", "text": "Because. " * 100, "dispatched": timezone.now()}
    Answer.objects.bulk_create(
        Answer(turn=turn, side=side, revision=revision, **said)
        for turn in turns
        for side, revision in ((Side.A, a), (Side.B, b))
    )
    cast = {"voter": voter, "verdict": "A", "seconds": 1.0}
    Vote.objects.bulk_create(Vote(battle=battle, **cast) for battle in battles)


@pytest.mark.parametrize(
    ("fill", "few", "many"), [(fill_with_imported, 500, 10_000), (fill_with_own, 500, 2_000)]
)
def test_more_votes_take_no_more_memory(
    revisions: dict[str, Revision],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fill: Fill,
    few: int,
    many: int,
) -> None:
    monkeypatch.setattr(votes, "AT_ONCE", 100)
    monkeypatch.setattr(votes, "SLIM_AT_ONCE", 100)
    a, b, *_ = revisions.values()
    peaks: list[int] = []
    for number in (few, few, many):  # the first also pays for imports and set-up
        slug = f"of-{number}-{len(peaks)}"
        fill(Campaign.objects.create(slug=slug, name=slug), a, b, number)
        peaks.append(peak_of(slug, tmp_path / "votes.jsonl"))
    assert (peaks[2] - peaks[1]) / (many - few) < MOST_BYTES_PER_VOTE


def test_parquet_is_cut_by_size_not_by_rows(tmp_path: Path) -> None:
    """Each row group keeps metadata in memory until the file is closed: ten million votes in small
    groups would need much of it."""
    parquet: Any = import_module("pyarrow.parquet")
    path = tmp_path / "rows.parquet"
    write(path, ".parquet", {"n": int}, ({"n": n} for n in range(20_000)))
    assert parquet.ParquetFile(path).num_row_groups == 1
    long = {"text": "x" * 20_000}
    write(path, ".parquet", {"text": str}, repeat(long, 4_000))
    groups = parquet.ParquetFile(path)
    assert (groups.num_row_groups, groups.metadata.num_rows) == (2, 4_000)
