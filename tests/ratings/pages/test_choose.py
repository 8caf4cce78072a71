"""Which model should we use? Named is only what the votes and the catalogue allow."""

from __future__ import annotations

import re
from html import unescape
from math import ceil, log, sqrt

import pytest
from django.test import Client

from arena.energy import estimate
from arena.models import Campaign, Contestant
from ratings import freshness
from ratings.findings import choosing
from ratings.findings.choosing import Advice, advise
from ratings.models import AnswerSpeed, Covariance, ResponseTime, Snapshot
from ratings.presentation import sheets
from ratings.presentation.wishes import Wishes
from ratings.refreshing import drafts
from tests import factories

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)
LLAMA = "Llama 2 Community License"
MODELS = (  # from best to worst
    ("Big", "PROPRIETARY", "proprietary", None, 10, 9),
    ("Mid", "OPEN_SOURCE", "Apache-2.0", 70, 2, 3),
    ("Fit", "OPEN_WEIGHTS", LLAMA, 30, 1, 5),
    ("Wee", "OPEN_SOURCE", "MIT", 7, 0.1, 1),
)
ALL = ("Cheapest", "Fastest", "Smallest")
N = 10_000  # votes on each pair
STRENGTHS = {"Big": 1000.0, "Mid": 990.0, "Fit": 980.0, "Wee": 900.0}


@pytest.fixture
def models(campaign: Campaign) -> dict[str, Contestant]:
    """Pairs won as their strengths say, so that scores are these up to a constant."""
    found = {}
    for name, access, licence, billions, price, seconds in MODELS:
        size = billions and billions * 10**9
        one = factories.contestant(
            name, access=access, licence=licence, parameters=size, output_price=price
        )
        ResponseTime.objects.create(contestant=one, median_s=seconds, answers=100)
        found[name] = one
    for i, a in enumerate(STRENGTHS):
        for b in [*STRENGTHS][i + 1 :]:
            wins = round(N / (1 + 10 ** ((STRENGTHS[b] - STRENGTHS[a]) / 400)))
            tally(campaign, found[a], found[b], wins, N - wins, 0, 0)
    return found


@pytest.fixture
def rated(models: dict[str, Contestant]) -> None:
    drafts.refresh_all()


def again() -> None:
    freshness.clear()
    sheets.forget()


def asked(**query: str) -> Advice:
    return advise(Snapshot.objects.filter(board__slug="overall").latest("pk"), Wishes.of(query))


def picks(advice: Advice) -> dict[str, str | None]:
    return {str(p.criterion.title): p.candidate.name if p.candidate else None for p in advice.picks}


def text(client: Client, query: str = "") -> str:
    page = client.get(f"/leaderboard/arena/choose/{query}")
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({}, {"Cheapest": "Mid", "Fastest": "Mid", "Smallest": "Mid"}),
        ({"margin": "30"}, {"Cheapest": "Fit", "Fastest": "Mid", "Smallest": "Fit"}),
        ({"margin": "150"}, {"Cheapest": "Wee", "Fastest": "Wee", "Smallest": "Wee"}),
        ({"access": "open"}, {"Cheapest": "Fit", "Fastest": "Mid", "Smallest": "Fit"}),
        ({"access": "open", "than": "board"}, dict.fromkeys(ALL, "Mid")),
        ({"commercial": "yes"}, dict.fromkeys(ALL, "Mid")),
        ({"runs": "gpu"}, dict.fromkeys(ALL, "Fit")),
        ({"runs": "laptop"}, dict.fromkeys(ALL, "Wee")),
        ({"runs": "laptop", "than": "board"}, dict.fromkeys(ALL)),
        ({"price": "1.5"}, dict.fromkeys(ALL, "Fit")),
        ({"seconds": "2"}, dict.fromkeys(ALL, "Wee")),
        ({"energy": "0.5"}, dict.fromkeys(ALL, "Fit")),
        ({"energy": "0.09"}, dict.fromkeys(ALL, "Wee")),
        ({"access": "closed"}, {"Cheapest": "Big", "Fastest": "Big"}),
        ({"margin": "1"}, {"Cheapest": "Big", "Fastest": "Big", "Smallest": None}),
        ({"access": "closed", "runs": "gpu"}, {}),
    ],
)  # fmt: skip
def test_cheapest_fastest_and_smallest_that_are_good_enough(
    query: dict[str, str], named: dict[str, str | None]
) -> None:
    assert picks(asked(**query)) == named


@pytest.mark.usefixtures("rated")
def test_first_words_and_cost_can_be_limited(
    client: Client, campaign: Campaign, models: dict[str, Contestant]
) -> None:
    for name, first in {"Big": 0.3, "Mid": 0.8, "Wee": 0.1}.items():
        AnswerSpeed.objects.create(
            campaign=campaign, contestant=models[name], prompts="all", answers=50,
            first_s_median=[first, first / 2, first * 2],
        )  # fmt: skip
    Contestant.objects.update(input_price=5)
    ResponseTime.objects.update(counted=50, read=100, written=300)  # $3.50, 1.10, 0.80 and 0.53
    again()
    found = asked(first="0.4")
    assert picks(found) == {"Cheapest": "Big", "Fastest": "Big", "Smallest": None}
    assert [(each.why, [*each.models]) for each in found.left_out] == [
        ("not known: their time to the first words", ["Fit"])
    ]
    assert picks(asked(cost="0.9")) == dict.fromkeys(ALL, "Fit")
    said = client.get("/api/v1/campaigns/arena/choose/?cost=0.6&first=0.2").json()
    [wee] = said["results"]
    assert (wee["slug"], wee["first_words_s"]) == ("wee", 0.1)
    assert wee["cost_per_1000_answers"]["value"] == pytest.approx(0.53)
    assert "$0.53 per 1,000 answers here" in text(client, "?cost=0.6&first=0.2")
    assert client.get("/leaderboard/arena/choose/?cost=cheap").status_code == 400


@pytest.mark.usefixtures("rated")
def test_bounds_are_those_of_the_intervals_of_all_pairs() -> None:
    advice = asked()
    by_name = {one.name: one for one in advice.candidates}
    board = advice.ratings
    critical = board.critical
    assert 2.4 < critical < 2.65  # of six pairs
    big, fit = by_name["Big"], by_name["Fit"]
    deviation = sqrt(board.gap_variances([big.number], [fit.number])[0, 0])
    # Each model has 30,000 votes, each worth nearly 1/4: 4 x 10,000 / 4 / 2 per gap.
    assert deviation == pytest.approx(400 / log(10) * sqrt(4 * 2 / (4 * N)), rel=0.02)
    assert fit.most == pytest.approx(20 + critical * deviation, abs=0.1)
    assert big.most == 0.0  # 10 points ahead, with a margin of 6
    assert fit.share == pytest.approx(1 / (1 + 10 ** (fit.most / 400)))


@pytest.mark.usefixtures("rated")
def test_page_says_what_is_given_up_and_what_would_change(client: Client) -> None:
    fit = next(one for one in asked().candidates if one.name == "Fit")
    mid = next(one for one in asked().candidates if one.name == "Mid")
    said = text(client)
    assert "At most 20 points (52.9% of votes between them) behind the best: 2 of 4 models" in said
    assert "Cheapest: Mid $2.00 per million output tokens. Given up: at most" in said
    assert f"Given up: at most {ceil(mid.most)} points, so that it wins at least 47." in said
    assert f"Mid stays down to a margin of {ceil(mid.most)} points." in said
    assert f"With a margin of {ceil(fit.most)} points, Fit ($1.00 per million output" in said
    assert f"With a margin of {ceil(fit.most)} points, Fit (30B parameters) would be" in said
    assert "of the whole board" not in said
    said = text(client, "?access=open")
    assert "Against the best of the whole board: at most" in said
    assert "Given up: nothing, as none of the models that fit is better." in text(
        client, "?margin=1"
    )
    again()
    larger = picks(asked(margin=str(ceil(fit.most))))
    smaller = picks(asked(margin=str(ceil(fit.most) - 1)))
    assert (larger["Cheapest"], smaller["Cheapest"]) == ("Fit", "Mid")


@pytest.mark.usefixtures("rated")
def test_votes_that_would_change_it_do(models: dict[str, Contestant], campaign: Campaign) -> None:
    """Fit is 10 points behind Mid among open models: so many more votes on the two show it."""
    pick = next(p for p in asked(access="open", margin="15").picks if p.candidate)
    found = re.search(r"About ([\d,]+) more votes between Fit and Mid", " ".join(pick.changes))
    assert found
    assert picks(asked(access="open", margin="15"))["Cheapest"] == "Mid"
    votes = float(found[1].replace(",", ""))
    row = campaign.tallies.get(first=models["Mid"], second=models["Fit"])
    share = row.first_wins / N
    row.first_wins += round(1.03 * votes * share)  # the critical value moves with the votes
    row.second_wins += round(1.03 * votes * (1 - share))
    row.save()
    drafts.refresh_all()
    again()
    assert picks(asked(access="open", margin="15"))["Cheapest"] == "Fit"


@pytest.mark.usefixtures("rated")
def test_gap_wider_than_the_margin_is_not_for_votes_to_close() -> None:
    pick = asked(access="open", margin="9").picks[0]
    assert "so far Mid is ahead of it by more." in " ".join(pick.changes)


def test_what_is_unknown_leaves_a_model_out_by_name(
    models: dict[str, Contestant], campaign: Campaign, client: Client
) -> None:
    Contestant.objects.filter(pk=models["Mid"].pk).update(output_price=None, parameters=None)
    Contestant.objects.filter(pk=models["Fit"].pk).update(licence="Own licence")
    Contestant.objects.filter(pk=models["Wee"].pk).update(access="UNKNOWN")
    new = factories.contestant("New")
    tally(campaign, models["Big"], new, 4, 4, 0, 0)
    drafts.refresh_all()
    said = text(client, "?margin=30")
    assert "provisional, so they may be far better or worse: New." in said
    assert "their price is unknown: Mid." in said
    assert "Cheapest: Fit" in said
    assert "not known: their price: Mid." in text(client, "?price=99")
    assert "not known: whether they are open: Wee." in text(client, "?access=open")
    said = text(client, "?runs=gpu&commercial=yes")
    assert "whether they may be used commercially and where they run: Wee" in said
    assert "not known: where they run: Mid." in said
    assert "not known: whether they may be used commercially: Fit." in said


def test_stand_ins_and_models_without_a_score_are_neither_named_nor_the_best(
    models: dict[str, Contestant], campaign: Campaign, client: Client
) -> None:
    Contestant.objects.filter(pk=models["Big"].pk).update(stands_in_for="Huge")
    only = factories.contestant("Only")
    tally(campaign, models["Wee"], only, 0, 9, 0, 0)
    drafts.refresh_all()
    said = text(client)
    assert "stand-ins for other models: Big." in said
    assert "without a score yet: Only." in said
    assert asked().candidates[0].name == "Mid"
    assert asked().candidates[0].most < 5


@pytest.mark.usefixtures("rated")
def test_without_the_covariance_bounds_are_wider_and_the_page_says_so(client: Client) -> None:
    exact = {one.name: one.most for one in asked().candidates}
    assert "the widest that the scores allow" not in text(client)
    Covariance.objects.all().delete()
    again()
    wide = {one.name: one.most for one in asked().candidates}
    assert all(wide[name] > exact[name] for name in ("Mid", "Fit", "Wee"))
    assert "the widest that the scores allow" in text(client, "?margin=21")
    assert not any("more votes between" in c for p in asked().picks for c in p.changes)


@pytest.mark.usefixtures("rated")
def test_nothing_that_fits_and_nothing_good_enough(client: Client) -> None:
    assert "No model is known to meet all of these wishes." in text(client, "?price=0.01")
    query = {"runs": "gpu", "than": "board"}
    least = min(asked(**query).candidates, key=lambda one: one.most)
    said = text(client, "?runs=gpu&than=board")
    assert "The votes show none of 2 models that fit to be at most 20 points" in said
    assert f"With a margin of {ceil(least.most)} points, {least.name} would be." in said
    assert "Cheapest: none is good enough" in said


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize(
    "query",
    ["margin=0", "price=-1", "price=x", "seconds=1e3", "runs=phone", "access=stand-in",
     "than=me", "commercial=no", "slice=nope"],
)  # fmt: skip
def test_wish_that_cannot_be_is_refused(client: Client, query: str) -> None:
    answer = client.get(f"/leaderboard/arena/choose/?{query}")
    assert answer.status_code == (404 if "slice" in query else 400)
    assert query.split("=", maxsplit=1)[0] in answer.content.decode()


@pytest.mark.usefixtures("rated")
def test_wishes_stay_in_the_form_and_the_board_links_here(client: Client) -> None:
    query = "?access=open&commercial=conditional&runs=gpu&price=2.5&seconds=9&margin=35&than=board"
    page = client.get(f"/leaderboard/arena/choose/{query}").content.decode()
    for value in ("open", "conditional", "gpu", "board"):
        assert re.search(rf'<option value="{value}"\s+selected>', page)
    for value in ("2.5", "9", "35"):
        assert f'value="{value}"' in page
    assert 'href="/leaderboard/arena/choose/"' in client.get("/leaderboard/arena/").content.decode()


def test_board_without_votes_says_so(campaign: Campaign, client: Client) -> None:
    assert "No votes yet" in text(client)


@pytest.mark.usefixtures("rated")
def test_long_list_is_cut_but_all_models_are_considered(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "MOST_LISTED", 2)
    page = client.get("/leaderboard/arena/choose/?margin=150").content.decode()
    assert page.count('<th scope="row">') == 2
    assert "The best 2 of 4." in page
    assert picks(asked(margin="150")) == dict.fromkeys(ALL, "Wee")


def test_slice_has_an_answer_of_its_own(
    models: dict[str, Contestant], campaign: Campaign, client: Client
) -> None:
    """Wee is the best of the four in German, and its exact intervals are known there, too."""
    names = [*STRENGTHS]
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            wins = 2000 if b == "Wee" else 5000
            counts = (wins, N - wins, 0, 0)
            tally(campaign, models[a], models[b], *counts, slice="language-de")
    drafts.refresh_all()
    said = text(client, "?slice=language-de")
    assert "German: At most 20 points" in said
    assert "Cheapest: Wee $0.10 per million output tokens. Given up: nothing" in said
    assert "the widest that the scores allow" not in said
    assert "Cheapest: Mid" in text(client)
    page = client.get("/leaderboard/arena/choose/?slice=language-de").content.decode()
    assert re.search(r'<option value="language-de"\s+selected>', page)


@pytest.mark.usefixtures("rated")
def test_slice_without_a_board_says_why(client: Client) -> None:
    said = text(client, "?slice=maths")
    assert "Given up" not in said
    assert "Votes" in said
    assert "300" in said


@pytest.mark.usefixtures("rated")
def test_api_says_the_same(client: Client) -> None:
    query = {"access": "open", "margin": "30"}
    found = client.get("/api/v1/campaigns/arena/choose/", query).json()
    advice = asked(**query)
    assert [row["model"] for row in found["results"]] == ["Mid", "Fit", "Wee"]
    assert [row["good_enough"] for row in found["results"]] == [True, True, False]
    assert [row["behind_at_most"] for row in found["results"]] == pytest.approx(
        [one.most for one in advice.candidates]
    )
    assert (found["cheapest"], found["fastest"], found["smallest"]) == ("fit", "mid", "fit")
    assert found["margin_share"] == pytest.approx(1 / (1 + 10 ** (-30 / 400)))
    assert found["exact"]
    few = client.get("/api/v1/campaigns/arena/choose/", {"margin": "1"}).json()
    assert (few["cheapest"], few["smallest"]) == ("big", None)


@pytest.mark.usefixtures("rated")
def test_energy_is_a_limit_for_models_of_which_it_is_estimated(client: Client) -> None:
    assert [(each.why, each.models) for each in asked(energy="0.5").left_out] == [
        ("not known: the energy that they take", ["Big"])
    ]
    page = text(client)
    assert page.count("Energy (estimate)") == 1
    assert "0.088 Wh" in page
    assert "estimated by the formula of EcoLogits 0.9.3, for a data centre GPU; it is not" in page
    found = client.get("/api/v1/campaigns/arena/choose/").json()["results"]
    energies = {one["slug"]: one["wh_per_1000_tokens"] for one in found}
    assert energies["big"] is None
    assert [*energies["wee"]] == ["value", "lower", "upper"]
    assert energies["wee"] == estimate(7 * 10**9, None, 473).wh._asdict()
    [wee] = [one for one in found if one["slug"] == "wee"]
    assert wee["co2e_g_per_1000_tokens"] == estimate(7 * 10**9, None, 473).co2e._asdict()


def test_api_names_all_models_that_were_not_considered(
    models: dict[str, Contestant], client: Client
) -> None:
    Contestant.objects.exclude(pk=models["Fit"].pk).update(output_price=None)
    drafts.refresh_all()
    found = client.get("/api/v1/campaigns/arena/choose/", {"price": "5"}).json()
    assert found["not_considered"] == [
        {"why": "not known: their price", "models": ["Big", "Mid", "Wee"]}
    ]
    assert found["cheapest"] == "fit"


def test_api_without_ratings_says_so(campaign: Campaign, client: Client) -> None:
    assert client.get("/api/v1/campaigns/arena/choose/").status_code == 404
