"""What a snapshot knows of its board survives the database, and other versions of the code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import serializers
from django.db import connection

from ratings.facts import (
    Agreement,
    Alpha,
    Decision,
    Duel,
    Facts,
    Flip,
    Flips,
    Integrity,
    Pace,
    Period,
    Places,
    Shares,
    VoteFacts,
    Voters,
    Worth,
)
from ratings.models import Snapshot
from ratings.refreshing import drafts

DUEL = Duel("ada", "Ada", "bea", "Bea", 63.1, 21.4, 104.8, 0.59, 0.53, 0.65, open_ahead=True)
ALL = Facts(
    duel=DUEL,
    months=("2026-01", "2026-03"),
    style=(Worth("length", 12.5, 3.25, 21.75),),
    voters=Voters(124, 98.5),
    votes=VoteFacts(
        pace=Pace("week", (Period("2026-01-05", 3, 4),), undated=2),
        verdicts={"A": 5, "TIE": 2},
        agreement=Agreement(40, 80, Alpha(0.5, 0.4, 0.6), Alpha(None, None, None)),
    ),
    flips=Flips(7, (Flip("Ada", "Bea", 3), Flip("Bea", "Cy", None))),
    shares=Shares("month", (Places("2026-01-01", {"Ada Labs": 9}), Places("2026-02-01", {}))),
    integrity=Integrity(
        (Places("2026-01-01", {"duplicate": 2}),),
        (Decision("2026-01-03", "EXCLUDED", "duplicate", 2),),
        held=4,
        cleared=1,
        convicted=2,
    ),
)
# As versions until November 2026 stored them, and as the API still sends them.
STORED: dict[str, Any] = {
    "open": "ada", "open_name": "Ada", "closed": "bea", "closed_name": "Bea",
    "gap": 63.1, "gap_lower": 21.4, "gap_upper": 104.8,
    "probability": 0.59, "lower": 0.53, "upper": 0.65,
    "open_ahead": True, "closed_ahead": False,
    "months": ["2026-01", "2026-03"],
    "style": [{"name": "length", "points": 12.5, "lower": 3.25, "upper": 21.75}],
    "voters": [124, 98.5],
    "votes": {
        "pace": {"unit": "week", "periods": [["2026-01-05", 3, 4]], "undated": 2},
        "verdicts": {"A": 5, "TIE": 2},
        "agreement": {
            "items": 40, "judgements": 80, "nominal": [0.5, 0.4, 0.6], "ordinal": [None] * 3,
        },
    },
    "flips": {"votes": 7, "pairs": [["Ada", "Bea", 3], ["Bea", "Cy", None]]},
    "shares": {"unit": "month", "periods": [["2026-01-01", {"Ada Labs": 9}], ["2026-02-01", {}]]},
    "integrity": {
        "months": [["2026-01-01", {"duplicate": 2}]],
        "log": [["2026-01-03", "EXCLUDED", "duplicate", 2]],
        "held": 4, "cleared": 1, "convicted": 2,
    },
}  # fmt: skip


def test_facts_are_stored_under_the_names_of_older_versions() -> None:
    assert json.loads(json.dumps(ALL.dump())) == STORED
    assert Facts.parse(STORED) == ALL


def test_unknown_facts_are_not_stored() -> None:
    assert Facts().dump() == {}
    assert Facts.parse({}) == Facts()
    assert Facts(flips=Flips(9, models=1_200)).dump() == {
        "flips": {"votes": 9, "pairs": (), "models": 1_200}
    }


def test_facts_of_a_newer_version_are_read_without_what_is_new() -> None:
    newer = json.loads(json.dumps(STORED))
    newer |= {"weather": "fair", "gap_level": 0.9}
    newer["style"][0]["unit"] = "points"
    newer["votes"] |= {"weather": "fair"}
    newer["votes"]["pace"] |= {"zone": "UTC", "periods": [["2026-01-05", 3, 4, "more"]]}
    newer["votes"]["agreement"] |= {"interval": [0, 0, 0], "nominal": [0.5, 0.4, 0.6, 0.95]}
    newer["flips"] |= {"method": "new", "pairs": [["Ada", "Bea", 3, 1], ["Bea", "Cy", None, 1]]}
    assert Facts.parse(newer) == ALL


def test_facts_of_an_older_version_get_defaults_for_what_is_missing() -> None:
    older = {name: value for name, value in STORED.items() if not name.endswith("ahead")}
    older |= {"votes": {"verdicts": {"A": 5}}, "flips": {"votes": 7}, "style": []}
    found = Facts.parse(older)
    assert found.duel is not None
    assert (found.duel.open_ahead, found.duel.closed_ahead) == (False, False)
    assert found.votes == VoteFacts(verdicts={"A": 5})
    assert (found.flips, found.style) == (Flips(7), ())
    assert Facts.parse({"open": "ada", "open_name": "Ada"}).duel is None


def members(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each member of the stored facts, at any depth."""
    if at:
        yield at
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from members(value, (*at, key))


@pytest.mark.parametrize("odd", [None, 7, "odd", True, [], [None], [[1]], {}, {"odd": None}])
def test_odd_member_costs_no_more_than_its_part(odd: object) -> None:
    for way in members(STORED):
        changed = json.loads(json.dumps(STORED))
        parent = changed
        for key in way[:-1]:
            parent = parent[key]
        parent[way[-1]] = odd
        found = Facts.parse(changed)
        json.dumps(found.dump())
        parts = ("duel", "months", "style", "votes", "flips")
        part = way[0] if way[0] in parts else "duel"
        assert all(getattr(found, one) == getattr(ALL, one) for one in parts if one != part), way


@pytest.mark.parametrize("data", [None, [], 3, "odd"])
def test_facts_that_are_no_object_are_unknown(data: Any) -> None:
    assert Facts.parse(data) == Facts()


def test_null_counts_as_missing() -> None:
    assert Facts.parse(dict.fromkeys(STORED)) == Facts()
    votes = {"pace": None, "verdicts": None, "agreement": {"items": None, "nominal": None}}
    assert Facts.parse({"votes": votes, "style": None}) == Facts(votes=VoteFacts())
    known = Facts.parse(STORED | {"open_ahead": None}).duel
    assert known is not None
    assert not known.open_ahead


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("votes")
def test_stored_facts_are_read_back_and_can_be_queried() -> None:
    drafts.refresh_all()
    overall = Snapshot.objects.filter(board__slug="overall")
    with connection.cursor() as cursor:
        values = [json.dumps(STORED | {"weather": "fair"})]
        cursor.execute("UPDATE ratings_snapshot SET facts = %s", values)
    assert overall.get().facts == ALL
    assert overall.filter(facts__has_key="gap").values_list("facts__gap", "facts__open")[0] == (
        63.1,
        "ada",
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ratings_snapshot SET facts = 'null'")
    assert overall.get().facts == Facts()
    overall.update(facts=Facts(duel=DUEL))
    assert overall.get().facts == Facts(duel=DUEL)
    [again] = serializers.deserialize("json", serializers.serialize("json", overall))
    again.save()
    assert overall.get().facts == Facts(duel=DUEL)
