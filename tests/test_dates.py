"""Every date on a page is in a format that has a name, which each language writes its own way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.formats.en import formats

pytestmark = pytest.mark.fast
TEMPLATES = Path(__file__).parent.parent / "templates"
FOR_MACHINES = ("c", "U")  # <time datetime="…">
TIME_ALONE = "H:i:s"
OF_A_FIELD = 'value="{{ '  # <input type="date"> takes no other


def formats_in(line: str) -> list[str]:
    return re.findall(r"""\|date:["']([^"']*)["']""", line)


def test_dates_of_templates_are_in_formats_with_names() -> None:
    named = {*FOR_MACHINES, TIME_ALONE, "YEAR_MONTH_FORMAT", *vars(formats)}
    lines = [
        (str(file.relative_to(TEMPLATES)), line.strip())
        for file in TEMPLATES.rglob("*.html")
        for line in file.read_text().splitlines()
    ]
    assert sum(bool(formats_in(line)) for _file, line in lines) > 30
    odd = [
        (file, line)
        for file, line in lines
        if OF_A_FIELD not in line and {*formats_in(line)} - named
    ]
    assert odd == []
