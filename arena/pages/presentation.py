"""The view models of a battle page. Before the vote this is all that leaves the server, so nothing
here gives access to a contestant unless the battle has been voted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from .. import broker
from ..battles.admission import has_closed
from ..battles.voiding import farewell, is_blocked
from ..energy import Energy
from ..generating.endings import VOTED, explanation, is_cancelled, note
from ..limits import PROMPTS
from ..markdown import blocks
from ..matchmaking import own_share
from ..matchmaking.own_share import Share
from ..matchmaking.prepared_pairs import FIRST
from ..models import Answer, Battle, Campaign, Contestant, Side, Verdict
from ..models.contestants import NOT_KNOWN
from ..showing.replay import replay
from ..showing.turn import Position
from ..sites import path_of
from ..votes import criteria, revealing
from .criteria import Question, questions_of
from .crowd import Crowd, crowd_of
from .sharing import Sharing, sharing_of
from .whys import Whys, whys_of

FOLD_CHARACTERS = 400
FOLD_LINES = 6
WORTH_CHARACTERS = 200  # minimum that folding has to hide; or
WORTH_LINES = 3


@dataclass(frozen=True)
class PaneView:
    """One side of one turn."""

    side: Side
    text: str  # the part that may be shown
    note: str  # below it
    is_complete: bool = False  # while the other side goes on

    @property
    def blocks(self) -> list[SafeString]:
        return blocks(self.text)


@dataclass(frozen=True)
class TurnView:
    number: int
    prompt: str
    panes: tuple[PaneView, PaneView]
    at: str  # how much is shown, see `showing.turn.Position`
    is_shown: bool  # completely

    @property
    def beginning(self) -> str:
        """The start of a prompt that is folded because it is long, to keep the answers on the
        screen; "" for others."""
        first = "\n".join(self.prompt.split("\n")[:FOLD_LINES])[:FOLD_CHARACTERS]
        rest = self.prompt[len(first) :]
        is_long = len(rest) > WORTH_CHARACTERS or rest.count("\n") > WORTH_LINES
        return first.rstrip() if is_long else ""


@dataclass(frozen=True)
class ThoughtsView:
    """A side's thoughts before one of its answers."""

    turn: int
    text: str

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True)
class Unmasked:
    """A side after the vote: its contestant, its speed and its thoughts."""

    side: Side
    contestant: Contestant
    answers: tuple[Answer, ...]

    @property
    def first_token_s(self) -> float | None:
        return self.answers[0].first_token_s

    @property
    def total_s(self) -> float:
        return sum(answer.total_s or 0.0 for answer in self.answers)

    @property
    def completion_tokens(self) -> int:
        return sum(answer.completion_tokens or 0 for answer in self.answers)

    @property
    def tokens_per_second(self) -> float | None:
        """From the first token to the last, over all answers that were measured."""
        measured = [
            (a.completion_tokens, a.completion_tokens / a.tokens_per_second)
            for a in self.answers
            if a.completion_tokens and a.tokens_per_second
        ]
        return sum(t for t, _ in measured) / sum(s for _, s in measured) if measured else None

    @property
    def price(self) -> Decimal | None:
        """Of a million output tokens, in USD; None if it is not known, or if nobody is paid."""
        return self.contestant.output_price or None

    @cached_property
    def energy(self) -> Energy | None:
        return self.contestant.energy

    @property
    def organisation(self) -> str:
        return known(self.contestant.organisation)

    @property
    def licence(self) -> str:
        return known(self.contestant.licence)

    @property
    def thoughts(self) -> list[ThoughtsView]:
        numbered = enumerate(self.answers, start=1)
        return [ThoughtsView(turn, a.thoughts) for turn, a in numbered if a.thoughts]

    @property
    def endings(self) -> list[str]:
        """Why answers of this side were cut off, for those that were."""
        told = [(answer.turn.number, explanation(answer)) for answer in self.answers]
        is_one = len(told) == 1
        of_turn = gettext("Turn %(turn)s: %(ending)s")
        return [
            words if is_one else of_turn % {"turn": turn, "ending": words}
            for turn, words in told
            if words
        ]

    @property
    def weights(self) -> str:
        return self.answers[0].revision.weights


def known(fact: str) -> str:
    """ "" for what is not known, which says nothing."""
    return "" if fact == NOT_KNOWN else fact


class BattleView:
    """A battle, as its voter may see it now."""

    def __init__(self, battle: Battle, said: Mapping[str, str] | None = None) -> None:
        """`said`: what was chosen by criterion, if a vote was refused."""
        self.battle = battle
        self._said = said or {}
        self.id = battle.public_id

    @cached_property
    def _turns(self) -> list[tuple[int, str, dict[str, Answer]]]:
        turns = self.battle.turns.prefetch_related("answers__revision").order_by("number")
        return [(t.number, t.prompt, {a.side: a for a in t.answers.all()}) for t in turns]

    @cached_property
    def turns(self) -> list[TurnView]:
        return [
            self._turn(*turn, is_live=self._is_open and turn is self._turns[-1])
            for turn in self._turns
        ]

    def _turn(
        self, number: int, prompt: str, answers: dict[str, Answer], *, is_live: bool
    ) -> TurnView:
        if is_live and (view := self._live_turn(number, prompt, answers)) is not None:
            return view
        # Both or neither: one side alone would reveal which was faster.
        show = all(answer.state == Answer.State.DONE for answer in answers.values())
        show = show and not is_blocked(self.battle)
        a, b = (
            PaneView(side, answers[side].text, self._note(number, answers[side]))
            if show
            else PaneView(side, "", "")
            for side in Side
        )
        return TurnView(number, prompt, (a, b), at="0.0", is_shown=show)

    def _note(self, number: int, answer: Answer) -> str:
        """What ended an answer: its voter, by voting early, or what `endings.note` says."""
        is_last = number == len(self._turns)
        if is_last and self.is_voted and self.battle.vote.early and is_cancelled(answer):
            return gettext(VOTED)
        return note(answer.finish_reason)

    def _live_turn(self, number: int, prompt: str, answers: dict[str, Answer]) -> TurnView | None:
        """The part that its live page shows; None if that is everything, or the broker is down."""
        try:
            now = broker.now()
            live = replay({side: answers[side] for side in Side}, now)
        except broker.AWAY:
            return None
        if live.complete(now):
            return None
        at = live.position_at(now)
        a, b = (
            PaneView(side, pane.words.first(at.words), "", pane.is_passed(at.words))
            for side, pane in live.panes.items()
        )
        return TurnView(number, prompt, (a, b), at=str(at), is_shown=False)

    @property
    def _is_open(self) -> bool:
        return self.battle.state == Battle.State.OPEN

    @property
    def farewell(self) -> str:
        """The message to the voter of a void battle; "" for others."""
        return farewell(self.battle) if self.is_void else ""

    @property
    def state(self) -> str:
        """Of a battle that takes a vote: waiting for the first words, writing, or ready."""
        if not self.is_streaming:
            return "ready"
        return "writing" if Position.parse(self.at).words else "waiting"

    @property
    def at(self) -> str:
        """How much of the last turn is shown."""
        return self.turns[-1].at

    @property
    def undo_ms(self) -> int:
        return round(1000 * settings.UNDO_SECONDS)

    @property
    def goes_on(self) -> bool:
        return not self.is_void

    @property
    def is_void(self) -> bool:
        return self.battle.state == Battle.State.VOID

    @property
    def is_skipped(self) -> bool:
        return self.battle.state == Battle.State.SKIPPED

    @property
    def is_voted(self) -> bool:
        return self.battle.state == Battle.State.VOTED

    @cached_property
    def is_streaming(self) -> bool:
        return self._is_open and not self.turns[-1].is_shown

    @property
    def campaign(self) -> Campaign | None:
        """The campaign of a prepared battle."""
        campaign = self.battle.campaign
        return None if campaign.kind == Campaign.Kind.LIVE else campaign

    @cached_property
    def home(self) -> Campaign | None:
        """The campaign of this battle, unless that is the arena of the front page."""
        campaign = self.battle.campaign
        return None if campaign.is_front else campaign

    @property
    def begin_at(self) -> str:
        """Where a next battle like this one begins."""
        return path_of("campaign_begin", self.home.slug) if self.home else path_of("begin")

    @property
    def start_at(self) -> str:
        """Its start page."""
        return path_of("campaign", self.home.slug) if self.home else path_of("home")

    @property
    def draft(self) -> str:
        """The name of the draft of its next prompt."""
        return f"new-{self.home.slug}" if self.home else "new"

    @property
    def is_first_pair(self) -> bool:
        return self.battle.policy == FIRST

    @cached_property
    def share(self) -> Share | None:
        """The voter's part in the campaign of a prepared battle."""
        campaign = self.campaign
        return own_share.share(campaign, self.battle.voter) if campaign else None

    @property
    def can_continue(self) -> bool:
        return self._is_open and self.campaign is None and self._goes_on()

    def _goes_on(self) -> bool:
        return len(self.turns) < PROMPTS.turns and not has_closed(self.battle.campaign)

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        return [(verdict.value, str(verdict.label)) for verdict in Verdict]

    @cached_property
    def verdict(self) -> str:
        return self.battle.vote.get_verdict_display() if self.is_voted else ""

    @property
    def questions(self) -> list[Question]:
        """What the campaign also asks: of a battle that takes a vote."""
        return questions_of(self.battle.campaign, self._said) if self._is_open else []

    @property
    def criteria(self) -> list[tuple[str, str]]:
        """What the voter said of each criterion with the vote."""
        return criteria.said_of(self.battle.vote) if self.is_voted else []

    @cached_property
    def is_told(self) -> bool:
        """Whether the voter may know who wrote what."""
        return revealing.is_told(self.battle)

    @cached_property
    def crowd(self) -> Crowd | None:
        """How others voted on these two models: only for those who know them."""
        return crowd_of(self.battle.vote) if self.is_told else None

    @cached_property
    def whys(self) -> Whys | None:
        """Why the voter voted: only after the vote."""
        return whys_of(self.battle.vote, is_told=self.is_told) if self.is_voted else None

    @cached_property
    def sharing(self) -> Sharing | None:
        """None before the vote, and where nothing can be shared."""
        return sharing_of(self.battle.vote) if self.is_voted else None

    @cached_property
    def unmasked(self) -> list[Unmasked]:
        """Both sides with their names: only for a voter who is told."""
        if not self.is_told:
            return []
        return [
            Unmasked(side, self.battle.contestant(side), tuple(t[2][side] for t in self._turns))
            for side in Side
        ]
