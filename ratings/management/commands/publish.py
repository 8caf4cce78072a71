"""`python manage.py publish DIR [--campaign SLUG] [--url URL] [--overwrite]`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import URLValidator

from arena.errors import Refused
from arena.management import arguments, outputs, tables
from arena.models import Campaign
from ratings.pages.finding import home_campaign
from ratings.static_site.writing import StaticSite


def check_address(url: str) -> None:
    try:
        URLValidator(["http", "https"])(url or "https://example.org/")
    except ValidationError as error:
        raise CommandError(
            f"--url {url!r} is not an address. Give one such as https://example.org/arena/."
        ) from error


def _is_free(folder: Path, overwrite: bool) -> bool:
    if folder.is_dir():
        return overwrite or not any(folder.iterdir())
    return not folder.exists()


class Command(BaseCommand):
    help = "Write a campaign's leaderboard as a static site that any web host can serve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--url", default="", help="its future address, for link previews")
        outputs.add_overwrite(parser)
        parser.add_argument(
            "--campaign", type=arguments.text, metavar="SLUG", help="default: that of /leaderboard/"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure()
        check_address(options["url"])
        folder: Path = options["folder"]
        if not _is_free(folder, options["overwrite"]):
            raise CommandError(
                f"{folder} is not an empty folder. Name a new one, or use --overwrite to replace "
                "the files of a site in it."
            )
        campaign = self._campaign(options["campaign"])
        try:
            site = StaticSite(campaign, folder, url=options["url"])
            site.write()
        except Refused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{folder} can't be written: {error.strerror or error}.") from error
        self.stdout.write(f"{site.pages} pages of “{campaign}” are in {folder}.")

    def _campaign(self, slug: str | None) -> Campaign:
        found = Campaign.objects.filter(slug=slug).first() if slug else home_campaign()
        if found is None:
            raise CommandError(f"There is no campaign {slug!r}." if slug else "No campaign yet.")
        return found
