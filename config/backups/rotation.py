"""Which scheduled backups stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

SUFFIX = ".tar.zst"
NAME = re.compile(r"evenhand-(?P<at>\d{8}-\d{6})\.tar\.zst(\.age)?(?P<part>\.part)?")
AT = "%Y%m%d-%H%M%S"


def name(at: datetime, *, is_sealed: bool) -> str:
    return f"evenhand-{at:{AT}}{SUFFIX}{'.age' if is_sealed else ''}"


def rotate(folder: Path, days: int, weeks: int) -> list[str]:
    """Delete scheduled backups that need not stay, and what one that was cut off has left; the
    names of the deleted backups. Other files are nobody's business."""
    found = {path: match for path in folder.iterdir() if (match := NAME.fullmatch(path.name))}
    whole = {path: _at(match) for path, match in found.items() if not match["part"]}
    stay = {*kept(whole.values(), days, weeks)}
    old = [path for path, at in whole.items() if at not in stay]
    for path in [*old, *(found.keys() - whole.keys())]:
        path.unlink(missing_ok=True)
    return sorted(path.name for path in old)


def kept(times: Iterable[datetime], days: int, weeks: int) -> Iterator[datetime]:
    """The newest of each of the last days, and of each of the last weeks, that have any."""
    newest_first = sorted(times, reverse=True)
    for period, most in (("%Y-%m-%d", days), ("%G-%V", weeks)):
        by_period: dict[str, datetime] = {}
        for at in newest_first:
            by_period.setdefault(at.strftime(period), at)
        yield from list(by_period.values())[:most]


def _at(match: re.Match[str]) -> datetime:
    return datetime.strptime(match["at"], AT)
