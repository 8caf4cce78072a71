"""A vote's standing changes, and the tallies with it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from arena.battles import turns
from arena.counting import bulk, standing, tallies
from arena.errors import Refused
from arena.labelling import by_rules
from arena.labels import Labels
from arena.models import Battle, BattleLabels, BulkChange, Campaign, Tally, Vote, Voter
from arena.votes import casting
from ratings import freshness
from ratings.pages.finding import overall
from ratings.refreshing import drafts
from ratings.refreshing.recount import differences

from ..conftest import answer_all

pytestmark = pytest.mark.usefixtures("in_service")
COLUMNS = ("slice", "first_id", "second_id", *Tally.COUNTS)


def vote_on(voter: Voter, *prompts: str, verdict: str = "A") -> Vote:
    battle = turns.begin(voter, prompts[0])
    answer_all(battle)
    for prompt in prompts[1:]:
        turns.continue_(battle, prompt)
        answer_all(battle)
    return casting.cast(battle, voter, verdict)


def counts() -> set[tuple[object, ...]]:
    """Rows that hold votes."""
    return {row for row in Tally.objects.values_list(*COLUMNS) if any(row[3:])}


def at_once(*doings: Callable[[], object]) -> None:
    """Run concurrently, each with its own connection."""

    def do(doing: Callable[[], object]) -> None:
        try:
            doing()
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=[doing]) for doing in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_excluded_vote_leaves_every_slice_and_comes_back(voter: Voter) -> None:
    vote_on(voter, "What is 3 * 7?", verdict="TIE")
    before = counts()
    vote = vote_on(voter, "Write a Python function.", "Now in Java.")
    after = counts()
    one = Vote.objects.filter(pk=vote.pk)
    assert standing.exclude(one, " A robot. ") == 1
    assert one.values_list("standing", "standing_reason").get() == ("EXCLUDED", "A robot.")
    assert counts() == before
    assert differences(Campaign.live()) == []
    assert standing.count_again(one) == 1
    assert one.values_list("standing", "standing_reason").get() == ("COUNTED", "")
    assert counts() == after
    assert {"coding", "multi-turn", "length-short"} < {str(row[0]) for row in after}


def test_pending_vote_counts_once_it_is_let_in(voter: Voter) -> None:
    vote = vote_on(voter, "What is 3 * 7?")
    standing.exclude(Vote.objects.all(), "to be looked at")
    Vote.objects.update(standing=Vote.Standing.PENDING)
    assert standing.exclude(Vote.objects.all(), "a robot") == 1
    assert not counts()
    assert standing.count_again(Vote.objects.filter(pk=vote.pk)) == 1
    assert differences(Campaign.live()) == []


def test_same_standing_again_changes_nothing(voter: Voter) -> None:
    vote_on(voter, "What is 3 * 7?")
    assert standing.count_again(Vote.objects.all()) == 0
    assert standing.exclude(Vote.objects.all(), "a robot") == 1
    assert standing.exclude(Vote.objects.all(), "another reason") == 0
    assert Vote.objects.get().standing_reason == "a robot"
    assert not counts()


def test_exclusion_needs_a_reason(voter: Voter) -> None:
    vote_on(voter, "What is 3 * 7?")
    with pytest.raises(Refused, match="Give a reason"):
        standing.exclude(Vote.objects.all(), " ")
    assert Vote.objects.get().standing == Vote.Standing.COUNTED


@pytest.mark.django_db(transaction=True)
def test_votes_of_several_campaigns_leave_each(voter: Voter) -> None:
    vote_on(voter, "What is 3 * 7?")
    other = vote_on(voter, "What is 3 * 8?")
    elsewhere = Campaign.objects.create(slug="elsewhere", name="Elsewhere")
    with tallies.following(Campaign.live().pk, [other.pk]):
        Battle.objects.filter(pk=other.battle_id).update(campaign=elsewhere)
    casting.count(Vote.objects.get(pk=other.pk))
    assert standing.exclude(Vote.objects.all(), "a robot") == 2
    assert not counts()
    assert [differences(campaign) for campaign in Campaign.objects.all()] == [[], []]


@pytest.mark.django_db(transaction=True)
def test_two_who_exclude_the_same_vote_subtract_it_once(voter: Voter) -> None:
    vote_on(voter, "What is 3 * 7?")
    kept = counts()
    vote = vote_on(voter, "What is 3 * 7?")
    begun, changed = threading.Barrier(4), []

    def exclude() -> None:
        begun.wait()
        changed.append(standing.exclude(Vote.objects.filter(pk=vote.pk), "a robot"))

    at_once(*[exclude] * 4)
    assert sorted(changed) == [0, 0, 0, 1]
    assert counts() == kept
    assert differences(Campaign.live()) == []


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_waits_for_the_first(voter: Voter) -> None:
    """Without the row lock, both would find the vote counted."""
    vote = vote_on(voter, "What is 3 * 7?")
    one, changed = Vote.objects.filter(pk=vote.pk), []
    second = threading.Thread(
        target=at_once, args=[lambda: changed.append(standing.exclude(one.all(), "second"))]
    )
    with transaction.atomic():
        assert standing.exclude(one, "first") == 1
        second.start()
        second.join(0.3)
        assert changed == []
    second.join()
    assert changed == [0]
    assert one.get().standing_reason == "first"
    assert not counts()


@pytest.mark.django_db(transaction=True)
def test_labels_made_anew_meanwhile_leave_no_trace(voter: Voter) -> None:
    vote = vote_on(voter, "What is 3 * 7?")
    campaign, one = Campaign.live(), Vote.objects.filter(pk=vote.pk)
    old = Labels(categories=("hard",), source="rules 0")
    with tallies.following(campaign.pk, [vote.pk]):
        by_rules.keep(vote.battle, old)
    assert "hard" in {row[0] for row in counts()}
    begun = threading.Barrier(2)

    def exclude() -> None:
        begun.wait()
        standing.exclude(one.all(), "a robot")

    def label() -> None:
        begun.wait()
        by_rules.label_all(campaign, lambda _: None)

    at_once(exclude, label)
    assert BattleLabels.objects.get().categories == ["maths"]
    assert differences(campaign) == []
    assert not counts()


@pytest.mark.django_db(transaction=True)
def test_live_board_follows_with_its_next_refresh(voter: Voter, client: Client) -> None:
    for verdict in ("A", "B", "TIE", "A", "B", "A") * 4:
        vote_on(voter, "What is 3 * 7?", verdict=verdict)
    assert votes_of_board() == 24
    standing.exclude(Vote.objects.filter(verdict="B"), "always the right side")
    assert votes_of_board() == 16
    standing.exclude(Vote.objects.all(), "all by one robot")
    assert votes_of_board() == 0
    assert "No votes" in client.get("/leaderboard/").content.decode()
    standing.count_again(Vote.objects.all())
    assert votes_of_board() == 24


@pytest.mark.django_db(transaction=True)
def test_slice_with_too_few_votes_left_is_not_ranked(
    voter: Voter, client: Client, settings: LazySettings
) -> None:
    settings.SLICE_VOTES = 6
    for verdict in ("A", "B", "TIE") * 2:
        vote_on(voter, "What is 3 * 7?", verdict=verdict)
    assert votes_of_board() == 6
    assert 'class="board"' in client.get("/leaderboard/arena/?slice=maths").content.decode()
    standing.exclude(Vote.objects.filter(verdict="B"), "always the right side")
    assert votes_of_board() == 4
    page = client.get("/leaderboard/arena/?slice=maths").content.decode()
    assert 'class="board"' not in page
    assert "Maths (4 of 6 votes)" in page


def votes_of_board() -> int:
    """Votes of the board as readers see it after one refresh."""
    drafts.refresh_all()
    freshness.clear()
    shown = overall(Campaign.live())
    return shown.votes if shown else 0


@pytest.fixture
def staff(db: None) -> User:
    staff = User.objects.create_user("sam", password="x", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_vote"))
    return staff


def act(client: Client, action: str, *votes: Vote, query: str = "") -> str:
    """The page that an action on chosen votes leads to."""
    keys = [str(vote.pk) for vote in votes]
    data = {"action": action, "_selected_action": keys}
    return client.post(f"/admin/arena/vote/{query}", data, follow=True).content.decode()


def do(client: Client, **data: str) -> str:
    """Press the button of the newest bulk change."""
    newest = BulkChange.objects.latest("pk")
    address = f"/admin/arena/bulkchange/{newest.pk}/change/"
    return client.post(address, data, follow=True).content.decode()


def test_admin_excludes_with_a_reason_and_takes_it_back(admin_client: Client, voter: Voter) -> None:
    vote = vote_on(voter, "What is 3 * 7?")
    before = counts()
    page = act(admin_client, "exclude_votes", vote, query="?standing=COUNTED")
    assert "Exclude 1 vote?" in page
    assert f"{vote.get_verdict_display()}: 1" in page
    assert not re.search(r"<a [^>]*></a>", page)  # a link says where it leads
    assert "This field is required" not in page
    assert "This field is required" in do(admin_client, reason=" ")
    assert counts() == before
    assert "Applied to 1 vote." in do(admin_client, reason="a robot")
    assert not counts()
    assert "a robot" in admin_client.get("/admin/arena/vote/").content.decode()
    undone = do(admin_client, undo="")
    assert "Undone: 1 vote as before." in undone
    assert "<h1>Excluded 1 vote, undone</h1>" in undone
    assert "1 of 1 got back the standing they had." in undone
    assert "The others" not in undone
    assert counts() == before
    act(admin_client, "exclude_votes", vote)
    do(admin_client, reason="a robot")
    assert "Count 1 vote again?" in act(admin_client, "count_again", vote)
    assert "Applied to 1 vote." in do(admin_client)
    assert counts() == before
    assert differences(Campaign.live()) == []
    said = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(said) == [
        "Applied to 1 vote. Reason: a robot", "Undone: 1 vote as before.",
        "Applied to 1 vote. Reason: a robot", "Applied to 1 vote.",
    ]  # fmt: skip


def test_double_click_applies_once_and_is_logged_once(
    admin_client: Client, voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote = vote_on(voter, "What is 3 * 7?")
    act(admin_client, "exclude_votes", vote)
    do(admin_client, reason="a robot")
    assert "This was asked for before, and is done once." in do(admin_client, reason="a robot")
    do(admin_client, undo="")
    assert "This was asked for before" in do(admin_client, undo="")
    assert LogEntry.objects.count() == 2
    monkeypatch.setattr(bulk, "IN_REQUEST", 0)
    sent: list[object] = []
    monkeypatch.setattr(current_app, "send_task", lambda *_, **about: sent.append(about))
    act(admin_client, "exclude_votes", vote)
    assert "The background worker does this now" in do(admin_client, reason="a robot")
    assert "This was asked for before" in do(admin_client, reason="a robot")
    assert (len(sent), LogEntry.objects.count()) == (1, 3)
    BulkChange.objects.update(asked=timezone.now() - timedelta(seconds=bulk.LOST_S + 1))
    assert "The background worker does this now" in do(admin_client, reason="a robot")


def test_who_may_only_look_cannot_exclude(client: Client, staff: User, voter: Voter) -> None:
    vote = vote_on(voter, "What is 3 * 7?")
    change = bulk.draft(Vote.objects.all(), Vote.Standing.EXCLUDED, None)
    client.force_login(staff)
    assert "exclude_votes" not in client.get("/admin/arena/vote/").content.decode()
    act(client, "exclude_votes", vote)
    assert BulkChange.objects.get() == change
    staff.user_permissions.add(Permission.objects.get(codename="view_bulkchange"))
    page = client.get(f"/admin/arena/bulkchange/{change.pk}/change/")
    assert page.status_code == 200
    assert "<form method" not in page.content.decode().partition('id="content-main"')[2]
    address = f"/admin/arena/bulkchange/{change.pk}/change/"
    assert client.post(address, {"reason": "a robot"}).status_code == 403
    assert Vote.objects.get().standing == Vote.Standing.COUNTED
