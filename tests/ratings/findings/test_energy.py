"""Score against estimated energy, in the real arena of August 2024."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from arena.models import Campaign
from ratings.findings.scatters import ENERGY, front
from ratings.pages.finding import overall
from ratings.presentation.sheets import sheet_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_score_is_drawn_against_energy_of_open_models_with_its_range(august: Campaign) -> None:
    rated = [line for line in sheet_of(overall(august)).lines if line.rated]
    known = [line for line in rated if line.energy]
    figure = front(ENERGY, rated)
    assert 10 < len(known) < len(rated)
    assert all(line.contestant.is_open and line.contestant.parameters for line in known)
    assert len(figure.rows) == len(known)
    assert figure.drawing is not None
    assert all(dot.left < dot.x < dot.right for dot in figure.drawing.dots)
    assert "By the intervals, 11 models may be on it" in figure.note
    assert figure.title.endswith("models are not beaten in both score and energy.")
    assert "not measured here" in figure.note
    assert f"{len(rated) - len(known)} models are left off, not guessed" in figure.note


def test_page_of_a_model_tells_its_energy(august: Campaign, client: Client) -> None:
    def page(slug: str) -> str:
        found = client.get(f"/leaderboard/august/models/{slug}/").content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", found).split())

    large = page("llama-31-405b-instruct")
    assert "9.1 Wh (2.2 to 23) and 5.0 gCO2e (1.3 to 14) per 1,000 tokens written" in large
    assert "Extrapolated: the formula was fitted to smaller models." in large
    assert "Energy (estimate)" not in page("chatgpt-4o-latest")
