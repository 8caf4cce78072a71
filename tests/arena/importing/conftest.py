from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arena.importing.formats import FORMATS
from arena.importing.intake import bring_in
from arena.importing.report import Report
from arena.models import Tally

Counts = dict[tuple[str, str], tuple[int, int, int, int]]
Bring = Callable[..., Report]


@pytest.fixture
def bring(db: None, tmp_path: Path) -> Bring:
    """Import a file into the campaign `elsewhere`; bad rows go to a temporary file."""

    def bring(format: str, path: Path, slug: str = "elsewhere", *, dry_run: bool = False) -> Report:
        aside = tmp_path / "aside.jsonl"
        return bring_in(FORMATS[format], path, slug, dry_run=dry_run, aside=aside)

    return bring


@pytest.fixture
def csv_of(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "votes.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def tallies(slug: str = "elsewhere") -> Counts:
    """Tallies by the names of the models, in alphabetical order."""
    found: Counts = {}
    overall = Tally.objects.filter(campaign__slug=slug, slice="overall")
    for tally in overall.select_related("first", "second"):
        a, b = tally.first.name, tally.second.name
        wins = (tally.first_wins, tally.second_wins)
        (a, x), (b, y) = sorted([(a, wins[0]), (b, wins[1])])
        found[a, b] = (x, y, tally.ties, tally.both_bad)
    return found
