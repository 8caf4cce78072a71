#!/usr/bin/env python
"""Django's command line. Without `make up` running, a command starts the embedded servers itself
for as long as it runs; `DATABASE_URL` and `REDIS_URL` make it use yours."""

import os
import sys
from pathlib import Path

# These bring up their own servers, or need none.
ON_THEIR_OWN = {"up", "inference_worker", "collectstatic", "makemessages", "help", "--version"}


def run() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.embedded import Servers

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "inference_worker":
        os.environ["ARENA_ROLE"] = "inference"  # before settings: such a process gets no database
    from django.core.management import execute_from_command_line

    if command in ON_THEIR_OWN:
        return execute_from_command_line(sys.argv)
    var = Path(os.environ.get("ARENA_VAR", Path(__file__).resolve().parent / "var"))
    with Servers(var).running():
        execute_from_command_line(sys.argv)


def main() -> None:
    from django.core.exceptions import ImproperlyConfigured

    from config.embedded import EmbeddedError

    try:
        run()
    except (EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(f"✗ {error}")


if __name__ == "__main__":
    main()
