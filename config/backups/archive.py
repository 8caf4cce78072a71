"""The file of a backup: a tar, compressed with zstd, which the programs of these names can read.

    evenhand.json        what made it, from which migrations, the columns of each table, sequences
    secret_key           if asked for
    tables/NAME/0…       rows of a table as COPY writes them, some megabytes at a time
    sums.json            rows and SHA-256 of each table, and of each other part

The sums are last: without them the file was cut off.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib import import_module
from typing import Any, BinaryIO

from arena.errors import Code, Refused

FORMAT = 1
PART = 8 << 20  # bytes of rows in one part, or one row if that is larger
READ = 1 << 18
HEAD, SECRET_KEY, SUMS, TABLES = "evenhand.json", "secret_key", "sums.json", "tables"
ZSTD = b"\x28\xb5\x2f\xfd"  # a file of zstd begins with it

Part = tuple[str, bytes]  # name, content


class Damaged(Exception):
    """The file is none, or not what was written."""


@dataclass(frozen=True)
class Head:
    """What is known before the rows."""

    made: str  # ISO 8601
    evenhand: str
    server: str
    migrations: list[list[str]]  # app, name
    tables: dict[str, list[str]]  # columns
    sequences: dict[str, int]
    key_print: str  # tells secret keys apart without giving one away
    format: int = FORMAT


@dataclass
class Sum:
    """Of the rows of one table."""

    rows: int = 0
    digest: Any = field(default_factory=sha256)

    def add(self, content: bytes | bytearray) -> None:
        """`content` has whole rows; a newline within a value is escaped by COPY."""
        self.rows += content.count(b"\n")
        self.digest.update(content)

    def told(self) -> list[Any]:
        return [self.rows, self.digest.hexdigest()]


def written(head: Head, secret_key: str | None, rows: Iterable[Part]) -> Iterator[bytes]:
    """The bytes of the file. `rows` are parts of tables, each with the table's name."""
    ready = bytearray()
    arrow = _arrow()
    with (
        arrow.CompressedOutputStream(arrow.PythonFile(_Sink(ready), "w"), "zstd") as zstd,
        tarfile.open(fileobj=zstd, mode="w|", bufsize=READ) as tar,
    ):
        for name, content in _parts(head, secret_key, rows):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o600, int(time.time())
            tar.addfile(entry, io.BytesIO(content))
            yield bytes(ready)
            ready.clear()
    yield bytes(ready)


def _parts(head: Head, secret_key: str | None, rows: Iterable[Part]) -> Iterator[Part]:
    first = [(HEAD, json.dumps(asdict(head), indent=1).encode())]
    if secret_key is not None:
        first.append((SECRET_KEY, secret_key.encode()))
    sums = {name: Sum() for name in (*dict(first), *head.tables)}
    for name, content in first:
        yield name, content
        sums[name].add(content)
    for table, content in rows:
        yield f"{TABLES}/{table}/{sums[table].rows:012d}", content
        sums[table].add(content)
    yield SUMS, json.dumps({name: each.told() for name, each in sums.items()}).encode()


class _Sink:
    """What Arrow writes to: the bytes that are ready to be stored."""

    closed = False

    def __init__(self, ready: bytearray) -> None:
        self._ready = ready

    def write(self, content: bytes) -> int:
        self._ready += content
        return len(content)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True)
class Archive:
    """A file to be read, from its beginning each time."""

    file: BinaryIO
    name: str

    def head(self) -> Head:
        """Raises Refused."""
        for _, head in self._parts():
            return head
        raise Refused(self._sentence("it is empty"), code=Code.BAD_FILE)

    def secret_key(self) -> str | None:
        for (name, content), _ in self._parts():
            if name == SECRET_KEY:
                return content.decode()
            if name != HEAD:
                break
        return None

    def rows(self) -> Iterator[Part]:
        """Parts of tables, each with the table's name. Raises Refused at the end, or before, unless
        all is as it was written."""
        sums: dict[str, Sum] = {}
        told: dict[str, Any] | None = None
        for (name, content), head in self._parts():
            table = _table(name)
            if name == SUMS:
                told = self._told(content)
                if told != {each: sums.get(each, Sum()).told() for each in (*told, *head.tables)}:
                    raise Refused(self._sentence("its sums differ"), code=Code.BAD_FILE)
            else:
                sums.setdefault(table or name, Sum()).add(content)
            if table:
                yield table, content
        if told is None:
            raise Refused(self._sentence("its end is missing"), code=Code.BAD_FILE)

    def _parts(self) -> Iterator[tuple[Part, Head]]:
        """Each with the head, which comes first."""
        head: Head | None = None
        try:
            for part in _read(self.file):
                head = head or _head(part)
                yield part, head
        except (OSError, tarfile.TarError, Damaged) as error:
            raise Refused(self._sentence(str(error)), code=Code.BAD_FILE) from error

    def _told(self, content: bytes) -> dict[str, Any]:
        with suppress(ValueError, TypeError):
            return {**json.loads(content)}
        raise Refused(self._sentence("its sums can't be read"), code=Code.BAD_FILE)

    def _sentence(self, why: str) -> str:
        return f"{self.name} is damaged, cut off, or no backup ({why}). Use another backup."


def _table(name: str) -> str:
    """The table that a part has rows of; "" if it is another part."""
    folder, _, rest = name.partition("/")
    return rest.partition("/")[0] if folder == TABLES else ""


def _head(part: Part) -> Head:
    """Raises Damaged, or Refused if a later release made it."""
    name, content = part
    if name != HEAD:
        raise Damaged(f"it begins with {name}")
    try:
        given = json.loads(content)
        if given["format"] > FORMAT:
            raise Refused(
                f"The backup was made by Evenhand {given['evenhand']}, in a format that this "
                "release does not know. Restore it with that release.",
                code=Code.BAD_FILE,
            )
        return Head(**given)
    except (ValueError, TypeError, KeyError) as error:
        raise Damaged(f"{HEAD} can't be read") from error


def _read(file: BinaryIO) -> Iterator[Part]:
    arrow = _arrow()
    with open(os.dup(file.fileno()), "rb") as own:  # Arrow closes it
        own.seek(0)
        if own.read(len(ZSTD)) != ZSTD:
            raise Damaged("it does not begin as one")
        own.seek(0)
        with (
            arrow.CompressedInputStream(arrow.PythonFile(own, "r"), "zstd") as zstd,
            tarfile.open(fileobj=zstd, mode="r|", bufsize=READ) as tar,
        ):
            for entry in tar:
                content = tar.extractfile(entry)
                yield entry.name, content.read() if content else b""


def _arrow() -> Any:
    return import_module("pyarrow")  # imported lazily: it takes a third of a second
