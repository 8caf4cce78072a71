"""What changed between two snapshots of a board."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..models import Rating, Snapshot


@dataclass(frozen=True)
class Change:
    """One sentence about one model."""

    model: str
    slug: str
    says: str
    moved: bool  # the rank ranges before and after do not overlap


def changes(old: Snapshot, new: Snapshot) -> list[Change]:
    """Models that were added or removed, or whose rank range changed; the clearest changes
    first."""
    before, after = ratings_of(old), ratings_of(new)
    found = [
        change
        for slug in {**after, **before}
        if (change := change_of(before.get(slug), after.get(slug))) is not None
    ]
    return sorted(found, key=lambda change: not change.moved)


def ratings_of(snapshot: Snapshot) -> dict[str, Rating]:
    return {r.contestant.slug: r for r in snapshot.ratings.select_related("contestant")}


def change_of(before: Rating | None, after: Rating | None) -> Change | None:
    either = after or before
    if either is None:
        return None
    name, slug = either.contestant.name, either.contestant.slug
    if before is None:
        return Change(name, slug, _entered(ranks(either)), moved=True)
    if after is None:
        return Change(name, slug, _("is no longer on the board"), moved=True)
    if ranks(before) == ranks(after):
        return None
    says = _moved(ranks(before), ranks(after))
    return Change(name, slug, says, moved=apart(before, after))


def _entered(rank: str) -> str:
    return _("is new, at rank %(rank)s") % {"rank": rank} if rank else _("is new, without a rank")


def _moved(before: str, after: str) -> str:
    if not before:
        return _("had no rank, is now at %(after)s") % {"after": after}
    if not after:
        return _("was at rank %(before)s, has none now") % {"before": before}
    return _("was at rank %(before)s, is now at %(after)s") % {"before": before, "after": after}


def ranks(rating: Rating) -> str:
    """ "" if it has none yet."""
    low, high = rating.rank_low, rating.rank_high
    if low is None or high is None:
        return ""
    return str(low) if low == high else f"{low}–{high}"


def apart(before: Rating, after: Rating) -> bool:
    if None in (before.rank_low, after.rank_low):
        return True
    return (before.rank_high or 0) < (after.rank_low or 0) or (after.rank_high or 0) < (
        before.rank_low or 0
    )
