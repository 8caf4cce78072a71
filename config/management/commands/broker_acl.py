"""Print the users for a Valkey of one's own, as the file that its option `aclfile` names."""

from __future__ import annotations

import os
import secrets
from argparse import ArgumentTypeError
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import broker_users

VARIABLE = "VALKEY_{}_PASSWORD"  # of the environment, for a password that is known already


class Host(NamedTuple):
    """A host of model workers, as given: NAME or NAME:SERVICE,SERVICE."""

    name: str
    services: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Host:
        name, _, services = text.partition(":")
        if not name.replace("-", "").replace(".", "").replace("_", "").isalnum():
            raise ArgumentTypeError(f"{name!r} is not the name of a host")
        return cls(name, tuple(filter(None, services.split(","))) or ("*",))


class Command(BaseCommand):
    help = (
        "Print an ACL file with users for the site and for model workers, and, to the error "
        "output, each one's REDIS_URL with a new password, unless VALKEY_SITE_PASSWORD and the "
        "like are set. Needs Valkey, or Redis 7."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--worker", dest="hosts", action="append", type=Host.parse, metavar="HOST[:SERVICE,…]",
            help="a host of model workers, by the name that `hostname` prints there, and the "
            "services that it may provide: names of weights, or remote:KEY_VARIABLE for an API; a "
            "star stands for any characters. Default: one user for all workers.",
        )  # fmt: skip
        parser.add_argument("--at", default="valkey.example:6379", help="host and port of Valkey")

    def handle(self, *args: Any, hosts: list[Host] | None, at: str, **options: Any) -> None:
        try:
            rules = broker_users.usual() if not hosts else broker_users.separate(hosts)
        except ValueError as error:
            raise CommandError(str(error)) from None
        given = {user: os.environ.get(VARIABLE.format(user.upper()), "") for user in rules}
        made = {user: secrets.token_urlsafe(32) for user, known in given.items() if not known}
        self.stdout.write(broker_users.file(rules, {**given, **made}.__getitem__), ending="")
        for user, password in made.items():
            self.stderr.write(f"{user}: REDIS_URL=rediss://{user}:{password}@{at}/0")
