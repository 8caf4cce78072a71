"""Rows into files, one after the other: JSON lines, a JSON array, CSV or Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Columns = dict[str, Any]  # name: str, int, float, bool, datetime; [item] a list, {...} a structure
ROWS_PER_GROUP = 2_000  # of Parquet, which holds a group in memory
SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")


def write(path: Path, suffix: str, columns: Columns, rows: Iterable[Row]) -> int:
    """Returns how many rows there were."""
    writers = dict(zip(SUFFIXES, (_json_lines, _json, _csv, _parquet), strict=True))
    return writers[suffix](path, columns, rows)


def _json_lines(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(as_json(row, columns) + "\n")
            count += 1
    return count


def _json(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for row in rows:
            file.write((",\n" if count else "\n") + as_json(row, columns))
            count += 1
        file.write("\n]\n")
    return count


def _csv(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    """What is not a plain value is written as JSON."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([plain(row[name]) for name in columns])
            count += 1
    return count


def _parquet(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    arrow: Any = import_module("pyarrow")  # takes a third of a second: only when needed
    parquet: Any = import_module("pyarrow.parquet")
    schema = arrow.schema([(name, arrow_type(arrow, kind)) for name, kind in columns.items()])
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in groups(iter(rows)):
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))
            count += len(group)
    return count


def groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while group := list(islice(rows, ROWS_PER_GROUP)):
        yield group


def as_json(row: Row, columns: Columns) -> str:
    ordered = {name: row[name] for name in columns}
    return json.dumps(ordered, ensure_ascii=False, default=written)


def written(value: Any) -> str:
    """The only values that JSON does not know are times."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} can't be exported.")
    return value.isoformat(" ")


def plain(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=written)
    return written(value) if isinstance(value, datetime) else value


def arrow_type(arrow: Any, kind: Any) -> Any:
    if isinstance(kind, list):
        return arrow.list_(arrow_type(arrow, kind[0]))
    if isinstance(kind, dict):
        return arrow.struct([(name, arrow_type(arrow, each)) for name, each in kind.items()])
    simple = {str: arrow.string(), int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_()}
    return simple.get(kind) or arrow.timestamp("us")
