"""Energy and emissions are those of EcoLogits' formula, and a range."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from arena import energy
from arena.energy import BUSY, QUIET, USUAL, estimate, gpus, watt_hours
from arena.models import Contestant

BILLION = 1_000_000_000
GRID = 473.01


def test_a_published_figure_is_met() -> None:
    """genai-impact.org/blog/post-3: 0.022 Wh of the GPU for 400 tokens of a model of 24 billion."""
    assert 400 * energy.gpu_wh(24, 64) == pytest.approx(0.0217, abs=5e-5)


# What `ecologits.impacts.llm` 0.9.3 itself gives for 1,000 tokens: parameters in billions, all and
# active; Wh in a usual, a busy and a quiet centre; gCO2e of electricity and hardware in the first.
@pytest.mark.parametrize(
    ("whole", "active", "wh", "co2e"),
    [
        (8.03, None, (0.0891890, 0.0633448, 0.1515090), 0.0421873 + 0.0064976),
        (46.7, 12.9, (0.1901963, 0.1285652, 0.3350665), 0.0899648 + 0.0139518),
        (70.6, None, (0.6604411, 0.3015732, 1.4295582), 0.3123952 + 0.0505728),
        (236, 21, (0.8394124, 0.5267387, 1.5534843), 0.3970504 + 0.0621720),
    ],
)
def test_estimates_are_those_of_the_library(
    whole: float, active: float | None, wh: tuple[float, ...], co2e: float
) -> None:
    used = None if active is None else round(active * BILLION)
    found = estimate(round(whole * BILLION), used, GRID)
    assert found.wh == pytest.approx(wh, rel=1e-5)
    assert found.co2e.value == pytest.approx(co2e, rel=1e-5)
    assert found.co2e.lower < found.co2e.value < found.co2e.upper
    assert found.beyond is (whole > 200)


def test_electricity_without_emissions_leaves_those_of_hardware() -> None:
    found = estimate(8 * BILLION, None, 0.0)
    per_gpu = 5_700_000 / 8 + 164_000
    hours = 1000 * energy.seconds(8, 64) / 64 / 3600
    assert found.co2e.value == pytest.approx(per_gpu * hours / (3 * 365 * 24))


@pytest.mark.parametrize(
    ("whole", "cards"), [(0.1, 1), (33.3, 1), (33.4, 2), (70, 4), (123, 4), (671, 32)]
)
def test_cards_are_a_power_of_two(whole: float, cards: int) -> None:
    assert gpus(whole) == cards


def test_the_emptier_a_centre_the_more_a_token_takes() -> None:
    for whole in (0.5, 8, 70, 405):
        busy, usual, quiet = (watt_hours(whole, whole, each) for each in (BUSY, USUAL, QUIET))
        assert busy < usual < quiet


def model(name: str = "Ada 7B", **facts: object) -> Contestant:
    return Contestant(
        **{"name": name, "access": "OPEN_WEIGHTS", "parameters": 7 * BILLION, **facts}
    )


@pytest.mark.parametrize(
    "undisclosed",
    [
        model(access="PROPRIETARY"),
        model(access="UNKNOWN"),
        model(parameters=None),
        model(stands_in_for="Another"),
        model("Ada-8x7B", parameters=47 * BILLION),
        model("Ada-47B-A3B", parameters=47 * BILLION),
        model("Ada MoE", parameters=47 * BILLION),
    ],
    ids=lambda found: f"{found.name} {found.access}",
)
def test_undisclosed_models_have_no_estimate(undisclosed: Contestant) -> None:
    assert undisclosed.energy is None


def test_an_open_model_has_one_with_the_grid_of_the_site(settings: LazySettings) -> None:
    settings.GRID_CO2E = 44.18
    assert model().energy == estimate(7 * BILLION, None, 44.18)
    mixture = model("Ada-8x7B", parameters=47 * BILLION, active_parameters=13 * BILLION)
    assert mixture.energy == estimate(47 * BILLION, 13 * BILLION, 44.18)
