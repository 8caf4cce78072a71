from __future__ import annotations

from django.db import models


class Campaign(models.Model):
    """A scope of battles with a leaderboard of its own."""

    class Kind(models.TextChoices):
        LIVE = "LIVE", "live: answers generated on demand"
        PREPARED = "PREPARED", "prepared: answers made beforehand"
        IMPORTED = "IMPORTED", "imported: votes from elsewhere"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.LIVE)
    description = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def live(cls) -> Campaign:
        """The arena of today: the oldest live campaign, made when there is none yet."""
        oldest = cls.objects.filter(kind=cls.Kind.LIVE).order_by("pk").first()
        return oldest or cls.objects.get_or_create(slug="arena", defaults={"name": "The arena"})[0]
