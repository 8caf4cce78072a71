"""`python manage.py import_votes FORMAT PATH --campaign SLUG [--dry-run] [--aside FILE]`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from arena.importing.detecting import DETECT, format_of
from arena.importing.errors import ImportRefused
from arena.importing.formats import FORMATS
from arena.importing.intake import bring_in
from arena.management import arguments, outputs, tables
from arena.management.bar import Bar
from people.audit import What, record


class Command(BaseCommand):
    help = "Import votes that were cast elsewhere into a campaign. See docs/importing.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "format",
            choices=[*FORMATS, DETECT],
            metavar="FORMAT",
            help=f"{', '.join(FORMATS)}; or {DETECT}: found from the file",
        )
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument("--campaign", type=arguments.text, required=True, metavar="SLUG")
        parser.add_argument(
            "--dry-run", action="store_true", help="report what would happen, and change nothing"
        )
        parser.add_argument(
            "--aside",
            "--set-aside",
            type=Path,
            metavar="FILE",
            help="where bad rows go: JSON lines, or a .csv for a spreadsheet; default: "
            "var/imports, and nowhere in a dry run",
        )
        outputs.add_overwrite(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure()
        if options["aside"] is not None:
            is_input = options["aside"].resolve() == options["path"].resolve()
            outputs.check_free(options["aside"], overwrite=options["overwrite"] and not is_input)
        try:
            with Bar(self.stderr, options["path"].name) as bar:
                report = bring_in(
                    format_of(options["format"], options["path"]),
                    options["path"],
                    options["campaign"],
                    dry_run=options["dry_run"],
                    progress=bar,
                    aside=options["aside"],
                )
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        except OSError as error:  # such as a name that is too long
            raise CommandError(f"It can't be read: {error.strerror or error}.") from error
        if not options["dry_run"]:
            record(None, What.IMPORTED, f"campaign {options['campaign']}", options["path"].name)
        for sentence in report.sentences():
            self.stdout.write(sentence)
