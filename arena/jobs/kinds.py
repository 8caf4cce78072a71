"""What the kinds of file jobs have in common, and where to find them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.module_loading import import_string

from arena.models import Campaign, Job

from .progress import Note


class NoForm(forms.Form):
    """For a kind that asks nothing."""


@dataclass(frozen=True)
class Made:
    """What came of a job: sentences for its page, and files in its folder to download."""

    said: Sequence[str]
    files: Sequence[Path] = ()


class Kind(ABC):
    name: ClassVar[str]  # in addresses, and in FILE_JOBS
    title: ClassVar[str]  # of its page; what its button does, too
    about: ClassVar[str]  # what is to be known before
    form: ClassVar[type[forms.Form]] = NoForm
    # Fields that begin with what the last job was given.
    remembered: ClassVar[Sequence[str]] = ()
    # Whether each is about a campaign that exists; else a job is about the whole arena.
    of_campaign: ClassVar[bool] = True
    may_look: ClassVar[str] = "arena.view_campaign"
    # Whether one that is done takes the place of those before it.
    replaces: ClassVar[bool] = False

    @abstractmethod
    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        """What a job is called, by the campaign's slug, if it has one; not asked when a file comes
        with the form, which has a name."""

    @abstractmethod
    def run(self, job: Job, note: Note) -> Made:
        """Do it, and write files to the job's folder, which exists. A job that was interrupted is
        run again from the beginning. Raises Refused."""


def campaign_of(job: Job) -> Campaign:
    """Of a kind whose jobs have one."""
    return Campaign.objects.get(jobs=job)


@cache
def kinds() -> dict[str, Kind]:
    found = [import_string(path)() for path in settings.FILE_JOBS]
    return {kind.name: kind for kind in found}
