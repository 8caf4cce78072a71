"""What the list of contestants says of each: all of one page is asked for at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.timesince import timesince

from .. import broker
from ..labels.slices import OVERALL
from ..matchmaking import ability
from ..matchmaking.ability import Ability
from ..models import Answer, Contestant, Failure, Probe, Revision, Tally

DAY = timedelta(days=1)
ROW = "row"


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    ability: Ability | None  # None while the broker is away
    revision: Revision | None
    probe: Probe | None  # the newest finished one of that revision
    votes: int
    last_answer: datetime | None
    answered: int  # in the last day
    failed: int

    @property
    def asked(self) -> int:
        return self.answered + self.failed

    @property
    def error_rate(self) -> float | None:
        return self.failed / self.asked if self.asked else None


def rows(contestants: Sequence[Contestant]) -> dict[int, Row]:
    """The lines of these contestants, by primary key."""
    found = abilities(contestants)
    newest = Revision.objects.filter(contestant__in=contestants, number__gt=0).newest()
    revisions = {each.contestant_id: each for each in newest}
    probes = Probe.objects.filter(revision__in=revisions.values()).exclude(ended=None)
    probed = {each.revision_id: each for each in probes.order_by("started", "pk")}
    votes, last, (answered, failed) = _votes(contestants), _last(contestants), _day(contestants)
    return {
        pk: Row(
            found.get(pk),
            (revision := revisions.get(pk)),
            probed.get(revision.pk) if revision else None,
            votes[pk],
            last.get(pk),
            answered[pk],
            failed[pk],
        )
        for pk in (each.pk for each in contestants)
    }


def abilities(contestants: Iterable[Contestant]) -> dict[int, Ability]:
    """None of them while the broker is away: the admin works without it."""
    with broker.spared("nobody knows who can answer"):
        return {each.contestant.pk: each for each in ability.of(contestants)}
    return {}


def _votes(contestants: Collection[Contestant]) -> Counter[int]:
    """The counted votes on each, over all campaigns."""
    count = Sum(F("first_wins") + F("second_wins") + F("ties") + F("both_bad"))
    votes: Counter[int] = Counter()
    for side in ("first", "second"):
        tallies = Tally.objects.filter(slice=OVERALL, **{f"{side}__in": contestants})
        votes.update(dict(tallies.order_by().values_list(side).annotate(votes=count)))
    return votes


def _last(contestants: Collection[Contestant]) -> dict[int, datetime]:
    """When each was last asked."""
    newest = Answer.objects.filter(revision=OuterRef("pk")).order_by("-created")
    asked = Subquery(newest.values("created")[:1])
    known = Revision.objects.filter(contestant__in=contestants).annotate(asked=asked)
    pairs = known.filter(asked__isnull=False).order_by("asked").values_list("contestant", "asked")
    return dict(pairs)


def _day(contestants: Collection[Contestant]) -> tuple[Counter[int], Counter[int]]:
    """How many answers of each were stored in the last day, and how many failed."""
    of, since = {"revision__contestant__in": contestants}, timezone.now() - DAY
    answered = Answer.objects.filter(state=Answer.State.DONE, created__gt=since, **of)
    failed = Failure.objects.filter(at__gt=since, **of)
    first, second = (
        Counter(dict(rows.order_by().values_list("revision__contestant").annotate(n=Count("pk"))))
        for rows in (answered, failed)
    )
    return first, second


class Contestants(ChangeList):
    """Looks up the lines of its page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        found = rows(self.result_list)
        for one in self.result_list:
            vars(one)[ROW] = found[one.pk]


class CanAnswer(admin.SimpleListFilter):
    title = "ability"
    parameter_name = "able"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("yes", "can answer"),
            ("no", "active but cannot"),
            ("paused", "paused by the arena"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Contestant]
    ) -> QuerySet[Contestant]:
        if self.value() not in ("yes", "no", "paused"):
            return queryset
        states = [ability.State.ACTIVE, ability.State.PAUSED]
        found = abilities(Contestant.objects.filter(state__in=states)).values()
        return queryset.filter(pk__in=[e.contestant.pk for e in found if _is(e, self.value())])


def _is(found: Ability, value: str | None) -> bool:
    if value == "yes":
        return found.is_able
    is_active = found.contestant.state == ability.State.ACTIVE
    return found.is_of_concern and is_active is (value == "no")


class Runs(admin.SimpleListFilter):
    title = "where it runs"
    parameter_name = "runs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("here", "here, from weights"), ("api", "at an API")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Contestant]
    ) -> QuerySet[Contestant]:
        if self.value() not in ("here", "api"):
            return queryset
        own = Revision.objects.filter(contestant=OuterRef("pk"), number__gt=0).order_by("-number")
        known = queryset.annotate(newest_backend=Subquery(own.values("backend")[:1]))
        here = Q(newest_backend=Revision.Backend.LLAMA_CPP)
        return known.filter(here if self.value() == "here" else ~here, newest_backend__isnull=False)


class Columns(admin.ModelAdmin):
    """The columns of the list."""

    list_display = [
        "name", "ability", "state", "probe", "runs", "votes", "last_answer", "errors_today",
    ]  # fmt: skip
    list_filter = [CanAnswer, Runs, "state", "access", "organisation"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With a notice of those that the arena has paused by itself."""
        paused = Contestant.objects.filter(state=ability.State.PAUSED).order_by("name")
        found = [each for each in abilities(paused).values() if each.is_of_concern]
        return super().changelist_view(request, {**(extra_context or {}), "paused": found})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Contestants

    @admin.display(description="ability")
    def ability(self, one: Contestant) -> str:
        return badge(_row(one).ability)

    @admin.display(description="probe")
    def probe(self, one: Contestant) -> str:
        context = {"row": _row(one), "contestant": one}
        return render_to_string("admin/arena/contestant/_probed.html", context)

    @admin.display(description="runs as")
    def runs(self, one: Contestant) -> str:
        revision = _row(one).revision
        if revision is None:
            return ""
        return f"r{revision.number}: {revision.weights or revision.remote_model}"

    @admin.display(description="votes")
    def votes(self, one: Contestant) -> str:
        return f"{_row(one).votes:,}"

    @admin.display(description="last answer")
    def last_answer(self, one: Contestant) -> str:
        at = _row(one).last_answer
        return f"{timesince(at, depth=1)} ago" if at else ""

    @admin.display(description="failed today")
    def errors_today(self, one: Contestant) -> str:
        row = _row(one)
        if row.error_rate is None:
            return ""
        return f"{row.failed:,} of {row.asked:,} ({row.error_rate:.0%})"


def _row(one: Contestant) -> Row:
    """As `Contestants` has looked it up."""
    row: Row = vars(one)[ROW]
    return row


def badge(found: Ability | None) -> str:
    return render_to_string("admin/arena/contestant/_ability.html", {"ability": found})
