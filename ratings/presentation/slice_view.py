"""The slice that a page shows: its name, why it may have no ranking, and the other slices."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.labelling import by_model
from arena.labels import slices
from arena.labels.criteria import CRITERIA
from arena.models import Campaign
from arena.plurals import counted, local

from ..boards import listing
from ..freshness import for_a_moment
from ..models import Board, Snapshot
from . import sentences

RULES = gettext_lazy(
    "Prompts are sorted by rules, without a model; those that match no rule are in no category."
)
BY_MODELS = gettext_lazy(
    "Prompts are sorted by {}, run by this arena, where it was asked; by rules otherwise."
)
LANGUAGE = gettext_lazy("The language of a prompt is detected by a small model on this machine.")
ELSEWHERE = gettext_lazy("Languages are as given by the source of the votes.")
labellers = for_a_moment(by_model.labellers)


@dataclass(frozen=True)
class SliceView:
    """A slice of a campaign.

    Attributes:
        state: 'rated'; 'few' votes for a ranking; 'counting': it is being rated; 'busy': too many
            ranges are being counted, so this one is not.
        needed: votes for a ranking.
    """

    slug: str
    name: str
    votes: int
    needed: int
    state: str
    source: str

    @property
    def whole(self) -> bool:
        return self.slug == slices.OVERALL

    @property
    def is_range(self) -> bool:
        """Whether a reader chose its months."""
        return slices.is_span(self.slug)


def slice_view(campaign: Campaign, part: str, snapshot: Snapshot | None) -> SliceView:
    """The state of a slice after `finding.newest` has requested it."""
    rated = snapshot is not None
    board = None if rated else Board.objects.filter(campaign=campaign, slug=part).first()
    votes = snapshot.votes if snapshot else board.votes if board else 0
    return SliceView(
        part,
        name_then(part, snapshot),
        votes,
        settings.SLICE_VOTES,
        _state(part, board, snapshot),
        source_of(campaign, part),
    )


def name_then(part: str, snapshot: Snapshot | None) -> str:
    """The name of a slice in a snapshot, with its months if it covers a moving range."""
    months = snapshot.facts.months if snapshot else None
    if part != slices.FRESH or not months:
        return slices.name_of(part)
    return _("Fresh votes (%(months)s)") % {"months": slices.name_of(slices.span_slice(*months))}


def _state(part: str, board: Board | None, snapshot: Snapshot | None) -> str:
    if snapshot is not None:
        return "rated"
    if board is None:
        return "busy" if slices.is_span(part) else "few"
    return "counting" if listing.has_enough(board) else "few"


def source_of(campaign: Campaign, part: str) -> str:
    """Who assigned votes to this slice."""
    group = slices.group_of(part)
    brought = campaign.kind == Campaign.Kind.IMPORTED
    if group == "criterion":
        if (criterion := CRITERIA.get(part.partition("-")[2])) is None:  # retired since
            return ""
        said = _("Voters may leave this question out: “%(question)s”")
        return said % {"question": criterion.question}
    if group == "language":
        return str(ELSEWHERE if brought else LANGUAGE)
    if group != "category":
        return ""
    sources = campaign.imports.counted().exclude(labels="") if brought else []
    labels = {source.labels for source in sources}
    if labels:
        return _("Prompts are sorted by %(labels)s.") % {"labels": sentences.listed(sorted(labels))}
    models = [] if brought else labellers()
    return BY_MODELS.format(sentences.listed(models)) if models else str(RULES)


def chooser(campaign: Campaign | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of slices, each slice with its slug and its label, which says if there are too few
    votes for a ranking."""
    found = listing.slices_of(campaign) if campaign else []
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in slices.GROUPS}
    for board in sorted(found, key=order_of):
        words = slices.name_of(board.slice)
        if not listing.has_enough(board):
            words = _("%(slice)s (%(votes)s of %(needed)s)") % {
                "slice": words,
                "votes": local(f"{board.votes:,}"),
                "needed": counted(settings.SLICE_VOTES, "vote"),
            }
        groups[slices.group_of(board.slice)].append((board.slice, words))
    return [(str(slices.GROUPS[name]), options) for name, options in groups.items() if options]


def order_of(board: Board) -> tuple[int, int]:
    """Fresh votes, then months from the newest; everything else stays in order of votes."""
    if board.slice == slices.FRESH:
        return 0, 0
    month = board.slice.removeprefix("month-")
    return (1, -int(month.replace("-", ""))) if slices.is_month(month) else (1, -board.votes)
