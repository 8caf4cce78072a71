"""Imports a file into the tables, in a single transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from arena.alone import IMPORTING, wait_for
from arena.models import Campaign, Import
from arena.models.names import TAKEN

from .blocks import Block, blocks
from .characters import printable, quoted
from .contestants import Contestants
from .encoding import Broken, Progress
from .errors import ImportRefused
from .files import Row, rows, sha256_of
from .loading import NOTHING, Repeated, load_votes
from .report import Report
from .setting_aside import SetAside
from .votes import ReadVote

NO_FIELDS: Mapping[str, str] = MappingProxyType({})


@dataclass
class Intake:
    """The interface to which a format passes its votes."""

    source: Import
    contestants: Contestants
    rejects: SetAside
    progress: Progress
    repeated: Repeated = NOTHING

    @property
    def campaign(self) -> Campaign:
        return self.source.campaign

    def take_rows(self, path: Path, convert: Callable[[Row], ReadVote]) -> None:
        """Take the votes of a file with one vote per row."""
        self.take_from(rows(path, self.progress), convert)

    def take_from(
        self, found: Iterator[tuple[int, Row | Broken]], convert: Callable[[Row], ReadVote]
    ) -> None:
        self.take(blocks(found, convert, self.rejects))

    def take(self, votes: Iterator[Block]) -> None:
        self.repeated = load_votes(self.source, votes, self.contestants)

    def start_over(self) -> None:
        """Reset after the rollback of a nested transaction."""
        self.contestants.forget()
        self.rejects.start_over()


@dataclass(frozen=True)
class Format:
    """A file format of votes made elsewhere."""

    name: str
    title: str
    bring: Callable[[Path, Intake], None]
    kind: Campaign.Kind = Campaign.Kind.IMPORTED
    has_a_row_per_vote: bool = True
    labels: str = ""  # the source of its votes' labels
    about: dict[str, str] = field(default_factory=dict)  # fixed fields of its campaign, if any


def bring_in(
    format: Format,
    path: Path,
    slug: str,
    *,
    dry_run: bool = False,
    progress: Progress = lambda done: None,
    aside: Path | None = None,
    about: Mapping[str, str] = NO_FIELDS,
) -> Report:
    """Import a file's votes into the campaign `slug`, which is created if it does not exist, with
    the fields `about`, such as its name.

    A dry run does the same and rolls back, but keeps the bad rows in `aside`. Raises ImportRefused,
    and changes nothing, if the file can't be used.
    """
    check_slug(slug)
    if not (path.is_file() or path.is_dir()):
        raise ImportRefused(f"There is no file or folder {path}. Check the path.")
    try:
        about = {**format.about, **{field: value for field, value in about.items() if value}}
        return _bring_in(replace(format, about=about), path, slug, dry_run, progress, aside)
    except OSError as error:
        raise ImportRefused(
            f"{error.filename or path.name} can't be read or written: {error.strerror or error}. "
            "Nothing was imported."
        ) from error


def check_slug(slug: str) -> None:
    """Validate a slug like the forms and the database do. Raises ImportRefused."""
    field = Campaign._meta.get_field("slug")
    try:
        field.clean(slug, None)
    except ValidationError:
        fitting = slugify(slug)[: field.max_length].strip("-_")
    else:
        if slug not in TAKEN:
            return
        fitting = f"{slug}-votes"
    raise ImportRefused(
        f"{quoted(slug)} can't be a campaign's name in addresses: use letters without accents, "
        f"digits, - and _, at most {field.max_length}, such as {fitting or 'my-votes'}. Nothing "
        "was imported."
    )


def _bring_in(
    format: Format,
    path: Path,
    slug: str,
    dry_run: bool,
    progress: Progress,
    aside: Path | None,
) -> Report:
    digest = sha256_of(path)
    if aside is None and not dry_run:
        aside = aside_path(slug, path, digest)
    name = printable(path.name)[:300]
    with transaction.atomic(), SetAside(aside) as rejects:
        campaign = campaign_for(format, slug)
        earlier = Import.objects.counted().filter(campaign=campaign, sha256=digest).first()
        if earlier is not None:
            return Report.of_repetition(earlier, dry_run)
        source = Import(campaign=campaign, format=format.name, name=name, sha256=digest)
        report = _bring(format, path, source, rejects, progress, dry_run)
        transaction.set_rollback(dry_run)
    return report


def _bring(
    format: Format,
    path: Path,
    source: Import,
    rejects: SetAside,
    progress: Progress,
    dry_run: bool,
) -> Report:
    source.save()
    contestants = Contestants(f"named in {source.name}, imported into {source.campaign.slug}")
    intake = Intake(source, contestants, rejects, progress)
    format.bring(path, intake)
    if not source.votes and not source.repeated:
        raise ImportRefused(nothing_found(format, path, rejects))
    source.set_aside = rejects.count
    source.labels = format.labels
    source.save()
    progress(1.0)
    report = Report.of(source, contestants, rejects, intake.repeated, dry_run)
    return replace(report, has_a_row_per_vote=format.has_a_row_per_vote)


def campaign_for(format: Format, slug: str) -> Campaign:
    """The campaign; concurrent imports into it run one after the other. Its row is not locked, as
    battles in it go on meanwhile."""
    made = {"name": slug, "kind": format.kind, **format.about}
    campaign = Campaign.entered(slug, **made)
    wait_for(IMPORTING, campaign.pk)
    campaign.refresh_from_db()
    if campaign.kind == Campaign.Kind.LIVE:
        raise ImportRefused(
            f"{slug} is the campaign of a live arena, whose leaderboard counts its own votes "
            "only. Choose another --campaign; it is created if none has that name."
        )
    return campaign


def nothing_found(format: Format, path: Path, rejects: SetAside) -> str:
    seen = rejects.first[0] if rejects.first else "it has no rows"
    if not rejects.first and rejects.passed_over:
        seen = f"all its rows are {', '.join(rejects.passed_over)}"
    return (
        f"{path.name} has no vote that can be read as {format.name} ({seen}). "
        "Check the format. Nothing was imported."
    )


def aside_path(slug: str, path: Path, digest: str) -> Path:
    name = f"{slug}-{printable(path.stem)[:100]}-{digest[:8]}.set-aside.jsonl"
    return Path(settings.VAR) / "imports" / name
