"""Signing in to the admin: weak passwords are rejected, and guessing is locked out."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
GOOD = "a long walk by the Elbe"


@pytest.fixture(autouse=True)
def quick_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password=GOOD)


def attempt(client: Client, password: str, name: str = "boss", address: str = "192.0.2.1") -> int:
    given = {"username": name, "password": password}
    return client.post(LOGIN, given, REMOTE_ADDR=address).status_code


@pytest.mark.parametrize("password", ["a", "1", "", "password1234", "123456789012345"])
def test_weak_password_is_refused(boss: User, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, boss)


def test_strong_password_is_taken(boss: User) -> None:
    validate_password(GOOD, boss)


@pytest.mark.usefixtures("boss")
def test_guessing_is_locked_out_with_a_sentence(client: Client) -> None:
    # Under different user names too, as the lock-out is by address.
    guesses = [
        attempt(client, f"guess {i}", f"boss{i % 2}") for i in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert guesses == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    response = client.post(LOGIN, {"username": "boss", "password": GOOD}, REMOTE_ADDR="192.0.2.1")
    assert response.status_code == 429
    assert "Wait 15 minutes" in response.content.decode()


@pytest.mark.usefixtures("boss")
def test_guessing_locks_nobody_else_out(client: Client) -> None:
    for i in range(settings.AXES_FAILURE_LIMIT):
        attempt(client, f"guess {i}")
    assert attempt(client, GOOD, address="192.0.2.2") == 302


@pytest.mark.usefixtures("boss")
def test_guessing_from_many_addresses_of_a_household_is_locked_out(client: Client) -> None:
    for i in range(settings.AXES_FAILURE_LIMIT):
        attempt(client, f"guess {i}", address=f"2001:db8:1:2::{i}")
    assert attempt(client, GOOD, address="2001:db8:1:99::1") == 429  # the same /56
    assert attempt(client, GOOD, address="2001:db8:1:100::1") == 302


@pytest.mark.usefixtures("boss")
def test_locked_out_address_may_try_again_later(client: Client) -> None:
    for i in range(settings.AXES_FAILURE_LIMIT):
        attempt(client, f"guess {i}")
    for one in AccessAttempt.objects.all():
        one.attempt_time -= settings.AXES_COOLOFF_TIME
        one.save()
    assert attempt(client, GOOD) == 302


@pytest.mark.usefixtures("boss")
def test_no_password_is_kept_of_an_attempt(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    attempt(client, "distinctive-wrong-password")
    [kept] = AccessAttempt.objects.values_list("username", "get_data", "post_data", "path_info")
    assert "distinctive" not in f"{kept} {caplog.text}"


def test_name_that_nobody_can_have_is_refused(client: Client) -> None:
    assert attempt(client, GOOD, "x" * 300) == 200
    assert attempt(client, GOOD, "nul\0") == 200
    assert not AccessAttempt.objects.exists()
