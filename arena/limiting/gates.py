"""What every way to a battle, a prompt or a vote asks before and reports after."""

from __future__ import annotations

from collections.abc import Mapping

from .. import room
from ..models import Battle, Campaign, Voter
from . import meter, open_battles, pairs, proof, suspicion
from .clients import Client, remember
from .rules import What
from .words import PROMPT_KEPT, VOTE_KEPT

SKIP_COSTS = 2  # battles more: who only looks at pairs may look at a third as many


def begin(client: Client, voter: Voter | None, posted: Mapping[str, str]) -> None:
    """Raises Refused if the client can't begin a battle with a prompt now. What costs least is
    asked first: whoever floods is refused all the time."""
    room.check()
    meter.check(What.PROMPTS, client, kept=PROMPT_KEPT)
    meter.check(What.BATTLES, client, kept=PROMPT_KEPT)
    open_battles.check(client, voter)
    proof.check(client, posted)
    ask(client)


def begin_prepared(client: Client, posted: Mapping[str, str]) -> None:
    """The same for a battle whose answers exist."""
    room.check()
    meter.check(What.BATTLES, client)
    proof.check(client, posted)


def arrive(client: Client, *, is_new: bool) -> None:
    """Before the first answer to a new voter is queued."""
    remember(client)
    if is_new:
        suspicion.note_newcomer(client)


def begun(client: Client, battle: Battle) -> None:
    meter.count(What.BATTLES, client)
    open_battles.note(client, battle)


def ask(client: Client) -> None:
    """Raises Refused if the client can't send a prompt now."""
    room.check()
    remember(client)
    meter.charge(What.PROMPTS, client, kept=PROMPT_KEPT)


def vote(client: Client, battle: Battle) -> None:
    """Raises Refused if the client can't vote now. The same vote once more is none."""
    if battle.state == Battle.State.OPEN:
        room.check()
        meter.check(What.VOTES, client, kept=VOTE_KEPT)


def voted(client: Client, battle: Battle) -> None:
    meter.count(What.VOTES, client)
    if battle.campaign.kind == Campaign.Kind.LIVE:  # of prepared ones, each pair of texts is new
        pairs.note(client, battle)


def skipped(client: Client) -> None:
    meter.count(What.BATTLES, client, cost=SKIP_COSTS)
