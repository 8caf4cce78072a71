"""Streams rows into files: JSON lines, a JSON array, CSV or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

Row = dict[str, Any]
Columns = dict[str, Any]  # name: str, int, float, bool, datetime; [item] a list, {...} a structure
ROWS_AT_ONCE = 2_000  # per Arrow record batch
BYTES_PER_GROUP = 32 << 20  # of Parquet, which keeps metadata of each group in memory
FORMULAS = tuple("=+-@\t\r＝＋－＠")  # how they begin
SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")


def write(
    path: Path, suffix: str, columns: Columns, rows: Iterable[Row], *, guarded: bool = False
) -> int:
    """Write the rows; returns how many. A `guarded` CSV file has no cell that a spreadsheet takes
    for a formula."""
    if suffix == ".csv":
        return _csv(path, columns, rows, guard if guarded else plain)
    writers = {".jsonl": _json_lines, ".json": _json, ".parquet": _parquet}
    return writers[suffix](path, columns, rows)


def _json_lines(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    count = 0
    with path.open("wb") as file:
        for row in rows:
            file.write(as_json(row, orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def _json(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    count = 0
    with path.open("wb") as file:
        file.write(b"[")
        for row in rows:
            file.write((b",\n" if count else b"\n") + as_json(row))
            count += 1
        file.write(b"\n]\n")
    return count


def _csv(path: Path, columns: Columns, rows: Iterable[Row], cell: Callable[[Any], Any]) -> int:
    """Lists and objects are written as JSON."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([cell(row[name]) for name in columns])
            count += 1
    return count


def _parquet(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    arrow: Any = import_module("pyarrow")  # imported lazily: it takes a third of a second
    parquet: Any = import_module("pyarrow.parquet")
    schema = arrow.schema([(name, arrow_type(arrow, kind)) for name, kind in columns.items()])
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in groups(batches(arrow, schema, iter(rows))):
            writer.write_table(arrow.Table.from_batches(group, schema))
            count += sum(batch.num_rows for batch in group)
    return count


def batches(arrow: Any, schema: Any, rows: Iterator[Row]) -> Iterator[Any]:
    """Record batches of a few rows: as columns they take far less memory."""
    while some := list(islice(rows, ROWS_AT_ONCE)):
        yield arrow.RecordBatch.from_pylist(some, schema=schema)


def groups(batches: Iterator[Any]) -> Iterator[list[Any]]:
    """Row groups by size, not by number of rows, since conversations vary greatly in length."""
    group: list[Any] = []
    for batch in batches:
        group.append(batch)
        if sum(each.nbytes for each in group) >= BYTES_PER_GROUP:
            yield group
            group = []
    if group:
        yield group


def as_json(value: Any, option: int = 0) -> bytes:
    option |= orjson.OPT_PASSTHROUGH_DATETIME
    return orjson.dumps(value, default=written, option=option)


def written(value: Any) -> str:
    """Encode times, the only values unknown to JSON."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} can't be exported.")
    return value.isoformat(" ")


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple | dict):
        return as_json(value).decode()
    return written(value) if isinstance(value, datetime) else value


def guard(value: Any) -> Any:
    """As `plain`, with an apostrophe before text that a spreadsheet takes for a formula."""
    cell = plain(value)
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def arrow_type(arrow: Any, kind: Any) -> Any:
    if isinstance(kind, list):
        return arrow.list_(arrow_type(arrow, kind[0]))
    if isinstance(kind, dict):
        return arrow.struct([(name, arrow_type(arrow, each)) for name, each in kind.items()])
    simple = {str: arrow.string(), int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_()}
    return simple.get(kind) or arrow.timestamp("us")
