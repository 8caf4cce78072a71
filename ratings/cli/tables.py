"""Which reader reads a file."""

from collections.abc import Callable
from functools import partial

from ratings.cli import fastchat, open_webui
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
    return _understood(table, {*table.columns})


def _understood(table: Table, columns: set[str]) -> Table:
    """With a column of verdicts, where the file has none."""
    if columns >= MARKS:
        return ReactionsTable(table)
    if isinstance(table, JsonTable) and fastchat.is_log(columns):
        return fastchat.FastChatTable(table)
    if isinstance(table, JsonTable) and columns >= open_webui.MARKS:
        return open_webui.FeedbackTable(table)
    return table
