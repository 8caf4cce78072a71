"""A file of votes: plain, gzipped, or what comes by standard input."""

import gzip
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TextIO

from ratings.cli.errors import InputError

STDIN, NAMELESS = "-", "standard input"
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
HEAD = 4096  # bytes that show what a file is
# Characters. No row of votes is longer, but a damaged file, or a small gzip, may be.
LONGEST_LINE = 64_000_000
MOST_KEPT = 16 << 30  # bytes on disk of standard input, or of a Parquet file that was gzipped
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


class Readable(Protocol):
    """Bytes."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class VotesFile:
    """A file, its name in messages, and its kind, such as ".csv", which ".gz" may follow."""

    path: Path
    name: str
    kind: str
    zipped: bool

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Its name without folders, for people who do not have them."""
        return Path(self.name).name

    def check(self) -> None:
        """Raises InputError unless it is a file."""
        if self.path.is_dir():
            raise InputError(f"{self}: that is a folder. Name the file with the votes.")
        if not self.path.exists():
            raise InputError(f"{self}: no such file.")
        if not self.path.is_file():
            raise InputError(f"{self}: no file to read twice. Give it by standard input, as -.")

    @contextmanager
    def text(self) -> Iterator[TextIO]:
        """Open the text.

        Raises:
            InputError: it is not UTF-8, or the gzip is damaged; also while it is read.
        """
        try:
            with self._opened() as file:
                yield file
        except UnicodeDecodeError as error:
            raise InputError(f"{self}: not UTF-8 text ({error.reason}).") from error
        except DAMAGED as error:
            raise InputError(f"{self}: the gzip is damaged ({error}).") from error

    def lines(self, file: TextIO) -> Iterator[str]:
        """The lines of an open text.

        Raises:
            InputError: one is far too long.
        """
        for line in iter(partial(file.readline, LONGEST_LINE), ""):
            if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
                raise InputError(f"{self}: a line has more than {LONGEST_LINE:,} characters.")
            yield line

    def head(self) -> str:
        """The beginning, without the space before it."""
        with self.text() as file:
            return file.read(HEAD).lstrip()

    def _opened(self) -> TextIO:
        if self.zipped:
            return gzip.open(self.path, "rt", newline="", encoding="utf-8-sig")
        return self.path.open(newline="", encoding="utf-8-sig")


@contextmanager
def votes_file(path: Path) -> Iterator[VotesFile]:
    """The file with this path, which may be missing, or what comes by standard input.

    What cannot be read twice, or not from anywhere, is kept on disk meanwhile.
    """
    if str(path) == STDIN:
        if sys.stdin is None:
            raise InputError("standard input: it is closed.")
        with _kept(sys.stdin.buffer, NAMELESS) as kept, _nameless(kept) as found:
            yield found
        return
    zipped = path.suffix.lower() == ".gz"
    kind = (Path(path.stem).suffix if zipped else path.suffix).lower()
    if zipped and kind == ".parquet" and path.is_file():
        with _unzipped(path, str(path)) as found:
            yield found
        return
    yield VotesFile(path, str(path), kind, zipped)


@contextmanager
def _nameless(path: Path) -> Iterator[VotesFile]:
    """A file whose kind shows at its beginning."""
    with path.open("rb") as file:
        mark = file.read(len(PARQUET))
    zipped = mark.startswith(GZIP)
    if zipped and _begins_as_parquet(path):
        with _unzipped(path, NAMELESS) as found:
            yield found
        return
    found = VotesFile(path, NAMELESS, ".parquet", zipped)
    yield found if mark == PARQUET else replace(found, kind=_kind_of(found.head()))


def _begins_as_parquet(path: Path) -> bool:
    try:
        with gzip.open(path) as packed:
            return packed.read(len(PARQUET)) == PARQUET
    except DAMAGED:
        return False  # told where it is read


@contextmanager
def _unzipped(path: Path, name: str) -> Iterator[VotesFile]:
    """A Parquet file that was zipped; its end has to be read first."""
    with gzip.open(path) as packed, _kept(packed, name) as kept:
        yield VotesFile(kept, name, ".parquet", zipped=False)


def _kind_of(head: str) -> str:
    if head.startswith(("[", "{")):
        return ".json"
    first = head.partition("\n")[0]
    return ".tsv" if first.count("\t") > first.count(",") else ".csv"


@contextmanager
def _kept(source: Readable, name: str) -> Iterator[Path]:
    size = 0
    with tempfile.NamedTemporaryFile() as kept:
        try:
            while block := source.read(1 << 20):
                size += kept.write(block)
                if size > MOST_KEPT:
                    raise InputError(f"{name}: more than {MOST_KEPT >> 30} GB.")
        except DAMAGED as error:
            raise InputError(f"{name}: the gzip is damaged ({error}).") from error
        kept.flush()
        yield Path(kept.name)
