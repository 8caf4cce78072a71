"""Where staff are signed in, and signing out elsewhere."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from people.models import AuditEvent
from people.signing_in.sessions import browser
from tests.people.conftest import member

PASSWORD = "a long walk by the Elbe"
HOME = "/admin/account/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605 Safari/604.1"


def signed_in(name: str = "olivia", agent: str = FIREFOX, address: str = "192.0.2.1") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    client.post("/admin/login/", {"username": name, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_account_lists_ones_own_sessions(owner: User) -> None:
    here, _ = signed_in(), signed_in(agent=EDGE, address="192.0.2.2")
    member("moe", "Moderator")
    signed_in("moe", agent=SAFARI)
    page = here.get(HOME).content.decode()
    assert ("Firefox on Linux" in page, "192.0.2.1" in page) == (True, True)
    assert ("Edge on Windows" in page, "192.0.2.2" in page) == (True, True)
    assert "Safari" not in page
    assert page.count("This session") == 1


def test_signing_out_elsewhere_ends_all_other_sessions_of_oneself(owner: User) -> None:
    here, elsewhere = signed_in(), signed_in(agent=EDGE)
    member("moe", "Moderator")
    moe = signed_in("moe")
    page = here.post(f"{HOME}elsewhere/", follow=True).content.decode()
    assert "Signed out elsewhere: 1 session." in page
    assert [is_in(client) for client in (here, elsewhere, moe)] == [True, False, True]
    last = AuditEvent.objects.latest("pk")
    assert (last.who, last.what, last.about) == ("olivia", "signed out elsewhere", "sessions: 1")


def test_session_that_nobody_used_for_too_long_ends(owner: User, settings: Settings) -> None:
    here, there = signed_in(), signed_in()
    assert is_in(here)
    assert is_in(there)
    session = here.session
    session["used_at"] -= 3600 * settings.STAFF_IDLE_HOURS + 1
    session.save()
    answer = here.get("/admin/account/", follow=True)
    assert answer.redirect_chain == [("/admin/login/?next=/admin/account/", 302)]
    assert "you had not been here for a while" in answer.content.decode()
    assert [is_in(client) for client in (here, there)] == [False, True]


def test_signing_out_clears_what_the_browser_could_go_back_to(owner: User) -> None:
    here = signed_in()
    assert is_in(here)
    assert here.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache"'
    assert not is_in(here)


def test_use_is_noted_now_and_then(owner: User, settings: Settings) -> None:
    here = signed_in()
    assert is_in(here)
    session = here.session
    session["used_at"] -= 3600
    session.save()
    assert is_in(here)
    assert here.session["used_at"] > session["used_at"]
    settings.STAFF_IDLE_HOURS = 0
    session = here.session
    session["used_at"] = 0
    session.save()
    assert is_in(here)


def test_one_session_is_signed_out_there_alone(owner: User) -> None:
    here, there, elsewhere = signed_in(), signed_in(agent=EDGE, address="192.0.2.2"), signed_in()
    assert [is_in(client) for client in (here, there, elsewhere)] == [True] * 3  # so all are listed
    end = f"{HOME}sessions/{UserSession.objects.get(ip='192.0.2.2').pk}/end/"
    member("moe", "Moderator")
    assert "ended already" in signed_in("moe").post(end, follow=True).content.decode()
    assert is_in(there)
    page = here.post(end, follow=True).content.decode()
    assert "Signed out: Edge on Windows from 192.0.2.2." in page
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, True]
    assert "ended already" in here.post(end, follow=True).content.decode()
    rows = AuditEvent.objects.filter(what="signed out elsewhere")
    assert [row.about for row in rows] == ["Edge on Windows from 192.0.2.2"]
    own = UserSession.objects.get(session_key=here.session.session_key)
    here.post(f"{HOME}sessions/{own.pk}/end/")
    assert not is_in(here)


def test_stolen_cookie_is_dead_once_its_owner_has_signed_out(owner: User) -> None:
    here, thief = signed_in(), Client()
    thief.cookies["sessionid"] = here.cookies["sessionid"].value
    assert is_in(thief)
    here.post("/admin/logout/")
    assert not is_in(thief)


def test_session_from_before_there_was_a_list_is_ended_too(owner: User) -> None:
    old = Client()
    old.force_login(owner)  # makes no entry in the list
    assert is_in(old)
    assert UserSession.objects.count() == 1
    signed_in().post(f"{HOME}elsewhere/")
    assert not is_in(old)


def test_new_password_ends_all_other_sessions(owner: User) -> None:
    here, elsewhere = signed_in(), signed_in(agent=EDGE)
    given = {"old_password": PASSWORD, "new_password1": "another long walk"}
    here.post("/admin/password_change/", given | {"new_password2": "another long walk"})
    assert [is_in(client) for client in (here, elsewhere)] == [True, False]
    page = here.get(HOME).content.decode()
    assert (page.count("from 192.0.2.1"), page.count("This session")) == (1, 1)


def test_password_that_an_owner_sets_ends_the_sessions(owner: User, office: Client) -> None:
    moe = member("moe", "Moderator")
    theirs = signed_in("moe")
    given = {"password1": "another long walk", "password2": "another long walk"}
    office.post(f"/admin/auth/user/{moe.pk}/password/", given | {"usable_password": "true"})
    assert not is_in(theirs)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (EDGE, "Edge on Windows"),
        (SAFARI, "Safari on iOS"),
        ("curl/8", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_browser_is_named_in_words(agent: str, words: str) -> None:
    assert browser(UserSession(user_agent=agent)) == words
