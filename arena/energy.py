"""What answers take in electricity, and what that emits: an estimate, as a range, by the formula
that EcoLogits publishes for a data centre with H100 cards. Knows no Django.

The formula is that of https://ecologits.ai/latest/methodology/llm_inference/ (Rincé and Banse 2025,
doi:10.21105/joss.07471), of the release named here; docs/leaderboard.md says what the range is
made of. Parameters are in billions, energy in watt-hours, time in seconds.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

METHOD = "EcoLogits 0.9.3"  # of 25 February 2026
BILLION = 1_000_000_000
TOKENS = 1000
LARGEST_FITTED = 200 * BILLION  # parameters of the largest models that the formula was fitted to

# The fit to the measurements of the ML.ENERGY leaderboard (vLLM on H100 cards).
WH_ALPHA, WH_BETA, WH_GAMMA = 1.1665273170451914e-06, -0.011205921025579175, 4.052928146734005e-05
S_ALPHA, S_BETA, S_GAMMA = 0.0006785088094353663, 0.0003119310311688259, 0.019473717579473387

BYTES_PER_PARAMETER = 2  # 16 bits
OVERHEAD = 1.2  # memory beyond the weights
GPU_GB = 80
GPUS_PER_SERVER = 8
SERVER_W = 1200.0  # without its GPUs
LIFE_S = 3 * 365 * 24 * 3600
SERVER_MADE_G = 5_700_000.0  # gCO2e of making a server without its GPUs
GPU_MADE_G = 164_000.0

# A mixture of experts, by its name: 8x7B, 30B-A3B, MoE.
MIXTURE = re.compile(r"\d+x\d+(\.\d+)?b|-a\d+(\.\d+)?b|\bmoe\b", re.IGNORECASE)


class Span(NamedTuple):
    """An estimate, and the ends of its range."""

    value: float
    lower: float
    upper: float


class Centre(NamedTuple):
    """A data centre."""

    batch: int  # answers that a server generates at once
    pue: float  # electricity per that of its servers


USUAL = Centre(64, 1.2)  # the batch that the method fixes
QUIET = Centre(16, 1.2)
BUSY = Centre(256, 1.09)


@dataclass(frozen=True)
class Energy:
    """Of 1,000 tokens written.

    Attributes:
        wh: watt-hours.
        co2e: grams, of that electricity and of making the hardware.
        beyond: whether the model is larger than any that the formula was fitted to.
        method: the formula, with its release.
    """

    wh: Span
    co2e: Span
    beyond: bool
    method: str = METHOD


def estimate(parameters: int, active: int | None, grid: float) -> Energy:
    """`active`: parameters used for each token, None for all; `grid`: gCO2e per kWh."""
    whole, used = parameters / BILLION, (active or parameters) / BILLION
    wh = Span(*(watt_hours(whole, used, centre) for centre in (USUAL, BUSY, QUIET)))
    made = (made_g(whole, used, centre.batch) for centre in (USUAL, BUSY, QUIET))
    co2e = Span(*(grid * each / 1000 + more for each, more in zip(wh, made, strict=True)))
    return Energy(wh, co2e, parameters > LARGEST_FITTED)


def watt_hours(whole: float, used: float, centre: Centre) -> float:
    """Of 1,000 tokens, by a model with so many parameters."""
    server = seconds(used, centre.batch) / 3600 * SERVER_W / GPUS_PER_SERVER / centre.batch
    return TOKENS * centre.pue * gpus(whole) * (server + gpu_wh(used, centre.batch))


def made_g(whole: float, used: float, batch: int) -> float:
    """gCO2e of making the hardware, for the part of its life that 1,000 tokens take."""
    hardware = gpus(whole) * (SERVER_MADE_G / GPUS_PER_SERVER + GPU_MADE_G)
    return TOKENS * seconds(used, batch) * hardware / (LIFE_S * batch)


def gpu_wh(used: float, batch: int) -> float:
    """Of a token, on each GPU."""
    return WH_ALPHA * math.exp(WH_BETA * batch) * used + WH_GAMMA


def seconds(used: float, batch: int) -> float:
    """Of a token."""
    return S_ALPHA * used + S_BETA * batch + S_GAMMA


def gpus(whole: float) -> int:
    """That hold the model: a power of two."""
    least = math.ceil(OVERHEAD * whole * BYTES_PER_PARAMETER / GPU_GB)
    return int(2 ** math.ceil(math.log2(least)))


def is_mixture(name: str) -> bool:
    return bool(MIXTURE.search(name))
