"""Parquet files that are damaged, odd or hostile."""

from __future__ import annotations

import random
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from arena.importing.errors import ImportRefused
from arena.limits import IMPORTS
from tests.bending import bend

from . import samples
from .conftest import Bring

pa: Any = import_module("pyarrow")
pq: Any = import_module("pyarrow.parquet")


def parquet(tmp_path: Path, rows: int = 2_000) -> Path:
    votes = [samples.VOTES[n % len(samples.VOTES)] for n in range(rows)]
    frame = pd.DataFrame([_flat(row) for row in samples.rows("arena-100k", votes)])
    path = tmp_path / "votes.parquet"
    frame.to_parquet(path, row_group_size=500)
    return path


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("conv")}


def test_damaged_parquet_is_refused_wherever_the_damage_is(bring: Bring, tmp_path: Path) -> None:
    """Or read correctly, if the damage is in a part that is not needed."""
    path = parquet(tmp_path)
    whole, chance = path.read_bytes(), random.Random(1)
    spots = [4, len(whole) - 5, len(whole) - 20, len(whole) - 9]
    spots += [chance.randrange(len(whole)) for _ in range(30)]
    for number, spot in enumerate(spots):
        path.write_bytes(
            whole[:spot] + bytes(b ^ 0xFF for b in whole[spot : spot + 8]) + whole[spot + 8 :]
        )
        with suppress(ImportRefused):
            bring("arena-100k", path, f"damaged-{number}")


@pytest.mark.parametrize("size", [0, 3, 8, 100, -1, -8])
def test_parquet_that_breaks_off_is_refused(bring: Bring, tmp_path: Path, size: int) -> None:
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ImportRefused, match="is not a Parquet file, or is damaged"):
        bring("arena-100k", path)


def test_bytes_in_parquet_that_are_no_text_cost_their_row(bring: Bring, tmp_path: Path) -> None:
    table = pq.read_table(parquet(tmp_path, 12))
    names = [b"ada"] * 11 + [b"ad\xff"]
    column = pa.array(names, pa.binary()).view(pa.string())
    others = pa.array(["bea"] * 12)
    table = table.set_column(table.schema.get_field_index("model_a"), "model_a", column)
    table = table.set_column(table.schema.get_field_index("model_b"), "model_b", others)
    pq.write_table(table, tmp_path / "votes.parquet")
    report = bring("arena-100k", tmp_path / "votes.parquet")
    assert (report.votes, report.first_set_aside) == (11, ["line 12: it is not UTF-8 text"])


def test_times_in_parquet_may_be_nanoseconds_or_far_away(bring: Bring, tmp_path: Path) -> None:
    table = pq.read_table(parquet(tmp_path, 3)).drop_columns(["tstamp"])
    at = pa.array([1_700_000_000_123_456_789, None, 2**62], pa.timestamp("ns"))
    pq.write_table(table.append_column("tstamp", at), tmp_path / "votes.parquet")
    report = bring("arena-100k", tmp_path / "votes.parquet")
    assert (report.votes, report.set_aside) == (2, 1)


def test_parquet_of_wrong_types_is_refused_in_a_sentence(bring: Bring, tmp_path: Path) -> None:
    table = pa.table({"model_a": [1, 2], "model_b": [[1], [2]], "winner": [None, None]})
    pq.write_table(table, tmp_path / "votes.parquet")
    with pytest.raises(ImportRefused, match="'model_a' is not text but 1"):
        bring("arena-100k", tmp_path / "votes.parquet")


def test_parquet_that_unpacks_to_anything_is_refused(
    bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, IMPORTS, batch_bytes=1 << 20)
    table = pa.table({"model_a": pa.array(["x" * 100_000] * 100).dictionary_encode()})
    pq.write_table(table, tmp_path / "votes.parquet")
    assert (tmp_path / "votes.parquet").stat().st_size < 20_000
    with pytest.raises(ImportRefused, match="unpacks to more than"):
        bring("arena-100k", tmp_path / "votes.parquet")
