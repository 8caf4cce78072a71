"""Staff who may try contestants, and staff who may not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from ..probing.conftest import draft, revision, showing

__all__ = ["draft", "revision", "showing"]


def staff(name: str, *permissions: str) -> User:
    user = User.objects.create_user(name, password="a long pass phrase", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def keeper(db: None) -> User:
    return staff("keeper", "change_contestant", "view_contestant")


@pytest.fixture
def pages(client: Client, keeper: User) -> Client:
    client.force_login(keeper, backend="django.contrib.auth.backends.ModelBackend")
    return client
