"""Reads the plain CSV by columns through Arrow: converting a million rows in Python would take
longer than PostgreSQL needs to store them. It only handles regular files, and leaves all others to
`plain_csv`, which can report what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from ...labels.languages import code_of
from ...limits import IMPORTS
from ...models.names import composed
from ..characters import NOT_IN_NAMES
from ..contestants import Contestants
from ..encoding import UTF8, Progress, encoding_of
from ..times import EARLIEST, latest
from ..votes import VERDICTS

BLOCK_BYTES = 4 << 20  # of the file, in memory at a time
NEEDED = ("model_a", "model_b", "winner")
TEXTS = {"key": "id", "voter": "voter", "item": "item", "language": "language"}
TIME = "timestamp"


class NotPlain(Exception):
    """The file has something irregular and has to be read row by row."""


def arrow_blocks(path: Path, header: list[str], progress: Progress) -> Iterator[ArrowBlock]:
    """The votes in blocks. May raise NotPlain at any time, even after some blocks."""
    arrow: Any = import_module("pyarrow")  # imported lazily: it takes a third of a second
    csv: Any = import_module("pyarrow.csv")
    wanted = [name for name in (*NEEDED, *TEXTS.values(), TIME) if name in header]
    size = path.stat().st_size
    if encoding_of(path) != UTF8:
        raise NotPlain
    rows = 0
    try:
        with (
            path.open("rb") as raw,
            closing(CountedLines(raw)) as file,
            csv.open_csv(
                file,
                csv.ReadOptions(column_names=header, skip_rows=1, block_size=BLOCK_BYTES),
                csv.ParseOptions(newlines_in_values=True),
                csv.ConvertOptions(
                    include_columns=wanted,
                    column_types=dict.fromkeys(wanted, arrow.string()),
                    strings_can_be_null=False,
                ),
            ) as reader,
        ):
            for batch in reader:
                yield ArrowBlock(arrow, batch)
                rows += batch.num_rows
                progress(min(1.0, raw.tell() / size))
            if file.lines != rows + 1:  # some row spans several lines, perhaps wrongly
                raise NotPlain
    except (arrow.ArrowInvalid, UnicodeError) as error:
        raise NotPlain from error


class CountedLines:
    """A file for Arrow that counts the lines read from it."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._newlines = 0
        self._last = b"\n"

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._newlines += data.count(b"\n")
        self._last = data[-1:] or self._last
        return data

    @property
    def lines(self) -> int:
        return self._newlines + (self._last != b"\n")

    def close(self) -> None:
        self.closed = True


class ArrowBlock:
    """Votes in Arrow columns; implements `blocks.Block`."""

    def __init__(self, arrow: Any, batch: Any) -> None:
        self._arrow = arrow
        self._compute: Any = import_module("pyarrow.compute")
        self._batch = batch
        self._given = [name for name in TEXTS if TEXTS[name] in batch.schema.names]
        self._has_time = TIME in batch.schema.names
        self._check()

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    @property
    def table_columns(self) -> list[str]:
        times = ["at"] if self._has_time else []
        return ["source_id", "contestant_a_id", "contestant_b_id", "verdict", *self._given, *times]

    @cached_property
    def names(self) -> set[str]:
        both = self._arrow.chunked_array([self._batch["model_a"], self._batch["model_b"]])
        return set(self._compute.unique(both).to_pylist())

    def rows(self, source: int, contestants: Contestants) -> bytes:
        """The rows for COPY. Raises NotPlain if any value would have to be escaped."""
        arrow, compute = self._arrow, self._compute
        pks = arrow.array([contestants[name] for name in self._values])
        models = [compute.take(pks, codes) for codes in self._sides]
        texts = [self._text(name) for name in self._given]
        times = [self._times] if self._has_time else []
        first = arrow.scalar(str(source))
        columns = [first, *models, self._verdicts, *texts, *times]
        lines = compute.binary_join_element_wise(*columns, "\t")
        whole = arrow.ListArray.from_arrays([0, len(lines)], lines)
        data: bytes = compute.binary_join(whole, "\n")[0].as_buffer().to_pybytes() + b"\n"
        tabs = len(self) * (len(columns) - 1)
        if data.count(b"\t") != tabs or data.count(b"\n") != len(self):
            raise NotPlain
        if any(sign in data for sign in (b"\\", b"\r", b"\0")):
            raise NotPlain
        return data

    @cached_property
    def _values(self) -> list[str]:
        return sorted(self.names)

    @cached_property
    def _sides(self) -> list[Any]:
        values = self._arrow.array(self._values)
        columns = (self._batch["model_a"], self._batch["model_b"])
        return [self._compute.index_in(column, value_set=values) for column in columns]

    @cached_property
    def _verdicts(self) -> Any:
        words = self._arrow.array(list(VERDICTS))
        found = self._compute.index_in(self._batch["winner"], value_set=words)
        return self._compute.take(self._arrow.array(list(VERDICTS.values())), found)

    def _check(self) -> None:
        compute = self._compute
        same = compute.any(compute.equal(*self._sides)).as_py()
        if same or self._verdicts.null_count or not all(map(is_plain_name, self.names)):
            raise NotPlain
        if self._has_time and not self._times_are_plausible():
            raise NotPlain
        for name in self._given:
            longest = compute.max(compute.utf8_length(self._batch[TEXTS[name]])).as_py()
            if (longest or 0) > IMPORTS.text_characters:
                raise NotPlain

    def _text(self, name: str) -> Any:
        column = self._batch[TEXTS[name]]
        if name != "language":
            return column
        values = self._compute.unique(column)
        codes = self._arrow.array([code_of(value) for value in values.to_pylist()])
        return self._compute.take(codes, self._compute.index_in(column, value_set=values))

    def _times_are_plausible(self) -> bool:
        bounds = [self._arrow.scalar(at, self._moments.type) for at in (EARLIEST, latest())]
        first, last = (self._compute.min_max(self._moments)[name] for name in ("min", "max"))
        if self._moments.null_count or not first.is_valid:
            return False
        return bool(bounds[0].value <= first.value and last.value <= bounds[1].value)

    @cached_property
    def _times(self) -> Any:
        return self._moments.cast(self._arrow.string())

    @cached_property
    def _moments(self) -> Any:
        """Times in ISO 8601, either all with a zone or all without, which means UTC."""
        column = self._batch[TIME]
        try:
            return column.cast(self._arrow.timestamp("us"))
        except self._arrow.ArrowInvalid:
            return column.cast(self._arrow.timestamp("us", "UTC"))  # raises too: not plain


def is_plain_name(name: str) -> bool:
    fits = name == name.strip() and 0 < len(name) <= IMPORTS.name_characters
    return fits and name == composed(name) and not NOT_IN_NAMES.search(name)
