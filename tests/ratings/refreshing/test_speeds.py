"""Response times: of answers that have their vote, by size of prompt, and only once published."""

from __future__ import annotations

import csv
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from django.test import Client

from arena.counting import standing
from arena.models import Answer, Campaign, Contestant, Revision, Vote, Voter
from ratings import freshness
from ratings.core.uncertainty.quantiles import quantile_interval
from ratings.findings import speeds as found
from ratings.models import AnswerSpeed
from ratings.refreshing import drafts, publications, speeds
from ratings.static_site.writing import StaticSite
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/leaderboard/arena/response-times/"
API = "/api/v1/campaigns/arena/response-times/"
ENOUGH = 40
Prompts = AnswerSpeed.Prompts


@pytest.fixture
def revisions(contestants: list[Contestant]) -> list[Revision]:
    return [factories.revision(one) for one in contestants]


def answer(campaign: Campaign, revisions: list[Revision], tokens: int, first_s: float) -> Answer:
    """The second revision takes twice as long as the first, and writes half as fast. No vote."""
    a, b = revisions
    battle = factories.battle(campaign, a.contestant, b.contestant, voter=Voter.objects.first())
    turn = factories.turn(battle, "Hi", {a: "x", b: "y"})
    for one, slower in zip(turn.answers.order_by("side"), (1, 2), strict=True):
        one.prompt_tokens, one.first_token_s = tokens, slower * first_s
        one.tokens_per_second = 20 / slower
        one.save()
    return turn.answers.get(side="A")


@pytest.fixture
def voted(campaign: Campaign, revisions: list[Revision]) -> list[Answer]:
    Voter.objects.create()
    made = []
    for i in range(ENOUGH):
        made.append(answer(campaign, revisions[:2], 50 if i % 2 else 700, 0.1 + i / 100))
        factories.vote(made[-1].turn.battle, "AB"[i % 2])
    return made


def measured() -> list[found.Row]:
    return [found.Row.of(each) for each in AnswerSpeed.objects.filter(prompts=Prompts.ALL)]


def publish() -> None:
    drafts.refresh_all()
    publications.publish_due()
    freshness.clear()


def text(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def test_times_are_quantiles_of_voted_answers_by_size_of_prompt(
    campaign: Campaign, revisions: list[Revision], voted: list[Answer]
) -> None:
    answer(campaign, revisions[:2], 50, 99.0)  # nobody has voted on it
    voted[0].turn.answers.update(finish_reason="cancelled")  # an early vote: its start is real
    speeds.measure(campaign)
    ada, bea, _cy = (revision.contestant for revision in revisions)
    of_ada = {each.prompts: each for each in AnswerSpeed.objects.filter(contestant=ada)}
    assert {prompts: each.answers for prompts, each in of_ada.items()} == {
        Prompts.ALL: ENOUGH, Prompts.SHORT: ENOUGH // 2, Prompts.MEDIUM: ENOUGH // 2
    }  # fmt: skip
    seconds = np.array([one.first_token_s for one in voted])
    whole = of_ada[Prompts.ALL]
    assert whole.first_s_median == [*(quantile_interval(seconds, 0.5, 0.95) or ())]
    assert whole.first_s_p90 == [*(quantile_interval(seconds, 0.9, 0.95) or ())]
    assert whole.tokens_per_second_median == [20, 20, 20]
    slower = AnswerSpeed.objects.get(contestant=bea, prompts=Prompts.ALL)
    assert slower.first_s_median == pytest.approx([2 * each for each in whole.first_s_median or ()])
    assert slower.tokens_per_second_p10 == [10, 10, 10]
    assert of_ada[Prompts.SHORT].first_s_median is not None
    assert of_ada[Prompts.SHORT].first_s_p90 is None  # of 20, none may be above it


def test_only_the_newest_votes_of_live_campaigns_are_measured(
    campaign: Campaign, voted: list[Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speeds, "MOST_VOTES", 10)
    speeds.measure(campaign)
    assert {each.answers for each in AnswerSpeed.objects.filter(prompts=Prompts.ALL)} == {10}
    Campaign.objects.filter(pk=campaign.pk).update(kind=Campaign.Kind.PREPARED)
    campaign.refresh_from_db()
    speeds.measure(campaign)
    assert not AnswerSpeed.objects.exists()


def test_page_files_and_api_tell_what_was_published_and_no_more(
    client: Client, campaign: Campaign, revisions: list[Revision], voted: list[Answer]
) -> None:
    assert client.get(API).json()["results"] == []
    publish()
    page = text(client, PAGE)
    assert "Ada has the shortest time to the first words: median 0.30 s." in page
    assert "Ada writes fastest: median 20.0 tokens/s." in page
    rows = client.get(API).json()
    assert (rows["count"], rows["left_out"]) == (6, 0)
    first = rows["results"][0]
    assert (first["slug"], first["prompts"], first["answers"]) == ("ada", "up-to-1000", 20)
    whole = next(each for each in rows["results"] if each["prompts"] == "all")
    assert whole["first_words_s_median"]["value"] == pytest.approx(0.295)
    assert first["first_words_s_p90"] is None
    table = client.get(f"{PAGE}first-words.csv").content.decode().splitlines()
    assert [row["Model"] for row in csv.DictReader(table)] == ["Ada", "Bea"]
    factories.vote(answer(campaign, revisions[:2], 50, 9.0).turn.battle, "A")
    drafts.refresh_all()
    freshness.clear()
    assert client.get(API).json() == rows  # until the next publication


def test_table_is_sorted_by_any_column_and_by_size(
    client: Client, campaign: Campaign, voted: list[Answer]
) -> None:
    publish()

    def order(query: str) -> list[str]:
        body = client.get(PAGE + query).content.decode()
        return re.findall(r"models/(ada|bea)/", body)

    assert order("") == order("?sort=rate") == order("?sort=name") == ["ada", "bea"]
    assert order("?sort=first&order=down") == order("?sort=rate&order=up") == ["bea", "ada"]
    assert client.get(f"{PAGE}?sort=beauty").status_code == 400
    assert client.get(f"{PAGE}?order=sideways").status_code == 400
    assert "Not available" not in text(client, f"{PAGE}up-to-100/")
    assert "No model has enough answers" in text(client, f"{PAGE}over-1000/")
    assert client.get(f"{PAGE}endless/").status_code == 404
    assert client.get(f"{PAGE}endless/first-words.csv").status_code == 404
    assert client.get(f"{PAGE}up-to-100/tokens-per-second.csv").status_code == 200


def test_static_copy_has_every_size(
    campaign: Campaign, voted: list[Answer], tmp_path: Path
) -> None:
    publish()
    StaticSite(campaign, tmp_path).write()
    folder = tmp_path / PAGE.strip("/")
    pages = {str(each.relative_to(folder)) for each in folder.rglob("index.html")}
    assert pages == {"index.html", *(f"{size}/index.html" for size in Prompts.values[1:])}
    assert (folder / "first-words.csv").exists()
    assert "?sort" not in (folder / "index.html").read_text()


def test_model_whose_votes_do_not_count_is_left_out(
    client: Client, campaign: Campaign, revisions: list[Revision], voted: list[Answer],
    tmp_path: Path,
) -> None:  # fmt: skip
    """It has no page, so a link to it would end in nothing, and the static copy with it."""
    for _ in range(ENOUGH):
        made = factories.vote(answer(campaign, revisions[1:], 50, 0.2).turn.battle, "A")
        standing.exclude(Vote.objects.filter(pk=made.pk), "rigging")
    publish()
    assert AnswerSpeed.objects.filter(contestant=revisions[2].contestant).exists()
    assert client.get("/leaderboard/arena/models/cy/").status_code == 404
    assert "Cy" not in text(client, PAGE)
    assert "Cy" not in client.get(f"{PAGE}first-words.csv").text
    assert {each["slug"] for each in client.get(API).json()["results"]} == {"ada", "bea"}
    StaticSite(campaign, tmp_path).write()


@pytest.mark.parametrize(
    ("kind", "says"), [("PREPARED", found.PREPARED), ("IMPORTED", found.ELSEWHERE)]
)
def test_page_says_why_nothing_was_measured(
    client: Client, campaign: Campaign, votes: None, kind: str, says: str
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(kind=kind)
    drafts.refresh_all()
    freshness.clear()
    assert str(says) in text(client, PAGE)


def test_chart_of_many_models_says_how_many_it_leaves_out(
    campaign: Campaign, voted: list[Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "MOST_DRAWN", 1)
    speeds.measure(campaign)
    rows = measured()
    first, *_others = found.figures(campaign, rows, [])
    assert [row.whisker.name for row in first.drawing.rows] == ["Ada"]
    assert (first.note, len(first.rows)) == ("1 slower model is not drawn.", 1)
    assert len(first.csv().splitlines()) == 3


def test_overlapping_intervals_are_said(campaign: Campaign, voted: list[Answer]) -> None:
    Answer.objects.filter(side="B").update(tokens_per_second=20)
    speeds.measure(campaign)
    rows = measured()
    titles = [figure.title for figure in found.figures(campaign, rows, [])]
    assert titles[1] == (
        "Ada may write fastest: median 20.0 tokens/s. The interval of 1 other overlaps."
    )


def test_campaign_by_invitation_has_no_public_times(client: Client, campaign: Campaign) -> None:
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    assert client.get(PAGE).status_code == 404
    assert client.get(API).status_code == 404
