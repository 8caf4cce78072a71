"""Cookies of a site behind HTTPS, and those that browsers still have from the release before."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from arena.cookies import known, named
from arena.models import Battle, Voter
from arena.votes.voters import remember

pytestmark = [pytest.mark.usefixtures("in_service"), pytest.mark.django_db]


@pytest.fixture
def https(settings: Settings) -> Client:
    """A visitor of a site with HTTPS=1."""
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    for kind in ("SESSION", "CSRF", "LANGUAGE", "VOTER"):
        setting = f"{kind}_COOKIE_NAME"
        setattr(settings, setting, named(getattr(settings, setting), https=True))
    return Client(enforce_csrf_checks=True, headers={"referer": "https://testserver/"})


def begin(client: Client, token: str) -> None:
    asked = {"prompt": "Hi", "csrfmiddlewaretoken": token}
    assert client.post("/battles/", asked, secure=True).status_code == 302


def token_of(client: Client) -> str:
    return str(client.get("/", secure=True).context["csrf_token"])


def test_cookies_are_of_this_host_alone(https: Client) -> None:
    begin(https, token_of(https))
    User.objects.create_superuser("ada", password="a long secret of Ada's")
    sent = {"username": "ada", "password": "a long secret of Ada's", "next": "/admin/"}
    https.post("/admin/login/", sent | {"csrfmiddlewaretoken": token_of(https)}, secure=True)
    https.get("/?choose_language=de", secure=True)
    assert {name for name, each in https.cookies.items() if each.value} == {
        "__Host-voter", "__Host-csrftoken", "__Host-language", "__Host-sessionid",
    }  # fmt: skip
    for each in https.cookies.values():
        assert (each["secure"], each["path"], each["domain"]) == (True, "/", "")
        assert each["samesite"] == "Lax"


def test_voter_of_the_release_before_stays_the_same_and_gets_the_new_name(
    https: Client, client: Client, battle: Battle, settings: Settings
) -> None:
    settings.VOTER_COOKIE_NAME = "voter"
    before = Client()
    remember(response := before.get("/"), battle.voter)
    https.cookies["voter"] = response.cookies["voter"].value
    settings.VOTER_COOKIE_NAME = "__Host-voter"
    assert https.get(f"/battles/{battle.public_id}/", secure=True).status_code == 200
    begin(https, token_of(https))
    assert https.cookies["__Host-voter"].value == https.cookies["voter"].value
    assert Voter.objects.count() == 1


def test_page_that_was_open_during_the_upgrade_can_be_sent(https: Client) -> None:
    token = token_of(https)
    https.cookies["csrftoken"] = https.cookies.pop("__Host-csrftoken").value
    begin(https, token)


def test_cookie_of_another_host_takes_nobodys_place() -> None:
    """It can set the old name only, which does not count beside the new one."""
    mine = {"__Host-voter": "mine", "voter": "theirs", "sessionid": "theirs", "x": "y"}
    assert known(mine)["__Host-voter"] == "mine"
    assert "__Host-sessionid" not in known(mine)
    assert known({"voter": "old"}) == {"voter": "old", "__Host-voter": "old"}
