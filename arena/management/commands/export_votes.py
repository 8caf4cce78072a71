"""`python manage.py export_votes FORMAT PATH --campaign SLUG`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from arena.errors import Refused
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import card_of, export, skips_of
from arena.management import arguments, outputs, tables
from arena.management.bar import Bar
from people.audit import What, record


class Command(BaseCommand):
    help = (
        "Write a campaign's votes to a .jsonl, .json, .csv or .parquet file, with a data card: "
        "only those whose voters agreed, with personal data removed. See docs/exporting.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument("--campaign", type=arguments.text, required=True, metavar="SLUG")
        parser.add_argument(
            "--for-spreadsheets",
            action="store_true",
            help="in a .csv file, put an apostrophe before whatever looks like a formula",
        )
        outputs.add_overwrite(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure()
        path: Path = options["path"]
        outputs.check_free(path, card_of(path), skips_of(path), overwrite=options["overwrite"])
        try:
            with Bar(self.stderr, path.name) as bar:
                format = FORMATS[options["format"]]
                guarded = options["for_spreadsheets"]
                done = export(format, path, options["campaign"], bar, guarded=guarded)
        except Refused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{path} can't be written: {error.strerror or error}.") from error
        record(None, What.EXPORTED, f"campaign {options['campaign']}", path.name)
        for sentence in done.sentences():
            self.stdout.write(sentence)
