"""The base class of all kinds of file jobs, and their registry."""

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
from arena.sites import path_of

from .progress import Note

BACKUP = "backup"  # the kind of `config.backups`, of which the control room tells
Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]  # title, head, rows


class NoForm(forms.Form):
    """For a kind without options."""


@dataclass(frozen=True)
class Made:
    """The result of a job: sentences and tables for its page, files in its folder to download, and
    the words of a button for what may follow, for which an upload is kept."""

    said: Sequence[str]
    files: Sequence[Path] = ()
    tables: Sequence[Table] = ()
    offer: str = ""


class Kind(ABC):
    name: ClassVar[str]  # in addresses, and in FILE_JOBS
    title: ClassVar[str]  # of its page and of its button
    about: ClassVar[str]  # an introduction, shown above the form
    # None: another page orders and shows its jobs (`page`).
    form: ClassVar[type[forms.Form] | None] = NoForm
    # Fields whose initial value is that of the previous job.
    remembered: ClassVar[Sequence[str]] = ()
    # Whether a job belongs to an existing campaign; otherwise it concerns the whole arena.
    of_campaign: ClassVar[bool] = True
    may_look: ClassVar[str] = "arena.view_campaign"
    # Whether what it offers needs the upload.
    needs_upload: ClassVar[bool] = False
    # Whether its files hold texts of voters: then they are dropped when a voter's data are.
    holds_texts: ClassVar[bool] = False
    # Whether a finished job replaces the earlier ones.
    replaces: ClassVar[bool] = False

    @abstractmethod
    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        """The name of a job; `campaign` is the slug of its campaign, or "". Not called for a job
        with an upload, which takes the name of its file."""

    def page(self, campaign: Campaign | None, asked: dict[str, Any]) -> str:
        """The address of the page that shows the job."""
        about = [campaign.pk] if campaign and self.of_campaign else []
        return path_of("admin:jobs", self.name, *about)

    def followed(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What is asked of the job that follows one with an offer."""
        return asked

    @abstractmethod
    def run(self, job: Job, note: Note) -> Made:
        """Do the job, and write its files to its folder, which exists. An interrupted job is run
        again from the beginning, so this must be safe to repeat. Raises Refused."""


def campaign_of(job: Job) -> Campaign:
    """The campaign of a job whose kind is `of_campaign`."""
    return Campaign.objects.get(jobs=job)


@cache
def kinds() -> dict[str, Kind]:
    found = [import_string(path)() for path in settings.FILE_JOBS]
    return {kind.name: kind for kind in found}
