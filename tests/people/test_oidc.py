"""Signing in at an OpenID Connect provider: who gets in, and answers that must not be believed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from people.models import AuditEvent
from tests.people.conftest import member
from tests.people.identity import CLIENT, SECRET, Identity, running

BEGIN = "/admin/login/oidc/"
ANN = {"sub": "a-1", "email": "ann@lab.example", "email_verified": True, "name": "Ann Lee",
       "preferred_username": "ann"}  # fmt: skip


@pytest.fixture
def provider(owner: User, settings: Settings) -> Iterator[Identity]:
    cache.clear()
    with running() as server:
        named_provider(settings, server.url)
        server.claims = dict(ANN)
        yield server


def named_provider(settings: Settings, url: str) -> None:
    settings.OIDC_ISSUER, settings.OIDC_NAME = url, "the lab"
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app = {**app, "client_id": CLIENT, "secret": SECRET, "settings": {"server_url": url}}
    named = {"provider_class": "people.signing_in.oidc.Provider", "APPS": [app]}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": named}


def sign_in(provider: Identity, client: Client | None = None, to: str = "") -> tuple[Client, Any]:
    client = client or Client()
    sent = client.get(BEGIN, {"next": to} if to else {})
    back = provider.authorize(sent["Location"])
    return client, client.get(back.removeprefix("http://testserver"))


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def said(client: Client) -> str:
    return client.get("/admin/login/").content.decode()


def account(name: str = "anna", role: str = "Moderator", email: str = "Ann@lab.example") -> User:
    user = member(name, role)
    user.email = email
    user.save()
    return user


def roles(name: str) -> list[str]:
    return sorted(User.objects.get(username=name).groups.values_list("name", flat=True))


def test_login_page_offers_it_only_if_set_up(provider: Identity, settings: Settings) -> None:
    assert "Log in with the lab" in said(Client())
    settings.OIDC_ISSUER = ""
    assert BEGIN not in said(Client())
    assert Client().get(BEGIN).status_code == 404


def test_verified_address_opens_the_account_that_has_it(provider: Identity) -> None:
    user = account()
    client, response = sign_in(provider, to="/admin/arena/vote/")
    assert response["Location"] == "/admin/arena/vote/"
    assert is_in(client)
    user.refresh_from_db()
    assert user.has_usable_password()  # it may go on to sign in as before
    assert roles("anna") == ["Moderator"]
    assert AuditEvent.objects.latest("pk").what == "signed in"
    # From then on it is the person that counts, not the address.
    provider.claims["email"] = "new@lab.example"
    assert is_in(sign_in(provider)[0])
    assert SocialAccount.objects.get().user == user


@pytest.mark.parametrize("verified", [False, None, "false"])
def test_address_that_is_not_verified_opens_nothing(verified: object, provider: Identity) -> None:
    account()
    provider.claims["email_verified"] = verified
    client, response = sign_in(provider)
    assert response["Location"] == "/admin/login/"
    assert "has not verified your e-mail address" in said(client)
    assert not is_in(client)


def test_who_has_neither_account_nor_role_is_not_let_in(provider: Identity) -> None:
    client, _ = sign_in(provider)
    assert "knows you, but this arena does not." in said(client)
    assert not is_in(client)
    assert not User.objects.filter(email__iexact="ann@lab.example").exists()
    last = AuditEvent.objects.latest("pk")
    assert (last.who, last.what, last.about) == (
        "nobody", "failed to sign in", "with the lab: nobody we know",
    )  # fmt: skip


def test_address_of_two_accounts_opens_neither(provider: Identity) -> None:
    account("anna")
    account("ann-marie", "Owner")
    assert not is_in(sign_in(provider)[0])


def test_role_in_the_claim_makes_an_account_and_follows_it(
    provider: Identity, settings: Settings
) -> None:
    settings.OIDC_ROLES = {"arena-mods": "Moderator", "arena-read": "Analyst"}
    member("ann", "Analyst")  # has the name already, and is somebody else
    provider.claims["groups"] = ["staff", "arena-mods"]
    client, _ = sign_in(provider)
    assert is_in(client)
    assert (roles("ann-2"), roles("ann")) == (["Moderator"], ["Analyst"])
    assert not User.objects.get(username="ann-2").has_usable_password()
    provider.claims["groups"] = "arena-read"
    sign_in(provider)
    assert roles("ann-2") == ["Analyst"]
    provider.claims["groups"] = []
    client, _ = sign_in(provider)
    assert "Your account has no role here any more." in said(client)
    assert not is_in(client)


def test_claim_does_not_take_the_last_owner(provider: Identity, settings: Settings) -> None:
    settings.OIDC_ROLES = {"arena-mods": "Moderator"}
    User.objects.filter(username="olivia").update(email="ann@lab.example")
    provider.claims["groups"] = ["arena-mods"]
    assert is_in(sign_in(provider)[0])
    assert roles("olivia") == ["Moderator", "Owner"]


def test_second_factor_is_asked_for_here_too(provider: Identity) -> None:
    TOTP.activate(account(), "JBSWY3DPEHPK3PXP")
    client, response = sign_in(provider)
    assert response["Location"] == "/admin/login/second-factor/"
    assert not is_in(client)


def test_inactive_account_stays_closed(provider: Identity) -> None:
    User.objects.filter(pk=account().pk).update(is_active=False)
    assert not is_in(sign_in(provider)[0])


def test_provider_with_one_key_need_not_name_it(provider: Identity) -> None:
    account()
    provider.names_key = False
    assert is_in(sign_in(provider)[0])


def test_of_a_long_answer_only_the_beginning_is_logged(
    provider: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    provider.issuer = "x" * 5_000
    Client().get(BEGIN)
    [line] = [one for one in caplog.messages if "signing in with the lab failed" in one]
    assert len(line) < 400


OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
BENT: dict[str, dict[str, Any]] = {
    "nonce": {"bent": {"nonce": "of another request"}},
    "no nonce": {"bent": {"nonce": ""}},
    "issuer": {"bent": {"iss": "https://evil.example"}},
    "audience": {"bent": {"aud": "another site"}},
    "expired": {"bent": {"exp": int(time.time()) - 60}},
    "signature": {"signs_with": OTHER_KEY},
    "another person": {"about": {"sub": "b-2"}},
    "discovery": {"issuer": "https://evil.example"},
}


@pytest.mark.parametrize("wrong", BENT)
def test_answer_that_is_not_meant_for_us_is_not_believed(wrong: str, provider: Identity) -> None:
    account()
    client = Client()
    sent = client.get(BEGIN)
    for name, value in BENT[wrong].items():
        setattr(provider, name, value)
    back = provider.authorize(sent["Location"]).removeprefix("http://testserver")
    assert client.get(back)["Location"] == "/admin/login/"
    assert "Signing in with the lab failed." in said(client)
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_answer_with_another_state_is_not_believed(provider: Identity) -> None:
    account()
    victim = Client()
    victim.get(BEGIN)
    attacker = Client()
    back = provider.authorize(attacker.get(BEGIN)["Location"])
    victim.get(back.removeprefix("http://testserver"))  # the attacker's answer, in another browser
    assert "Signing in with the lab failed." in said(victim)
    assert not is_in(victim)


def test_answer_works_once(provider: Identity) -> None:
    account()
    client = Client()
    back = provider.authorize(client.get(BEGIN)["Location"]).removeprefix("http://testserver")
    client.get(back)
    client.logout()
    client.get(back)
    assert not is_in(client)


def test_provider_that_is_away_is_told(provider: Identity, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"] = {"server_url": settings.OIDC_ISSUER}
    client = Client()
    assert client.get(BEGIN)["Location"] == "/admin/login/"
    assert "Signing in with the lab failed." in said(client)


def test_strength_is_asked_for_and_demanded(provider: Identity, settings: Settings) -> None:
    account()
    settings.OIDC_ACR = ["phrh", "phr"]
    for bent in ({}, {"acr": "pwd"}, {"acr": ["phr"]}):
        provider.bent = bent
        client, response = sign_in(provider)
        assert response["Location"] == "/admin/login/"
        assert not is_in(client)
    provider.bent = {"acr": "phr"}
    assert is_in(sign_in(provider)[0])
    assert "acr_values=phrh+phr" in Client().get(BEGIN)["Location"]


def test_strength_is_not_asked_for_unless_it_is_set(provider: Identity) -> None:
    assert "acr_values" not in Client().get(BEGIN)["Location"]
