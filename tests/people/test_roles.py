"""Roles are groups, which `prepare` makes and mends."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User

from people import roles

pytestmark = pytest.mark.django_db


def granted(name: str) -> set[str]:
    user = User.objects.create_user(f"a new {name}")
    user.groups.add(Group.objects.get(name=name))
    return user.get_all_permissions()


def test_groups_have_exactly_the_permissions_of_the_table() -> None:
    roles.make()
    assert {name: granted(name) for name in roles.ROLES} == {
        name: roles.permissions(name) for name in roles.ROLES
    }


def test_making_them_again_mends_them_and_keeps_their_members() -> None:
    roles.make()
    analyst, user = Group.objects.get(name="Analyst"), User.objects.create_user("ann")
    user.groups.add(analyst)
    analyst.permissions.add(Permission.objects.get(codename="delete_campaign"))
    roles.make()
    assert user.get_all_permissions() == roles.permissions("Analyst")
    assert Group.objects.count() == len(roles.ROLES)


def test_groups_and_superusers_of_the_operator_stay_as_they_are() -> None:
    ours = Group.objects.create(name="Interns")
    ours.permissions.add(Permission.objects.get(codename="view_vote"))
    boss = User.objects.create_superuser("boss")
    roles.make()
    boss.refresh_from_db()
    assert granted("Interns") == {"arena.view_vote"}
    assert boss.is_superuser
    assert not boss.groups.exists()


def test_permission_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.TABLE, "arena.vot", ("v", "-", "-", "-"))
    with pytest.raises(LookupError, match=r"people/roles\.py: no such permission: arena\.view_vot"):
        roles.make()
