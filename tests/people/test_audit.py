"""The audit log: it has everything staff do, and nobody can change it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client

from arena.models import BulkChange, PromptSuggestion
from people.models import AuditEvent

from . import examples
from .conftest import member

PASSWORD = "a long walk by the Elbe"


def log() -> list[str]:
    """Oldest first, without the one of `examples`."""
    made = AuditEvent.objects.exclude(who="somebody").order_by("pk")
    rows = made.values_list("who", "what", "about", "detail")
    return [" | ".join(row) for row in rows]


@pytest.fixture
def seen(office: Client) -> Client:
    """The owner's browser, signed in before anything is looked at."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM people_auditevent")
        cursor.execute("SET LOCAL session_replication_role = origin")
    return office


def test_signing_in_and_out_failing_and_being_locked_out_are_recorded(owner: User) -> None:
    browser = Client(REMOTE_ADDR="192.0.2.7")
    sent = {"username": "olivia", "password": PASSWORD}
    browser.post("/admin/login/", sent)
    browser.post("/admin/logout/")
    browser.post("/admin/login/", sent | {"password": "distinctive-wrong-password"})
    browser.post("/admin/login/", sent | {"username": "distinctive-typed-here-by-mistake"})
    for _ in range(configured.AXES_FAILURE_LIMIT):
        browser.post("/admin/login/", sent | {"password": "wrong"})
    assert log() == [
        "olivia | signed in |  | ",
        "olivia | signed out |  | ",
        "nobody | failed to sign in | as olivia | ",
        "nobody | failed to sign in | as nobody known | ",
        *["nobody | failed to sign in | as olivia | "] * (configured.AXES_FAILURE_LIMIT - 3),
        "nobody | was locked out | as olivia | ",
    ]
    assert {*AuditEvent.objects.values_list("address", flat=True)} == {"192.0.2.7"}


def test_what_staff_do_in_the_admin_is_recorded(seen: Client) -> None:
    rows = examples.make()
    vote, name = rows["arena.vote"], Group.objects.get(name="Our own")
    seen.post("/admin/arena/vote/", {"action": "exclude_votes", "_selected_action": [vote.pk]})
    change = BulkChange.objects.latest("pk")
    seen.post(f"/admin/arena/bulkchange/{change.pk}/change/", {"reason": "spam"})
    seen.post(f"/admin/auth/group/{name.pk}/delete/", {"post": "yes"})
    seen.post("/admin/arena/campaign/", {"action": "pause", "_selected_action": [1]})
    seen.post(f"/admin/arena/vote/{vote.pk}/change/", {})
    assert log() == [
        "olivia | sent | /admin/arena/vote/ | exclude_votes, answered with 302",
        f"olivia | changed | bulk change {change.pk} | Applied to 1 vote. Reason: spam",
        f"olivia | deleted | group {name.pk} (Our own) | ",
        "olivia | sent | /admin/arena/campaign/ | pause, answered with 302",
        f"olivia | was refused | /admin/arena/vote/{vote.pk}/change/ | answered with 403",
    ]


def test_many_objects_of_one_action_are_one_entry(seen: Client) -> None:
    groups = [Group.objects.create(name=f"Group {number}") for number in range(12)]
    chosen = [group.pk for group in groups]
    asked = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    seen.post("/admin/auth/group/", asked)
    [entry] = AuditEvent.objects.all()
    assert entry.what == "deleted"
    assert entry.about.endswith(" and 2 more")
    assert not Group.objects.filter(pk__in=chosen).exists()


def test_file_jobs_and_their_files_are_recorded(seen: Client) -> None:
    job = examples.make()["arena.job"]
    page = f"/admin/arena/job/export/{job.campaign_id}/"  # type: ignore[attr-defined]
    seen.post(page, {"format": "arena-33k", "file": ".csv"})
    seen.get(f"/admin/arena/job/{job.pk}/votes.csv")
    seen.post(f"/admin/arena/job/{job.pk}/delete/")
    assert log() == [
        "olivia | ordered a file job | Export votes: campaign set | ",
        "olivia | downloaded | Export votes: campaign set | votes.csv",
        f"olivia | deleted | file job {job.pk} | votes.csv",
    ]


def test_texts_of_prompts_are_not_in_it(seen: Client) -> None:
    prompt = PromptSuggestion.objects.create(text="distinctive words", category="CODING")
    seen.post(f"/admin/arena/promptsuggestion/{prompt.pk}/delete/", {"post": "yes"})
    assert log() == [f"olivia | deleted | prompt suggestion {prompt.pk} | "]


def test_joining_is_recorded(seen: Client, owner: User) -> None:
    from people import invitations

    made, code = invitations.new(Group.objects.get(name="Analyst"), "", 7, owner)
    given = {"username": "ann", "password1": PASSWORD, "password2": PASSWORD}
    Client().post(f"/admin/invitation/{code}/", given)
    assert log() == [f"ann | accepted an invitation | {made} | ", "ann | signed in |  | "]


def test_reading_is_not_recorded(seen: Client) -> None:
    seen.get("/admin/arena/vote/")
    assert log() == []


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE people_auditevent SET who = 'somebody else'",
        "DELETE FROM people_auditevent",
        "TRUNCATE people_auditevent",
    ],
)
def test_database_changes_no_entry(seen: Client, command: str) -> None:
    AuditEvent.objects.create(who="olivia", what="signed in")
    with (
        pytest.raises((InternalError, ProgrammingError), match="The audit log is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(command)
    assert log() == ["olivia | signed in |  | "]


def test_role_that_the_docs_describe_only_adds_entries(seen: Client) -> None:
    """Not even by doing away with the triggers."""
    page = (configured.BASE_DIR / "docs/people.md").read_text()
    grants = re.search(r"```sql\n(GRANT .*?)```", page, re.DOTALL)
    assert grants
    refused = (
        "UPDATE people_auditevent SET who = 'somebody else'",
        "DELETE FROM people_auditevent",
        "TRUNCATE people_auditevent",
        "ALTER TABLE people_auditevent DISABLE TRIGGER append_only",
        "DROP TABLE people_auditevent",
        "SET session_replication_role = replica",
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE arena; {grants[1]}; SET ROLE arena")
        try:
            for command in refused:
                with pytest.raises(ProgrammingError), transaction.atomic():
                    cursor.execute(command)
            seen.post("/admin/arena/campaign/", {"action": "pause", "_selected_action": [1]})
        finally:
            cursor.execute("RESET ROLE")
    assert log() == ["olivia | sent | /admin/arena/campaign/ | pause, answered with 302"]


def test_list_counts_entries(seen: Client) -> None:
    AuditEvent.objects.create(who="olivia", what="signed in")
    assert counts(seen) == ["1 entry"]
    AuditEvent.objects.create(who="olivia", what="signed out")
    assert counts(seen) == ["2 entries"]


def counts(client: Client) -> list[str]:
    page = client.get("/admin/people/auditevent/").content.decode()
    return re.findall(r'<p class="paginator">\s*(.*?)\s*</p>', page, re.DOTALL)


def test_log_is_searched_by_owners_only(seen: Client) -> None:
    for who in ("ann", "bob"):
        AuditEvent.objects.create(
            who=who, what="changed", about="contestant 7", address="192.0.2.1"
        )
    page = seen.get("/admin/people/auditevent/?q=ann&what=changed").content.decode()
    assert (">ann<" in page, ">bob<" in page) == (True, False)
    others = Client()
    others.force_login(member("moe", "Moderator"))
    assert others.get("/admin/people/auditevent/").status_code == 403


def test_account_that_did_something_can_be_deleted(seen: Client) -> None:
    ann = member("ann", "Analyst")
    AuditEvent.objects.create(who="ann", user_id=ann.pk, what="signed in")
    seen.post(f"/admin/auth/user/{ann.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(username="ann").exists()
    assert log()[0] == "ann | signed in |  | "


def test_votes_brought_in_by_a_command_are_recorded(db: None, tmp_path: Path) -> None:
    votes = tmp_path / "votes.csv"
    votes.write_text("model_a,model_b,winner\nxylo,quetzal,model_a\n")
    for dry_run in (True, False):
        call_command("import_votes", "csv", str(votes), campaign="elsewhere", dry_run=dry_run)
    assert log() == ["command line | imported | campaign elsewhere | votes.csv"]
