"""Results as a table to read, JSON or CSV."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

Format = Literal["table", "json", "csv"]
Row = Mapping[str, Any]
LONGEST_NOTE = 2000  # characters: a damaged file has names and headers of millions


def note(words: str) -> None:
    """Say on standard error what was done with the votes, or why nothing was."""
    cut = words if len(words) <= LONGEST_NOTE else f"{words[:LONGEST_NOTE]}…"
    print(f"ratings: {cut}", file=sys.stderr)


def number(value: float) -> float | None:
    """A plain float, or None for NaN and infinity, which JSON cannot hold."""
    return float(value) if np.isfinite(value) else None


def write(rows: Sequence[Row], form: Format) -> None:
    """Print rows that have the same keys."""
    if form == "json":
        is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        print(json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=not is_unicode))
    elif form == "csv":
        _write_csv(rows)
    else:
        _write_table(rows)


def _write_csv(rows: Sequence[Row]) -> None:
    writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _write_table(rows: Sequence[Row]) -> None:
    if not rows:
        return
    cells = [[name.replace("_", " ").strip() for name in rows[0]]]
    cells += [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    text = [isinstance(value, str) for value in rows[0].values()]
    for line in cells if any(cells[0]) else cells[1:]:
        padded = [
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(line, widths, text, strict=True)
        ]
        print("  ".join(padded).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"
    return str(value)
