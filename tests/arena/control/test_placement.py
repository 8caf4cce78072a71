"""What the control room advises about weights and workers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from arena import broker
from arena.control.panels.placement import Demand, Placed, Placement, demands, placed
from arena.models import Answer, Campaign
from inference.contract.cards import Card, keep
from inference.contract.presence import Heartbeat, publish, withdraw
from tests import factories

GB = 10**9
FULL = Heartbeat("full", ("m", "n"), 2, ram_limit=8 * GB, ram_bytes=8 * GB)
ROOMY = Heartbeat("roomy", ("n",), 2, ram_limit=8 * GB, ram_bytes=1 * GB)
ROOMIER = Heartbeat("roomier", (), 2, ram_limit=16 * GB, ram_bytes=1 * GB)
LATE = Demand(100, late=11, seconds=3_600)
BUSY = Demand(100, late=0, seconds=0.71 * 2 * 3_600)
CALM = Demand(100, late=10, seconds=0.5 * 2 * 3_600)
IDLE = Demand(100, late=0, seconds=0.05 * 4 * 3_600)
FEW = Demand(19, late=19, seconds=3_600)


def about(asked: Demand, *holders: Heartbeat, others: tuple[Heartbeat, ...] = ()) -> str:
    return Placed("m", 5 * GB, holders, others, asked).advice


@pytest.mark.parametrize("asked", [LATE, BUSY])
def test_whatever_waits_is_to_be_held_once_more_where_there_is_room(asked: Demand) -> None:
    copy = about(asked, FULL, others=(ROOMY, ROOMIER))
    assert copy == "Copy the file to roomier, which has 14.0\xa0GB to spare."
    slots = "Give a worker more slots (--slots), or add one with these weights."
    assert about(asked, FULL) == slots
    assert Placed("m", None, [FULL], [ROOMIER], asked).advice == slots  # of unknown size


def test_nothing_is_advised_of_what_is_well_or_hardly_asked_for() -> None:
    assert about(CALM, FULL, others=(ROOMY,)) == about(FEW, FULL, others=(ROOMY,)) == ""
    assert about(IDLE, FULL) == ""
    assert about(IDLE, FULL, ROOMY) == "One worker less would do."


@pytest.mark.django_db
def test_demand_is_that_of_the_last_hour() -> None:
    a, b = factories.contestant("A"), factories.contestant("B")
    battle = factories.battle(Campaign.live(), a, b)
    revisions = [
        factories.revision(a, weights="m"),
        factories.revision(b, weights="", backend="openai", remote_model="gpt"),
    ]
    for number, (queued_s, minutes) in enumerate([(1.0, 5), (6.0, 50), (9.0, 70), (None, 5)], 1):
        turn = factories.turn(battle, "Hi", dict.fromkeys(revisions, "Ho"), number)
        began = timezone.now() - timedelta(minutes=minutes)
        Answer.objects.filter(turn=turn).update(queued_s=queued_s, dispatched=began, total_s=9.0)
    assert demands() == {"m": Demand(2, late=1, seconds=18.0)}
    assert demands()["m"].at_once == pytest.approx(18 / 3600)


@pytest.mark.django_db
def test_panel_says_who_holds_what() -> None:
    connection = broker.connection()
    keep(connection, Card("m", 5 * GB, 1))
    for beat in (FULL, ROOMY):
        publish(connection, beat)
    try:
        found = placed([FULL, ROOMY], {"n": IDLE})
        assert [(one.weights, one.slots) for one in found] == [("n", 4), ("m", 2)]
        says = Placement().look()
        assert says is not None
        assert says.title.startswith("2 models on ")
        rows = {row[0].text: [cell.text for cell in row[1:4]] for row in says.rows}
        assert rows["m"] == ["4.7\xa0GB", "full", "0"]
        assert rows["n"] == ["", "full, roomy", "0"]
    finally:
        for beat in (FULL, ROOMY):
            withdraw(connection, beat)
            connection.delete("weights:m")
