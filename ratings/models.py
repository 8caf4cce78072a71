from __future__ import annotations

from django.db import models

from arena.models import Campaign, Contestant


class Board(models.Model):
    """A leaderboard: a campaign, rated by one method with its settings."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="boards")
    slug = models.SlugField(default="overall")
    method = models.CharField(max_length=40, default="bradley-terry")
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="board_once")]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.slug}"

    def newest(self) -> Snapshot | None:
        return self.snapshots.order_by("-pk").first()


class Snapshot(models.Model):
    """A board at one moment. Immutable; names everything needed to compute it again."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="snapshots")
    last_vote_id = models.BigIntegerField(help_text="the newest vote it knows of")
    votes = models.BigIntegerField(help_text="counted in it")
    input_sha256 = models.CharField(max_length=64, help_text="of the tallies it was made from")
    code_version = models.CharField(max_length=120)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["board", "-id"], name="newest_snapshot")]

    def __str__(self) -> str:
        return f"{self.board} at {self.created:%Y-%m-%d %H:%M}"


class Rating(models.Model):
    """One contestant's line in a snapshot. Without a score when it can't be rated; `status` says
    why."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="ratings")
    contestant = models.ForeignKey(Contestant, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(help_text="in the order of the board, from 1")
    score = models.FloatField(null=True)
    lower = models.FloatField(null=True, help_text="of the 95% interval")
    upper = models.FloatField(null=True, help_text="of the 95% interval")
    rank_low = models.PositiveIntegerField(null=True, help_text="best rank it may have")
    rank_high = models.PositiveIntegerField(null=True, help_text="worst rank it may have")
    votes = models.BigIntegerField()
    win_rate = models.FloatField(null=True, help_text="wins plus half the ties, of its votes")
    status = models.CharField(max_length=40)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "contestant"], name="rating_once")
        ]

    def __str__(self) -> str:
        return f"{self.contestant}: {self.score}"
