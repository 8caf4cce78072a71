"""The last owner who can sign in stays one."""

from __future__ import annotations

import re
import threading

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client

from people import owners, roles

from .conftest import member

LAST = "This is the last owner who can sign in."


def change(browser: Client, user: User, *names: str, active: bool = True) -> str:
    groups = Group.objects.filter(name__in=names).values_list("pk", flat=True)
    given: dict[str, object] = {"username": user.username, "groups": [*groups]}
    given |= {"is_active": "on"} if active else {}
    response = browser.post(f"/admin/auth/user/{user.pk}/change/", given, follow=True)
    found = re.search(r"errorlist nonfield[^>]*>\s*<li>([^<]*)", response.content.decode())
    return found[1] if found else ""


def delete(browser: Client, user: User) -> str:
    address = f"/admin/auth/user/{user.pk}/delete/"
    return browser.post(address, {"post": "yes"}, follow=True).content.decode()


def test_last_owner_is_neither_demoted_nor_deactivated_nor_deleted(
    office: Client, owner: User
) -> None:
    assert change(office, owner, "Moderator").startswith(LAST)
    assert change(office, owner, "Owner", active=False).startswith(LAST)
    assert LAST in delete(office, owner)
    assert [*owners.everyone()] == [owner]


def test_last_owner_who_is_a_superuser_is_kept_too(db: None, client: Client) -> None:
    roles.make()
    boss = User.objects.create_superuser("boss")
    client.force_login(boss)
    assert change(client, boss, active=False).startswith(LAST)
    assert LAST in delete(client, boss)
    assert change(client, boss) == ""  # a superuser needs no role


def test_owner_beside_another_can_go(office: Client, owner: User) -> None:
    for name, leave in {"a": change, "b": delete}.items():
        leave(office, member(name, "Owner"))
    assert [*owners.everyone()] == [owner]


def test_owner_who_cannot_sign_in_does_not_count(office: Client, owner: User) -> None:
    away = member("away", "Owner")
    User.objects.filter(pk=away.pk).update(is_active=False)
    assert change(office, owner, "Moderator").startswith(LAST)


def test_groups_of_roles_can_be_neither_changed_nor_deleted(office: Client) -> None:
    role = Group.objects.get(name="Owner")
    assert office.post(f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"}).status_code == 403
    assert office.post(f"/admin/auth/group/{role.pk}/change/", {"name": "x"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [role.pk], "post": "yes"}
    office.post("/admin/auth/group/", chosen)
    assert Group.objects.filter(pk=role.pk).exists()


def test_person_with_a_role_may_enter_and_one_without_may_not(office: Client) -> None:
    ann = User.objects.create_user("ann")
    entered = []
    for names in (["Analyst"], []):
        change(office, ann, *names)
        ann.refresh_from_db()
        entered.append(ann.is_staff)
    assert entered == [True, False]


def test_nobody_but_an_owner_changes_accounts(owner: User, client: Client) -> None:
    """Not even with the permission: it could be used to become an owner."""
    group = Group.objects.create(name="Interns")
    group.permissions.set(roles._rows({"auth.change_user", "auth.change_group"}))
    client.force_login(member("intern", "Interns"))
    addresses = (f"user/{owner.pk}/change", f"user/{owner.pk}/password", f"group/{group.pk}/change")
    statuses = [client.post(f"/admin/auth/{address}/").status_code for address in addresses]
    assert statuses == [403, 403, 403]


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_remove_each_other_at_once() -> None:
    roles.make()
    both = [member("a", "Owner"), member("b", "Owner")]
    start = threading.Barrier(2)

    def demote(by: User, whom: User) -> None:
        browser = Client()
        browser.force_login(by)
        start.wait()
        change(browser, whom, "Moderator")
        connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in (both, both[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert owners.everyone().count() == 1
