from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from arena.battles import turns, voiding
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating.settling import settle
from arena.labels import Labels, labels_of
from arena.models import Answer, Battle, BattleLabels, Tally, Vote, Voter
from arena.votes import casting

from ..conftest import answer_all, result

pytestmark = pytest.mark.usefixtures("in_service")


@pytest.fixture
def battle(in_service: None, voter: Voter) -> Battle:
    return turns.begin(voter, "What is the answer?")


@pytest.fixture
def answered(battle: Battle) -> Battle:
    answer_all(battle)
    return battle


def refuse(battle: Battle, voter: Voter, verdict: str = "A") -> str:
    """The code with which a vote is rejected; checks that nothing has changed."""
    before = list(Vote.objects.values()), list(Tally.objects.values())
    with pytest.raises(Refused) as refusal:
        casting.cast(battle, voter, verdict)
    assert (list(Vote.objects.values()), list(Tally.objects.values())) == before
    return refusal.value.code


@pytest.mark.parametrize(
    ("verdict", "for_a_first", "for_b_first"),
    [
        ("A", (1, 0, 0, 0), (0, 1, 0, 0)),
        ("B", (0, 1, 0, 0), (1, 0, 0, 0)),
        ("TIE", (0, 0, 1, 0), (0, 0, 1, 0)),
        ("BOTH_BAD", (0, 0, 0, 1), (0, 0, 0, 1)),
    ],
)
def test_vote_is_counted_for_its_pair_whatever_the_sides(
    answered: Battle,
    voter: Voter,
    verdict: str,
    for_a_first: tuple[int, ...],
    for_b_first: tuple[int, ...],
) -> None:
    casting.cast(answered, voter, verdict)
    a_first = answered.contestant_a_id < answered.contestant_b_id
    counts = Tally.objects.filter(slice="overall").values_list(
        "first_wins", "second_wins", "ties", "both_bad"
    )
    assert list(counts) == [for_a_first if a_first else for_b_first]
    answered.refresh_from_db()
    assert answered.state == Battle.State.VOTED
    assert answered.vote.verdict == verdict


def test_vote_counts_in_every_slice_of_its_prompts(voter: Voter) -> None:
    battle = turns.begin(voter, "Schreibe ein Gedicht über Python.")
    answer_all(battle, "**Sie** zischt.")
    casting.cast(battle, voter, "TIE")
    month = f"month-{Vote.objects.get().created:%Y-%m}"
    slices = {"overall", "coding", "creative-writing", "language-de", "length-short", month}
    assert dict(Tally.objects.values_list("slice", "ties")) == dict.fromkeys(slices, 1)
    stored = BattleLabels.objects.get()
    assert stored.style == [2, 0, 0, 1] * 2
    assert stored.source == "rules 1"


def test_vote_that_fails_half_way_leaves_no_count(
    answered: Battle, voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process dies between the tallies and the commit."""

    def die(*_: object, **__: object) -> None:
        raise OSError("the process died")

    monkeypatch.setattr(Battle, "save", die)
    with pytest.raises(OSError, match="died"):
        casting.cast(answered, voter, "A")
    counts = Vote.objects.count(), Tally.objects.count(), BattleLabels.objects.count()
    assert counts == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_votes_on_one_pair_at_the_same_moment_are_all_counted(voter: Voter) -> None:
    """Each locks the tallies of several slices: in a fixed order, or they would deadlock."""
    prompts = ["Write a poem about Python.", "Tell me a story.", "What is 3 * 7?"] * 4
    waiting = [turns.begin(voter, prompt) for prompt in prompts]
    for battle in waiting:
        answer_all(battle)
    together = threading.Barrier(len(waiting))

    def click(battle: Battle) -> None:
        together.wait()
        try:
            casting.cast(battle, voter, "TIE")
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[battle]) for battle in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sums = Tally.objects.values_list("slice").annotate(Sum("ties"))
    found = {part: votes for part, votes in sums if not part.startswith("month-")}
    assert found == {
        "overall": 12, "creative-writing": 8, "coding": 4, "maths": 4, "language-en": 12,
        "length-short": 12,
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_texts_are_read_before_anything_is_locked(
    answered: Battle, voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[bool]()

    def noted(*texts: list[str]) -> Labels:
        read.append(connection.in_atomic_block)
        return labels_of(*texts)

    monkeypatch.setattr("arena.labelling.by_rules.labels_of", noted)
    casting.cast(answered, voter, "A")
    assert read == [False]
    assert BattleLabels.objects.get().battle == answered


def test_other_vote_is_refused_and_the_first_stands(answered: Battle, voter: Voter) -> None:
    casting.cast(answered, voter, "A")
    assert refuse(answered, voter, "B") == "voted"


def test_same_vote_again_is_the_vote_that_stands(answered: Battle, voter: Voter) -> None:
    """A page that is left sends its vote, and may send it once more."""
    first = casting.cast(answered, voter, "TIE")
    assert casting.cast(answered, voter, "TIE") == first
    assert Tally.objects.get(slice="overall").ties == 1


def test_vote_on_somebody_elses_battle_is_refused(answered: Battle) -> None:
    assert refuse(answered, Voter.objects.create()) == "not_yours"


def test_vote_on_an_unfinished_side_is_refused(battle: Battle, voter: Voter) -> None:
    assert refuse(battle, voter) == "unfinished"
    one = Answer.objects.filter(turn__battle=battle).earliest("pk")
    settle(life, one.pk, result(one))
    assert refuse(battle, voter) == "unfinished"


def test_vote_on_a_failed_side_is_refused(answered: Battle, voter: Voter) -> None:
    Answer.objects.filter(turn__battle=answered, side="B").update(state=Answer.State.FAILED)
    assert refuse(answered, voter) == "failed"


def test_vote_on_a_void_battle_is_refused(battle: Battle, voter: Voter) -> None:
    voiding.void(battle, "a test")
    assert refuse(battle, voter) == "void"


@pytest.mark.parametrize("verdict", ["", "a", "C", "A;B", "TIE\0"])
def test_unknown_verdict_is_refused(answered: Battle, voter: Voter, verdict: str) -> None:
    assert refuse(answered, voter, verdict) == "unknown_verdict"


def test_database_itself_allows_one_vote_a_battle(answered: Battle, voter: Voter) -> None:
    casting.cast(answered, voter, "A")
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(battle=answered, voter=voter, verdict="B", seconds=1)


@pytest.mark.django_db(transaction=True)
def test_votes_at_the_same_moment_are_one(answered: Battle, voter: Voter) -> None:
    codes: list[str] = []
    together = threading.Barrier(6)

    def click() -> None:
        together.wait()
        try:
            casting.cast(answered, voter, "B")
        except Refused as refusal:
            codes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == []  # the other five are the same vote again
    assert Vote.objects.count() == 1
    tally = Tally.objects.get(slice="overall")
    assert tally.first_wins + tally.second_wins == 1
