"""Addresses of the admin that ask for what no row can have: whoever follows a damaged link gets a
page."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db.models import DateField, Model
from django.test import Client
from django.urls import NoReverseMatch, reverse

from arena.control.room import NO_SUCH_ROW
from arena.models import Campaign
from arena.row_keys import key_of
from tests import factories

pytestmark = pytest.mark.django_db
LONG = "9" * 5_000  # more digits than Python converts
LISTS: dict[str, type[Model]] = {}
for model in admin.site._registry:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    try:
        LISTS[reverse(name)] = model
    except NoReverseMatch:
        continue  # jobs and probes have other pages


def odd(model: type[Model]) -> list[str]:
    dates = [each.name for each in model._meta.fields if isinstance(each, DateField)]
    return ["pk__regex=(", f"pk={LONG}", *[f"{each}__year=-1" for each in dates[:1]]]


@pytest.mark.django_db(transaction=True)  # an error of the database ends a test's transaction
def test_lists_show_all_rows_where_none_can_be_as_asked(admin_client: Client) -> None:
    for path, model in LISTS.items():
        for query in odd(model):
            response: Any = admin_client.get(f"{path}?{query}")
            is_shown = response.status_code == 200
            assert is_shown or response.headers["Location"] == f"{path}?e=1", (path, query)


def test_who_asked_for_it_is_told(admin_client: Client) -> None:
    for year in (-1, 99999, LONG):
        response: Any = admin_client.get(f"/admin/arena/campaign/?created__year={year}")
        assert response.headers["Location"] == "/admin/arena/campaign/?e=1"
    assert {str(each) for each in get_messages(response.wsgi_request)} == {NO_SUCH_ROW}


def test_fault_of_our_own_is_not_taken_for_theirs(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("our own")

    monkeypatch.setattr(admin.site._registry[Campaign], "get_queryset", fail)
    path = "/admin/arena/campaign/"
    assert admin_client.get(f"{path}?o=1").status_code == 302
    for again in (path, f"{path}?e=1"):
        with pytest.raises(ValueError, match="our own"):
            admin_client.get(again)


def test_pages_of_rows_that_cannot_be_are_not_there(admin_client: Client) -> None:
    for path, tail in product(LISTS, ("change", "history")):
        for key in (LONG, "%00"):
            response = admin_client.get(f"{path}{key}/{tail}/")
            assert response.status_code in (302, 403, 404), (path, key, tail)


def test_numbers_in_addresses_of_our_own_pages(admin_client: Client) -> None:
    one = factories.contestant("Ada")
    factories.revision(one)
    for number in (LONG, "9" * 20, "7"):
        trying = reverse("admin:arena_contestant_try", args=[one.pk])
        assert admin_client.get(f"{trying}?revision={number}").status_code == 404
        assert admin_client.get(f"{trying}?probe={number}").status_code == 200


@pytest.mark.parametrize(
    ("text", "key"),
    [("7", 7), ("9" * 18, 10**18 - 1), ("9" * 19, 0), (LONG, 0), ("-1", 0), ("", 0), ("x", 0)],
)
def test_key_of(text: str, key: int) -> None:
    assert key_of(text) == key
