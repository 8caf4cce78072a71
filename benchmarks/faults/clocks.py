"""Wall clocks that can be set, of one process or of the machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clocks.c")
MACHINE = "machine"


class Clocks:
    """In a folder of its own. Raises OSError or CalledProcessError without a compiler."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        folder.chmod(0o777)  # PostgreSQL's account makes files here, too
        library = folder / "clocks.so"
        compiler = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE)]
        subprocess.run(compiler, check=True)
        self.environment = {"LD_PRELOAD": str(library), "CLOCKS": str(folder)}
        self.set(MACHINE, 0)

    def set(self, whose: str | int, ahead_s: int) -> None:
        """How far the clock of a process, by its id, or of all is ahead."""
        file = self.folder / str(whose)
        file.touch()
        with file.open("r+b") as opened:
            opened.write(ahead_s.to_bytes(8, "little", signed=True))
