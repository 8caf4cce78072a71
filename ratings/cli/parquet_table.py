"""Parquet files as columns."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from ratings.cli import blocks
from ratings.cli.blocks import Block, Reject
from ratings.cli.errors import InputError
from ratings.cli.files import VotesFile


class ParquetTable:
    """Apache Parquet, through pyarrow, which is not installed by default."""

    def __init__(self, file: VotesFile) -> None:
        try:
            self._arrow: Any = import_module("pyarrow")
            parquet: Any = import_module("pyarrow.parquet")
        except ImportError:
            raise InputError(f"{file}: Parquet needs pyarrow; 'pip install pyarrow'.") from None
        self.file = file
        try:
            self._rows = parquet.ParquetFile(file.path)
        except (self._arrow.ArrowInvalid, OSError) as error:
            raise InputError(f"{file}: not a Parquet file ({error}).") from error
        self.columns: tuple[str, ...] = tuple(self._rows.schema_arrow.names)

    def blocks(self, wanted: Sequence[str], reject: Reject) -> Iterator[Block]:
        done = 0
        for batch in self._rows.iter_batches(blocks.ROWS_PER_BLOCK, columns=list(wanted)):
            columns = [tuple(self._plain(batch.column(name)).to_pylist()) for name in wanted]
            yield Block(range(done, done + batch.num_rows), columns)
            done += batch.num_rows

    def _plain(self, column: Any) -> Any:
        """Without nanoseconds, which Python's times do not have."""
        types = self._arrow.types
        if types.is_timestamp(column.type) and column.type.unit == "ns":
            return column.cast(self._arrow.timestamp("us", column.type.tz), safe=False)
        return column

    def place(self, row: int) -> str:
        return f"row {row + 1}"
