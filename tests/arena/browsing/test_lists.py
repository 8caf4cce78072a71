"""The admin's lists: what is found, how many, and on which page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertHTMLEqual

from arena.browsing import limited, lists
from arena.browsing.filters import Choices
from arena.models import (
    Answer,
    Battle,
    Campaign,
    Objection,
    RegistryEvent,
    Revision,
    StandingChange,
    Vote,
    Voter,
)
from arena.votes.admin import VoteAdmin
from tests import factories

from ..conftest import become
from .conftest import battle

MODELS = (
    "answer", "battle", "bulkchange", "import", "importedvote", "preparedanswer", "registryevent",
    "standingchange", "tally", "turn", "vote",
)  # fmt: skip


def found(client: Client, model: str, **asked: object) -> list[int]:
    """The rows of a list, by primary key, in its order."""
    page = client.get(f"/admin/arena/{model}/?{urlencode(asked)}")
    assert page.status_code == 200
    return [row.pk for row in page.context["cl"].result_list]


@pytest.fixture
def some(campaign: Campaign, revisions: list[Revision]) -> list[Battle]:
    ant, bee, cat = revisions
    return [
        battle(campaign, [ant, bee], "Explain photosynthesis.", "Green leaves.", "Sun and sugar."),
        battle(campaign, [cat, ant], "光合作用是什么?", "It is photosynthesis.", "叶子。"),
        battle(campaign, [bee, cat], "Write a poem.", "Roses are red.", "Red are roses."),
        battle(campaign, [bee, cat], "Never voted on.", "Nor", "this", verdict=""),
    ]


def test_words_find_prompts_and_answers(admin_client: Client, some: list[Battle]) -> None:
    places = {
        "photosynth": [1, 0],
        "Photosynthesis leaves": [0],
        '"roses are"': [2],
        '"red roses"': [],
        "photosynthesis -leaves": [1],
        "合作": [1],
        "作合": [],
        "it's o'clock \\": [],
        "!!!": [],
        "-photosynthesis": [],
    }
    hits = {words: found(admin_client, "battle", q=words) for words in places}
    assert hits == {words: [some[i].pk for i in place] for words, place in places.items()}
    votes = Vote.objects.in_bulk(found(admin_client, "vote", q="photosynth"))
    assert {vote.battle_id for vote in votes.values()} == {some[0].pk, some[1].pk}


def test_public_id_finds_its_battle(admin_client: Client, some: list[Battle]) -> None:
    assert found(admin_client, "battle", q=some[0].public_id) == [some[0].pk]


def test_deleted_texts_are_found_no_more(admin_client: Client, some: list[Battle]) -> None:
    some[0].turns.update(prompt="")
    for turn in some[0].turns.all():
        turn.answers.update(text="")
    assert found(admin_client, "battle", q="photosynthesis") == [some[1].pk]


def test_filters_narrow_battles_and_votes(admin_client: Client, some: list[Battle]) -> None:
    ant, bee = some[0].contestant_a_id, some[0].contestant_b_id
    pks = [one.pk for one in some]
    last, vote = Voter.objects.latest("pk"), Vote.objects.get(battle=some[2])
    Vote.objects.filter(pk=vote.pk).update(standing="EXCLUDED", standing_reason="a robot")
    Objection.objects.create(vote=vote, text="I am none.")
    today = timezone.now().date()
    assert found(admin_client, "battle", contestant=ant) == [pks[1], pks[0]]
    assert found(admin_client, "battle", contestant=bee) == [pks[3], pks[2], pks[0]]
    assert found(admin_client, "battle", state="OPEN") == [pks[3]]
    assert found(admin_client, "battle", voter=last.pk) == [pks[3]]
    assert found(admin_client, "battle", since=today, until=today) == pks[::-1]
    assert found(admin_client, "battle", since=today + timedelta(days=1)) == []
    assert found(admin_client, "battle", campaign=some[0].campaign_id) == pks[::-1]
    assert found(admin_client, "battle", standing="EXCLUDED") == [pks[2]]
    assert found(admin_client, "battle", category="coding", language="en") == pks[2::-1]
    assert found(admin_client, "battle", category="maths") == []
    assert found(admin_client, "vote", reason="ROBOT") == [vote.pk]
    assert found(admin_client, "vote", flag="open") == [vote.pk]
    assert found(admin_client, "vote", flag="early") == []
    assert len(found(admin_client, "vote", contestant=ant, verdict="A")) == 2


def test_filter_that_makes_no_sense_shows_nothing_and_says_so(
    admin_client: Client, some: list[Battle]
) -> None:
    page = admin_client.get("/admin/arena/vote/?since=yesterday")
    assert "Enter a valid date." in page.content.decode()
    assert not page.context["cl"].result_list


def test_pages_follow_each_other_without_a_gap(
    admin_client: Client, some: list[Battle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists.QuickAdmin, "list_per_page", 2)
    for model in MODELS:
        whole, address, back = [], "?", ""
        while address:
            page = admin_client.get(f"/admin/arena/{model}/{address}").context["cl"]
            whole += page.result_list
            back, address = page.newer_page or back, page.older_page
        assert [row.pk for row in whole] == sorted((row.pk for row in whole), reverse=True)
        assert len(whole) == page.model.objects.count()
        if back:  # from the last page to the one before it
            before = admin_client.get(f"/admin/arena/{model}/{back}").context["cl"]
            end = len(whole) - len(page.result_list)
            assert [*before.result_list] == whole[end - 2 : end]


def test_row_added_meanwhile_moves_no_page(
    admin_client: Client, some: list[Battle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists.QuickAdmin, "list_per_page", 2)
    first = admin_client.get("/admin/arena/battle/").context["cl"]
    factories.battle(some[0].campaign, some[0].contestant_a, some[0].contestant_b)
    second = admin_client.get(f"/admin/arena/battle/{first.older_page}").context["cl"]
    assert [row.pk for row in second.result_list] == [some[1].pk, some[0].pk]


def test_cursor_that_makes_no_sense_shows_the_first_page(
    admin_client: Client, some: list[Battle]
) -> None:
    for cursor in ("x", "1_2_3", "2026-01-01T00:00:00_5", "9" * 30, "2026_7"):
        assert found(admin_client, "battle", older=cursor) == [one.pk for one in some[::-1]]


def test_list_takes_as_many_queries_for_many_rows(
    admin_client: Client, campaign: Campaign, revisions: list[Revision]
) -> None:
    def queries() -> dict[str, int]:
        numbers = {}
        for model in MODELS:
            with CaptureQueriesContext(connection) as captured:
                admin_client.get(f"/admin/arena/{model}/")
            numbers[model] = len(captured)
        return numbers

    def vote(*sides: Revision) -> None:
        battle(campaign, [*sides], "One more.", "Yes.", "No.")
        StandingChange.objects.create(
            vote=Vote.objects.latest("pk"), before="COUNTED", after="EXCLUDED"
        )

    vote(*revisions[:2])
    queries()
    few = queries()
    for _ in range(6):
        vote(*revisions[1:])
    assert queries() == few


def test_number_that_would_take_long_to_count_is_estimated(
    admin_client: Client, some: list[Battle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists.QuickAdmin, "list_per_page", 2)
    assert "3 votes" in admin_client.get("/admin/arena/vote/").content.decode()
    monkeypatch.setattr(limited, "CHEAP", 0)
    assert re.search(r"about \d+ votes", admin_client.get("/admin/arena/vote/").content.decode())
    assert str(limited.About(1_234_567)) == "about 1,200,000"


def test_search_that_takes_too_long_gets_a_sentence(
    admin_client: Client, some: list[Battle], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(admin: VoteAdmin, rows: list[Vote]) -> list[Vote]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
        return rows

    monkeypatch.setattr(VoteAdmin, "filled", sleep)
    monkeypatch.setattr(lists, "limited", lambda: limited.limited(0.05))
    assert lists.SLOW in admin_client.get("/admin/arena/vote/").content.decode()


def test_list_is_for_those_who_may_view_it(client: Client, some: list[Battle]) -> None:
    staff = User.objects.create_user("sam", password="x", is_staff=True)
    client.force_login(staff)
    assert client.get("/admin/arena/vote/").status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_vote"))
    page = client.get("/admin/arena/vote/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_day_outside_of_every_calendar_finds_nothing(
    admin_client: Client, some: list[Battle], day: str
) -> None:
    assert found(admin_client, "battle", until=day) == []


def test_log_of_contestants_is_in_the_words_of_readers(
    admin_client: Client, revisions: list[Revision]
) -> None:
    RegistryEvent.objects.create(
        contestant=revisions[0].contestant, old="DRAFT", new="ACTIVE", reason="New."
    )
    page = admin_client.get("/admin/arena/registryevent/").content.decode()
    assert "draft → active" in page
    assert "DRAFT" not in page


def test_own_open_battle_is_hidden_until_the_vote(admin_client: Client, some: list[Battle]) -> None:
    """Staff who vote would learn who answers."""
    own = some[-1]
    answers = {answer.pk for answer in Answer.objects.filter(turn__battle=own)}
    page = f"/admin/arena/battle/{own.pk}/change/"
    assert own.pk in found(admin_client, "battle")
    become(admin_client, own.voter)
    assert own.pk not in found(admin_client, "battle")
    assert not answers & {*found(admin_client, "answer")}
    assert admin_client.get(page).status_code == 404
    Battle.objects.filter(pk=own.pk).update(state=Battle.State.VOTED)
    assert answers <= {*found(admin_client, "answer")}
    assert admin_client.get(page).status_code == 200


def test_what_is_written_without_templates_is_as_django_writes_it(
    admin_client: Client, some: list[Battle]
) -> None:
    """Choices of a filter and the boxes of rows, of which a page has hundreds."""
    options: dict[str, Any] = {
        "choices": [("", "any"), ("a&b", "<A>"), ("c", "C")],
        "attrs": {"id": "by_x"},
    }
    for value in ("", "a&b", None):
        ours, django = Choices(**options), forms.Select(**options)
        assertHTMLEqual(ours.render("x", value), django.render("x", value))
    vote = Vote.objects.latest("pk")
    own = VoteAdmin(Vote, admin.site)
    assertHTMLEqual(own.action_checkbox(vote), admin.ModelAdmin.action_checkbox(own, vote))


def test_reason_is_found_among_many_by_a_part_of_it(
    admin_client: Client, some: list[Battle]
) -> None:
    votes = [*Vote.objects.order_by("pk")]
    for vote, reason in zip(votes, ["a robot", "100 % alike", "a twin"], strict=True):
        Vote.objects.filter(pk=vote.pk).update(standing="EXCLUDED", standing_reason=reason)
    assert found(admin_client, "vote", reason="0 %") == [votes[1].pk]
    assert found(admin_client, "vote", reason="o") == [votes[0].pk]
    assert found(admin_client, "vote", reason="no such") == []
