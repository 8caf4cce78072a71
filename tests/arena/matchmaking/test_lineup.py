"""The cached contestants are read again when one of them changes, and only then."""

from __future__ import annotations

import pytest

from arena.matchmaking import lineup
from arena.models import Contestant, Revision

pytestmark = pytest.mark.django_db


def test_lineup_is_read_again_when_it_changes(contestants: list[Contestant]) -> None:
    first = lineup.now()
    assert lineup.now() is first
    assert [one.contestant for one in first.revisions] == contestants
    Revision.objects.create(contestant=contestants[0], number=2, weights="others")
    second = lineup.now()
    assert [one.number for one in second.revisions] == [2, 1, 1]
    assert [one.contestant for one in second.served_by({"others"})] == contestants[:1]
    Contestant.objects.filter(pk=contestants[0].pk).update(name="Renamed")
    assert lineup.now().revisions[0].contestant.name == "Renamed"
    Contestant.objects.filter(pk=contestants[0].pk).update(state=Contestant.State.PAUSED)
    assert [one.contestant for one in lineup.now().revisions] == contestants[1:]
    Contestant.objects.filter(pk=contestants[0].pk).update(state=Contestant.State.ACTIVE)
    assert len(lineup.now().revisions) == 3
