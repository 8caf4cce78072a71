"""Invitations: a link that makes one account with a role."""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings as configured
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from people.models import Invitation

from .conftest import member

PASSWORD = "a long walk by the Elbe"
JOINING = {"username": "ann", "password1": PASSWORD, "password2": PASSWORD}


def invite(office: Client, role: str = "Moderator", days: int = 7) -> str:
    """The path of its link."""
    asked = {"role": Group.objects.get(name=role).pk, "note": "for Ann", "days": days}
    page = office.post("/admin/people/invitation/add/", asked).content.decode()
    found = re.search(r'value="http://testserver(/admin/invitation/[\w-]{43}/)"', page)
    assert found, page
    return found[1]


def join(link: str, **changes: str) -> HttpResponse:
    return Client().post(link, JOINING | changes)  # type: ignore[return-value]


def said(response: HttpResponse) -> str:
    assert response.status_code == 410
    found = re.search(r'class="errornote">([^<]*)', response.content.decode())
    assert found
    return found[1]


def test_invitation_makes_an_account_with_its_role_and_signs_it_in(office: Client) -> None:
    link, browser = invite(office), Client()
    assert "<strong>Moderator</strong>" in browser.get(link).content.decode()
    assert browser.post(link, JOINING).headers["location"] == "/admin/"
    assert "Votes" in browser.get("/admin/").content.decode()
    ann = User.objects.get(username="ann")
    assert [group.name for group in ann.groups.all()] == ["Moderator"]
    assert (ann.is_staff, ann.is_superuser, ann.check_password(PASSWORD)) == (True, False, True)
    made, olivia = Invitation.objects.get(), User.objects.get(username="olivia")
    assert (made.state, made.used_by, made.made_by) == ("used", ann, olivia)


def test_link_is_whole_where_the_site_has_an_address(office: Client, settings: Settings) -> None:
    settings.SITE_URL = "https://arena.example"
    asked = {"role": Group.objects.get(name="Analyst").pk, "note": "", "days": 1}
    page = office.post("/admin/people/invitation/add/", asked).content.decode()
    assert 'value="https://arena.example/admin/invitation/' in page


def test_used_revoked_expired_and_unknown_invitations_say_so(office: Client) -> None:
    used, revoked, expired = (invite(office) for _ in range(3))
    third, second, _ = Invitation.objects.all()
    join(used)
    office.post("/admin/people/invitation/", {"action": "revoke", "_selected_action": [second.pk]})
    Invitation.objects.filter(pk=third.pk).update(expires=timezone.now() - timedelta(seconds=1))
    assert said(join(used, username="bob")).startswith("This invitation has been used")
    assert said(join(revoked)).startswith("This invitation has been withdrawn")
    assert said(join(expired)).startswith("This invitation has expired")
    assert said(join("/admin/invitation/nonsense/")).startswith("There is no such invitation")
    assert {*User.objects.values_list("username", flat=True)} == {"olivia", "ann"}


def test_weak_password_and_a_name_that_is_taken_are_refused(office: Client) -> None:
    link = invite(office)
    weak = join(link, password1="password1234", password2="password1234").content.decode()
    taken = join(link, username="Olivia").content.decode()
    assert "This password is too common." in weak
    assert "A user with that username already exists." in taken
    assert Invitation.objects.get().state == "open"


def test_code_is_nowhere_in_the_database(office: Client) -> None:
    code = invite(office).split("/")[3]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{code}%"])
            assert cursor.fetchone() == (0,), table


def test_guessing_codes_is_locked_out(office: Client) -> None:
    guesser = Client(REMOTE_ADDR="192.0.2.9")
    guesses = [
        guesser.get(f"/admin/invitation/guess{i}/").status_code
        for i in range(configured.AXES_FAILURE_LIMIT)
    ]
    assert guesses == [410] * (configured.AXES_FAILURE_LIMIT - 1) + [429]
    link = invite(office)
    assert guesser.get(link).status_code == 429
    assert Client().get(link).status_code == 200
    call_command("axes_reset", verbosity=0)
    assert guesser.get(link).status_code == 200


def test_only_owners_invite(owner: User, client: Client) -> None:
    helper = member("helper", "Model admin")
    helper.groups.add(group := Group.objects.create(name="Interns"))
    group.permissions.set(Permission.objects.filter(content_type__app_label="people"))
    client.force_login(helper)
    assert client.get("/admin/people/invitation/add/").status_code == 403
