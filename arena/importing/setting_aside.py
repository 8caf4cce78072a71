"""Rows that are no votes: the bad ones go into a file of their own, the others are counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

SHOWN = 10  # bad rows that a report quotes


class SetAside:
    """Implements `votes.Rejects`. The file begins with the first bad row; without `path` there is
    none, as in a dry run."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.count = 0
        self.first: list[str] = []
        self.passed_over: Counter[str] = Counter()
        self.columns: list[str] = []  # that the format has no use for
        self._file: TextIO | None = None

    def set_aside(self, line: int, reason: str, row: object) -> None:
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(f"line {line}: {reason}")
        if self.path is not None:
            self._write(self.path, {"line": line, "reason": reason, "row": row})

    def pass_over(self, reason: str) -> None:
        self.passed_over[reason] += 1

    def _write(self, path: Path, record: dict[str, object]) -> None:
        if self._file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8")
        print(json.dumps(record, default=str), file=self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
