"""Second factors of staff: how they are set up, asked for, required, lost and reset."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from people import invitations, vault
from people.models import AuditEvent
from people.signing_in import sealing
from tests.people.conftest import member

SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "a long walk by the Elbe"
LOGIN = "/admin/login/"
STEP = "/admin/login/second-factor/"
HOME = "/admin/account/"


@pytest.fixture(autouse=True)
def no_attempts_yet(db: None) -> None:
    cache.clear()


@pytest.fixture
def ann(owner: User) -> User:
    """A moderator with an authenticator app and recovery codes."""
    user = member("ann", "Moderator")
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def code(shift: int = 0) -> str:
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30 + shift)))


def codes(user: User) -> list[str]:
    found: list[str] = (
        Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes()
    )
    return found


def sign_in(client: Client, name: str = "ann", to: str = "") -> str:
    """Where the password leads."""
    response = client.post(LOGIN, {"username": name, "password": PASSWORD, "next": to})
    return str(response["Location"])


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def log() -> list[str]:
    rows = AuditEvent.objects.order_by("pk")
    return [" | ".join(filter(None, [row.who, row.what, row.about, row.detail])) for row in rows]


def test_password_alone_is_not_enough_for_who_has_a_second_factor(ann: User) -> None:
    client = Client()
    assert sign_in(client, to="/admin/arena/vote/") == STEP
    assert not is_in(client)
    assert "signed in" not in str(log())
    response = client.post(STEP, {"code": code()})
    assert (response.status_code, response["Location"]) == (302, "/admin/arena/vote/")
    assert is_in(client)
    assert log() == ["ann | signed in"]


def test_second_step_without_the_first_leads_to_it(ann: User) -> None:
    response = Client().post(STEP, {"code": code()})
    assert response["Location"] == LOGIN


def test_code_works_once(ann: User) -> None:
    used = code()
    for expected in (True, False):
        client = Client()
        sign_in(client)
        client.post(STEP, {"code": used})
        assert is_in(client) is expected


def test_code_of_a_clock_that_is_off_by_more_than_one_step_is_refused(ann: User) -> None:
    client = Client()
    sign_in(client)
    page = client.post(STEP, {"code": code(-3)}).content.decode()
    assert "Incorrect code." in page
    assert not is_in(client)


def test_wrong_codes_are_locked_out_like_wrong_passwords(ann: User, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    client = Client()
    sign_in(client)
    got = [client.post(STEP, {"code": "000000"}).status_code for _ in range(3)]
    assert got == [200, 200, 429]
    assert client.post(STEP, {"code": code()}).status_code == 429  # not even the right one
    assert Client().post(LOGIN, {"username": "ann", "password": PASSWORD}).status_code == 429
    assert log().count("ann | failed to sign in | as ann") == 0
    assert log()[0] == "nobody | failed to sign in | as ann"
    assert log()[-1] == "nobody | was locked out | as ann"


def test_passkey_is_renamed_after_the_password_is_asked_for_again(owner: User) -> None:
    mine, theirs = (
        Authenticator.objects.create(user=one, type="webauthn", data={"name": "Phone"})
        for one in (owner, member("moe", "Moderator"))
    )
    client = Client()
    client.force_login(owner)
    page = f"{HOME}passkeys/{mine.pk}/name/"
    assert client.get(page)["Location"].startswith("/admin/account/confirm/")
    client.post("/admin/account/confirm/", {"password": PASSWORD})
    assert 'value="Phone"' in client.get(page).content.decode()
    assert "at most 60 characters" in client.post(page, {"name": "x" * 61}).content.decode()
    assert client.post(f"{HOME}passkeys/{theirs.pk}/name/", {"name": "Mine"}).status_code == 404
    said = client.post(page, {"name": "Blue key"}, follow=True).content.decode()
    assert "The passkey has a new name." in said
    assert "<strong>Blue key</strong>" in said
    assert log()[-1] == "olivia | renamed a passkey | “Phone” | “Blue key”"


def test_too_many_attempts_in_a_minute_are_told_in_a_page_of_ours() -> None:
    client = Client()
    asked = [client.post("/admin/login/passkey/", {"credential": "{}"}) for _ in range(11)]
    assert [one.status_code for one in asked] == [302] * 10 + [429]
    page = asked[-1].content.decode()
    assert "Wait a minute, then go back and try again." in page
    assert 'href="/admin/">Administration' in page


def test_recovery_code_works_once_and_is_recorded(ann: User) -> None:
    first = codes(ann)[0]
    client = Client()
    sign_in(client)
    client.post(STEP, {"code": first})
    assert is_in(client)
    assert log() == ["ann | used a recovery code | left: 9", "ann | signed in"]
    other = Client()
    sign_in(other)
    assert "Incorrect code." in other.post(STEP, {"code": first}).content.decode()


def test_app_is_set_up_with_the_password_and_a_code(
    owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    assert sign_in(client, "olivia") == "/admin/"
    again = client.get(f"{HOME}app/")
    assert again["Location"].startswith(f"{HOME}confirm/")
    assert client.post(again["Location"], {"password": "no"}).status_code == 200
    client.post(again["Location"], {"password": PASSWORD})
    page = client.get(f"{HOME}app/").content.decode()
    found = re.search(r'class="key">(\w+)<', page)
    assert found is not None
    shown = format_hotp_value(hotp_value(found[1], int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(f"{HOME}app/", {"code": shown})
    assert done["Location"] == f"{HOME}codes/"
    page = client.get(done["Location"]).content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", page)) == 10
    assert not re.findall(r"<code>\d{8}</code>", client.get(f"{HOME}codes/").content.decode())
    assert "olivia | added a second factor | authenticator app" in log()
    client.post(f"{HOME}app/remove/")
    assert not Authenticator.objects.exists()
    assert "olivia | removed a second factor | authenticator app" in log()


def test_session_that_somebody_left_open_changes_no_factor(ann: User) -> None:
    client = Client()
    client.force_login(ann)
    for path in ("app/remove/", "codes/new/", "passkeys/add/"):
        assert client.post(f"{HOME}{path}")["Location"].startswith(f"{HOME}confirm/"), path
    assert Authenticator.objects.filter(user=ann).count() == 2


def test_factors_of_others_are_out_of_reach(ann: User) -> None:
    passkey = Authenticator.objects.create(user=ann, type="webauthn", data={"name": "Ann's"})
    client = Client()
    sign_in(client, "olivia")
    client.post(f"{HOME}confirm/", {"password": PASSWORD})
    assert client.post(f"{HOME}passkeys/{passkey.pk}/remove/").status_code == 404


@pytest.mark.parametrize(
    ("roles", "name", "needs"),
    [
        ([], "olivia", False),
        (["Owner"], "olivia", True),
        (["Owner"], "boss", True),  # a superuser counts as an owner
        (["Owner"], "moe", False),
        (["Owner", "Moderator"], "moe", True),
        (["all"], "moe", True),
    ],
)
def test_role_may_need_a_second_factor(
    roles: list[str], name: str, needs: bool, owner: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ROLES = roles
    User.objects.create_superuser("boss", password=PASSWORD)
    member("moe", "Moderator")
    client = Client()
    sign_in(client, name)
    led = client.get("/admin/arena/vote/")
    assert (led.status_code, led.headers.get("Location")) == ((302, HOME) if needs else (200, None))
    sent = client.post("/admin/arena/vote/", {"action": "exclude"})
    assert (sent.headers.get("Location") == HOME) is needs
    assert ("Your role needs a second factor" in client.get(HOME).content.decode()) is needs
    TOTP.activate(User.objects.get(username=name), SECRET)
    assert client.get("/admin/arena/vote/").status_code == 200


def test_invited_person_sets_up_what_the_role_needs(owner: User, settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["Analyst"]
    _, invited = invitations.new(Group.objects.get(name="Analyst"), "", 7, owner)
    client = Client()
    given = {"username": "new", "password1": PASSWORD, "password2": PASSWORD}
    client.post(f"/admin/invitation/{invited}/", given)
    assert client.get("/admin/")["Location"] == HOME
    assert client.get(f"{HOME}app/")["Location"].startswith(f"{HOME}confirm/")


def test_owner_resets_the_second_factor_of_a_colleague(ann: User, office: Client) -> None:
    anns = Client()
    sign_in(anns)
    anns.post(STEP, {"code": code()})
    address = reverse("admin:auth_user_second_factor", args=[ann.pk])
    assert address in office.get(f"/admin/auth/user/{ann.pk}/change/").content.decode()
    assert "removes authenticator app of" in office.get(address).content.decode()
    office.post(address)
    assert not Authenticator.objects.filter(user=ann).exists()
    assert not is_in(anns)
    assert sign_in(Client()) == "/admin/"
    about = f"user {ann.pk} (ann) | authenticator app, recovery codes"
    assert f"olivia | removed a second factor | {about}" in log()


def test_moderator_resets_nobodys_second_factor(ann: User) -> None:
    client = Client()
    client.force_login(member("moe", "Moderator"))
    assert client.post(f"/admin/auth/user/{ann.pk}/second-factor/").status_code == 403
    assert Authenticator.objects.filter(user=ann).exists()


def test_secrets_are_encrypted_and_move_to_new_keys(ann: User, settings: Settings) -> None:
    def kept() -> str:
        return str([*Authenticator.objects.values_list("data", flat=True)])

    before = codes(ann)
    assert SECRET not in kept()
    old, new = "b2xk" * 10 + "b2w=", "bmV3" * 10 + "bmU="
    for keys in ([old], [new, old], [new]):  # until then, by a key made of SECRET_KEY
        settings.SECRETS_KEY = keys
        assert codes(ann) == before
        assert sealing.renew() == 2
    settings.SECRETS_KEY = [old]
    with pytest.raises(vault.Unreadable):
        codes(ann)


def test_inactive_person_does_not_get_past_the_second_step(ann: User) -> None:
    client = Client()
    sign_in(client)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    client.post(STEP, {"code": code()})
    assert not is_in(client)
