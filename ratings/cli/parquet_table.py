"""Parquet files as columns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from ratings.cli import blocks
from ratings.cli.blocks import Block, Reject
from ratings.cli.errors import InputError
from ratings.cli.files import VotesFile

# What Arrow raises for damaged or hostile files, besides errors of its own.
ERRORS = (OSError, ValueError, OverflowError, KeyError, NotImplementedError, MemoryError)
MOST_BYTES = 1 << 30  # of a block: a small file may unpack to anything


class ParquetTable:
    """Apache Parquet, through pyarrow, which is not installed by default."""

    def __init__(self, file: VotesFile) -> None:
        try:
            self._arrow: Any = import_module("pyarrow")
            parquet: Any = import_module("pyarrow.parquet")
        except ImportError:
            raise InputError(f"{file}: Parquet needs pyarrow; 'pip install pyarrow'.") from None
        self.file = file
        with self._named_errors("not a Parquet file"):
            self._rows = parquet.ParquetFile(file.path)
            self.columns: tuple[str, ...] = tuple(self._rows.schema_arrow.names)

    def blocks(self, wanted: Sequence[str], reject: Reject) -> Iterator[Block]:
        done = 0
        batches = self._rows.iter_batches(blocks.ROWS_PER_BLOCK, columns=list(wanted))
        while (columns := self._next(batches, wanted, done)) is not None:
            rows = range(done, done + len(columns[0]))
            yield Block(rows, columns)
            done = rows.stop

    def _next(self, batches: Any, wanted: Sequence[str], done: int) -> list[tuple[Any, ...]] | None:
        with self._named_errors(f"damaged after row {done:,}"):
            batch = next(batches, None)
            if batch is None:
                return None
            if batch.nbytes > MOST_BYTES:
                much = f"more than {MOST_BYTES:,} bytes"
                raise InputError(f"{self.file}: rows after row {done:,} unpack to {much}.")
            return [tuple(self._plain(batch.column(name)).to_pylist()) for name in wanted]

    def _plain(self, column: Any) -> Any:
        """Without nanoseconds, which Python's times do not have."""
        types = self._arrow.types
        if types.is_timestamp(column.type) and column.type.unit == "ns":
            return column.cast(self._arrow.timestamp("us", column.type.tz), safe=False)
        return column

    @contextmanager
    def _named_errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (self._arrow.ArrowException, *ERRORS) as error:
            why = (str(error).splitlines() or [type(error).__name__])[0].removesuffix(".")
            raise InputError(f"{self.file}: {what} ({why}).") from error

    def place(self, row: int) -> str:
        return f"row {row + 1}"
