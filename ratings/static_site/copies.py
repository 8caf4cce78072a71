"""Static sites as file jobs of the admin: a zip each."""

from __future__ import annotations

import tempfile
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

from django import forms

from arena.jobs.kinds import Kind, Made, campaign_of
from arena.jobs.progress import Note
from arena.models import Job
from arena.plurals import counted

from .writing import StaticSite


class AddressForm(forms.Form):
    url = forms.URLField(
        label="Its future address",
        required=False,
        assume_scheme="https",
        max_length=200,
        # A text field: a URL field would make the browser insist on https://, which we add.
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://YOUR-HOST/FOLDER/"}),
        help_text="If given, links to its pages have a preview picture everywhere; without it, "
        "some services show none.",
    )


class StaticCopy(Kind):
    name = "static-copy"
    title = "Publish as a static site"
    about = (
        "The leaderboard as a folder of plain files that any web host can serve: its pages, "
        "charts, data, and the published snapshots. Links are relative, so it works under any "
        "address, or opened from a disk. The last file stays until a newer one is complete."
    )
    form = AddressForm
    remembered = ("url",)
    holds_texts = True  # examples of battles
    replaces = True

    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        return f"{campaign}.zip"

    def run(self, job: Job, note: Note) -> Made:
        campaign = campaign_of(job)
        target = job.folder / job.name
        with tempfile.TemporaryDirectory(dir=job.folder) as scratch:
            folder = Path(scratch) / campaign.slug
            site = StaticSite(campaign, folder, partial(_tell, note), job.asked["url"])
            site.write()
            _pack(folder, Path(scratch) / "site.zip").rename(target)
        return Made([f"{counted(site.pages, 'page')}."], [target])


def _tell(note: Note, pages: int) -> None:
    note.say(f"{counted(pages, 'page')} written")


def _pack(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder.parent))
    return target
