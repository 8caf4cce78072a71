"""Files of votes with anything in them, on the command line: a board, or a sentence."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.cli.main import FAILED, main
from tests.arena.importing import samples

from .habits import fuzzed
from .values import altered, damaged

pytestmark = pytest.mark.slow
READ = ("arena-33k", "arena-55k", "arena-100k", "arena-140k", "csv")
OPTIONS = (
    ["rate"], ["rate", "--strict"], ["rate", "--style"], ["rate", "--decay", "3"],
    ["rate", "--method", "elo"], ["voters"], ["agreement"],
)  # fmt: skip


def parquet(rows: list[dict[str, Any]]) -> bytes:
    arrow, file = import_module("pyarrow"), io.BytesIO()
    # Parquet has no empty objects.
    some = [{name: value for name, value in row.items() if value != {}} for row in rows]
    import_module("pyarrow.parquet").write_table(arrow.Table.from_pylist(some), file)
    return file.getvalue()


def check(path: Path, command: list[str]) -> None:
    """It ends with a table in JSON, or with one line that says why not."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([command[0], str(path), *command[1:], "--format", "json"])
    if code == FAILED:
        assert out.getvalue() == ""
        assert err.getvalue().splitlines()[-1].startswith("ratings: ")
    else:
        assert isinstance(json.loads(out.getvalue()), list)


@fuzzed
@given(data=st.data(), format=st.sampled_from(READ), command=st.sampled_from(OPTIONS))
def test_any_row_is_rated_or_left_out(data: st.DataObject, format: str, command: list[str]) -> None:
    suffix = data.draw(st.sampled_from([".json", ".jsonl"]))
    rows = samples.rows(format)
    at = data.draw(st.integers(0, len(rows) - 1))
    rows[at] = data.draw(altered(rows[at]))
    with tempfile.TemporaryDirectory() as folder:
        check(samples.write(Path(folder) / f"votes{suffix}", rows), command)


@fuzzed
@given(data=st.data(), format=st.sampled_from(READ), command=st.sampled_from(OPTIONS))
def test_any_damage_is_rated_or_refused(
    data: st.DataObject, format: str, command: list[str]
) -> None:
    suffix = data.draw(st.sampled_from([".csv", ".json", ".jsonl", ".parquet"]))
    with tempfile.TemporaryDirectory() as folder:
        path, rows = Path(folder) / f"votes{suffix}", samples.rows(format)
        if suffix == ".parquet":
            path.write_bytes(parquet(rows))
        else:
            samples.write(path, rows)
        content = path.read_bytes()
        if data.draw(st.booleans()):
            content, path = gzip.compress(content, mtime=0), path.with_name(f"{path.name}.gz")
        path.write_bytes(data.draw(damaged(content)))
        check(path, command)
