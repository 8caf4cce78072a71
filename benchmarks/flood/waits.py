"""What a volunteer waits for, from the start page to the first words, part by part."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from tests.live.site import until
from tests.live.volunteer import Volunteer

from .flooding import PROMPT, visitor

ASK_AGAIN_S = 1.0
# Both answers of a battle: when each was queued, then had a slot, then its first token.
ANSWERS = """SELECT extract(epoch FROM dispatched), queued_s, first_token_s
             FROM arena_answer JOIN arena_turn ON arena_turn.id = turn_id
             JOIN arena_battle ON arena_battle.id = battle_id
             WHERE public_id = %s AND arena_answer.state = 'DONE'"""


# One after the other. Of a battle's two answers, those of the later one: it is shown once both have
# words. `refused` lasts until the prompt was sent that was taken, `taken` until its answers were
# queued.
PARTS = ("page", "refused", "taken", "slot", "first_token", "shown")


@dataclass(frozen=True)
class Wait:
    parts: dict[str, float]  # [s]
    refusals: int

    @property
    def whole(self) -> float:
        return sum(self.parts.values())

    def __str__(self) -> str:
        said = ", ".join(f"{name} {value:.2f}" for name, value in self.parts.items())
        return f"{self.whole:.2f} s: {said}; {self.refusals} refusals"


def medians(waits: Sequence[Wait]) -> dict[str, float]:
    return {name: statistics.median(wait.parts[name] for wait in waits) for name in PARTS}


def waited(url: str, address: str) -> Wait:
    """Of a new volunteer from that address, who leaves nothing under way."""
    with visitor(url, address) as volunteer:
        came = time.time()
        volunteer.get("/")
        seen, refusals = time.time(), 0
        while True:
            sent = time.time()
            response = volunteer.post("/battles/", prompt=PROMPT)
            if response.status_code == 302:
                break
            refusals += 1
            time.sleep(ASK_AGAIN_S)
        battle = response.headers["location"].strip("/").split("/")[-1]
        volunteer.get(f"/battles/{battle}/")
        shown = _shown(volunteer, battle)
        queued, slot, token = _answered(battle)
        volunteer.post(f"/battles/{battle}/skip/")
    at = (came, seen, sent, queued, slot, token, shown)
    lasted = [later - before for before, later in pairwise(at)]
    return Wait(dict(zip(PARTS, lasted, strict=True)), refusals)


def _shown(volunteer: Volunteer, battle: str) -> float:
    """When the first words were; watches to the end."""
    first = 0.0
    for frame in volunteer.watch(battle):
        if not first and any(pane["blocks"] for pane in frame.get("panes", [])):
            first = time.time()
    return first


def _answered(battle: str) -> tuple[float, float, float]:
    """When the later answer was queued, had a slot, and had a token."""
    both = until(lambda: found if len(found := rows(ANSWERS, battle)) == 2 else [], "both answers")
    times = [(float(at), float(at) + waits, float(at) + waits + first) for at, waits, first in both]
    queued, slot, token = (max(each) for each in zip(*times, strict=True))
    return queued, slot, token


def rows(query: str, *parameters: float | str) -> list[tuple[float, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[float, ...]] = cursor.fetchall()
        return found
