"""Which reader reads a file."""

from collections.abc import Callable
from functools import partial

from ratings.cli.blocks import Table
from ratings.cli.csv_table import CsvTable
from ratings.cli.errors import InputError
from ratings.cli.files import VotesFile
from ratings.cli.json_table import JsonTable
from ratings.cli.parquet_table import ParquetTable
from ratings.cli.reactions import MARKS, ReactionsTable


def open_table(file: VotesFile) -> Table:
    """Choose the reader by the kind of file.

    Raises:
        InputError: no such file, an empty one, or an unknown kind.
    """
    readers: dict[str, Callable[[VotesFile], Table]] = {
        ".csv": CsvTable,
        ".tsv": partial(CsvTable, dialect="excel-tab"),
        ".jsonl": JsonTable,
        ".json": JsonTable,
        ".parquet": ParquetTable,
    }
    reader = readers.get(file.kind)
    if reader is None:
        raise InputError(f"{file}: votes must be a {', '.join(readers)} file, or one with .gz.")
    file.check()
    table = reader(file)
    return ReactionsTable(table) if set(table.columns) >= MARKS else table
