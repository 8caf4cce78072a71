"""Files of votes with anything in them: an import, or a sentence."""

from __future__ import annotations

import io
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.importing.detecting import detect
from arena.importing.errors import ImportRefused
from tests.arena.importing import samples
from tests.arena.importing.conftest import Bring

from .habits import fuzzed, unless_refused
from .values import altered, damaged

pa: Any = import_module("pyarrow")
pq: Any = import_module("pyarrow.parquet")
pytestmark = [
    pytest.mark.slow,
    # The threads of the database's pool draw from `random` as they please.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),
]


def parquet(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


SOUND = {name: parquet(samples.rows(name)) for name in ("arena-55k", "csv")}


@st.composite
def rows_of(draw: st.DrawFn, format: str) -> list[dict[str, Any]]:
    """A sound file's, one of which is altered."""
    rows = samples.rows(format)
    at = draw(st.integers(0, len(rows) - 1))
    row = draw(altered(rows[at]))
    return [*rows[:at], row, *rows[at + 1 :]]


def check(bring: Bring, format: str, path: Path) -> None:
    unless_refused(ImportRefused, lambda: detect(path))
    report = unless_refused(ImportRefused, lambda: bring(format, path, dry_run=True))
    if report is not None:
        assert report.votes >= 1
        "\n".join(report.sentences()).encode()


@fuzzed
@given(data=st.data(), format=st.sampled_from([*samples.ROWS]))
def test_any_row_is_imported_or_set_aside(bring: Bring, data: st.DataObject, format: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        suffix = data.draw(st.sampled_from([".json", ".jsonl"]))
        rows = data.draw(rows_of(format))
        check(bring, format, samples.write(Path(folder) / f"votes{suffix}", rows))


@fuzzed
@given(data=st.data(), format=st.sampled_from([*samples.ROWS]))
def test_any_damage_is_imported_or_refused(bring: Bring, data: st.DataObject, format: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        suffix = ".csv" if format == "csv" else data.draw(st.sampled_from([".json", ".jsonl"]))
        path = samples.write(Path(folder) / f"votes{suffix}", samples.rows(format))
        path.write_bytes(data.draw(damaged(path.read_bytes())))
        check(bring, format, path)


@fuzzed
@given(data=st.data(), format=st.sampled_from([*SOUND]))
def test_any_parquet_is_imported_or_refused(bring: Bring, data: st.DataObject, format: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "votes.parquet"
        path.write_bytes(data.draw(damaged(SOUND[format])))
        check(bring, format, path)
