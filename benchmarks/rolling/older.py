"""The release before: its code, and processes of it beside those of this one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.contract import private_hosts
from tests.live.beside import listens
from tests.live.site import ROOT, Site, free_port, until

# The first commit that can be replaced process by process (CHANGELOG: "When you upgrade").
BEFORE = "ad9725c07d21da4992259aa63386ef4872af369f"
SECRETS = ("secret_key", "worker_secret")
PATIENCE_S = 180.0


class AbsentError(Exception):
    """The code of the release before is not here; the message says why."""


def checkout(folder: Path) -> Path:
    """The code of the release before, from this clone. Raises AbsentError."""
    if (git := shutil.which("git")) is None:
        raise AbsentError("There is no git here.")
    packed = subprocess.run([git, "-C", str(ROOT), "archive", BEFORE], capture_output=True)
    if packed.returncode:
        raise AbsentError(
            f"Commit {BEFORE[:10]} is not here ({packed.stderr.decode().strip()}). In a shallow "
            "clone: git fetch --unshallow"
        )
    folder.mkdir()
    unpack = ["tar", "-x", "-C", str(folder)]
    subprocess.run(unpack, input=packed.stdout, check=True)
    return folder


class Older:
    """A web process, a core worker and a model worker of other code, on a site's servers."""

    def __init__(self, site: Site, code: Path, var: Path) -> None:
        (var / "weights").mkdir(parents=True, exist_ok=True)
        for name in SECRETS:
            shutil.copy(site.var / name, var)
        own = {
            "ARENA_VAR": str(var),
            "WEIGHTS_DIR": str(var / "weights"),
            "FETCH_HOSTS": private_hosts.THIS_MACHINE,  # as `make up` has it
        }
        self._environment = {**site.environment, **site.servers, **own}
        self._code = code
        self.port = free_port()
        self._workers = [
            self._begin("process", "core"),
            self._begin("inference_worker", "--remote", "--grace", "130"),
        ]
        self._all = [self._begin("process", "web", "--port", str(self.port)), *self._workers]

    def _begin(self, *command: str) -> subprocess.Popen[str]:
        """In its own folder: Celery first looks for modules where it is started."""
        manage = [sys.executable, str(self._code / "manage.py")]
        return subprocess.Popen(
            [*manage, *command],
            cwd=self._code, env=self._environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def wait_ready(self) -> None:
        for each in self._workers:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        until(lambda: listens(self.port), "the older web process")

    def stop(self) -> None:
        """Tell all to stop, and wait until they have."""
        for each in self._all:
            each.terminate()
        for each in self._all:
            each.wait(PATIENCE_S)

    def close(self) -> None:
        for each in self._all:
            each.kill()
            each.communicate()


@contextmanager
def older(site: Site, code: Path, var: Path) -> Iterator[Older]:
    beside = Older(site, code, var)
    try:
        beside.wait_ready()
        yield beside
    finally:
        beside.close()
