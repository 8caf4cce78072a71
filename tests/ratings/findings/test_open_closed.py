"""Findings on open and closed models in the real arena of August 2024."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.test import Client

from arena.models import Campaign
from arena.models.campaigns import Question
from ratings.archive.results import Result, result_of
from ratings.findings.families import Families
from ratings.findings.open_closed import families
from ratings.models import Snapshot
from ratings.pages.finding import overall
from ratings.presentation.board_view import BoardView

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def snapshot(august: Campaign) -> Snapshot:
    found = overall(august)
    assert found is not None
    return found


@pytest.fixture
def result(snapshot: Snapshot) -> Result:
    return result_of(snapshot)


def test_best_open_model_of_august_2024_is_behind(snapshot: Snapshot) -> None:
    board = BoardView(snapshot)
    assert board.finding == "chatgpt-4o-latest leads."
    assert board.open_or_closed == (
        "The best open model, llama-3.1-405b-instruct, is behind the best closed one, "
        "chatgpt-4o-latest: it wins 42.6% of votes between them (predicted, ties counting half; "
        "95% interval 41.8% to 43.4%)."
    )
    assert snapshot.facts.duel is not None
    assert snapshot.facts.duel.gap == pytest.approx(-51.7, abs=0.5)


def test_mixtral_of_august_2024_does_not_stand_right_behind_gpt_4_and_claude(
    result: Result,
) -> None:
    """An old claim: among families, Mixtral comes right after GPT-4 and Claude."""
    found = Families.of(result)
    mixtral = found.like("mixtral")
    assert mixtral is not None
    gpt, claude = found.like("gpt-4"), found.like("claude")
    assert gpt is not None
    assert claude is not None
    assert result.names[mixtral.best] == "mixtral-8x22b-instruct-v0.1"
    assert {gpt, claude} <= set(found.certainly_ahead(mixtral))
    between = {family.slug for family in found.between([gpt, claude], mixtral)}
    assert {"gemini", "llama-3.1", "qwen-2", "command-r", "gemma-2"} <= between
    assert len(between) > 10
    assert "Mixtral 8x22B does not rank right behind GPT-4" in found.right_behind(
        [gpt, claude], mixtral
    )


def test_family_that_nothing_separates_may_stand_right_behind(result: Result) -> None:
    found = Families.of(result)
    gpt, gemini, claude = found.families[:3]
    assert [gpt.slug, gemini.slug, claude.slug] == ["gpt-4", "gemini", "claude"]
    assert "may rank right behind GPT-4" in found.right_behind([gpt], gemini)
    assert "Bard and Gemini ranks in between" in found.right_behind([gpt], claude)


def test_question_of_a_campaign_is_answered_where_all_of_its_families_are_rated(
    result: Result,
) -> None:
    found = Families.of(result)
    note = families(found, [Question("mixtral", ("gpt-4", "claude"))]).note
    assert note.startswith("Mixtral 8x22B does not rank right behind GPT-4 and Claude: ")
    assert " ranks " in note
    assert families(found, [Question("mixtral", ("hal-9000",))]).note == ""
    assert families(found).note == ""


def test_best_two_of_august_2024_have_met(august: Campaign, client: Client) -> None:
    page = client.get("/leaderboard/august/open-and-closed/").content.decode()
    found = re.search(
        r"Votes between the two themselves: ([\d,]+) for llama-3.1-405b-instruct, ([\d,]+) for "
        r"chatgpt-4o-latest, ([\d,]+) for neither",
        page,
    )
    assert found
    query = "?a=llama-31-405b-instruct&b=chatgpt-4o-latest"
    compared = client.get(f"/leaderboard/august/compare/{query}").content.decode()
    won, lost = re.findall(r"<td>([\d,]+)</td>", compared)[:2]
    assert found.groups()[:2] == (won, lost)


def test_page_of_august_2024_tells_its_story(august: Campaign, client: Client) -> None:
    page = client.get("/leaderboard/august/open-and-closed/").content.decode()
    assert "GPT-4 leads the families; the best open one is Llama 3.1." in page
    assert "does not rank right behind" in page
    assert "Higher scores go with more parameters, with many exceptions: 87 models." in page
    assert "Higher scores go with more training data, with few exceptions: 48 models." in page
    assert "these votes were cast elsewhere, or the arena" in page
    assert "nan" not in page.lower().replace("nano", "")


def test_data_behind_a_figure_is_complete(august: Campaign, client: Client) -> None:
    text = client.get("/leaderboard/august/open-and-closed/parameters.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    by_name = {row["Model"]: row for row in rows}
    assert len(rows) > 70
    llama = by_name["llama-3.1-405b-instruct"]
    assert (llama["Access"], llama["Score"]) == ("open weights", "1152.3")
    assert "chatgpt-4o-latest" not in by_name
    assert client.get("/leaderboard/august/open-and-closed/nothing.csv").status_code == 404


def test_data_behind_a_shortened_figure_is_complete_too(august: Campaign, client: Client) -> None:
    base = "/leaderboard/august/statistics/"
    page = client.get(base).content.decode()
    assert "The first 10 rows. All are in the download." in page
    for figure, rows in (("votes-to-flip", 128), ("win-rates", 3460), ("battles", 3460)):
        text = client.get(f"{base}{figure}.csv").content.decode()
        found = list(csv.reader(io.StringIO(text)))[1:]
        assert len(found) == rows, figure
        assert page.count(found[0][1]) > 1


def test_votes_to_flip_are_counted_at_publication_and_never_in_a_request(
    august: Campaign, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(*_: object, **__: object) -> None:
        raise AssertionError("counted in a request")

    monkeypatch.setattr("ratings.refreshing.flips.fragility", count)
    page = client.get("/leaderboard/august/statistics/").content.decode()
    found = re.search(r"Without ([\d,]+) of 1,670,250 votes, ([\w.-]+) would be first", page)
    assert found
    text = client.get("/leaderboard/august/statistics/votes-to-flip.csv").content.decode()
    assert text.splitlines()[1] == f"chatgpt-4o-latest,{found[2]},{found[1].replace(',', '')}"


@pytest.mark.parametrize("part", ["open-and-closed/", "statistics/", "snapshots/"])
def test_files_are_told_apart_by_the_words_of_their_links(
    august: Campaign, client: Client, part: str
) -> None:
    page = client.get(f"/leaderboard/august/{part}").content.decode()
    links = re.findall(r'<a href="([^"]+(?:csv|zip))">(.*?)</a>', page)
    assert len(links) > 1
    assert len({re.sub("<[^>]*>", "", words) for _, words in links}) == len(set(links))
    summaries = re.findall("<summary>(.*?)</summary>", page)
    assert len(set(summaries)) == len(summaries)


def test_licences_are_those_of_open_models(august: Campaign, client: Client) -> None:
    text = client.get("/leaderboard/august/open-and-closed/licences.csv").content.decode()
    found = [row["Licence"].casefold() for row in csv.DictReader(io.StringIO(text))]
    assert len(found) == len(set(found)) > 5
    assert "proprietary" not in found


def test_what_is_published_of_each_model_has_its_sources(august: Campaign, client: Client) -> None:
    base = "/leaderboard/august/"
    page = client.get(base + "open-and-closed/").content.decode()
    said = re.search(
        r"The best model with published weights, training data and code is (.+?), rank", page
    )
    assert said
    text = client.get(base + "open-and-closed/openness.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    whole = next(row for row in rows if row["Training data"] == row["Training code"] == "published")
    assert (whole["Model"], whole["Access"]) == (said[1], "open source")
    by_name = {row["Model"]: row for row in rows}
    assert len(rows) == len(by_name) > 100
    llama = by_name["llama-3.1-405b-instruct"]
    assert llama["Commercial use"] == (
        "Llama 3.1 Community License, for commercial use under conditions"
    )
    assert (llama["Weights"], llama["Training data"]) == ("published", "not published")
    assert llama["Sources"] == "https://arxiv.org/abs/2407.21783"
    assert "Azure OpenAI" in by_name["gpt-4-0314"]["Offered by"]
    model = client.get(base + "models/llama-31-405b-instruct/").content.decode()
    assert re.search(r'Training data</dt><dd><a href="https://arxiv\.org/abs/2407\.21783"', model)


def test_every_page_of_august_2024_opens(august: Campaign, client: Client) -> None:
    base = "/leaderboard/august/"
    for path, says in {
        "statistics/": "Pair by pair, votes are",
        "compare/": "llama-3.1-405b-instruct is behind chatgpt-4o-latest",
        "compare/?a=gpt-4o-2024-05-13&b=gpt-4o-2024-05-13": "Choose two different models",
        "models/llama-31-405b-instruct/": "Rank 4–13 of 129",
        "models/llama-31-405b-instruct/badge.svg": "rank 4–13",
        "snapshots/": "SHA-256",
        "embed/": "chatgpt-4o-latest",
        "image.svg": "chatgpt-4o-latest",
        "feed.atom": "<feed",
        "leaderboard.csv": "chatgpt-4o-latest",
        "newest.json": "snapshot",
    }.items():
        response = client.get(base + path)
        assert response.status_code == 200, path
        assert says in response.content.decode(), path
    assert client.get("/leaderboard/method/").content.decode().count("<math") == 7


def test_compared_models_show_their_own_record(august: Campaign, client: Client) -> None:
    query = "?a=chatgpt-4o-latest&b=llama-31-405b-instruct"
    page = client.get(f"/leaderboard/august/compare/{query}").content.decode()
    swapped = client.get(
        "/leaderboard/august/compare/?b=chatgpt-4o-latest&a=llama-31-405b-instruct"
    ).content.decode()
    assert "chatgpt-4o-latest is ahead of llama-3.1-405b-instruct" in page
    assert "llama-3.1-405b-instruct is behind chatgpt-4o-latest" in swapped
    won, lost = (re.findall(r"<td>([\d,]+)</td>", text)[:2] for text in (page, swapped))
    assert won == lost[::-1]
    assert won[0] != won[1]
    [predicted] = re.findall(r"it wins ([\d.]+%)", page)
    assert re.search(rf"Predicted from all votes <small>{re.escape(predicted)} \(", page)
    assert '<svg class="axis"' in page


def test_embedded_table_may_be_framed_and_other_pages_may_not(
    august: Campaign, client: Client
) -> None:
    framed = client.get("/leaderboard/august/embed/")
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    page = client.get("/leaderboard/august/")
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
