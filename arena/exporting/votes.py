"""The votes of a campaign for an export: streamed from a server-side cursor, redacted, with
pseudonyms instead of primary keys."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Prefetch, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.crypto import salted_hmac

from arena.labels import Labels
from arena.labels.categories import CATEGORIES
from arena.labels.slices import LENGTHS, length_slice
from arena.models import (
    Answer,
    Battle,
    Campaign,
    Contestant,
    ImportedVote,
    Revision,
    Side,
    Vote,
    VoteReason,
)
from arena.odd_rows import Skipping
from arena.personal import redacted

from .consent import CONSENTED
from .cursors import streamed

UNLABELLED = Labels(source="")
AT_ONCE = 500  # votes in memory, with their texts
SLIM_AT_ONCE = 2_000
# Lists, as a vote and its query sets refer to each other: only the garbage collector frees those.
GIVEN, WRITTEN, SAID = "given_reasons", "written_remarks", "said_of_criteria"
SLIM = (
    "pk", "contestant_a_id", "contestant_b_id", "verdict", "key", "voter", "item", "language",
    "at", "labels", "criteria", "source__labels",
)  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """One turn of one side."""

    prompt: str
    answer: str
    said: Answer


Sides = dict[Side, list[Exchange]]
NO_SIDES: Sides = {side: [] for side in Side}


def exchanges(battle: Battle) -> Sides:
    """All that was said in a battle, redacted."""
    found: Sides = {side: [] for side in Side}
    for turn in battle.turns.all():
        prompt = redacted(turn.prompt)
        for answer in turn.answers.all():
            found[Side(answer.side)].append(Exchange(prompt, redacted(answer.text), answer))
    return found


@dataclass  # not frozen, which takes four times as long for each of millions
class ExportedVote:
    """A vote with its texts. An imported vote has no texts, and its `vote` is None."""

    key: str  # 32 hexadecimal digits, or an imported vote's original name
    model_a: str
    model_b: str
    verdict: str
    voter: str
    order: int  # of this voter's votes, from 1
    at: datetime | None
    labels: Labels = UNLABELLED  # of its prompts
    item: str | None = None  # equal for votes on the same two answers
    brought: str = ""  # what was said by criterion in an imported vote
    vote: Vote | None = None

    @cached_property
    def sides(self) -> Sides:
        return exchanges(self.vote.battle) if self.vote else NO_SIDES

    def reasons(self, side: Side) -> list[str] | None:
        """Keys of the reasons given for or against an answer; None for an imported vote."""
        if self.vote is None:
            return None
        return [each.reason.key for each in getattr(self.vote, GIVEN, ()) if each.side == side]

    @property
    def criteria(self) -> dict[str, str] | None:
        """Verdicts by criterion, of those that the voter answered; None if not known."""
        if self.vote is None:
            return dict(one.split(":", 1) for one in self.brought.split()) or None
        return {each.criterion: each.verdict for each in getattr(self.vote, SAID, ())}

    def comment(self, side: Side) -> str | None:
        """What the voter wrote about an answer, redacted; None if nothing, or not known."""
        for remark in getattr(self.vote, WRITTEN, ()):
            if remark.side == side:
                return redacted(remark.text)
        return None

    @property
    def language(self) -> str:
        return self.labels.language

    @property
    def turns(self) -> int:
        return len(self.sides[Side.A])

    def revision(self, side: Side) -> Revision | None:
        said = self.sides[side]
        return said[-1].said.revision if said else None


def own_votes(campaign: Campaign) -> QuerySet[Vote]:
    return Vote.objects.filter(battle__campaign=campaign)


def brought_to(campaign: Campaign) -> QuerySet[ImportedVote]:
    return ImportedVote.objects.counted().filter(source__campaign=campaign)


def exported(
    campaign: Campaign, *, counted_only: bool, skipping: Skipping | None = None
) -> Iterator[ExportedVote]:
    """The votes of this arena, then the imported ones, each in order of their primary keys; without
    those that something is wrong with."""
    skipping = skipping or Skipping()
    votes = own_votes(campaign).filter(CONSENTED)
    if counted_only:
        votes = votes.filter(standing=Vote.Standing.COUNTED)
    order = Window(RowNumber(), partition_by="voter_id", order_by="pk")
    numbered = votes.annotate(nth=order).order_by("pk")
    whole = numbered.select_related(
        "battle__contestant_a",
        "battle__contestant_b",
        "battle__labels",
        "battle__judgement__pairing__prompt",
        "turn",
    ).prefetch_related(
        "battle__turns__answers__revision",
        Prefetch("reasons", VoteReason.objects.select_related("reason"), to_attr=GIVEN),
        Prefetch("remarks", to_attr=WRITTEN),
        Prefetch("criteria", to_attr=SAID),
    )
    own = streamed(whole, AT_ONCE)
    yield from skipping.shown(own, lambda vote: of_this_arena(vote, vote.nth))
    names = dict(Contestant.objects.values_list("pk", "name"))
    # Values, not instances: there may be millions, and building instances takes a third longer.
    slim = brought_to(campaign).order_by("pk").values_list(*SLIM, named=True)
    brought = streamed(slim, SLIM_AT_ONCE)
    yield from skipping.shown(brought, lambda vote: made_elsewhere(vote, names))


def of_this_arena(vote: Vote, order: int) -> ExportedVote:
    battle = vote.battle
    return ExportedVote(
        key=pseudonym("battle", battle.pk),
        model_a=battle.contestant_a.name,
        model_b=battle.contestant_b.name,
        verdict=vote.verdict,
        voter=pseudonym("voter", vote.voter_id),
        order=order,
        at=vote.created,
        labels=labels_of(vote),
        item=item_of(battle),
        vote=vote,
    )


def made_elsewhere(vote: Any, names: dict[int, str]) -> ExportedVote:
    return ExportedVote(
        key=vote.key or pseudonym("imported", vote.pk),
        model_a=names[vote.contestant_a_id],
        model_b=names[vote.contestant_b_id],
        verdict=vote.verdict,
        voter=vote.voter,
        order=1,
        at=vote.at,
        labels=labels_made_elsewhere(vote.language, vote.labels, vote.source__labels),
        item=vote.item or None,
        brought=vote.criteria,
    )


def item_of(battle: Battle) -> str | None:
    judgement = getattr(battle, "judgement", None)
    return f"pairing-{judgement.pairing_id}" if judgement else None


def labels_of(vote: Vote) -> Labels:
    """The labels of the battle; without any, the language of its prepared prompt."""
    if (found := getattr(vote.battle, "labels", None)) is not None:
        return Labels(
            found.language, tuple(found.categories), found.length, tuple(found.style), found.source
        )
    judgement = getattr(vote.battle, "judgement", None)
    return Labels(judgement.pairing.prompt.language, source="") if judgement else UNLABELLED


@lru_cache(maxsize=1_000)
def labels_made_elsewhere(language: str, labels: str, source: str) -> Labels:
    """The labels of an imported vote, from its stored slices."""
    slices = labels.split()
    lengths = [name for name in LENGTHS if length_slice(name) in slices]
    categories = tuple(slug for slug in slices if slug in CATEGORIES)
    return Labels(language, categories, lengths[0] if lengths else "", (), source)


def pseudonym(kind: str, pk: int) -> str:
    """A pseudonym, the same in every export of this arena, that does not reveal the row."""
    return salted_hmac(f"arena.exporting.{kind}", str(pk), algorithm="sha256").hexdigest()[:32]


def as_uuid(key: str) -> str:
    """`key` as a UUID, for formats that need one."""
    try:
        return str(uuid.UUID(key))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, key))
