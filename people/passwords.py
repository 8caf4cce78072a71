"""Which passwords are refused, beside those that Django refuses."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

WORDS = {"evenhand", "arena", "admin", "owner", "password", "model", "leaderboard", "battle"}
LEAST = 10  # letters and digits that have to be left beside these words


class NotOfTheArena:
    """Whoever guesses begins with the words of the site, and its names."""

    def validate(self, password: str, user: User | None = None) -> None:
        plain = password.casefold()
        rest = _known().sub("", plain)
        if rest != plain and len(re.sub(r"[\W_]+", "", rest)) < LEAST:
            raise ValidationError(
                "This password is little more than words that everybody tries here, such as the "
                "name of this site.",
                code="password_of_the_arena",
            )

    def get_help_text(self) -> str:
        return "Your password can’t be made of this site’s own words and names."


def _known() -> re.Pattern[str]:
    """Those words, and the parts of the site's hosts, such as "example" of arena.example."""
    hosts = [*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname or ""]
    parts = {part for host in hosts for part in re.split(r"[^a-z]+", host.casefold()) if part[3:]}
    return re.compile("|".join(sorted(WORDS | parts, key=len, reverse=True)))
