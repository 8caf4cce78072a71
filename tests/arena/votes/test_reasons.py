"""Why a voter voted: said after the vote, changed for a day, and never in a tally."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone, translation

from arena.limits import REASONS
from arena.models import Battle, PromptSuggestion, Reason, Remark, Side, Tally, Vote, VoteReason
from arena.models.reasons import check_labels
from arena.votes import casting
from arena.votes.reasons import Said, said_about

from ..conftest import answer_all, page_of

pytestmark = pytest.mark.django_db
SCRIPT = {"accept": "application/json"}


@pytest.fixture
def vote(battle: Battle, browser: Client) -> Vote:
    answer_all(battle)
    return casting.cast(battle, battle.voter, "A")


def say(browser: Client, vote: Vote, **said: Any) -> Any:
    return browser.post(f"/battles/{vote.battle.public_id}/reasons/", said)


def fresh(vote: Vote) -> dict[Side, Said]:
    return said_about(Vote.objects.get(pk=vote.pk))


def test_reasons_and_comments_are_kept_by_side_and_change_no_tally(
    vote: Vote, browser: Client
) -> None:
    before = list(Tally.objects.values())
    said = {"A": ["accurate", "useful"], "B": ["style"], "comment_A": " Clear.\r\nAnd short.\0 "}
    response = say(browser, vote, **said)
    assert response.headers["location"] == f"/battles/{vote.battle.public_id}/#why"
    assert fresh(vote) == {
        Side.A: Said(["accurate", "useful"], "Clear.\nAnd short."),
        Side.B: Said(["style"], ""),
    }
    assert list(Tally.objects.values()) == before
    page = page_of(vote.battle, browser)
    assert page.count("checked") == 3
    assert ">Clear.\nAnd short.</textarea>" in page


def test_what_is_said_again_replaces_what_was_said(vote: Vote, browser: Client) -> None:
    say(browser, vote, A=["accurate", "accurate"], comment_B="Hm.")
    say(browser, vote, A=["complete"], B=["refused"])
    assert fresh(vote) == {Side.A: Said(["complete"], ""), Side.B: Said(["refused"], "")}
    say(browser, vote)
    assert not VoteReason.objects.exists()
    assert not Remark.objects.exists()


def test_script_gets_json(vote: Vote, browser: Client) -> None:
    address = f"/battles/{vote.battle.public_id}/reasons/"
    saved = browser.post(address, {"A": "accurate"}, headers=SCRIPT)
    assert (saved.status_code, saved.json()) == (200, {})
    refused = browser.post(address, {"A": "nonsense"}, headers=SCRIPT)
    assert refused.status_code == 409
    assert "no longer offered" in refused.json()["error"]
    assert fresh(vote)[Side.A].reasons == ["accurate"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"A": ["nonsense"]}, "One of these reasons is no longer offered"),
        ({"comment_B": "x" * (REASONS.comment_characters + 1)}, "yours has 1,001. Shorten it."),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_rest_stays(
    vote: Vote, browser: Client, said: dict[str, Any], sentence: str
) -> None:
    say(browser, vote, A=["accurate"], comment_A="Fine.")
    response = say(browser, vote, **said)
    assert response.status_code == 409
    assert sentence in response.content.decode()
    assert fresh(vote)[Side.A] == Said(["accurate"], "Fine.")


def test_too_many_reasons_are_refused(vote: Vote, browser: Client) -> None:
    keys = list(Reason.objects.values_list("key", flat=True))
    assert say(browser, vote, B=keys[: REASONS.per_side]).status_code == 302
    refused = say(browser, vote, B=keys[: REASONS.per_side + 1])
    assert f"at most {REASONS.per_side} reasons" in refused.content.decode()
    assert len(fresh(vote)[Side.B].reasons) == REASONS.per_side


def test_a_day_after_the_vote_they_are_read_only(vote: Vote, browser: Client) -> None:
    say(browser, vote, A=["accurate"], comment_A="<b>Fine</b>")
    Vote.objects.update(created=timezone.now() - timedelta(seconds=REASONS.changed_s + 1))
    refused = say(browser, vote, B=["style"])
    assert "can be changed for a day" in refused.content.decode()
    page = page_of(vote.battle, browser)
    assert "data-reasons" not in page
    assert "&lt;b&gt;Fine&lt;/b&gt;" in page
    assert fresh(vote)[Side.B].reasons == []


def test_reasons_come_after_the_vote_and_only_from_its_voter(
    battle: Battle, browser: Client, client: Client
) -> None:
    address = f"/battles/{battle.public_id}/reasons/"
    assert "Vote first" in browser.post(address, {"A": "accurate"}).content.decode()
    answer_all(battle)
    assert "data-reasons" not in page_of(battle, browser)
    casting.cast(battle, battle.voter, "A")
    assert Client().post(address, {"A": "accurate"}).status_code == 403
    assert not VoteReason.objects.exists()


def test_archived_reason_is_offered_only_to_votes_that_have_it(vote: Vote, browser: Client) -> None:
    say(browser, vote, A=["accurate"])
    Reason.objects.filter(key__in=["accurate", "creative"]).update(archived=True)
    page = page_of(vote.battle, browser)
    assert page.count('value="accurate"') == 2
    assert 'value="creative"' not in page
    assert say(browser, vote, A=["accurate"], comment_A="Still.").status_code == 302
    assert say(browser, vote, B=["creative"]).status_code == 409


def test_reason_that_a_vote_has_cannot_be_deleted(vote: Vote, browser: Client) -> None:
    say(browser, vote, A=["accurate"])
    with pytest.raises(ProtectedError):
        Reason.objects.get(key="accurate").delete()


def test_every_arena_begins_with_fourteen_reasons_in_every_language() -> None:
    reasons = list(Reason.objects.all())
    assert [one.sign for one in reasons] == [1] * 7 + [-1] * 7
    for one in reasons:
        one.full_clean()
        assert set(one.labels) == {"en", "fr", "de", "es", "zh-hans"}
    seeded = import_module("arena.migrations.0034_reasons").REASONS
    assert [one.key for one in reasons] == list(seeded)


def test_label_is_in_the_language_of_the_page() -> None:
    reason = Reason.objects.get(key="useful")
    with translation.override("de"):
        assert reason.label == "nützlich"
        del reason.labels["de"]
        assert reason.label == "useful"


@pytest.mark.parametrize(
    "labels",
    [{}, [], {"de": "gut"}, {"en": ""}, {"en": "x" * 61}, {"en": 3}, {"en": "a", "xx": "b"}],
)
def test_odd_labels_are_refused(labels: Any) -> None:
    with pytest.raises(ValidationError):
        check_labels(labels)


def test_admin_edits_labels_by_language_and_deletes_nothing(admin_client: Client) -> None:
    address = "/admin/arena/reason/"
    labels = {f"label_{code.replace('-', '_')}": "" for code, _ in settings.LANGUAGES}
    new = {
        "key": "funny",
        "sign": 1,
        "order": 20,
        **labels,
        "label_en": "funny",
        "label_de": "witzig",
    }
    assert admin_client.post(f"{address}add/", new).status_code == 302
    reason = Reason.objects.get(key="funny")
    assert (reason.labels, reason.sign) == ({"en": "funny", "de": "witzig"}, 1)
    page = admin_client.get(f"{address}{reason.pk}/change/").content.decode()
    assert 'value="witzig"' in page
    changed = {**new, "key": "other", "sign": -1, "label_en": "droll", "archived": "on"}
    assert admin_client.post(f"{address}{reason.pk}/change/", changed).status_code == 302
    reason.refresh_from_db()
    assert (reason.key, reason.sign, reason.archived) == ("funny", 1, True)
    assert reason.label == "droll"
    assert admin_client.post(f"{address}{reason.pk}/delete/").status_code == 403
    missing = admin_client.post(f"{address}add/", {**new, "key": "mute", "label_en": ""})
    assert "This field is required." in missing.content.decode()


@pytest.mark.parametrize("model", ["reason", "promptsuggestion"])
def test_cells_of_a_list_that_can_be_edited_have_the_name_of_their_column(
    admin_client: Client, model: str
) -> None:
    Reason.objects.get_or_create(key="x", defaults={"sign": 1, "labels": {"en": "x"}})
    PromptSuggestion.objects.create(text="Why?", category="REASONING", language="en")
    page = admin_client.get(f"/admin/arena/{model}/").content.decode()
    cells = re.findall(r"<input[^>]*form-0-(?:order|archived)[^>]*>", page)
    assert len(cells) == 2
    assert all('aria-label="' in cell for cell in cells)


def test_staff_without_the_right_edit_no_reasons(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get("/admin/arena/reason/").status_code == 403
