"""The admin's menu: every list once, in the group of what staff do with it."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client, RequestFactory

from arena.control import menu
from arena.control.room import ControlRoom
from arena.models import Objection, Vote
from arena.sites import path_of
from tests.arena.exporting.conftest import campaign, revisions, votes

__all__ = ["campaign", "revisions", "votes"]
pytestmark = pytest.mark.django_db


def groups_for(user: User) -> dict[str, list[str]]:
    request = RequestFactory().get("/admin/")
    request.user = user
    return {
        group["name"]: [entry["name"] for entry in group["models"]]
        for group in admin.site.get_app_list(request)
    }


def test_menu_of_an_owner_has_every_list_once(admin_user: User) -> None:
    assert isinstance(admin.site, ControlRoom)
    groups = groups_for(admin_user)
    assert list(groups) == list(menu.GROUPS)
    entries = [name for names in groups.values() for name in names]
    request = RequestFactory().get("/admin/")
    request.user = admin_user
    apps = admin.site._build_app_dict(request)
    lists = [entry["name"] for app in apps.values() for entry in app["models"]]
    assert sorted(entries) == sorted(
        [*map(str, lists), "Add a contestant", "Downloads", "Import votes", "Backups"]
    )


def test_menu_names_only_models_that_exist(admin_user: User) -> None:
    registered = {model._meta.label for model in admin.site._registry}
    assert {label for labels in menu.GROUPS.values() for label in labels} <= registered


def test_list_that_no_group_names_comes_last(admin_user: User) -> None:
    entries = [
        {"model": User, "name": "Users"},
        {"model": Permission, "name": "Permissions"},
    ]
    found = {group["name"]: group["models"] for group in menu.grouped(entries, admin_user)}
    assert [entry["name"] for entry in found["People"]] == ["Users"]
    assert [entry["name"] for entry in found["Site"]] == ["Permissions"]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("admin:arena_contestant_changelist", "Contestants"),
        ("admin:arena_contestant_add", "Contestants"),
        ("admin:arena_contestant_choose", "Add a contestant"),
        ("admin:arena_contestant_downloads", "Downloads"),
        ("admin:people_auditevent_changelist", "Audit log"),
        ("admin:index", "Control room"),
    ],
)
def test_one_entry_of_the_menu_is_where_one_is(
    admin_client: Client, address: str, name: str
) -> None:
    page = admin_client.get(path_of(address), follow=True).content.decode()
    assert re.findall(r'aria-current="page">([^<]*)<', page) == [name]


def test_first_page_has_one_name_in_menu_and_trails(admin_client: Client) -> None:
    page = admin_client.get(path_of("admin:arena_vote_changelist")).content.decode()
    home = re.escape(path_of("admin:index"))
    named = set(re.findall(rf'<a href="{home}"\s*>([^<]+)<', page))
    assert named == {"Control room"}


def test_audit_log_is_among_the_people(admin_user: User) -> None:
    assert "Audit log" in groups_for(admin_user)["People"]


def test_menu_without_permissions_is_empty(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    page = client.get("/admin/").content.decode()
    assert "Ask an owner of this arena for a role" in page
    assert "Import votes" not in page


def test_menu_says_how_many_objections_are_open(votes: None, admin_client: Client) -> None:
    users = path_of("admin:auth_user_changelist")
    assert "1 open" not in admin_client.get(users).content.decode()
    Objection.objects.create(vote=Vote.objects.earliest("pk"), text="It was me.")
    assert "1 open" in admin_client.get(users).content.decode()


def test_page_of_an_app_leads_to_the_overview(admin_client: Client) -> None:
    assert admin_client.get("/admin/arena/").headers["Location"] == path_of("admin:index")
