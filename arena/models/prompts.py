from __future__ import annotations

from django.db import models
from django.db.models import Q

from .battles import Battle
from .campaigns import Campaign
from .generated import Generated


class Prompt(models.Model):
    """A prompt of a prepared campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="prompts")
    key = models.CharField(max_length=80, help_text="its name in the prompt set")
    text = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["campaign", "pk"]
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="prompt_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.campaign}"


class ExpectedAnswer(models.Model):
    """What answers to a prompt are checked against. Apart from the prompt, as whatever shows
    prompts must never show this."""

    prompt = models.OneToOneField(Prompt, on_delete=models.CASCADE, related_name="expected")
    kind = models.CharField(max_length=20, help_text="as arena.checking.kinds names it")
    expected = models.TextField()
    tolerance = models.CharField(
        max_length=40, blank=True, help_text="of a number: a number, or a percentage"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        within = f" ± {self.tolerance}" if self.tolerance else ""
        return f"{self.kind}: {self.expected}{within}"


class PreparedAnswer(Generated):
    """An answer made before anybody judges it: imported, or generated in the background."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="answers")
    number = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="of the texts of one revision on one prompt"
    )
    retried_at_attempt = models.PositiveIntegerField(
        default=0, db_default=0, help_text="attempts before an admin had it retried"
    )

    class Meta:
        ordering = ["prompt", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "revision", "number"], name="prepared_text_once"
            )
        ]
        indexes = [
            models.Index(fields=["state"], name="answers_to_prepare", condition=~Q(state="DONE"))
        ]

    def __str__(self) -> str:
        return f"{self.revision} on {self.prompt}"

    @property
    def tries(self) -> int:
        return self.attempt - self.retried_at_attempt


class CheckedAnswer(models.Model):
    """What the check of its prompt said of a prepared answer; deleted when the check changes."""

    class Outcome(models.TextChoices):
        RIGHT = "RIGHT", "right"
        WRONG = "WRONG", "wrong"
        NONE = "NONE", "no answer found"
        UNCHECKED = "UNCHECKED", "took too long to check"

    answer = models.OneToOneField(PreparedAnswer, on_delete=models.CASCADE, related_name="checked")
    outcome = models.CharField(max_length=9, choices=Outcome)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["RIGHT", "WRONG", "NONE", "UNCHECKED"]),
                name="checked_answer_outcome",
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.answer}"


class Pairing(models.Model):
    """Two prepared answers that were drawn to be compared, by one voter or by several."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="pairings")
    first = models.ForeignKey(PreparedAnswer, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(PreparedAnswer, on_delete=models.PROTECT, related_name="+")
    selection_probability = models.FloatField(help_text="of its contestants, when it was drawn")
    wanted = models.PositiveSmallIntegerField(help_text="how many voters will see it")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pairing_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="pairing_order"),
        ]

    def __str__(self) -> str:
        return f"pairing {self.pk} on {self.prompt}"


class Judgement(models.Model):
    """A battle on a pairing. Several on the same pairing measure agreement."""

    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="judgements")
    battle = models.OneToOneField(Battle, on_delete=models.CASCADE, related_name="judgement")
    revealed = models.DateTimeField(
        null=True, editable=False, help_text="when its voter was told who wrote the two texts"
    )

    def __str__(self) -> str:
        return f"{self.pairing} in {self.battle}"
