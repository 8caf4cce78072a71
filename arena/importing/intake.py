"""A file from its path to the tables: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction

from arena.models import Campaign, Import

from .blocks import Block, blocks
from .contestants import Contestants
from .errors import ImportRefused
from .files import Broken, Progress, Row, rows, sha256_of
from .loading import load_votes
from .report import Report
from .setting_aside import SetAside
from .votes import ReadVote


@dataclass
class Intake:
    """What a format hands its findings to."""

    source: Import
    contestants: Contestants
    rejects: SetAside
    progress: Progress

    @property
    def campaign(self) -> Campaign:
        return self.source.campaign

    def take_rows(self, path: Path, convert: Callable[[Row], ReadVote]) -> None:
        """The votes of a file with one vote a row."""
        self.take_from(rows(path, self.progress), convert)

    def take_from(
        self, found: Iterator[tuple[int, Row | Broken]], convert: Callable[[Row], ReadVote]
    ) -> None:
        self.take(blocks(found, convert, self.rejects))

    def take(self, votes: Iterator[Block]) -> None:
        load_votes(self.source, votes, self.contestants)

    def start_over(self) -> None:
        """After a transaction within this import was taken back."""
        self.contestants.forget()


@dataclass(frozen=True)
class Format:
    """A way in which votes are written down elsewhere."""

    name: str
    title: str
    bring: Callable[[Path, Intake], None]
    kind: Campaign.Kind = Campaign.Kind.IMPORTED
    labels: str = ""  # whose labels its votes have
    about: dict[str, str] = field(default_factory=dict)  # of its campaign, if always the same


def bring_in(
    format: Format,
    path: Path,
    slug: str,
    *,
    dry_run: bool = False,
    progress: Progress = lambda done: None,
    aside: Path | None = None,
) -> Report:
    """Bring a file's votes into the campaign `slug`, which is made if there is none.

    A dry run does the same and takes all of it back. Raises ImportRefused and changes nothing when
    the file can't be used.
    """
    if not path.exists():
        raise ImportRefused(f"There is no file or folder {path}. Check the path.")
    digest = sha256_of(path)
    aside = aside or aside_path(slug, path, digest)
    with transaction.atomic(), SetAside(None if dry_run else aside) as rejects:
        campaign = campaign_for(format, slug)
        earlier = Import.objects.filter(campaign=campaign, sha256=digest).first()
        if earlier is not None:
            return Report.of_repetition(earlier, dry_run)
        source = Import(campaign=campaign, format=format.name, name=path.name[:300], sha256=digest)
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
    format.bring(path, Intake(source, contestants, rejects, progress))
    if not source.votes and not source.repeated:
        raise ImportRefused(nothing_found(format, path, rejects))
    source.set_aside = rejects.count
    source.labels = format.labels
    source.save()
    progress(1.0)
    return Report.of(source, contestants, rejects, dry_run)


def campaign_for(format: Format, slug: str) -> Campaign:
    """The campaign, locked: two imports at once wait for each other."""
    made = {"name": slug, "kind": format.kind, **format.about}
    Campaign.objects.get_or_create(slug=slug, defaults=made)
    campaign = Campaign.objects.select_for_update().get(slug=slug)
    if campaign.kind == Campaign.Kind.LIVE:
        raise ImportRefused(
            f"{slug} is the campaign of a live arena, whose board is made of its own votes only. "
            "Choose another --campaign; it is made if there is none of that name."
        )
    return campaign


def nothing_found(format: Format, path: Path, rejects: SetAside) -> str:
    seen = rejects.first[0] if rejects.first else "it holds no rows"
    if not rejects.first and rejects.passed_over:
        seen = f"all its rows are {', '.join(rejects.passed_over)}"
    return (
        f"{path.name} holds no vote that can be read as {format.name} ({seen}). "
        "Check the format. Nothing was imported."
    )


def aside_path(slug: str, path: Path, digest: str) -> Path:
    return Path(settings.VAR) / "imports" / f"{slug}-{path.stem}-{digest[:8]}.set-aside.jsonl"
