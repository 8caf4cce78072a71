"""A database and a broker for one benchmark, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from config.embedded import Servers


@contextmanager
def own_servers() -> Iterator[Path]:
    """Yields the folder; inside, Django is set up on an empty migrated database. Child processes
    use the same servers."""
    folder = Path(tempfile.mkdtemp(prefix="evenhand-bench-"))
    folder.chmod(0o755)  # when run as root, PostgreSQL's account needs access
    servers = Servers(folder / "var", environ={})
    try:
        with servers.running():
            os.environ |= {
                "ARENA_VAR": str(folder / "var"),
                "DJANGO_SETTINGS_MODULE": "config.settings",
                **servers.urls,
            }
            django.setup()
            call_command("migrate", verbosity=0)
            yield folder
            connection.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
