"""A model that many voters push together, each with few votes: held, told, and let go again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from arena.control.panels.people import Pushed
from arena.counting import standing
from arena.models import Campaign, Contestant, DeskPolicy, Push, Suspect, Vote, Voter
from ratings.core.suspicion.pushing import FOUND, OVER
from ratings.desk import pushes, watching

from .conftest import TARGET, Somebody
from .test_watching import COUNTED, PENDING, counted, recounted, standings

pytestmark = pytest.mark.django_db
EXCLUDED = Vote.Standing.EXCLUDED
OTHERS = 3  # models that the target meets


def vote(cast: Callable[..., Vote], voter: Voter, n: int, for_target: bool) -> Vote:
    a, b = (TARGET, n % OTHERS) if n // 2 % 2 else (n % OTHERS, TARGET)
    seconds = 31.0 + 17 * ((n * 7 + voter.pk) % 5)
    said = f"Tell {voter.pk} of the river"
    return cast(voter, a, b, "A" if (a == TARGET) == for_target else "B", seconds, said)


@pytest.fixture
def fair(cast: Callable[..., Vote]) -> Somebody:
    """Somebody for whom the target is as good as the others."""

    def votes() -> list[Vote]:
        voter = Voter.objects.create()
        return [vote(cast, voter, n, bool((n + voter.pk) % 2)) for n in range(4)]

    return votes


@pytest.fixture
def pushing(cast: Callable[..., Vote]) -> Somebody:
    def votes() -> list[Vote]:
        voter = Voter.objects.create()
        return [vote(cast, voter, n, True) for n in range(5)]

    return votes


@pytest.fixture
def earlier(campaign: Campaign, fair: Somebody) -> list[Vote]:
    """And no voter's score holds votes by itself."""
    DeskPolicy.objects.create(threshold=12.0, reason="a test")
    return [each for _ in range(15) for each in fair()]


def came(fair: Somebody, pushing: Somebody) -> tuple[list[Vote], list[Vote]]:
    """Votes of twelve who push the target, and of twelve honest ones who come among them."""
    pushed, honest = list[Vote](), list[Vote]()
    for _ in range(12):
        pushed += pushing()
        honest += fair()
    return pushed, honest


def watch() -> None:
    pushes.looks = pushes.Looks()  # else it rests
    watching.watch(60.0)


def test_votes_of_those_who_push_a_model_together_are_held(
    campaign: Campaign, earlier: list[Vote], fair: Somebody, pushing: Somebody,
    contestants: list[Contestant],
) -> None:  # fmt: skip
    watch()
    assert not Push.objects.exists()
    assert Pushed().look() is None
    pushed, honest = came(fair, pushing)
    watch()
    push = Push.objects.get()
    assert (push.contestant, push.favours, push.is_known) == (contestants[TARGET], True, True)
    assert (push.voters, push.votes, push.over) == (12, len(pushed), None)
    pushed[0].refresh_from_db()
    assert push.since == pushed[0].created
    assert standings(pushed) == {PENDING}
    assert standings([*earlier, *honest]) == {COUNTED}
    assert counted(campaign) == recounted(campaign)

    reason = Suspect.objects.get(voter=pushed[0].voter).speaking[0]
    assert "one of about 12 who vote for Ocelot since" in reason["words"]
    panel = Pushed().look()
    assert panel is not None
    assert (panel.is_urgent, panel.title) == (True, "Pushed by many together: votes for Ocelot")
    assert [cell.text for cell in panel.rows[0]][2:] == ["about 12", "60"]
    assert panel.rows[0][2].url.endswith(f"/arena/suspect/?state=pushing&campaign={campaign.pk}")

    later = [*pushing(), *pushing()]
    watch()  # they are held as well; and nobody is let go, now that the held votes move nothing
    assert standings([*pushed, *later]) == {PENDING}

    standing.count_again(Vote.objects.filter(pk__in=[each.pk for each in [*pushed, *later]]))
    watch()
    watch()
    assert standings([*pushed, *later]) == {COUNTED}
    assert Push.objects.get(pk=push.pk).over is not None
    assert not Suspect.objects.filter(belongs__gt=0).exists()


def test_votes_held_for_a_push_only_count_again_when_it_is_over(
    campaign: Campaign, earlier: list[Vote], fair: Somebody, pushing: Somebody
) -> None:
    pushed, _ = came(fair, pushing)
    watch()
    assert standings(pushed) == {PENDING}
    DeskPolicy.objects.create(threshold=1.5, reason="a test")
    weakest = FOUND
    while Push.objects.filter(over=None).exists():
        weakest = min(weakest, Push.objects.get().strength)
        assert standings(pushed) == {PENDING}
        Vote.objects.filter(voter=pushed[-1].voter).delete()
        pushed = [each for each in pushed if each.voter != pushed[-1].voter]
        fair()
        watch()
    assert OVER <= weakest < FOUND
    near = Suspect.objects.filter(voter__in=[each.voter for each in pushed], score__gt=0.5)
    assert near.exists()  # it would be held on if its score had held it
    assert standings(pushed) == {COUNTED}
    assert counted(campaign) == recounted(campaign)


def test_what_a_moderator_left_out_stays_out_when_the_push_is_over(
    earlier: list[Vote], fair: Somebody, pushing: Somebody
) -> None:
    pushed, _ = came(fair, pushing)
    watch()
    standing.exclude(Vote.objects.filter(pk__in=[each.pk for each in pushed[:10]]), "a test")
    Vote.objects.filter(pk__in=[each.pk for each in pushed[10:]]).delete()
    fair()
    watch()
    assert not Push.objects.filter(over=None).exists()
    assert standings(pushed[:10]) == {EXCLUDED}


def test_of_a_new_model_nothing_is_held_and_moderators_are_told(
    campaign: Campaign, fair: Somebody, pushing: Somebody
) -> None:
    DeskPolicy.objects.create(threshold=12.0, reason="a test")
    for _ in range(8):  # fewer votes than it takes
        fair()
    pushed, honest = came(fair, pushing)
    watch()
    assert [push.is_known for push in Push.objects.all()] == [False]
    assert standings([*pushed, *honest]) == {COUNTED}
    panel = Pushed().look()
    assert panel is not None
    assert panel.is_urgent
    assert panel.rows[0][-1].text.endswith("(new: none held)")
