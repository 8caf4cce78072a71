"""A child process of the supervisor: its start, its output and its exit status."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from arena.orphans import die_with_parent

from . import heart
from .life import Life

ROOT = Path(__file__).resolve().parent.parent
LONGEST_LINE = 1 << 20

end_with_us = partial(die_with_parent, signal.SIGTERM)


@dataclass(frozen=True)
class Child:
    process: asyncio.subprocess.Process
    life: Life
    output: int  # the read end of the pipe for its output

    async def lines(self) -> AsyncIterator[str]:
        """Its output, until every process has closed the write end of the pipe."""
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(self.output, "rb")
        )
        while line := await _next_line(reader):
            yield line.decode(errors="replace").rstrip()

    def kill_group(self) -> None:
        """Kill the processes it left behind, such as one computing a large board."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


async def start(command: Sequence[str], environment: Mapping[str, str]) -> Child:
    # Not asyncio's own pipe: wait() would then also wait for every other holder of its write end.
    output, its_end = os.pipe()
    life = Life()
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**environment, heart.VARIABLE: str(life.its_end)},
        cwd=ROOT,
        pass_fds=[life.its_end],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=its_end,
        stderr=its_end,
        start_new_session=True,  # Ctrl-C reaches only the supervisor, which stops children in order
        preexec_fn=end_with_us,
    )
    os.close(its_end)
    life.listen()
    return Child(process, life, output)


def how_it_ended(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


async def _next_line(lines: asyncio.StreamReader) -> bytes:
    """The next line; empty at the end. A line over `LONGEST_LINE` is replaced by a note."""
    try:
        return await lines.readline()
    except ValueError:  # asyncio has discarded what it had read
        return "… (a line too long to show)\n".encode()
