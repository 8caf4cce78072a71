"""One order, carried out in a thread: all its parts, joined, checked, and put into the folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx

from inference.contract.errors import EngineError
from inference.contract.fetching import Order, Part, Progress, State
from inference.contract.limits import FETCHING, TEXTS

from . import hub
from .files import Download, no_room, plain_refusal, sha256_of
from .web import Web

_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*", re.ASCII)
_NOT_HEX = re.compile(r"[^0-9a-f]")
ROOT = Path(__file__).resolve().parents[3]


class Stopped(Exception):
    """It was told to stop."""


class Job(threading.Thread):
    """Carries out one order. `progress` is replaced as it goes; `stop` ends it soon."""

    def __init__(self, order: Order, folder: Path, host: str) -> None:
        super().__init__(name=f"fetching {order.name}", daemon=True)
        self.order = order
        self.progress = Progress(State.RUNNING, total=order.total_bytes, host=host)
        self._folder = folder
        self._scratch = scratch_of(folder, order)
        self._web = Web(is_ours=order.is_ours)
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        try:
            self._fetch()
        except Stopped:
            self._end(State.STOPPED)
        except EngineError as error:
            self._end(State.FAILED, str(error))
        except OSError as error:
            reason = error.strerror or str(error)
            self._end(State.FAILED, f"It could not be written to {self._folder}: {reason}.")
        except Exception as error:  # whatever a server sends: the orderer has to be told
            self._end(State.FAILED, f"The model worker failed: {type(error).__name__}: {error}.")
        finally:
            self._web.close()

    def _fetch(self) -> None:
        check(self.order)
        target = self._folder / f"{self.order.name}.gguf"
        if target.exists():
            return self._compare(target)
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._check_room()
        files = [self._fetch_part(part) for part in self.order.parts]
        whole = files[0] if len(files) == 1 else self._joined(files)
        digest = self.order.parts[0].sha256 if len(files) == 1 else ""
        digest = digest or self._digest(whole)
        with whole.open("rb") as file:
            os.fsync(file.fileno())
        if target.exists():  # by now: another order has the same name
            return self._compare(target)
        whole.rename(target)  # atomic
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._say(done=target.stat().st_size, total=target.stat().st_size)
        self._end(State.DONE, sha256=digest)

    def _fetch_part(self, part: Part) -> Path:
        file = self._file_of(part)
        before = sum(self._file_of(earlier).stat().st_size for earlier in self._earlier(part))
        Download(
            self._web,
            part.url or hub.file_url(self.order.repository, self.order.revision, part.path),
            part,
            file,
            self._refusal,
            partial(self._heard, before),
            self._pause,
        ).run()
        if part.sha256 and (digest := self._digest(file)) != part.sha256:
            file.unlink()
            raise EngineError(
                f"{file.name} arrived damaged: its SHA-256 is {digest}, and should be "
                f"{part.sha256}. It was deleted; resume to download it again.",
                permanent=True,
            )
        return file

    def _file_of(self, part: Part) -> Path:
        return self._scratch / Path(part.path).name

    def _earlier(self, part: Part) -> tuple[Part, ...]:
        return self.order.parts[: self.order.parts.index(part)]

    def _refusal(self, response: httpx.Response) -> EngineError:
        if self.order.repository:
            return hub.refusal(response, self.order.repository)
        return plain_refusal(response)

    def _heard(self, before: int, have: int, total: int) -> None:
        self._check_stopped()
        whole = self.order.total_bytes or (total if len(self.order.parts) == 1 else 0)
        self._say(state=State.RUNNING, done=before + have, total=whole, note="")

    def _pause(self, seconds: float, why: str) -> None:
        self._say(note=f"{why} Trying again in {max(1, round(seconds))} s.")
        self._stopping.wait(seconds)
        self._check_stopped()

    def _digest(self, file: Path) -> str:
        self._say(state=State.CHECKING, note="")
        return sha256_of(file, lambda done: self._check_stopped())

    def _joined(self, files: list[Path]) -> Path:
        """In a child process: the parts may be anything, and llama.cpp could end the worker."""
        self._say(state=State.CHECKING, note="Its parts are being joined.")
        whole = self._scratch / "whole.gguf"
        paths = [str(files[0]), str(whole)]
        command = [sys.executable, "-m", "inference.engine.quantise", *paths, "COPY"]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as child:
            while child.poll() is None:
                if self._stopping.wait(0.2):
                    child.kill()
            said = (child.stderr.read() if child.stderr else "").strip().splitlines()
        self._check_stopped()
        if child.returncode or not whole.exists():
            reason = said[-1].rstrip(".") if said else "no reason given"
            raise EngineError(f"Its parts could not be joined: {reason}.", permanent=True)
        return whole

    def _compare(self, target: Path) -> None:
        wanted = self.order.parts[0].sha256
        if len(self.order.parts) == 1 and wanted and self._digest(target) == wanted:
            self._say(done=target.stat().st_size, total=target.stat().st_size)
            return self._end(State.DONE, sha256=wanted)
        raise EngineError(
            f"The weights folder already holds another {target.name}. Delete or rename that file, "
            "then resume.",
            permanent=True,
        )

    def _check_room(self) -> None:
        """Parts need their room twice, until they are joined."""
        have = sum(file.stat().st_size for file in self._scratch.iterdir())
        needed = self.order.total_bytes * min(2, len(self.order.parts)) - have
        free = shutil.disk_usage(self._folder).free
        if needed > free - FETCHING.spare_bytes:
            raise no_room(needed, free)

    def _check_stopped(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def _say(self, **news: object) -> None:
        self.progress = replace(self.progress, **news)  # type: ignore[arg-type]

    def _end(self, state: State, note: str = "", sha256: str = "") -> None:
        self._say(state=state, note=note, sha256=sha256, per_second=0.0)


def scratch_of(folder: Path, order: Order) -> Path:
    """Hidden from the inventory, on the same disk as the finished file."""
    return folder / f".fetching-{_NOT_HEX.sub('', order.id)}"


def check(order: Order) -> None:
    """Raises EngineError if an order would write anywhere but into its own folder."""
    names = [Path(part.path).name for part in order.parts]
    fit = all(_NAME.fullmatch(name) and name.endswith(".gguf") for name in names)
    if not (
        fit and names and len(set(names)) == len(names) and "whole.gguf" not in names
        and _NAME.fullmatch(order.name)
        and len(order.name) <= TEXTS.weights_name
    ):  # fmt: skip
        raise EngineError(
            "The name of this file cannot be used: it needs letters, digits, dots and dashes, and "
            "must end in .gguf.",
            permanent=True,
        )
