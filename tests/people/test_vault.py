"""What the database keeps encrypted, and how its keys are changed."""

from __future__ import annotations

import subprocess

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from pytest_django import Settings

from people import vault

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
SECRET = "sk-distinctive-0123456789"


def test_secret_is_read_with_any_key_and_written_with_the_first(settings: Settings) -> None:
    settings.SECRETS_KEY = [OLD]
    token = vault.encrypt(SECRET)
    assert SECRET not in token
    settings.SECRETS_KEY = [NEW, OLD]
    assert vault.decrypt(token) == SECRET
    renewed = vault.renew(token)
    settings.SECRETS_KEY = [NEW]
    assert vault.decrypt(renewed) == SECRET
    with pytest.raises(vault.Unreadable, match=r"^None of the keys in SECRETS_KEY decrypts it\.$"):
        vault.decrypt(token)


def test_without_a_key_it_is_said_how_to_make_one(settings: Settings) -> None:
    settings.SECRETS_KEY = []
    assert not vault.is_ready()
    with pytest.raises(ImproperlyConfigured, match="Make a key with “head -c 32"):
        vault.encrypt(SECRET)
    with pytest.raises(vault.Unreadable, match="SECRETS_KEY is not set"):
        vault.decrypt("gAAAA")
    with pytest.raises(SystemExit, match="SECRETS_KEY is not set"):
        call_command("rotate_keys")


def test_setting_that_is_no_key_is_refused_and_not_quoted() -> None:
    assert vault.checked([f" {NEW}", "", OLD]) == [NEW, OLD]
    with pytest.raises(ImproperlyConfigured, match=r"key 2 of 2 is not 32 bytes") as raised:
        vault.checked([NEW, "too-short"])
    assert "too-short" not in str(raised.value)


def test_way_to_make_a_key_makes_one() -> None:
    made = subprocess.check_output(vault.HOW_TO_MAKE_ONE, shell=True, text=True)
    assert vault.checked([made]) == [made.strip()]
