"""One process of the site, as `make up` starts it."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import assets, processes
from config.children import ROOT


class Command(BaseCommand):
    help = "Become the site's process with this role; for systemd, containers and your own scripts."
    requires_system_checks: list[str] = []  # the process makes its own

    def add_arguments(self, parser: CommandParser) -> None:
        roles = parser.add_subparsers(dest="role", required=True)
        web = roles.add_parser("web", help="pages and live battles")
        web.add_argument("--host", default="127.0.0.1")
        web.add_argument("--port", type=int, default=8000)
        for queue in ("core", "background"):
            worker = roles.add_parser(queue, help=f"works on the queue {queue}")
            worker.add_argument("--threads", type=int, default=processes.THREADS)

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        if role == "web":
            assets.collect()  # on a host where nobody ran `prepare`
            command = processes.web(options["host"], options["port"])
        else:
            command = processes.worker(role, options["threads"])
        os.environ.setdefault(processes.NAME, role)
        os.chdir(ROOT)
        os.execv(command[0], command)  # noqa: S606 - what it becomes is ours
