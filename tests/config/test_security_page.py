"""docs/security.md: what it names is there, and each requirement of ASVS has one line."""

from __future__ import annotations

import re

from config.install import ROOT

PAGE = (ROOT / "docs/security.md").read_text()
ASVS = PAGE.split("## OWASP ASVS")[1]
ROW = re.compile(
    r"^\| (\d+)\.(\d+)\.(\d+)(?:–(\d+)\.(\d+)\.(\d+))? \| .+ \| (yes|partly|no|–) \| .+ \|$"
)
# Requirements of levels 1 and 2, by chapter: ASVS 5.0.0.
PER_CHAPTER = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9,
               13: 13, 14: 9, 15: 13, 16: 16, 17: 7}  # fmt: skip


def rows() -> list[re.Match[str]]:
    lines = [line for line in ASVS.splitlines() if re.match(r"\| \d", line)]
    found = [ROW.match(line) for line in lines]
    assert None not in found, lines[found.index(None)]
    return [row for row in found if row]


def test_every_file_and_test_that_is_named_is_there() -> None:
    names = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", PAGE)
    assert len(names) > 120
    served = ("/leaderboard/", "/healthz")  # addresses, no files
    assert [name for name in names if not (ROOT / name).exists() and name not in served] == []


def test_requirements_are_in_order_and_in_their_chapters() -> None:
    firsts = [tuple(map(int, row.groups()[:3])) for row in rows()]
    assert firsts == sorted(set(firsts))
    assert {chapter for chapter, _, _ in firsts} == PER_CHAPTER.keys()
    headings = [int(chapter) for chapter in re.findall(r"^### V(\d+) ", ASVS, re.MULTILINE)]
    assert headings == [*PER_CHAPTER]


def test_what_is_met_names_where() -> None:
    """A claim needs a place, unless it is that something is not there at all."""
    tested = [row for row in rows() if row[7] == "yes" and "`tests/" in row[0]]
    assert len(tested) > 80


def test_sums_are_those_of_the_table() -> None:
    said = re.search(r"(\d+) met, (\d+) in part, (\d+)\s+not, (\d+) about", ASVS)
    assert said
    assert sum(map(int, said.groups())) == sum(PER_CHAPTER.values())
