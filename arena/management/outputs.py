"""Output files of commands: existing files are not overwritten by accident."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.management.base import CommandError, CommandParser


def add_overwrite(parser: CommandParser) -> None:
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")


def check_free(*paths: Path, overwrite: bool) -> None:
    """Raises CommandError."""
    for path in paths:
        if os.path.isfile(path) and not overwrite:
            raise CommandError(
                f"{path} already exists. Name another file, or use --overwrite to replace it."
            )
