"""A forgotten password: an owner, or the server's command, makes a link to choose another."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from people.models import AuditEvent

from .conftest import member

OLD, NEW = "a long walk by the Elbe", "a short walk by the Alster"


@pytest.fixture
def moe(owner: User) -> User:
    return member("moe", "Moderator")


def link_for(office: Client, user: User) -> str:
    page = office.post(f"/admin/auth/user/{user.pk}/password-link/").content.decode()
    found = re.search(r'value="http://testserver(/admin/password/[^"]+)"', page)
    assert found, page
    return found[1]


def choose(link: str, password: str = NEW) -> str:
    """The page that follows."""
    browser = Client()
    response = browser.get(link, follow=True)
    if not response.redirect_chain:
        return str(response.content.decode())
    form = response.redirect_chain[-1][0]
    given = {"new_password1": password, "new_password2": password}
    return browser.post(form, given, follow=True).content.decode()


def opens(password: str) -> bool:
    client = Client()
    client.post("/admin/login/", {"username": "moe", "password": password})
    return client.get("/admin/").status_code == 200


@pytest.mark.parametrize("password", ["Evenhand-2026!", "ArenaAdmin1234", "my-leaderboard-1"])
def test_words_of_the_site_alone_are_no_password(password: str) -> None:
    with pytest.raises(ValidationError, match="words that everybody tries here"):
        validate_password(password)


def test_name_of_the_host_is_no_password_either(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["duel.lindgren.example"]
    with pytest.raises(ValidationError, match="words that everybody tries here"):
        validate_password("Lindgren2026?")
    validate_password("Lindgren walks by the Elbe")
    validate_password("x7$Kq!29-4w_8")


def log() -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.order_by("pk").values_list("who", "what", "about")
    return [row for row in rows if "password" in row[1]]


def test_link_sets_a_password_once_and_ends_all_sessions(office: Client, moe: User) -> None:
    theirs = Client()
    theirs.post("/admin/login/", {"username": "moe", "password": OLD})
    # Signing in ends links, so this one is made after it.
    link = link_for(office, moe)
    assert "This password is too common" in choose(link, "password1234")
    assert opens(OLD)
    link = link_for(office, moe)
    assert "Your new password is set. Log in with it." in choose(link)
    assert theirs.get("/admin/").status_code == 302
    assert "This link no longer works" in choose(link)
    assert (opens(OLD), opens(NEW)) == (False, True)
    about = f"user {moe.pk} (moe)"
    made, set_by = (
        ("olivia", "made a password link", about),
        ("nobody", "set a new password", about),
    )
    assert log() == [made, made, set_by]


def test_link_ends_when_its_person_has_signed_in_and_after_a_day(
    office: Client, moe: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered = link_for(office, moe)
    assert opens(OLD)
    assert "This link no longer works" in choose(remembered)
    late = link_for(office, moe)
    tomorrow = datetime.now() + timedelta(days=1, minutes=1)  # as Django counts
    monkeypatch.setattr(default_token_generator, "_now", lambda: tomorrow)
    assert "This link no longer works" in choose(late)
    assert "This link no longer works" in choose("/admin/password/Mg/none/")


def test_account_that_is_not_active_gets_no_link(office: Client, moe: User) -> None:
    link = link_for(office, moe)
    User.objects.filter(pk=moe.pk).update(is_active=False)
    page = office.post(f"/admin/auth/user/{moe.pk}/password-link/").content.decode()
    assert "moe is not active" in page
    assert "/admin/password/" not in page
    assert "This link no longer works" in choose(link)


def test_command_prints_a_link(moe: User, settings: Settings) -> None:
    settings.SITE_URL = "https://arena.example"
    said = StringIO()
    call_command("password_link", "moe", stdout=said)
    link = said.getvalue().strip()
    assert link.startswith("https://arena.example/admin/password/")
    assert "Your new password is set." in choose(link.removeprefix("https://arena.example"))
    assert log()[0] == ("command line", "made a password link", f"user {moe.pk} (moe)")
    with pytest.raises(CommandError, match=r"Nobody is called mo\. There is: .*moe"):
        call_command("password_link", "mo")
