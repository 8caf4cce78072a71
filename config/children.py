"""A process of the supervisor's: how it is started, what it says, and how it ended."""

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
    output: int  # our end of the pipe it writes to

    async def lines(self) -> AsyncIterator[str]:
        """What it says, until everybody has closed the other end."""
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(self.output, "rb")
        )
        while line := await _next_line(reader):
            yield line.decode(errors="replace").rstrip()

    def kill_group(self) -> None:
        """End what it has left behind, such as a large board being computed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


async def start(command: Sequence[str], environment: Mapping[str, str]) -> Child:
    # Not asyncio's own pipe: with that, wait() waits for everybody who holds its other end.
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
        start_new_session=True,  # Ctrl-C reaches us alone: we stop them in order
        preexec_fn=end_with_us,
    )
    os.close(its_end)
    life.listen()
    return Child(process, life, output)


def how_it_ended(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


async def _next_line(lines: asyncio.StreamReader) -> bytes:
    """Empty at the end. A line beyond all measure is cut: nobody may choke on what it says."""
    try:
        return await lines.readline()
    except ValueError:  # asyncio has thrown away what it had of it
        return "… (a line too long to show)\n".encode()
