"""The file of the rows that were set aside: JSON lines, or CSV for a spreadsheet."""

from __future__ import annotations

import csv
import json
import re
from abc import ABC, abstractmethod
from pathlib import Path

from .characters import mended

LONGEST_CELL = 32_000  # characters; the limit of spreadsheets is only slightly higher
# The beginning of a formula, after anything that may separate cells: a spreadsheet may be set to
# other separators than the file's. The character classes are disjoint, so matching is linear.
FORMULA = re.compile(r"""((?:^|[,;\t\r\n])[ \xa0"']*)(?=[=+\-@＝＋－＠])""")


class AsideFile(ABC):
    """Created with its first row, so that without rows there is no file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding=self.encoding, newline="")

    encoding = "utf-8"

    @abstractmethod
    def write(self, line: int, reason: str, row: object) -> None: ...

    def close(self) -> None:
        self._file.close()


class JsonLines(AsideFile):
    """Complete rows, to be corrected and imported."""

    def write(self, line: int, reason: str, row: object) -> None:
        record = {"line": line, "reason": reason, "row": row}
        try:
            text = as_json(record)
        except (RecursionError, ValueError):  # so deep that Python can read, but not write it
            text = as_json({**record, "row": "(nested too deeply to be written)"})
        self._file.write(text + "\n")


class Spreadsheet(AsideFile):
    """Rows to look at: long ones are cut, and formulas are neutralised."""

    encoding = "utf-8-sig"  # with a byte order mark, by which Excel detects it

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "reason", "row"])

    def write(self, line: int, reason: str, row: object) -> None:
        self._writer.writerow([line, harmless(reason), harmless(shown(row))])


def open_aside(path: Path) -> AsideFile:
    return Spreadsheet(path) if path.suffix.lower() == ".csv" else JsonLines(path)


def as_json(value: object) -> str:
    """JSON in ASCII, so that invalid characters survive until the file is read."""
    return json.dumps(value, default=str)


def shown(row: object) -> str:
    if isinstance(row, str):
        return row
    try:
        return json.dumps(row, default=str, ensure_ascii=False)
    except (RecursionError, ValueError):
        return "(nested too deeply to be written)"


def harmless(text: str) -> str:
    """`text` for one cell, with an apostrophe before anything that looks like a formula."""
    cell = FORMULA.sub(r"\1'", mended(text[:LONGEST_CELL]))
    return cell if len(text) <= LONGEST_CELL else f"{cell} …"
