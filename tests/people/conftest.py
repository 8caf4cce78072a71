from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from people import roles


@pytest.fixture(autouse=True)
def quick_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(db: None) -> User:
    roles.make()
    return member("olivia", "Owner")


@pytest.fixture
def office(owner: User, client: Client) -> Client:
    """The owner's browser."""
    client.force_login(owner)
    return client


def member(name: str, role: str) -> User:
    user = User.objects.create_user(name, password="a long walk by the Elbe", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user
