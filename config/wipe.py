"""`make wipe`: forget everything this arena knows. Standard library only."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    var = ROOT / "var"
    if not var.exists():
        sys.exit("There is nothing to wipe.")
    print(f"This deletes every battle, vote and downloaded model of this arena, in {var}.")
    if input("Type 'wipe' to go on: ").strip() != "wipe":
        sys.exit("Nothing was deleted.")
    postgres = var / "postgres"
    if postgres.is_symlink():
        shutil.rmtree(postgres.resolve(), ignore_errors=True)
    shutil.rmtree(var)
    print("Wiped.")


if __name__ == "__main__":
    main()
