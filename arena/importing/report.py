"""What an import did, or in a dry run would do, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from django.utils.formats import date_format

from arena.models import Import, PreparedAnswer
from arena.plurals import counted

from .characters import printable
from .contestants import Contestants, known_of
from .loading import NOTHING, Repeated
from .setting_aside import SetAside

NAMES_SHOWN = 5
NAMES_LENGTH = 500
MODELS_SHOWN = 50


class Table(NamedTuple):
    title: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Report:
    campaign: str
    name: str
    dry_run: bool
    votes: int = 0
    models: int = 0
    entered: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)  # about their names
    repeated: int = 0
    changed: Repeated = NOTHING
    set_aside: int = 0
    first_set_aside: list[str] = field(default_factory=list)
    aside: Path | None = None
    passed_over: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    unused_columns: list[str] = field(default_factory=list)
    prompts: int = 0  # to be judged in the campaign, with their answers
    answers: int = 0
    reasons: list[tuple[str, int, list[int]]] = field(default_factory=list)
    has_a_row_per_vote: bool = True
    done_before: str = ""  # when the same file was imported, if it was

    @classmethod
    def of(
        cls,
        source: Import,
        contestants: Contestants,
        rejects: SetAside,
        repeated: Repeated,
        dry_run: bool,
    ) -> Report:
        return cls(
            campaign=source.campaign.slug,
            name=source.name,
            dry_run=dry_run,
            votes=source.votes,
            models=len(contestants),
            entered=contestants.entered,
            doubts=contestants.doubts(),
            repeated=source.repeated,
            changed=repeated,
            set_aside=rejects.count,
            first_set_aside=rejects.first,
            reasons=[(why, n, rejects.lines[why]) for why, n in rejects.reasons.most_common()],
            aside=rejects.path if rejects.count else None,
            passed_over=rejects.passed_over,
            remarks=[*rejects.in_sentences()],
            unused_columns=rejects.columns,
            prompts=source.campaign.prompts.count(),
            answers=PreparedAnswer.objects.filter(prompt__campaign=source.campaign).count(),
        )

    @classmethod
    def of_repetition(cls, earlier: Import, dry_run: bool) -> Report:
        return cls(
            campaign=earlier.campaign.slug,
            name=earlier.name,
            dry_run=dry_run,
            done_before=date_format(earlier.created, "DATETIME_FORMAT"),
        )

    def tables(self) -> Iterator[Table]:
        """What the file has, for a page."""
        if not self.done_before:
            yield Table("What the file has", ["Rows", "Number"], [*self._counts()])
        if self.reasons:
            rows = [
                [why, f"{count:,}", lines_of(lines, count)] for why, count, lines in self.reasons
            ]
            yield Table("Rows set aside, by reason", ["Reason", "Rows", "Lines"], rows)
        if self.entered:
            models = [[name, known_of(name, "")["organisation"]] for name in self.entered]
            more = f", of which the first {MODELS_SHOWN}" if len(models) > MODELS_SHOWN else ""
            title = f"{counted(len(models), 'new model')}, entered as hidden: never drawn{more}"
            yield Table(title, ["Model", "Organisation"], models[:MODELS_SHOWN])

    def _counts(self) -> Iterator[list[str]]:
        skipped = sum(self.passed_over.values())
        if self.has_a_row_per_vote:
            yield ["Rows read", f"{self.votes + self.repeated + self.set_aside + skipped:,}"]
        yield ["Votes to store" if self.dry_run else "Votes stored", f"{self.votes:,}"]
        yield ["Votes that are already there", f"{self.repeated:,}"]
        yield ["Rows set aside", f"{self.set_aside:,}"]
        yield ["Rows that are not votes", f"{skipped:,}"]

    def sentences(self) -> Iterator[str]:
        if self.done_before:
            yield (
                f"{self.name} was imported into {self.campaign} on {self.done_before} UTC already. "
                "Nothing has changed."
            )
            return
        would = "Would import" if self.dry_run else "Imported"
        votes, models = counted(self.votes, "vote"), counted(self.models, "model")
        yield f"{would} {votes} on {models} into {self.campaign}."
        if self.answers:
            prompts, answers = counted(self.prompts, "prompt"), counted(self.answers, "answer")
            yield f"It has {prompts} with {answers} to judge."
        yield from self._about_models()
        if self.repeated:
            yield f"Left out {counted(self.repeated, 'vote')} that were already there."
        if self.changed.changed:
            yield from self._about_changed_votes()
        for reason, count in self.passed_over.items():
            yield f"Skipped {counted(count, 'row')}: {reason}."
        yield from self.remarks
        if self.unused_columns:
            names = printable(", ".join(self.unused_columns))[:NAMES_LENGTH]
            yield f"Not used: {names}. The known columns are in docs/importing.md."
        yield from self._about_bad_rows()
        if self.dry_run:
            yield "This was a dry run: nothing has changed."

    def _about_changed_votes(self) -> Iterator[str]:
        names = printable(", ".join(self.changed.names))
        more = ", …" if self.changed.changed > len(self.changed.names) else ""
        differ = "differs" if self.changed.changed == 1 else "differ"
        yield (
            f"{self.changed.changed:,} of these {differ} from the vote stored under the same id, "
            f"which was kept: {names}{more}. To count the new ones instead, import the file into a "
            "new campaign."
        )

    def _about_models(self) -> Iterator[str]:
        if self.entered:
            names = ", ".join(self.entered[:NAMES_SHOWN])
            more = ", …" if len(self.entered) > NAMES_SHOWN else ""
            yield f"{counted(len(self.entered), 'new model')} entered as hidden: {names}{more}."
            yield from self.doubts

    def _about_bad_rows(self) -> Iterator[str]:
        if self.set_aside:
            where = f" in {self.aside}" if self.aside else ""
            yield f"Set aside {counted(self.set_aside, 'bad row')}{where}:"
            yield from (f"  {line}" for line in self.first_set_aside)
            if self.set_aside > len(self.first_set_aside):
                yield "  …"


def lines_of(lines: list[int], count: int) -> str:
    return f"{', '.join(map(str, lines))}{', …' if count > len(lines) else ''}"
