#!/usr/bin/env python
"""Django's command line. Without `make up` running, a command starts the embedded servers itself
for as long as it runs; `DATABASE_URL` and `REDIS_URL` make it use yours."""

import os
import sys
from pathlib import Path

# These bring up their own servers, or need none.
ON_THEIR_OWN = {
    "inference_worker", "broker_acl", "collectstatic", "makemessages", "help", "--version",
}  # fmt: skip


def run() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.embedded import Servers

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "inference_worker":
        os.environ["ARENA_ROLE"] = "inference"  # before settings: such a process gets no database
    from django.core.management import execute_from_command_line

    if command == "up":  # needs none of the apps, which take a second to load
        from config.management.commands.up import Command

        return Command().run_from_argv(sys.argv)
    if command in ON_THEIR_OWN:
        return execute_from_command_line(sys.argv)
    var = Path(os.environ.get("ARENA_VAR", Path(__file__).resolve().parent / "var"))
    with Servers(var).running():
        execute_from_command_line(sys.argv)


def main() -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    try:
        from config.embedded import EmbeddedError

        try:
            run()
        except EmbeddedError as error:
            sys.exit(f"✗ {error}")
    except ImproperlyConfigured as error:
        sys.exit(f"✗ {error}")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None):  # it answers, with an error
            raise
        sys.exit(f"✗ The database does not answer: {str(error).strip()}. Check DATABASE_URL.")


if __name__ == "__main__":
    main()
