from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from arena.models import Campaign, Contestant, Reason

from .facts import Facts

if TYPE_CHECKING:
    JSONOfFacts = models.JSONField[Facts, Facts]
else:
    JSONOfFacts = models.JSONField


def public_id() -> str:
    """A snapshot's name in permalinks."""
    return secrets.token_hex(6)


class FactsField(JSONOfFacts):
    """`Facts`, stored as JSON; queries may name its keys (`facts__gap`)."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        if isinstance(expression, KeyTransform) or value is None:
            return found
        return Facts.parse(found)

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(value.dump() if isinstance(value, Facts) else value)

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj).dump()


class Board(models.Model):
    """A leaderboard: a campaign, or a slice of it, rated by one method with its settings."""

    class Method(models.TextChoices):
        BRADLEY_TERRY = "bradley-terry", "Bradley-Terry"
        STYLE = "style", _("Style-controlled Bradley-Terry")
        ELO = "elo", "Elo"

    class Ties(models.TextChoices):
        HALF = "half", _("half a win each")
        DAVIDSON = "davidson", "Davidson"
        RAO_KUPPER = "rao-kupper", "Rao-Kupper"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="boards")
    slug = models.SlugField(default="overall")
    slice = models.CharField(max_length=60, default="overall")
    method = models.CharField(max_length=40, choices=Method, default=Method.BRADLEY_TERRY)
    settings = models.JSONField(default=dict, blank=True)
    votes = models.BigIntegerField(default=0, help_text="in its slice, rated or not")
    asked = models.DateTimeField(
        null=True, help_text="when a reader last wanted a range of months of their own"
    )
    is_slow = models.BooleanField(
        default=False, help_text="its last computation took long, so the next has its own process"
    )
    fruitless = models.CharField(
        max_length=60, blank=True, help_text="fingerprint of tallies that cannot be rated"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="board_once")]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.slug}"

    @property
    def ties(self) -> str:
        return str(self.settings.get("ties", self.Ties.HALF))

    @property
    def ties_in_words(self) -> str:
        return str(self.Ties(self.ties).label)

    def newest(self) -> Snapshot | None:
        return self.snapshots.order_by("-pk").first()


class Snapshot(models.Model):
    """A board at one moment. Immutable; its archive holds everything needed to compute it again.

    Only published ones have a permalink and are kept. The others are the live board between two
    publications, and are deleted when newer ones have come.
    """

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="snapshots")
    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    last_vote_id = models.BigIntegerField(help_text="the newest vote it knows of")
    votes = models.BigIntegerField(help_text="counted in it")
    input_sha256 = models.CharField(max_length=64, help_text="of the tallies it was made from")
    fingerprint = models.CharField(
        max_length=60, default="", help_text="of the tallies, made by the database"
    )
    code_version = models.CharField(max_length=120)
    facts = FactsField(default=Facts, help_text="what its sentences are made from")
    archive = models.BinaryField(null=True, help_text="zip file to recompute it from")
    archive_sha256 = models.CharField(max_length=64, blank=True)
    published = models.DateTimeField(null=True, help_text="from then on it is kept")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["board", "-id"], name="newest_snapshot")]

    def __str__(self) -> str:
        return f"{self.board} at {date_format(self.created, 'DATETIME_FORMAT')}"


class Covariance(models.Model):
    """Kept with the newest snapshots of an overall board or a slice, and with its newest
    publication, so that no request has to rate it again (`archive.covariances`)."""

    snapshot = models.OneToOneField(Snapshot, on_delete=models.CASCADE, related_name="+")
    critical = models.FloatField(null=True, help_text="null: nothing is rated")
    tie_parameter = models.FloatField(null=True)
    members = models.BinaryField(help_text="numbers of the models it is of, as in the archive")
    triangle = models.BinaryField(help_text="its lower half, row by row")

    def __str__(self) -> str:
        return f"Covariance of {self.snapshot}"


class VoterScatter(models.Model):
    """What the votes of each voter have in common, summed over the voters of a board at its last
    publication (`refreshing.clusterings`). Of no single voter."""

    board = models.OneToOneField(Board, on_delete=models.CASCADE, related_name="+")
    contestants = models.BinaryField(help_text="their primary keys, rising")
    triangle = models.BinaryField(help_text="its lower half, row by row")
    size = models.PositiveIntegerField(help_text="of a side: the contestants, and a tie parameter")
    votes = models.FloatField()
    voters = models.PositiveIntegerField(help_text="0: votes are taken as independent")
    effective = models.FloatField(default=0.0, help_text="how many equally active voters they are")
    counted = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Voters of {self.board}"


class Trouble(models.Model):
    """Why a board is staler than its votes. Deleted when it is up to date again."""

    class What(models.TextChoices):
        COMPUTING = "COMPUTING", "computed"
        PUBLISHING = "PUBLISHING", "published"

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="troubles")
    what = models.CharField(max_length=10, choices=What)
    reason = models.CharField(max_length=300, help_text="completes: it could not be computed: ...")
    failures = models.PositiveIntegerField(default=1, help_text="in a row")
    since = models.DateTimeField(auto_now_add=True)
    retry = models.DateTimeField(help_text="not tried before")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "what"], name="trouble_once")]

    def __str__(self) -> str:
        return f"{self.board}: {self.sentence}"

    @property
    def sentence(self) -> str:
        if self.what == self.What.PUBLISHING:
            said = gettext("This board could not be published: %(reason)s")
        else:
            said = gettext("This board could not be computed: %(reason)s")
        return said % {"reason": gettext(self.reason)}


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
    tier = models.PositiveSmallIntegerField(
        null=True, help_text="on the whole board, from 1; null also in snapshots of older versions"
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "contestant"], name="rating_once")
        ]

    def __str__(self) -> str:
        return f"{self.contestant}: {self.score}"


class ResponseTime(models.Model):
    """How long a contestant's answers take, and how many tokens, measured on those given in
    battles. Tokens are null where none were counted."""

    contestant = models.OneToOneField(Contestant, on_delete=models.CASCADE, related_name="+")
    median_s = models.FloatField()
    answers = models.PositiveIntegerField(help_text="it is the median of")
    counted = models.PositiveIntegerField(db_default=0, help_text="answers with known tokens")
    battles = models.PositiveIntegerField(db_default=0, help_text="that these were given in")
    read = models.FloatField(null=True, help_text="tokens of the prompt, on average")
    written = models.FloatField(null=True, help_text="tokens, thoughts included, on average")
    read_variance = models.FloatField(null=True)
    written_variance = models.FloatField(null=True)
    covariance = models.FloatField(null=True, help_text="of the two")
    computed = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.contestant}: {self.median_s:.1f} s"


def estimate_field() -> ArrayField[Any, Any]:
    return ArrayField(models.FloatField(), size=3, null=True)


class AnswerSpeed(models.Model):
    """How fast a contestant answered prompts of one size in a campaign, as of its newest
    publication: each a quantile and the ends of its 95% interval, null with too few answers."""

    class Prompts(models.TextChoices):
        ALL = "all", _("all prompts")
        SHORT = "up-to-100", _("up to 100 tokens")
        MEDIUM = "up-to-1000", _("101 to 1,000 tokens")
        LONG = "over-1000", _("more than 1,000 tokens")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="speeds")
    contestant = models.ForeignKey(Contestant, on_delete=models.CASCADE, related_name="+")
    prompts = models.CharField(max_length=12, choices=Prompts)
    answers = models.PositiveIntegerField(help_text="it is measured on")
    first_s_median = estimate_field()
    first_s_p90 = estimate_field()
    tokens_per_second_median = estimate_field()
    tokens_per_second_p10 = estimate_field()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "contestant", "prompts"], name="answer_speed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contestant}, {self.get_prompts_display()}"


class ReasonShare(models.Model):
    """In what share of the answers of a contestant voters gave a reason, of those in votes with
    reasons, as counted with a publication (`refreshing.reasons`). Of no single voter."""

    class Relation(models.IntegerChoices):
        BELOW = -1, "below"
        UNCLEAR = 0, "unclear"
        ABOVE = 1, "above"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    contestant = models.ForeignKey(Contestant, on_delete=models.CASCADE, related_name="+")
    reason = models.ForeignKey(Reason, on_delete=models.CASCADE, related_name="+")
    answers = models.PositiveIntegerField(help_text="it is the share of")
    share = estimate_field()
    of_all = models.FloatField(help_text="the share of answers of all contestants")
    relation = models.SmallIntegerField(
        choices=Relation, null=True, help_text="to that of all, corrected for looking at many"
    )
    counted = models.DateTimeField()
    newest = models.BigIntegerField(
        db_default=0, help_text="primary key of the newest reason of a vote that was there"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "contestant", "reason"], name="reason_share_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason}, of {self.contestant}"


class CheckCount(models.Model):
    """How many answers of a contestant the checks of an ended campaign found right
    (`refreshing.checks`)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    contestant = models.ForeignKey(Contestant, on_delete=models.CASCADE, related_name="+")
    right = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    unanswered = models.PositiveIntegerField(help_text="no answer was found in the text")
    unchecked = models.PositiveIntegerField(help_text="it took too long; part of no share")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contestant"], name="check_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.contestant}: {self.right} right"


class CheckPair(models.Model):
    """On how many prompts only one of two contestants was right."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Contestant, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Contestant, on_delete=models.CASCADE, related_name="+")
    prompts = models.PositiveIntegerField(help_text="that both answered")
    first_only = models.PositiveIntegerField()
    second_only = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "first", "second"], name="check_pair_once")
        ]

    def __str__(self) -> str:
        return f"{self.first} {self.first_only} : {self.second_only} {self.second}"


class CheckedVotes(models.Model):
    """What voters chose of two texts of which exactly one is right. Of no single voter."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=120, help_text="of the answers and votes counted")
    right = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    neither = models.PositiveIntegerField(help_text="a tie, or both are bad")
    voters = models.PositiveIntegerField()
    right_share = estimate_field()
    wrong_share = estimate_field()
    neither_share = estimate_field()
    counted = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Checked votes of {self.campaign}"
