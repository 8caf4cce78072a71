from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ..limits import CAMPAIGNS
from .names import NameField, plain_name, plain_slug

if TYPE_CHECKING:
    from .contestants import Contestant

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


def invitation_token() -> str:
    """An unguessable code for an invitation's link."""
    return secrets.token_urlsafe(18)


class Question(NamedTuple):
    """Does a family of models rank right behind some others? Families are prefixes of slugs."""

    family: str
    behind: tuple[str, ...]

    @classmethod
    def parse(cls, line: str) -> Self | None:
        family, found, others = line.strip().lower().partition(" behind ")
        behind = tuple(each.strip() for each in others.split(",") if each.strip())
        return cls(family.strip(), behind) if found and family.strip() and behind else None


class Campaign(models.Model):
    """A scope of battles with a leaderboard of its own."""

    class Kind(models.TextChoices):
        LIVE = "LIVE", "live: answers generated on demand"
        PREPARED = "PREPARED", "prepared: answers generated in advance"
        IMPORTED = "IMPORTED", "imported: votes from elsewhere"

    class Visibility(models.TextChoices):
        PUBLIC = "PUBLIC", "public: listed for everyone"
        UNLISTED = "UNLISTED", "unlisted: for anyone who has the address"
        INVITATION = "INVITATION", "by invitation: for anyone who has the link"

    class NamedAnswers(models.TextChoices):
        LEFT_OUT = "LEFT_OUT", "kept and marked, but left out of the board"
        COUNTED = "COUNTED", "kept and marked, and counted"

    class Reveals(models.TextChoices):
        EACH_VOTE = "EACH_VOTE", "after each vote"
        END = "END", "at the end of the voter's share"
        NEVER = "NEVER", "never"

    slug = models.SlugField(unique=True)
    name = NameField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.LIVE)
    description = models.TextField(blank=True)
    instructions = models.TextField(
        blank=True, help_text="What volunteers read before their first vote."
    )
    languages = models.CharField(
        max_length=200,
        blank=True,
        help_text="Codes such as “en, de”: its start page names them, and suggests prompts in them "
        "only. Empty means any.",
    )
    contestants: models.ManyToManyField[Contestant, Any] = models.ManyToManyField(
        "Contestant",
        blank=True,
        related_name="campaigns",
        help_text="Who is drawn in its live battles, while active. None chosen: all that are.",
    )
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PUBLIC)
    opens = models.DateTimeField(null=True, blank=True, help_text="In UTC. Empty: immediately.")
    closes = models.DateTimeField(
        null=True,
        blank=True,
        help_text="In UTC. No battle begins after it; those begun take a vote for another hour. "
        "Empty: never.",
    )
    goal = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many votes to collect."
    )
    judgements_per_pair = models.PositiveSmallIntegerField(
        default=3, help_text="How many voters see the same two answers, where pairs are shared."
    )
    shared_percent = models.PositiveSmallIntegerField(
        default=20, help_text="Percentage of pairs shown to several voters."
    )
    reveals = models.CharField(
        "voters are told who wrote what",
        max_length=9,
        choices=Reveals,
        default=Reveals.END,
        db_default=Reveals.END,
        help_text="Whoever is told knows these texts from then on: the voter is shown none of them "
        "again, and a vote on one does not count. So telling after each vote leaves each voter "
        "fewer pairs, unless each contestant has several texts.",
    )
    first_pair = models.ForeignKey(
        "Pairing",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        help_text="What every voter judges first. Its votes never count.",
    )
    questions = models.TextField(
        blank=True,
        help_text="About families of models, one per line, such as “mixtral behind gpt-4, "
        "claude”: does it rank right behind those? The page Open and closed shows what the votes "
        "say.",
    )
    criteria = ArrayField(
        models.CharField(max_length=40),
        size=CAMPAIGNS.criteria,
        default=list,
        db_default=[],
        blank=True,
        help_text="What its voters are also asked with each vote, before they know who wrote what: "
        f"at most {CAMPAIGNS.criteria}. They may leave any of it out. Each has a leaderboard of "
        "its own, of what was answered. What you change holds for votes from then on.",
    )
    paused = models.BooleanField(
        default=False,
        help_text="No battle begins, and no further answers are prepared. Those begun go on.",
    )
    named_answers = models.CharField(
        "votes on answers that name their model or its maker",
        max_length=8,
        choices=NamedAnswers,
        default=NamedAnswers.LEFT_OUT,
        db_default=NamedAnswers.LEFT_OUT,
        help_text="Such a vote was not blind. A change judges earlier votes anew, "
        "in the background, and can be undone.",
    )
    source = NameField(
        max_length=300, blank=True, help_text="Where imported votes and answers come from."
    )
    licence = NameField(
        max_length=120,
        default="CC-BY-4.0",
        help_text="The licence under which its votes may be used.",
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            plain_slug("campaign_slug"),
            plain_name("campaign_name"),
            models.CheckConstraint(
                condition=Q(opens=None) | Q(closes=None) | Q(opens__lt=F("closes")),
                name="campaign_opens_before_it_closes",
                violation_error_message="A campaign must open before it closes.",
            ),
            models.CheckConstraint(
                condition=Q(judgements_per_pair__gte=1, shared_percent__lte=100),
                name="campaign_sharing",
                violation_error_message="At least one judgement per pair; at most 100 per cent.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Reject settings that could be saved but would not take effect. Raises ValidationError."""
        objections = {**self._about_kind(), **self._about_openness(), **self._about_questions()}
        if objections:
            raise ValidationError(objections)

    def _about_kind(self) -> dict[str, str]:
        before = Campaign.objects.filter(pk=self.pk).exclude(kind=self.kind).first()
        if before is None:
            return {}
        if before.is_front:
            return {"kind": "It is the arena of the front page, which stays live."}
        return {"kind": before.kind_lock} if before.kind_lock else {}

    @property
    def kind_lock(self) -> str:
        """Why its kind can't change any more; "" while it can."""
        held = "battles" if self.battles.exists() else "votes" if self.imports.exists() else ""
        if not held:
            return ""
        kind = self.Kind(self.kind).name.lower()
        return f"It holds {held} as a campaign of kind “{kind}”. Create a new campaign."

    def _about_openness(self) -> dict[str, str]:
        objections = {}
        dated = [name for name in ("opens", "closes") if getattr(self, name) is not None]
        if dated and self.kind == self.Kind.IMPORTED:
            objections[dated[0]] = (
                "A campaign of imported votes has no battles, so it neither opens nor closes."
            )
        if self.is_front and self.visibility != self.Visibility.PUBLIC:
            objections["visibility"] = (
                "It is the arena of the front page, where anyone can start a battle: it stays "
                "public. Create another live campaign."
            )
        wrong = [code for code in self.language_codes if not LANGUAGE.fullmatch(code)]
        if wrong:
            said = f"“{wrong[0][:20]}” is no code of a language. Write codes such as “en, de”."
            objections["languages"] = said
        return objections

    def _about_questions(self) -> dict[str, str]:
        for line in self.questions.splitlines():
            if line.strip() and Question.parse(line) is None:
                said = (
                    f"“{line.strip()[:80]}” is not a question. Write “FAMILY behind FAMILY, "
                    "FAMILY”."
                )
                return {"questions": said}
        return {}

    @property
    def tells_at_once(self) -> bool:
        """Whether each vote reveals who wrote its answers."""
        return self.kind != self.Kind.PREPARED or self.reveals == self.Reveals.EACH_VOTE

    @property
    def may_be_followed(self) -> bool:
        """Whether public pages may count each vote at once. Where names are told later, a page that
        moved with one vote would tell its voter whose texts these were."""
        return self.tells_at_once or self.has_closed()

    @property
    def asked(self) -> list[Question]:
        found = [Question.parse(line) for line in self.questions.splitlines()]
        return [question for question in found if question is not None]

    @property
    def language_codes(self) -> list[str]:
        return self.languages.replace(",", " ").split()

    @classmethod
    def front(cls) -> Campaign | None:
        """The arena of the front page, if it was made: the oldest public live campaign."""
        live = cls.objects.filter(kind=cls.Kind.LIVE, visibility=cls.Visibility.PUBLIC)
        return live.order_by("pk").first()

    @property
    def is_front(self) -> bool:
        return self.pk is not None and self == Campaign.front()

    @classmethod
    def live(cls) -> Campaign:
        """The arena of the front page, made when there is none yet."""
        return cls.front() or cls.entered("arena", name="The arena")

    @classmethod
    def entered(cls, slug: str, **given: Any) -> Self:
        """The campaign with this slug; if there is none, a new one, checked like a form's. Raises
        ValidationError."""
        if (found := cls.objects.filter(slug=slug).first()) is not None:
            return found
        cls(slug=slug, **given).full_clean(validate_unique=False)
        return cls.objects.get_or_create(slug=slug, defaults=given)[0]

    def is_open(self, now: datetime | None = None) -> bool:
        now = now or timezone.now()
        return (self.opens is None or self.opens <= now) and not self.has_closed(now)

    def has_closed(self, now: datetime | None = None) -> bool:
        return self.closes is not None and self.closes <= (now or timezone.now())

    def has_ended(self, now: datetime | None = None) -> bool:
        """Whether nobody can vote any more, as in `battles.admission`."""
        return self.has_closed((now or timezone.now()) - timedelta(seconds=CAMPAIGNS.vote_s))

    @property
    def has_checks(self) -> bool:
        """Whether answers to any of its prompts are checked."""
        is_prepared = self.kind == self.Kind.PREPARED
        return is_prepared and self.prompts.filter(expected__isnull=False).exists()
