"""`python -m translating`: bring the catalogues up to date and compile them; with `--check`, change
nothing and fail if they have faults."""

from __future__ import annotations

import os
import sys

import django


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from . import extraction, faults, files, unmarked

    template = extraction.template()
    if "--check" not in arguments:
        for language in files.languages():
            files.write(language, files.updated(language, template))
    found = [fault for each in files.languages() for fault in faults.of(each, template)]
    found += unmarked.everywhere()
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print(f"{len(found)} faults in messages (docs/translating.md).", file=sys.stderr)
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
