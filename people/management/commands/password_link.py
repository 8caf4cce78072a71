"""Print a link with which somebody chooses a new password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.audit import What, record
from people.signing_in.forgotten import path_for


class Command(BaseCommand):
    help = "Print a link with which NAME can choose a new password: once, within a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            names = ", ".join(User.objects.values_list("username", flat=True)[:20]) or "nobody"
            raise CommandError(f"Nobody is called {name}. There is: {names}.")
        if not user.is_active:
            raise CommandError(f"The account of {name} is not active, so it cannot sign in.")
        record(None, What.LINKED, f"user {user.pk} ({user})")
        self.stdout.write(f"{settings.SITE_URL}{path_for(user)}")
