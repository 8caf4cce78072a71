"""Whole arenas in which faults can be made: as `make up` starts them, with servers behind proxies,
on a small disk of their own, or with clocks that can be set."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import Servers
from config.embedded.postgres import PORT
from inference.contract.weights import SMOLLM2, fetch
from tests.live.hosted import Paced, begin, in_place_of_all
from tests.live.proxy import Proxy
from tests.live.site import ROOT, Site
from tests.live.volunteer import Volunteer

from .clocks import Clocks

DISK = "1g"
TWENTY = tuple(f"word{n} " for n in range(20))
START_S = 600.0  # for tables and static files on a machine with much else to do


class CannotError(Exception):
    """This machine cannot have such an arena; the message says what it lacks."""


@dataclass(frozen=True)
class Means:
    """What faults are made with."""

    environment: dict[str, str] = field(default_factory=dict)  # of the arena, which is to use them
    proxies: dict[str, Proxy] = field(default_factory=dict)
    clocks: Clocks | None = None


@dataclass(frozen=True)
class Arena:
    site: Site
    means: Means = field(default_factory=Means)


@contextmanager
def arena(kind: str, said: Sequence[str] = TWENTY, pause_s: float = 0.05) -> Iterator[Arena]:
    """Its two models are behind an API of this process: no llama.cpp at work. Raises
    CannotError."""
    folder = Path(tempfile.mkdtemp(prefix="evenhand-faults-"))
    folder.chmod(0o755)
    weights = fetch(SMOLLM2, Path(os.environ.get("WEIGHTS_DIR", ROOT / "var" / "weights")))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        means = KINDS[kind](folder, stack)
        site = Site(folder / "var", weights.parent, **means.environment)
        stack.callback(lambda: site.process.poll() is None and site.stop())
        site.wait_ready(patience=START_S)
        words = Paced.of(list(said), pause_s)
        stack.enter_context(in_place_of_all(site, one=words, other=words))
        with Volunteer(site.url) as volunteer:
            begin(volunteer, "Is anybody there?")
        yield Arena(site, means)


def _plain(folder: Path, stack: ExitStack) -> Means:
    return Means()


def _network(folder: Path, stack: ExitStack) -> Means:
    """Servers of one's own, each behind a proxy."""
    servers = Servers(folder / "servers", environ={})
    stack.enter_context(servers.running())
    postgres, valkey = servers.members["DATABASE_URL"], servers.members["REDIS_URL"]
    sockets = {
        "postgres": f"{postgres.sockets}/.s.PGSQL.{PORT}",  # type: ignore[attr-defined]
        "valkey": str(valkey.socket),  # type: ignore[attr-defined]
    }
    proxies = {name: stack.enter_context(Proxy(path)) for name, path in sockets.items()}
    user = postgres.user  # type: ignore[attr-defined]
    account = valkey.url.partition("://")[2].partition("@")[0]
    named = {
        "DATABASE_URL": f"postgresql://{user}@127.0.0.1:{proxies['postgres'].port}/evenhand",
        "REDIS_URL": f"redis://{account}@127.0.0.1:{proxies['valkey'].port}/0",
    }
    return Means(named, proxies)


def _disk(folder: Path, stack: ExitStack) -> Means:
    """All that the arena keeps is on a small disk in memory."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        raise CannotError(f"a disk of its own needs root: {done.stderr.strip()}")
    stack.callback(subprocess.run, ["umount", "--lazy", str(folder)])
    return Means()


def _clock(folder: Path, stack: ExitStack) -> Means:
    try:
        clocks = Clocks(folder / "clocks")
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotError(f"clocks to set need a C compiler: {error}") from error
    return Means(clocks.environment, clocks=clocks)


KINDS: dict[str, Callable[[Path, ExitStack], Means]] = {
    "plain": _plain, "network": _network, "disk": _disk, "clock": _clock,
}  # fmt: skip
