"""Fills in templates in a child process, which the kernel bounds in time and memory.

`sandbox` and `bounds` refuse what is known to grow, with a sentence. But a template that counts on
one thing they forget (there are quadratic methods of text, and hash tables whose keys all collide)
would hold up every answer of a worker, or end it. A child costs nobody but the template itself. It
knows no secret: of the environment it gets what tells paths, language and time zone.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from jinja2 import TemplateError

from .sandbox import ENDLESS
from .sandbox import fill_in as fill_in_here

MOST_S = 2  # of processor time, in whole seconds; `sandbox`, which says why, allows less
MOST_BYTES = 1 << 30  # of address space, of which the interpreter takes a tenth
PATIENCE_S = 60.0  # for a child that is not let run
DEADLY = "it ends the process that fills it in."
LONGEST_REASON = 500  # characters
_REPOSITORY = Path(__file__).parents[2]
_KEPT = ("PATH", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class _Child:
    """Fills in one template after the other. It is started when it is needed first, and ends with
    this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._deadly: dict[int, str] = {}  # templates that have ended it: not tried again

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def close(self) -> None:
        if self._process:
            with suppress(BrokenPipeError), self._process as process:
                process.kill()
        self._process = None

    def fill_in(self, template: str, values: Mapping[str, Any]) -> str:
        """Raises TemplateError."""
        asked = json.dumps([template, values])
        with self._lock:
            if why := self._deadly.get(hash(template)):
                raise TemplateError(why)
            # Who is killed from outside, as where memory is short, is not to blame for it.
            said = self._said(asked, template) or self._said(asked, template)
            if not said:
                raise TemplateError(DEADLY)
        text, error = json.loads(said)
        if error:
            raise TemplateError(error)
        return str(text)

    def _said(self, asked: str, template: str) -> str:
        """What it answers; nothing if somebody has killed it. Raises TemplateError if the template
        has ended it."""
        process = self._running()
        if said := _reply(process, asked):
            return said
        self.close()
        if process.returncode == -signal.SIGKILL:
            return ""
        why = ENDLESS if process.returncode == -signal.SIGXCPU else DEADLY
        self._deadly[hash(template)] = why
        raise TemplateError(why)

    def _running(self) -> subprocess.Popen[str]:
        if self._process and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from {__name__} import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd=_REPOSITORY,
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
                start_new_session=True,  # Ctrl-C is for its parent
            )
        return self._process


def _reply(process: subprocess.Popen[str], asked: str) -> str:
    """A line; nothing if it has ended."""
    assert process.stdin
    assert process.stdout
    timer = threading.Timer(PATIENCE_S, process.kill)
    timer.start()
    try:
        process.stdin.write(f"{asked}\n")
        process.stdin.flush()
        return process.stdout.readline()
    except BrokenPipeError:
        return ""
    finally:
        timer.cancel()


_child = _Child()
atexit.register(_child.close)
fill_in = _child.fill_in


def main() -> None:
    """The child."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    said, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        _answer(line, said)


def _answer(line: str, said: IO[str]) -> None:
    until = math.ceil(time.process_time()) + MOST_S
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
    template, values = json.loads(line)
    try:
        answer = [fill_in_here(template, values), ""]
    except MemoryError:
        answer = ["", "it needs too much memory."]
    except Exception as error:  # whatever Python raises in a template
        answer = ["", str(error)[:LONGEST_REASON] or type(error).__name__]
    said.write(f"{json.dumps(answer)}\n")
    said.flush()
