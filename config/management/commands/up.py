"""`make up`: everything on this machine, under one supervisor."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.embedded import EmbeddedError
from config.supervisor import Supervisor, SupervisorError


class Command(BaseCommand):
    help = "Start servers, web, workers and model worker; stop them all with Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        try:
            asyncio.run(Supervisor(settings.VAR, host, port).run())
        except (EmbeddedError, SupervisorError) as error:
            sys.exit(f"✗ {error}")
