from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from .campaigns import Campaign
from .contestants import Contestant
from .votes import Verdict


class Import(models.Model):
    """One file of votes made elsewhere, imported into a campaign once."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="imports")
    format = models.CharField(max_length=40)
    name = models.CharField(max_length=300, help_text="of the file or folder")
    sha256 = models.CharField(max_length=64, help_text="of its contents")
    votes = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0, help_text="votes in it that were already there")
    set_aside = models.BigIntegerField(default=0, help_text="rows that could not be used")
    labels = models.CharField(
        max_length=80, blank=True, help_text="where labels come from: rules or the release"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["campaign", "sha256"], name="import_once")]

    def __str__(self) -> str:
        return f"{self.name} in {self.campaign}"


class ImportedVote(models.Model):
    """A single vote made elsewhere: one slim row, no battle, no texts. Append-only.

    Millions are inserted at once, so there are no foreign key constraints: the importer only uses
    keys of rows that it has just read or created. What the votes of an import have in common is in
    its `Import`.
    """

    source = models.ForeignKey(
        Import,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="single_votes",
    )
    contestant_a = models.ForeignKey(
        Contestant,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    contestant_b = models.ForeignKey(
        Contestant,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    verdict = models.CharField(max_length=8, choices=Verdict)
    key = models.TextField(db_default="", help_text="its name at its source")
    voter = models.TextField(db_default="", help_text="the voter's name there")
    item = models.TextField(db_default="", help_text="what was judged, for agreement")
    language = models.TextField(db_default="")
    labels = models.TextField(
        db_default="", help_text="other slices that its prompts belong to, with spaces between"
    )
    at = models.DateTimeField(null=True)
    style = ArrayField(
        models.PositiveIntegerField(),
        null=True,
        help_text="as that of a battle's labels; null where the file has no answers",
    )

    class Meta:
        ordering = ["pk"]
        indexes = [BrinIndex(fields=["source"], name="imported_votes_of_a_source")]

    def __str__(self) -> str:
        return f"{self.verdict} in {self.source}"
