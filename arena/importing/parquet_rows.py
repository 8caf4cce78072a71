"""Streams the rows of a Parquet file in batches."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from ..limits import IMPORTS
from .encoding import Broken, Progress
from .errors import ImportRefused

Row = dict[str, Any]
ROWS_AT_ONCE = 200
# Errors that Arrow raises for damaged or hostile files, besides its own.
ERRORS = (OSError, ValueError, OverflowError, KeyError, NotImplementedError, MemoryError)


def parquet_rows(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    arrow: Any = import_module("pyarrow")  # imported lazily: it takes a third of a second
    parquet: Any = import_module("pyarrow.parquet")
    errors = (arrow.ArrowException, *ERRORS)
    try:
        file = parquet.ParquetFile(path)
    except errors as error:
        raise _damaged(path) from error
    with file:
        total, number = max(1, file.metadata.num_rows), 0
        batches = file.iter_batches(ROWS_AT_ONCE)
        while (batch := _next(batches, errors, path, number)) is not None:
            for row in _rows(batch, errors):
                number += 1
                yield number, row
            progress(min(1.0, number / total))


def _next(batches: Any, errors: tuple[type[BaseException], ...], path: Path, number: int) -> Any:
    try:
        batch = next(batches, None)
        batch = None if batch is None else _plain(batch)
    except errors as error:
        raise _damaged(path, f" after row {number:,}") from error
    if batch is not None and batch.nbytes > IMPORTS.batch_bytes:
        raise ImportRefused(
            f"{path.name} unpacks to more than {IMPORTS.batch_bytes >> 30} GB after row "
            f"{number:,}. Nothing was imported."
        )
    return batch


def _rows(batch: Any, errors: tuple[type[BaseException], ...]) -> Iterator[Row | Broken]:
    """The rows of a batch; one by one if any of them can't be read."""
    try:
        found: list[Row] = batch.to_pylist()
    except errors:
        for number in range(batch.num_rows):
            yield _row(batch.slice(number, 1), errors)
    else:
        yield from found


def _row(batch: Any, errors: tuple[type[BaseException], ...]) -> Row | Broken:
    try:
        [row] = batch.to_pylist()
    except UnicodeDecodeError:
        return Broken("it is not UTF-8 text", "")
    except errors as error:
        return Broken(f"one of its values can't be read ({error})", "")
    return dict(row)


def _plain(batch: Any) -> Any:
    """Convert nanoseconds, which Python cannot represent, and decode dictionary columns, whose
    references hide their real size."""
    arrow: Any = import_module("pyarrow")
    for place, field in enumerate(batch.schema):
        if arrow.types.is_timestamp(field.type) and field.type.unit == "ns":
            micro = batch.column(place).cast(arrow.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(place, field.name, micro)
        if arrow.types.is_dictionary(field.type):
            batch = batch.set_column(place, field.name, batch.column(place).dictionary_decode())
    return batch


def _damaged(path: Path, where: str = "") -> ImportRefused:
    return ImportRefused(
        f"{path.name} is not a Parquet file, or is damaged{where}. Fetch or write it again. "
        "Nothing was imported."
    )
