"""Write the licences of what is installed into its software bill of materials, and list them:
`python -m config.licences var/sbom.cdx.json`. A package for another system has none to be read."""

from __future__ import annotations

import json
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

# Named in a file of theirs, but not in their description.
UNNAMED = {"pyrage": "MIT", "pyromark": "MIT", "resvg-py": "MIT"}


def licence(name: str) -> str:
    """What the description of an installed package says. Raises PackageNotFoundError."""
    said = metadata(name)
    classifiers = said.get_all("Classifier") or []
    named = [each.split(" :: ")[-1] for each in classifiers if each.startswith("License")]
    expressions, texts = (said.get_all(field) or [] for field in ("License-Expression", "License"))
    return next(filter(None, [*expressions, "; ".join(named), *texts, UNNAMED.get(name)]), "")


def main() -> None:
    file = Path(sys.argv[1])
    bill = json.loads(file.read_text())
    for component in bill["components"]:
        try:
            name = licence(component["name"])
        except PackageNotFoundError:
            continue
        component["licenses"] = [{"license": {"name": name}}]
        print(f"{component['name']} {component['version']}: {name}")
    file.write_text(json.dumps(bill, indent=2) + "\n")


if __name__ == "__main__":
    main()
