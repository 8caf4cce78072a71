from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from .campaigns import Campaign
from .contestants import Contestant
from .votes import Verdict


class ImportQuerySet(models.QuerySet["Import"]):
    def counted(self) -> ImportQuerySet:
        """Those that are not withdrawn."""
        return self.filter(withdrawn=None)


class ImportedVoteQuerySet(models.QuerySet["ImportedVote"]):
    def counted(self) -> ImportedVoteQuerySet:
        """Those of imports that are not withdrawn."""
        return self.filter(source__withdrawn=None)


class Import(models.Model):
    """One file of votes made elsewhere, imported into a campaign once. Withdrawn, it is kept, but
    none of its votes count."""

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
    summed_up = models.JSONField(
        null=True,
        editable=False,
        help_text="tallies that came without single votes: rows of two contestants and the counts",
    )
    withdrawn = models.DateTimeField(null=True, help_text="since then its votes do not count")
    created = models.DateTimeField(auto_now_add=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sha256"],
                condition=models.Q(withdrawn=None),
                name="import_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.campaign}"


class WithdrawnFrom(models.Model):
    """A contestant of a withdrawn import: it can't be deleted, so that the import can be taken
    back."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="contestants")
    contestant = models.ForeignKey(Contestant, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "withdrawn imports"

    def __str__(self) -> str:
        return f"{self.contestant} in {self.source}"


class ImportChange(models.Model):
    """An import was withdrawn or taken back, and why. Append-only."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="changes")
    withdrawn = models.BooleanField(help_text="otherwise taken back")
    reason = models.CharField(max_length=300)
    votes = models.BigIntegerField(help_text="that left the tallies, or came back")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.source} {'withdrawn' if self.withdrawn else 'taken back'}: {self.reason}"


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
    criteria = models.TextField(
        db_default="", help_text="what was said by criterion, as accurate:A clear:TIE"
    )
    at = models.DateTimeField(null=True)
    style = ArrayField(
        models.PositiveIntegerField(),
        null=True,
        help_text="as that of a battle's labels; null where the file has no answers",
    )

    objects = ImportedVoteQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [BrinIndex(fields=["source"], name="imported_votes_of_a_source")]

    def __str__(self) -> str:
        return f"{self.verdict} in {self.source}"
