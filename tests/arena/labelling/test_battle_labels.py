from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from arena.battles import turns
from arena.counting import tallies
from arena.labelling import by_rules
from arena.labels import Labels
from arena.models import Battle, BattleLabels, Tally, Voter
from arena.votes import casting
from ratings.refreshing.recount import differences

from ..conftest import answer_all

pytestmark = pytest.mark.usefixtures("in_service")


def vote_on(voter: Voter, *prompts: str) -> None:
    battle = turns.begin(voter, prompts[0])
    answer_all(battle, "# One\n- two")
    for prompt in prompts[1:]:
        turns.continue_(battle, prompt)
        answer_all(battle, "# One\n- two")
    casting.cast(battle, voter, "A")


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
    by_rules.keep(battle, Labels(categories=("hard",), source="rules 0"))
    run()
    assert BattleLabels.objects.get().categories == ["maths"]
    assert "hard" not in slices()
    assert differences(battle.campaign) == []


def test_what_is_labelled_stays(voter: Voter) -> None:
    vote_on(voter, "What is 3 * 7?")
    assert "0 battles labelled" in run()
    assert slices() == {"overall", "maths", "language-en", "length-short"}


def test_labelling_goes_on_behind_each_batch_and_misses_none(
    voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        vote_on(voter, f"What is {number} * 7?")
    BattleLabels.objects.all().delete()
    Tally.objects.exclude(slice="overall").delete()
    monkeypatch.setattr(by_rules, "BATCH", 3)
    assert "The arena: 7 battles labelled" in run()
    assert BattleLabels.objects.count() == 7
    assert differences(Battle.objects.all()[0].campaign) == []


def test_labelling_that_breaks_off_leaves_tallies_that_agree(
    voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        vote_on(voter, f"What is {number} * 7?")
    BattleLabels.objects.update(categories=["hard"], source="rules 0")
    campaign = Battle.objects.all()[0].campaign
    tallies.recount_slices(campaign.pk)
    monkeypatch.setattr(by_rules, "BATCH", 2)
    keep, calls = by_rules._keep_all, []

    def break_off(rows: list[BattleLabels]) -> None:
        calls.append(len(rows))
        if len(calls) == 2:
            raise KeyboardInterrupt
        keep(rows)

    monkeypatch.setattr(by_rules, "_keep_all", break_off)
    with pytest.raises(KeyboardInterrupt):
        by_rules.label_all(campaign, lambda done: None)
    assert calls == [2, 2]
    assert BattleLabels.objects.filter(source="rules 0").count() == 2
    assert differences(campaign) == []


def test_labelling_reads_no_vote_twice(
    voter: Voter, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    """The cost of a batch does not depend on how many votes come before or after it."""
    for number in range(6):
        vote_on(voter, f"What is {number} * 7?")
    monkeypatch.setattr(by_rules, "BATCH", 2)
    batches = list(by_rules._all_votes())
    assert [len(batch) for batch in batches] == [2, 2, 2]
    with django_assert_max_num_queries(4):
        list(by_rules._all_votes())
