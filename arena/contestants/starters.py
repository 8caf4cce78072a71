"""The contestants of a new arena: one small model, really run, in four variants.

Two enter under their own names. Two are *stand-ins* that play a proprietary model, so that the
arena can be tried without API keys; the reveal says so. Replace them with real ones.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from inference.contract.weights import SMOLLM2, Progress, WeightsError, fetch, sha256_of

from ..models import Campaign, Contestant, RegistryEvent, Revision

Bar = Callable[[str], AbstractContextManager[Progress]]  # called with what is being done
COMPACT = "SmolLM2-135M-Instruct.Q3_K_M"


@dataclass(frozen=True)
class Starter:
    slug: str
    name: str
    weights: str
    system_prompt: str = ""
    sampling: dict[str, Any] = field(default_factory=lambda: {"temperature": 0.7})
    stands_in_for: str = ""


STARTERS = (
    Starter("smollm2-135m", "SmolLM2 135M Instruct", SMOLLM2.name),
    Starter("smollm2-135m-q3", "SmolLM2 135M Instruct, compact", COMPACT),
    Starter(
        "gpt-4-stand-in",
        "GPT-4 stand-in",
        SMOLLM2.name,
        system_prompt="You are a precise assistant. Answer in a few clear sentences.",
        sampling={"temperature": 0.2, "repeat_penalty": 1.1},
        stands_in_for="GPT-4 (OpenAI)",
    ),
    Starter(
        "claude-stand-in",
        "Claude stand-in",
        SMOLLM2.name,
        system_prompt="You are a friendly assistant. Explain step by step, with short lists.",
        sampling={"temperature": 0.5, "top_p": 0.9, "repeat_penalty": 1.05},
        stands_in_for="Claude (Anthropic)",
    ),
)


def seed(folder: Path, bar: Bar = lambda label: nullcontext(lambda done: None)) -> int:
    """Fetch the starter weights and enter the starters that are missing; returns how many."""
    with bar("starter weights, 93 MB") as progress:
        weights = fetch(SMOLLM2, folder, progress)
    compact = folder / f"{COMPACT}.gguf"
    if not compact.exists():
        _make_compact(weights, compact)
    Campaign.live()
    missing = [s for s in STARTERS if not Contestant.objects.filter(slug=s.slug).exists()]
    for starter in missing:
        _enter(starter, folder)
    return len(missing)


def _make_compact(weights: Path, compact: Path) -> None:
    """Quantise in a child process, so that this process does not load llama.cpp."""
    files = str(weights), str(compact)
    command = [sys.executable, "-m", "inference.engine.quantise", *files, "Q3_K_M"]
    made = subprocess.run(command, cwd=settings.BASE_DIR, stderr=subprocess.PIPE, text=True)
    if made.returncode:
        said = made.stderr.strip().splitlines() or ["no reason given"]
        raise WeightsError(
            f"Smaller starter weights could not be made: {said[-1].rstrip('.')}. On a "
            "host without llama.cpp, run: python manage.py prepare --without-starters"
        )


@transaction.atomic
def _enter(starter: Starter, folder: Path) -> None:
    open_model = not starter.stands_in_for
    contestant = Contestant(
        slug=starter.slug,
        name=starter.name,
        organisation="Hugging Face" if open_model else "starter set of this arena",
        licence="Apache-2.0" if open_model else "proprietary, played by an Apache-2.0 model",
        access=Contestant.Access.OPEN_SOURCE if open_model else Contestant.Access.PROPRIETARY,
        stands_in_for=starter.stands_in_for,
        parameters=134_515_008 if open_model else None,
        training_tokens=2_000_000_000_000 if open_model else None,
        context_length=8192,
        release_date=date(2024, 10, 31) if open_model else None,
        state=Contestant.State.ACTIVE,
    )
    contestant.full_clean()
    contestant.save()
    Revision.objects.create(
        contestant=contestant,
        weights=starter.weights,
        weights_sha256=sha256_of(folder / f"{starter.weights}.gguf"),
        quantisation=starter.weights.rpartition(".")[2],
        system_prompt=starter.system_prompt,
        sampling=starter.sampling,
        max_tokens=800,
    )
    RegistryEvent.objects.create(
        contestant=contestant, new=contestant.state, reason="entered as a starter"
    )
