"""All that is stored about a voter, as JSON, battle by battle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from ..exporting import consent
from ..generating.endings import explanation
from ..models import (
    Answer,
    Battle,
    Chat,
    Consent,
    Contestant,
    Flag,
    Objection,
    StandingChange,
    Suspect,
    Turn,
    Vote,
    Voter,
    VoteReason,
)
from .revealing import is_told, untold

AT_ONCE = 50  # battles in memory, with their texts
VOTED, OPEN = Battle.State.VOTED, Battle.State.OPEN


def pieces(voter: Voter) -> Iterator[str]:
    """The file, a piece at a time: it may be large."""
    head = {
        "voter": {"since": _time(voter.created)},
        "consents": [_consent(one) for one in consent.history(voter)],
        "suspicions": [*_suspicions(voter)],
    }
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "battles": ['
    separator = "\n"
    for battle in _battles(voter):
        yield separator + json.dumps(of_battle(battle), ensure_ascii=False, indent=1)
        separator = ",\n"
    yield '\n],\n "chats": ['
    separator = "\n"
    for chat in _chats(voter):
        yield separator + json.dumps(_chat(chat), ensure_ascii=False, indent=1)
        separator = ",\n"
    yield "\n]}\n"


def _battles(voter: Voter) -> Iterator[Battle]:
    """The newest last. Each batch begins after the last key: no cursor stays open meanwhile."""
    own, last = _whole(Battle.objects.filter(voter=voter)).order_by("pk"), 0
    while some := list(own.filter(pk__gt=last)[:AT_ONCE]):
        yield from some
        last = some[-1].pk


def _chats(voter: Voter) -> Iterator[Chat]:
    own, last = Chat.objects.filter(voter=voter).order_by("pk"), 0
    own = own.prefetch_related("turns__replies__revision__contestant")
    while some := list(own.filter(pk__gt=last)[:AT_ONCE]):
        yield from some
        last = some[-1].pk


def _chat(chat: Chat) -> dict[str, Any]:
    return {
        "id": chat.public_id,
        "created": _time(chat.created),
        "turns": [
            {
                "prompt": turn.prompt,
                "replies": [
                    {"model": one.revision.contestant.name, "text": one.text}
                    for one in turn.replies.all()
                ],
            }
            for turn in chat.turns.all()
        ],
    }


def _whole(battles: QuerySet[Battle]) -> QuerySet[Battle]:
    answers = Answer.objects.select_related("revision").order_by("side")
    turns = Turn.objects.order_by("number").prefetch_related(Prefetch("answers", answers))
    related = battles.select_related(
        "campaign",
        "contestant_a",
        "contestant_b",
        "vote__share",
        "vote__turn",
        "labels",
        "judgement",
    )
    said = (
        "vote__changes",
        "vote__criteria",
        "vote__objections",
        "vote__reasons__reason",
        "vote__remarks",
        "flags",
    )
    return related.prefetch_related(Prefetch("turns", turns), *said)


def of_battle(battle: Battle) -> dict[str, Any]:
    """Models are named only once the voter is told, and answers of an open battle are left out:
    here they might be further than its page shows them."""
    is_voted, named = battle.state == VOTED, is_told(battle)
    found: dict[str, Any] = {
        "id": battle.public_id,
        "campaign": battle.campaign.slug,
        "state": battle.state,
        "created": _time(battle.created),
        "skipped": _time(battle.skipped),
        "turns": [_turn(turn, battle, is_named=named) for turn in battle.turns.all()],
        "flags": [_flag(one) for one in _flags(battle) if is_voted or not one.side],
    }
    if named:
        found["model_a"], found["model_b"] = battle.contestant_a.name, battle.contestant_b.name
    if is_voted:
        found["vote"] = _vote(battle.vote)
        found["labels"] = _labels(battle)
    return found


def _turn(turn: Turn, battle: Battle, *, is_named: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"number": turn.number, "prompt": turn.prompt}
    if battle.state != OPEN:
        found["answers"] = [_answer(one, is_named=is_named) for one in turn.answers.all()]
    return found


def _answer(answer: Answer, *, is_named: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"side": answer.side, "text": answer.text}
    if is_named:  # before, these could tell one model from another
        found |= {
            "thoughts": answer.thoughts,
            "ending": explanation(answer),
            "total_s": answer.total_s,
            "completion_tokens": answer.completion_tokens,
        }
    return found


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "verdict": vote.verdict,
        "criteria": {one.criterion: one.verdict for one in vote.criteria.all()},
        "created": _time(vote.created),
        "seconds": vote.seconds,
        "turn": vote.turn.number if vote.turn else None,
        "early": vote.early,
        "words_seen": vote.words_seen,
        "reasons": [_reason(one) for one in vote.reasons.all()],
        "comments": {one.side: one.text for one in vote.remarks.all()},
        "shared": _time(vote.share.created) if hasattr(vote, "share") else None,
        "share_blocked": hasattr(vote, "share") and vote.share.blocked,
        "standing": vote.standing,
        "standing_reason": vote.standing_reason,
        "changes": [_change(one) for one in vote.changes.all()],
        "objections": [_objection(one) for one in vote.objections.all()],
    }


def _flags(battle: Battle) -> list[Flag]:
    return sorted(battle.flags.all(), key=lambda flag: flag.pk)


def _flag(flag: Flag) -> dict[str, Any]:
    """What a check found in a prompt; in an answer (it has a side), it is told after the vote."""
    return {
        "at": _time(flag.at),
        "turn": flag.turn,
        "side": flag.side or None,
        "category": flag.category,
        "found_by": flag.source,
        "action": flag.action,
        "sent_anyway": flag.proceeded,
    }


def _suspicions(voter: Voter) -> Iterator[dict[str, Any]]:
    """How suspicious the votes are, by campaign, and why (docs/privacy.md): without names, and what
    has names in it, until the voter is told who wrote all answers that were judged."""
    known = [*Suspect.objects.filter(voter=voter).select_related("campaign").order_by("pk")]
    models = {int(lean[:-1]) for one in known for lean in one.leanings}
    names = dict(Contestant.objects.filter(pk__in=models).values_list("pk", "name"))
    for one in known:
        named = not untold(one.campaign, voter)
        yield {
            "campaign": one.campaign.slug,
            "score": one.score,
            "second_rule": one.corroborated,
            "belongs_to_a_push": one.belongs,
            "reasons": [
                {"rule": reason["title"], "adds": reason["weight"]}
                | ({"found": reason["words"]} if named else {})
                for reason in one.reasons
            ],
            "leanings": [
                {"model": names.get(int(lean[:-1])), "for": lean[-1] == "+", "e_value": e_value}
                for lean, e_value in one.leanings.items()
                if named
            ],
            "keys_of_prompts": one.keys,
            "votes": one.votes,
            "weighed": _time(one.weighed),
            "held": _time(one.held),
        }


def _reason(one: VoteReason) -> dict[str, Any]:
    return {"side": one.side, "reason": one.reason.key}


def _labels(battle: Battle) -> dict[str, Any] | None:
    if (labels := getattr(battle, "labels", None)) is None:
        return None
    names = ("language", "categories", "length", "style", "source")
    return {name: getattr(labels, name) for name in names}


def _change(change: StandingChange) -> dict[str, Any]:
    return {"at": _time(change.at), "standing": change.after, "reason": change.reason}


def _objection(objection: Objection) -> dict[str, Any]:
    return {
        "created": _time(objection.created),
        "text": objection.text,
        "state": objection.state,
        "answer": objection.answer,
        "answered": _time(objection.answered),
    }


def _consent(one: Consent) -> dict[str, Any]:
    names = ("version", "language", "wording", "sha256")
    times = {"given": _time(one.given), "withdrawn": _time(one.withdrawn)}
    return {name: getattr(one, name) for name in names} | times


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
