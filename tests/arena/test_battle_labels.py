from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from arena import battle_labels, battles, voting
from arena.labels import Labels
from arena.models import BattleLabels, Tally, Voter
from ratings.recount import differences

from .conftest import answer_all

pytestmark = pytest.mark.usefixtures("in_service")


def vote_on(voter: Voter, *prompts: str) -> None:
    battle = battles.begin(voter, prompts[0])
    answer_all(battle, "# One\n- two")
    for prompt in prompts[1:]:
        battles.continue_(battle, prompt)
        answer_all(battle, "# One\n- two")
    voting.cast(battle, voter, "A")


def slices() -> set[str]:
    return {part for part in Tally.objects.values_list("slice", flat=True) if "month" not in part}


def run() -> str:
    out = StringIO()
    call_command("label_battles", stdout=out)
    return out.getvalue()


def test_older_votes_get_labels_and_slices(voter: Voter) -> None:
    vote_on(voter, "Write a Python function.", "Now in Java.")
    [kept] = BattleLabels.objects.values()
    before = list(Tally.objects.order_by("slice").values("slice", "first_wins", "second_wins"))
    BattleLabels.objects.all().delete()
    Tally.objects.exclude(slice="overall").delete()
    assert "The arena: 1 battle labelled" in run()
    assert BattleLabels.objects.values().get() == kept
    after = Tally.objects.order_by("slice").values("slice", "first_wins", "second_wins")
    assert list(after) == before
    assert {"coding", "multi-turn"} < slices()


def test_changed_rules_label_again(voter: Voter) -> None:
    vote_on(voter, "What is 3 * 7?")
    battle = BattleLabels.objects.get().battle
    battle_labels.keep(battle, Labels(categories=("hard",), source="rules 0"))
    run()
    assert BattleLabels.objects.get().categories == ["maths"]
    assert "hard" not in slices()
    assert differences(battle.campaign) == []


def test_what_is_labelled_stays(voter: Voter) -> None:
    vote_on(voter, "What is 3 * 7?")
    assert "0 battles labelled" in run()
    assert slices() == {"overall", "maths", "language-en", "length-short"}
