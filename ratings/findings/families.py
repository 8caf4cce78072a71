"""Families of models, each ranked by its best member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arena import catalogue
from arena.models import Contestant

from ..archive.results import Result
from ..core.questions.compare import SimultaneousGaps, simultaneous_gaps
from ..presentation.sentences import listed, more


@dataclass(frozen=True)
class Family:
    slug: str
    name: str
    best: int  # number of its best model
    members: int
    place: int  # among the families, from 0


@dataclass(frozen=True)
class Families:
    """Families, best first; `gaps` are simultaneous gaps between their best models."""

    result: Result
    families: Sequence[Family]
    gaps: SimultaneousGaps

    @classmethod
    def of(cls, result: Result) -> Families:
        members: dict[tuple[str, str], list[int]] = {}
        for i in result.ratings.order.tolist():
            stands_in = result.content.models[i].get("stands_in_for")
            if not stands_in and (family := catalogue.family_of(result.names[i])):
                members.setdefault(family, []).append(i)
        ordered = [
            Family(*family, found[0], len(found), place)
            for place, (family, found) in enumerate(members.items())
        ]
        best = [family.best for family in ordered]
        return cls(result, ordered, simultaneous_gaps(result.ratings, best, best))

    def is_open(self, family: Family) -> bool | None:
        """Whether its best model is open; None if unknown."""
        return Contestant.Access(self.result.content.models[family.best]["access"]).is_open

    def like(self, slug: str) -> Family | None:
        """The family with this slug, else the best one whose slug starts with it."""
        alike = [family for family in self.families if family.slug.startswith(slug)]
        return next((family for family in alike if family.slug == slug), next(iter(alike), None))

    def certainly_ahead(self, family: Family) -> list[Family]:
        """Families whose best model is ahead of this one's, by simultaneous intervals."""
        ahead = self.gaps.lower[:, family.place] > 0
        return [other for other in self.families if ahead[other.place]]

    def certainly_behind(self, family: Family) -> list[Family]:
        behind = self.gaps.upper[:, family.place] < 0
        return [other for other in self.families if behind[other.place]]

    def between(self, above: Sequence[Family], family: Family) -> list[Family]:
        """Families certainly ahead of this one that are not among those above."""
        return [other for other in self.certainly_ahead(family) if other not in above]

    def standing(self, family: Family) -> str:
        """The range of ranks among the families that the votes allow."""
        first = 1 + len(self.certainly_ahead(family))
        last = len(self.families) - len(self.certainly_behind(family))
        if first == last:
            said = _("%(family)s (best: %(best)s) ranks %(first)s of %(families)s families.")
        else:
            said = _(
                "%(family)s (best: %(best)s) ranks %(first)s to %(last)s of %(families)s families."
            )
        return said % {
            "family": family.name,
            "best": self.result.names[family.best],
            "first": first,
            "last": last,
            "families": len(self.families),
        }

    def right_behind(self, above: Sequence[Family], family: Family) -> str:
        """Does the family stand right behind those above?"""
        names = listed([other.name for other in above])
        between = self.between(above, family)
        upset = [other for other in above if self.gaps.lower[family.place, other.place] > 0]
        if upset:
            return _("%(family)s is ahead of %(others)s.") % {
                "family": family.name,
                "others": listed([other.name for other in upset]),
            }
        if not between:
            return _(
                "%(family)s may rank right behind %(others)s: no other family is certainly in "
                "between."
            ) % {"family": family.name, "others": names}
        return ngettext(
            "%(family)s does not rank right behind %(others)s: %(between)s ranks in between.",
            "%(family)s does not rank right behind %(others)s: %(between)s rank in between.",
            len(between),
        ) % {
            "family": family.name,
            "others": names,
            "between": listed(more([other.name for other in between], 3)),
        }

    def title(self) -> str:
        """The leading families, as far as the votes separate them."""
        if len(self.families) < 2:
            return _("There are not enough families to compare.")
        first = self.families[0]
        rivals = [f for f in self.families[1:] if not self.gaps.lower[first.place, f.place] > 0]
        opened = [family.name for family in self.families if self.is_open(family)]
        if rivals and opened:
            said = _("%(families)s may each be the first family; the best open one is %(open)s.")
        elif rivals:
            said = _("%(families)s may each be the first family.")
        elif opened:
            said = _("%(families)s leads the families; the best open one is %(open)s.")
        else:
            said = _("%(families)s leads the families.")
        leaders = listed([family.name for family in (first, *rivals[:3])])
        return said % {"families": leaders, "open": opened[0] if opened else ""}
