"""`make wipe`: delete all data of this arena. Standard library only."""

from __future__ import annotations

import fcntl
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    var = ROOT / "var"
    if not var.exists():
        sys.exit("There is nothing to wipe.")
    if is_running(var):
        sys.exit("✗ The arena is running. Stop it first (Ctrl-C where 'make up' runs).")
    print(f"This deletes every battle, vote and downloaded model of this arena, in {var}.")
    if input("Type 'wipe' to continue: ").strip() != "wipe":
        sys.exit("Nothing was deleted.")
    postgres = var / "postgres"
    if postgres.is_symlink():
        shutil.rmtree(postgres.resolve(), ignore_errors=True)
    shutil.rmtree(var)
    print("Wiped.")


def is_running(var: Path) -> bool:
    """Whether a running `make up` holds the lock."""
    with (var / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


if __name__ == "__main__":
    main()
