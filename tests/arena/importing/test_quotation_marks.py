"""A stray quotation mark costs its line, not all others."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from arena.importing import csv_rows
from arena.limits import IMPORTS
from tests.bending import bend

from . import samples
from .conftest import Bring

HEAD = "model_a,model_b,winner,voter\n"


def test_quote_that_is_never_closed_costs_its_line(
    bring: Bring, csv_of: Callable[[str], Path]
) -> None:
    rows = "".join(f"bea,ada,tie,v{n}\n" for n in range(50))
    report = bring("csv", csv_of(f'{HEAD}ada,bea,model_a,v\nada,"bea,model_a,v\n{rows}'))
    assert (report.votes, report.set_aside) == (51, 1)
    assert report.first_set_aside == ["line 3: a quotation mark opens here and is never closed"]


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ('ada,"bea,model_a,v', 'bea,"ada",tie,v'),  # closed by one that opens
        ('ada,"bea,model_a,v', 'bea",ada,tie,v'),  # wrong number of values
        ('ada,"bea,model_a,v', 'bea,ada",tie,v'),  # right number, wrong values
        ('ada,bea,model_a,"v', 'bea,ada,tie,"v'),
        ('ada,bea,model_a,"v', 'bea,ada,tie,v"'),
    ],
)
def test_quote_that_is_closed_elsewhere_costs_two_lines_at_most(
    bring: Bring, csv_of: Callable[[str], Path], opens: str, closes: str
) -> None:
    between = "".join(f"bea,cyd,tie,{n:0200}\n" for n in range(6))
    report = bring("csv", csv_of(f"{HEAD}{opens}\n{between}{closes}\nada,bea,tie,v\n"))
    assert report.votes >= 7
    assert report.votes + report.set_aside == 9


def test_quote_in_a_column_nobody_reads_swallows_no_rows(
    bring: Bring, csv_of: Callable[[str], Path]
) -> None:
    """Arrow would read the four as one vote with a long comment."""
    text = (
        'model_a,model_b,winner,note\nada,bea,tie,x\nada,bea,tie,"y\nbea,ada,tie,z\nada,bea,tie,w\n'
    )
    report = bring("csv", csv_of(text))
    assert (report.votes, report.set_aside) == (3, 1)


def test_text_of_several_lines_stays_one_row(bring: Bring, tmp_path: Path) -> None:
    rows = [{**row, "item": 'one\ntwo, three\n"four"'} for row in samples.rows("csv")]
    rows[2]["winner"] = "nobody"
    report = bring("csv", samples.write(tmp_path / "votes.csv", rows))
    assert (report.votes, report.set_aside) == (11, 1)


def test_quotes_without_end_take_no_square_of_time(
    bring: Bring, csv_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line opens a quotation, alone or inside another."""
    monkeypatch.setattr(csv_rows, "MOST_READ_AGAIN", 1 << 20)
    path = csv_of(HEAD + "ada,bea,tie,v\n" + 'x"y,"a,b,c\n' * 40_000)
    begun = time.process_time()
    report = bring("csv", path)
    assert (report.votes, report.set_aside) == (1, 40_000)
    assert time.process_time() - begun < 10


def test_value_beyond_all_measure_costs_its_row(
    bring: Bring, csv_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, IMPORTS, value_characters=1_000)
    bend(monkeypatch, IMPORTS, item_characters=10_000)
    long = f"ada,bea,tie,{'x' * 2_000}\nada,bea,tie,{'x' * 50_000}\n"
    report = bring("csv", csv_of(f"{HEAD}ada,bea,tie,v\n{long}ada,bea,tie,w\n"))
    assert (report.votes, report.set_aside) == (2, 2)
    assert [line.split(":")[0] for line in report.first_set_aside] == ["line 3", "line 4"]
