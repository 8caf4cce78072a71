"""The first page of the admin: what each panel says, to whom, and at what cost."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from arena import broker
from arena.control import dashboard
from arena.control.panel import Says
from arena.control.panels.first_steps import FirstSteps
from arena.control.panels.machines import Workers
from arena.control.panels.models import Failures, Unable
from arena.control.panels.money import Spending
from arena.control.panels.people import Waiting
from arena.control.panels.storage import STAMP, Storage, bytes_in
from arena.models import Battle, Campaign, Contestant, Failure, Job, Objection, Vote
from inference.contract.presence import Heartbeat, publish, withdraw
from inference.contract.requests import key_service
from inference.contract.spending import add
from ratings.control.leaderboards import Leaderboards
from ratings.control.traffic import HOURS, Traffic, per_hour
from tests import factories

pytestmark = pytest.mark.django_db


def said(says: Says | None) -> str:
    """All its words."""
    assert says is not None
    rows = [" | ".join(cell.text for cell in row) for row in says.rows]
    return "\n".join([says.title, says.about, *rows])


def linked(says: Says | None) -> list[str]:
    assert says is not None
    return [says.url, *(cell.url for row in says.rows for cell in row if cell.url)]


def test_every_panel_and_every_link_of_the_page_opens(battle: Battle, admin_client: Client) -> None:
    failed = battle.turns.get().answers.first()
    assert failed is not None
    Failure.objects.create(revision=failed.revision, reason="no memory")
    factories.vote(battle, "A")
    user = User.objects.get(username="admin")
    shown = dashboard.look(user)
    page = admin_client.get("/admin/").content.decode()
    for one in shown:
        assert f'id="{one.panel.name}"' in page
        for url in linked(one.says):
            assert not url or admin_client.get(url).status_code == 200, url
    assert len(shown) >= 8


def test_panels_are_only_for_those_who_may_see_their_lists(client: Client) -> None:
    user = User.objects.create_user("analyst", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_battle"))
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    assert 'id="traffic"' in page
    assert 'id="storage"' not in page


def test_dashboard_without_a_broker_still_opens(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = redis.Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr(broker, "connection", lambda: nowhere)
    page = admin_client.get("/admin/").content.decode()
    assert page.count(dashboard.AWAY.title) >= 2
    assert 'id="traffic"' in page


def test_traffic_counts_battles_and_their_votes_by_hour(contestants: list[Contestant]) -> None:
    a, b, _ = contestants
    campaign = Campaign.objects.get()
    now = timezone.now().replace(minute=30)
    for hours, votes in ((0, 1), (5, 0), (5, 1), (HOURS + 1, 1)):
        made = factories.battle(campaign, a, b)
        state = Battle.State.VOTED if votes else Battle.State.OPEN
        at = now - timedelta(hours=hours)
        Battle.objects.filter(pk=made.pk).update(created=at, state=state)
    counts = per_hour(now)
    assert len(counts) == HOURS
    assert [hour[1:] for hour in counts if hour[1]] == [(2, 1), (1, 1)]
    assert "3 battles and 2 votes in the last day" in said(Traffic().look())


def test_open_objections_and_pending_votes_wait(battle: Battle) -> None:
    assert said(Waiting().look()).startswith("Nobody waits for you")
    vote = factories.vote(battle, "A")
    Vote.objects.update(standing=Vote.Standing.PENDING)
    Objection.objects.create(vote=vote, text="Why?")
    Objection.objects.update(created=timezone.now() - timedelta(days=3))
    says = Waiting().look()
    assert says.is_urgent
    assert said(says) == (
        "1 objection open, the oldest for 3 days\n\n"
        "Objections without an answer | 1\nSuspected voters, held | 0\nFlagged votes, pending | 1"
    )


def test_contestants_that_cannot_answer_are_named_with_the_reason(in_service: None) -> None:
    assert said(Unable().look()).startswith("All 3 active contestants can answer")
    made = factories.contestant("Yearling", state=Contestant.State.ACTIVE)
    factories.revision(made, weights="no-such-weights")
    says = Unable().look()
    assert says.is_urgent
    assert said(says).startswith("1 of 4 active contestants cannot answer")
    assert "Yearling | No running worker has no-such-weights.gguf." in said(says)


def test_failures_are_counted_by_contestant_and_reason(
    contestants: list[Contestant], admin_client: Client
) -> None:
    assert said(Failures().look()) == "No answer failed\n"
    one, other, _ = (contestant.revisions.get() for contestant in contestants)
    for revision, reason in ((one, "no memory"), (one, "no memory"), (other, "no memory")):
        Failure.objects.create(revision=revision, reason=reason)
    old = Failure.objects.create(revision=other, reason="too old")
    Failure.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=1, seconds=1))
    assert said(Failures().look()).splitlines() == [
        "3 answers failed, of 2 contestants",
        "After all attempts; often another contestant answered in its place.",
        f"{one.contestant} | no memory | 2",
        f"{other.contestant} | no memory | 1",
    ]
    lists = [url for url in linked(Failures().look()) if "failure" in url]
    pages = [admin_client.get(url).context["cl"] for url in lists]
    assert [page.result_count for page in pages] == [4, 2, 1]  # of days, not of 24 hours


def test_workers_say_what_they_serve_and_how_busy_they_are() -> None:
    beat = Heartbeat(
        "host-1", ("aria", key_service("OPENAI_API_KEY")), 4, 16, load={"aria": 3},
        tokens_per_second=41.6, ram_bytes=2 * 1024**3, ram_limit=8 * 1024**3,
        hardware="CPU, 6 threads",
    )  # fmt: skip
    publish(broker.connection(), beat)
    try:
        words = said(Workers().look()).replace("\xa0", " ")
    finally:
        withdraw(broker.connection(), beat)
    assert words == (
        "1 worker writing 3 answers at 42 tokens/s\n\n"
        "host-1 | aria, APIs with OPENAI_API_KEY | 3 of 20 | 0 | 42 | 2.0 GB of 8.0 GB"
        " | CPU, 6 threads"
    )


def test_spending_is_shown_against_the_caps(contestants: list[Contestant]) -> None:
    assert Spending().look() is None
    made = factories.contestant(
        "Paid", state=Contestant.State.ACTIVE, input_price=1, output_price=10
    )
    revision = factories.revision(
        made, backend="openai", weights="", remote_model="paid-1",
        key_variable="OPENAI_API_KEY", daily_usd=5,
    )  # fmt: skip
    endpoint = revision.endpoint
    assert endpoint is not None
    add(broker.connection(), endpoint, 1_000_000, 150_000)
    says = Spending().look()
    assert says is not None
    assert not says.is_urgent
    assert "OPENAI_API_KEY | Paid | $2.50 of $5.00 | 1,150,000" in said(says)
    add(broker.connection(), endpoint, 0, 250_000)
    assert said(Spending().look()).startswith("$5.00 spent, 1 cap used up")


def test_backup_is_as_old_as_its_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    assert "Last backup | never noted" in said(Storage().look())
    stamp = tmp_path / STAMP
    stamp.touch()
    yesterday = time.time() - 23 * 3600
    os.utime(stamp, (yesterday, yesterday))
    says = Storage().look()
    assert "Last backup | 23 hours ago" in said(says)
    assert "backup" not in says.title


def test_backup_that_failed_is_urgent_until_one_succeeds() -> None:
    def end(state: str, said: str) -> None:
        Job.objects.create(kind="backup", state=state, said=[said], ended=timezone.now())

    end("DONE", "12 MB in /backups.")
    assert "Last backup | less than a minute ago: 12 MB in /backups." in said(Storage().look())
    end("FAILED", "No space left on device.")
    says = Storage().look()
    assert says.is_urgent
    assert says.title.endswith("free, but the last backup failed")
    assert says.about == "No space left on device."
    end("DONE", "13 MB in /backups.")
    assert not Storage().look().is_urgent


def test_bytes_of_a_folder_are_those_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a").write_bytes(b"x" * 100)
    (tmp_path / "inner" / "b").write_bytes(b"x" * 23)
    assert bytes_in(tmp_path) == 123


def test_new_arena_is_told_what_to_do_first(in_service: None) -> None:
    assert "3 models can answer, so battles can begin." in said(FirstSteps().look())
    battle = factories.battle(Campaign.objects.get(), *Contestant.objects.all()[:2])
    factories.vote(battle, "A")
    assert FirstSteps().look() is None


def test_account_without_a_second_factor_is_asked_to_add_one(admin_client: Client) -> None:
    said = "Your account has no second factor"
    assert said in admin_client.get("/admin/").content.decode()
    user = User.objects.get(username="admin")
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert said in admin_client.get("/admin/").content.decode()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    assert said not in admin_client.get("/admin/").content.decode()


def test_arena_without_a_leaderboard_says_so() -> None:
    assert "No leaderboard yet" in said(Leaderboards().look())


def test_dashboard_asks_no_more_of_a_large_arena(battle: Battle, admin_client: Client) -> None:
    admin_client.get("/admin/")  # whatever is cached
    with CaptureQueriesContext(connection) as few:
        admin_client.get("/admin/")
    for number in range(20):
        made = factories.contestant(f"Extra {number}", state=Contestant.State.ACTIVE)
        Failure.objects.create(revision=factories.revision(made), reason=f"no. {number}")
        more = factories.battle(battle.campaign, battle.contestant_a, battle.contestant_b)
        Objection.objects.create(vote=factories.vote(more, "A"), text="Why?")
    with CaptureQueriesContext(connection) as many:
        admin_client.get("/admin/")
    assert len(many) <= len(few)
    assert len(few) <= 40
