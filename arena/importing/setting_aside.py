"""Rows that are not votes: bad ones are written to a file, skipped ones are counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from arena.plurals import counted

from .asides import AsideFile, open_aside

SHOWN = 10  # bad rows quoted in a report
MOST_REASONS = 20  # kept apart: some quote the file, so their number is unlimited
OTHERS = "rows of other kinds"


class SetAside:
    """Implements `blocks.Rejects`. The file is created with the first bad row; without `path` there
    is none."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.count = 0
        self.first: list[str] = []
        self.passed_over: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.lines: dict[str, list[int]] = defaultdict(list)  # their first
        self.remarks: Counter[str] = Counter()  # on votes that do count
        self.remarked: dict[str, list[int]] = defaultdict(list)  # their first lines
        self.columns: list[str] = []  # not used by the format
        self._file: AsideFile | None = None

    def set_aside(self, line: int, reason: str, row: object) -> None:
        self.count += 1
        kind = self._kind(self.reasons, reason)
        self.reasons[kind] += 1
        if len(self.lines[kind]) < SHOWN:
            self.lines[kind].append(line)
        if len(self.first) < SHOWN:
            self.first.append(f"line {line}: {reason}")
        if self.path is not None:
            self._file = self._file or open_aside(self.path)
            self._file.write(line, reason, row)

    def pass_over(self, reason: str) -> None:
        self.passed_over[self._kind(self.passed_over, reason)] += 1

    def _kind(self, known: Counter[str], reason: str) -> str:
        return reason if reason in known or len(known) < MOST_REASONS else OTHERS

    def remark(self, line: int, remark: str) -> None:
        self.remarks[remark] += 1
        if len(self.remarked[remark]) < SHOWN:
            self.remarked[remark].append(line)

    def in_sentences(self) -> Iterator[str]:
        """The remarks on votes that count, as sentences."""
        for remark, count in self.remarks.items():
            lines = ", ".join(map(str, self.remarked[remark]))
            more = ", …" if count > SHOWN else ""
            yield f"{counted(count, 'vote')} (line {lines}{more}): {remark}."

    def start_over(self) -> None:
        """Reset after a rollback."""
        self.count = 0
        self._close()
        for noted in (
            self.first, self.reasons, self.lines, self.passed_over, self.remarks, self.remarked,
        ):  # fmt: skip
            noted.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None
