"""The list of contestants, their pages, their states, and what can be deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from arena.models import Answer, Campaign, Contestant, Failure, Probe, Revision
from tests import factories

pytestmark = pytest.mark.usefixtures("in_service")
LIST = "/admin/arena/contestant/"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def played(a: Contestant, b: Contestant) -> None:
    battle = factories.battle(Campaign.live(), a, b)
    factories.turn(battle, "Hi", {one.revisions.get(): "Hello." for one in (a, b)})
    factories.vote(battle, "A")


def test_list_tells_who_can_answer_and_how_it_went(
    admin: Client, contestants: list[Contestant]
) -> None:
    factories.revision(factories.contestant("Lost", state="ACTIVE"))
    played(*contestants[:2])
    Failure.objects.create(revision=contestants[0].revisions.get(), reason="It failed.")
    old = Failure.objects.create(revision=contestants[0].revisions.get(), reason="It failed.")
    Failure.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=2))
    text = page(admin, LIST)
    assert text.count("</span> able</span>") == 3
    assert 'title="No running worker has lost-weights.gguf."' in text
    assert "weights missing</span>" in text
    assert '<td class="field-runs">r1: lost-weights</td>' in text
    assert '<td class="field-votes">1</td>' in text
    assert '<td class="field-errors_today">1 of 2 (50%)</td>' in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("able=yes", {"Xylophonic 9000", "Quetzalbird 9000", "Zugzwang 9000"}),
        ("able=no", {"Lost"}),
        ("able=paused", {"Tired"}),
        ("runs=api", {"Away"}),
        ("state__exact=DRAFT", {"New"}),
        ("access__exact=PROPRIETARY", {"New"}),
        ("organisation=Lost+Works", {"Lost"}),
    ],
)
def test_list_is_filtered(admin: Client, query: str, names: set[str]) -> None:
    factories.revision(factories.contestant("Lost", state="ACTIVE"))
    factories.contestant("New", state="DRAFT", access="PROPRIETARY")
    away = factories.contestant("Away", state="HIDDEN")
    factories.revision(away, backend="openai", weights="", remote_model="away-1")
    tired = factories.contestant("Tired", state="PAUSED")
    tired.events.create(old="ACTIVE", new="PAUSED", reason="by the arena itself.", automatic=True)
    results = admin.get(f"{LIST}?{query}").context["cl"].result_list
    assert {one.name for one in results} == names
    assert "It is paused: by the arena itself." in page(admin, LIST)


def test_list_of_many_asks_as_few_questions(admin: Client) -> None:
    def questions() -> int:
        with CaptureQueriesContext(database) as queries:
            assert admin.get(LIST).status_code == 200
        return len(queries)

    questions()
    few = questions()
    for number in range(30):
        one = factories.contestant(f"Many {number}", state="ACTIVE")
        Revision.objects.create(contestant=one, weights=f"many-{number}")
    assert questions() == few


def test_states_of_chosen_change_after_a_page_that_asks_why(
    admin: Client, contestants: list[Contestant]
) -> None:
    chosen: dict[str, Any] = {
        "action": "change_state", "_selected_action": [one.pk for one in contestants[:2]],
    }  # fmt: skip
    asked = admin.post(LIST, chosen).content.decode()
    assert "Change the state of 2 contestants" in asked
    assert "already cast count in every state" in asked
    refused = admin.post(LIST, {**chosen, "state": "PAUSED", "reason": " "}).content.decode()
    assert "Say why: the reason goes into the public log." in refused
    admin.post(LIST, {**chosen, "state": "PAUSED", "reason": "New weights are coming."})
    states = Contestant.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["PAUSED", "PAUSED", "ACTIVE"]
    log = page(admin, f"{LIST}{contestants[0].pk}/change/")
    assert "active → paused: New weights are coming." in log
    assert "It is paused: New weights are coming." in log


def test_activation_that_cannot_work_is_refused_unless_anyway(admin: Client) -> None:
    bare = factories.contestant("Bare", state="DRAFT")
    asked = {"state": "ACTIVE", "reason": "Let us see."}
    refused = admin.post(f"{LIST}{bare.pk}/state/", asked).content.decode()
    assert "Bare has no revision that says how to run it. Add one first." in refused
    admin.post(f"{LIST}{bare.pk}/state/", {**asked, "anyway": "on"})
    bare.refresh_from_db()
    assert bare.state == "ACTIVE"


def form_of(admin: Client, one: Contestant) -> dict[str, Any]:
    form = admin.get(f"{LIST}{one.pk}/change/").context["adminform"].form
    return {bound.name: "" if bound.value() is None else bound.value() for bound in form}


def test_rename_asks_why_and_is_logged(admin: Client, contestants: list[Contestant]) -> None:
    one = contestants[0]
    form = form_of(admin, one) | {"name": "Xylo 2"}
    refused = admin.post(f"{LIST}{one.pk}/change/", form)
    assert "Say why: readers see this change in its log." in refused.content.decode()
    saved = admin.post(f"{LIST}{one.pk}/change/", form | {"reason": "Renamed by its maker."})
    assert saved.status_code == 302
    assert one.events.get().change == "name: Xylophonic 9000 → Xylo 2"


def test_what_needs_no_reason_changes_without_one(
    admin: Client, contestants: list[Contestant]
) -> None:
    one = contestants[0]
    form = form_of(admin, one) | {"parameters": "7000000000"}
    assert admin.post(f"{LIST}{one.pk}/change/", form).status_code == 302
    assert not one.events.exists()


def test_who_took_part_is_retired_and_who_did_not_is_deleted(
    admin: Client, contestants: list[Contestant]
) -> None:
    played(*contestants[:2])
    took_part, did_not = contestants[0], contestants[2]
    text = page(admin, f"{LIST}{took_part.pk}/change/")
    assert "It took part: answers, battles, tallies refer to it, so it stays." in text
    assert "?to=RETIRED" in text
    assert "/delete/" not in text
    for refused in (admin.get(delete := f"{LIST}{took_part.pk}/delete/"), admin.post(delete)):
        assert refused.status_code == 409
        told = refused.content.decode()
        assert "It took part: answers, battles, tallies refer to it, so it cannot be" in told
        assert f'href="{LIST}{took_part.pk}/state/?to=RETIRED">Retire it</a>' in told
        assert 'type="submit"' not in told
    text = page(admin, f"{LIST}{did_not.pk}/change/")
    assert "It never took part in anything, so it can be deleted" in text
    asked = page(admin, f"{LIST}{did_not.pk}/delete/")
    assert "I’m sure" in asked
    admin.post(f"{LIST}{did_not.pk}/delete/", {"post": "yes"})
    assert set(Contestant.objects.all()) == {*contestants[:2]}


def test_list_offers_no_deletion_of_many(admin: Client) -> None:
    assert "delete_selected" not in page(admin, LIST)


def test_analyst_sees_all_and_is_offered_no_change(
    client: Client, contestants: list[Contestant]
) -> None:
    analyst = User.objects.create_user("analyst", is_staff=True)
    analyst.user_permissions.add(Permission.objects.get(codename="view_contestant"))
    client.force_login(analyst)
    one = contestants[0]
    text = page(client, f"{LIST}{one.pk}/change/")
    assert "How it runs" in text
    for name in ("state", "revise", "delete"):
        assert f"/{one.pk}/{name}/" not in text
        assert client.get(f"{LIST}{one.pk}/{name}/").status_code == 403


def test_last_answer_tells_what_an_api_was_found_to_reject(
    admin: Client, contestants: list[Contestant]
) -> None:
    played(*contestants[:2])
    Answer.objects.update(engine="openai API without temperature")
    text = page(admin, f"{LIST}{contestants[0].pk}/change/")
    assert "Its last answer was made with: openai API without temperature." in text


def test_contestant_never_probed_is_told_where_it_is_listed_shown_and_activated(
    admin: Client, contestants: list[Contestant]
) -> None:
    one = contestants[0]
    told = f'<a href="/admin/arena/probe/{one.pk}/">'
    pages = (LIST, f"{LIST}{one.pk}/change/", f"{LIST}{one.pk}/state/")
    for address in pages:
        assert f"{told}never probed</a>" in page(admin, address)
    Probe.objects.create(revision=one.revisions.get(), ended=timezone.now(), verdict="AMBER")
    Probe.objects.create(revision=one.revisions.get())  # is under way
    for address in pages:
        assert f"{told}worth a look</a>" in page(admin, address)
