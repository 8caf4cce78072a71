"""What voters say of models: from votes that count, of no single voter, and only once published."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from arena.counting import standing
from arena.models import Campaign, Contestant, Reason, Remark, Vote, Voter, VoteReason
from ratings import freshness
from ratings.archive.voters_file import FEWEST_EFFECTIVE
from ratings.findings import reason_figures
from ratings.findings.by_slice import LATER
from ratings.findings.reasons import ELSEWHERE, Row, Shares, not_yet
from ratings.models import ReasonShare
from ratings.refreshing import reasons
from ratings.refreshing.clusterings import FEWEST_NEW
from ratings.static_site.writing import StaticSite
from tests import factories

from .test_speeds import publish, text

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/leaderboard/arena/reasons/"
API = "/api/v1/campaigns/arena/reasons/"
VOTERS, EACH = 15, 5  # votes of each


@pytest.fixture(autouse=True)
def few_are_enough(settings: Any) -> None:
    settings.SLICE_VOTES = 50


@pytest.fixture
def reason() -> Iterator[Reason]:
    """One of its own: the usual reasons outlive tests."""
    made = Reason.objects.create(key="witty", sign=1, labels={"en": "witty"}, order=20)
    yield made
    VoteReason.objects.filter(reason=made).delete()
    made.delete()


def vote(
    campaign: Campaign, pair: list[Contestant], voter: Voter, a: str = "", b: str = ""
) -> Vote:
    """A vote with a reason, if any, for each side."""
    made = factories.vote(factories.battle(campaign, *pair, voter=voter), "A")
    for side, key in (("A", a), ("B", b)):
        if key:
            VoteReason.objects.create(vote=made, side=side, reason=Reason.objects.get(key=key))
    return made


@pytest.fixture
def voted(campaign: Campaign, contestants: list[Contestant]) -> list[Vote]:
    """The first, which counts for no reason it has, and 75 more: of Ada they say “accurate” in four
    of five; of Bea “incorrect” in one of five, and else nothing."""
    first = vote(campaign, contestants[:2], Voter.objects.create(), "accurate", "incorrect")
    made = [first]
    for voter in [Voter.objects.create() for _ in range(VOTERS)]:
        for i in range(EACH):
            said = ("useful", "incorrect") if i == 0 else ("accurate", "")
            made.append(vote(campaign, contestants[:2], voter, *said))
    return made


def shares() -> dict[tuple[str, str], ReasonShare]:
    found = ReasonShare.objects.select_related("contestant", "reason")
    return {(one.contestant.slug, one.reason.key): one for one in found}


def test_share_is_of_all_answers_in_votes_with_a_reason(
    campaign: Campaign, contestants: list[Contestant], voted: list[Vote]
) -> None:
    silent = factories.vote(factories.battle(campaign, *contestants[:2]), "A")
    Remark.objects.create(vote=silent, side="A", text="exact, and kind")  # a remark is no reason
    reasons.measure(campaign)
    found = shares()
    assert {key for _model, key in found} == {"accurate", "incorrect", "useful"}
    praised, silence = found["ada", "accurate"], found["bea", "accurate"]
    assert (praised.answers, silence.answers) == (75, 75)
    assert (praised.share or [])[0] == 0.8
    assert (silence.share or [])[0] == 0.0
    assert praised.of_all == silence.of_all == 0.4
    assert (praised.relation, silence.relation) == (1, -1)
    assert (found["bea", "incorrect"].share or [])[0] == 0.2
    assert ("cy", "accurate") not in found


def test_votes_that_do_not_count_are_out(campaign: Campaign, voted: list[Vote]) -> None:
    theirs = Vote.objects.filter(voter=voted[-1].voter)
    standing.exclude(theirs.filter(pk=voted[-1].pk), "rigging")
    standing.suspend(theirs.exclude(pk=voted[-1].pk), "suspected")
    reasons.measure(campaign)
    assert {one.answers for key, one in shares().items() if key[1] == "accurate"} == {70}


def test_reason_of_excluded_votes_alone_is_nowhere(
    client: Client, campaign: Campaign, contestants: list[Contestant], voted: list[Vote]
) -> None:
    for voter in {one.voter for one in voted}:
        standing.exclude(
            Vote.objects.filter(pk=vote(campaign, contestants[:2], voter, "creative").pk), "test"
        )
    publish()
    assert client.get(API).json()["count"] == 6
    assert "creative" not in client.get(API).text
    assert "creative" not in text(client, PAGE)
    assert "creative" not in client.get(f"{PAGE}shares.csv").text


@pytest.fixture
def witty(
    campaign: Campaign, contestants: list[Contestant], voted: list[Vote], reason: Reason
) -> None:
    """It came after the other votes: four more for each voter have it."""
    for voter in {one.voter for one in voted}:
        for _ in range(4):
            vote(campaign, contestants[:2], voter, "witty")


@pytest.mark.usefixtures("witty")
def test_reason_that_came_later_is_counted_from_its_first_vote(campaign: Campaign) -> None:
    reasons.measure(campaign)
    witty = shares()["ada", "witty"]
    assert (witty.answers, (witty.share or [])[0]) == (4 * (VOTERS + 1) - 1, 1.0)


@pytest.mark.usefixtures("witty")
def test_archived_reason_is_counted_until_its_last_vote_and_says_so(
    client: Client, campaign: Campaign, contestants: list[Contestant], voted: list[Vote],
    reason: Reason,
) -> None:  # fmt: skip
    Reason.objects.filter(pk=reason.pk).update(archived=True)
    for one in voted:
        vote(campaign, contestants[:2], one.voter, "useful")
    publish()
    found = shares()
    assert found["ada", "witty"].answers == 4 * (VOTERS + 1) - 2
    assert found["ada", "useful"].answers > 200
    assert "witty no longer offered" in text(client, PAGE)
    assert "“witty”" in text(client, f"{PAGE}witty/")


def test_model_with_few_answers_or_few_voters_has_no_share(
    client: Client, campaign: Campaign, contestants: list[Contestant], voted: list[Vote]
) -> None:
    bea, cy = contestants[1:]
    for one in voted[1 : 1 + FEWEST_EFFECTIVE]:
        vote(campaign, [bea, cy], one.voter, "accurate")
    publish()
    found = shares()["cy", "accurate"]
    assert (found.answers, found.share, found.relation) == (10, None, None)
    assert "1 model with too few answers is not drawn." in text(client, f"{PAGE}accurate/")
    row = next(each for each in client.get(API).json()["results"] if each["slug"] == "cy")
    assert (row["share"], row["against_all"]) == (None, None)
    for _ in range(reasons.FEWEST_ANSWERS):
        vote(campaign, [bea, cy], voted[1].voter, "accurate")
    for _ in range(FEWEST_NEW):
        vote(campaign, [bea, cy], Voter.objects.create(), "accurate")
    reasons.measure(campaign)
    found = shares()["cy", "accurate"]
    assert (found.answers, found.share) == (65, None)  # most by one voter


@pytest.mark.parametrize("others", [0, FEWEST_EFFECTIVE - 2])
def test_reasons_of_one_voter_or_a_few_are_nowhere(
    client: Client, campaign: Campaign, contestants: list[Contestant], others: int
) -> None:
    """The share of all answers would be theirs."""
    voters = [Voter.objects.create() for _ in range(1 + others)]
    for i in range(90):
        vote(campaign, contestants[:2], voters[i % len(voters)], "accurate", "incorrect")
    publish()
    assert client.get(API).json()["results"] == []
    assert not_yet() in text(client, PAGE)
    for folder in (PAGE, f"{PAGE}accurate/"):
        assert len(client.get(f"{folder}shares.csv").text.splitlines()) == 1
    for query in ("?page=0", "?page=-1", "?page=9999999999999999999", "?a=%00", "?page=%ff"):
        assert client.get(PAGE + query).status_code < 500
        assert client.get(API + query).status_code < 500


def test_too_few_votes_with_reasons_are_said(
    client: Client, campaign: Campaign, voted: list[Vote], settings: Any
) -> None:
    settings.SLICE_VOTES = 77
    publish()
    assert client.get(API).json()["results"] == []
    assert not_yet() in text(client, PAGE)
    assert not_yet() in text(client, f"{PAGE}accurate/")
    assert len(client.get(f"{PAGE}accurate/shares.csv").text.splitlines()) == 1


def test_shares_move_with_five_voters_only(
    campaign: Campaign, contestants: list[Contestant], voted: list[Vote]
) -> None:
    """One that moved with a vote would tell how its voter had voted before."""
    reasons.measure(campaign)
    before = shares()["ada", "accurate"].answers
    for n in range(1, FEWEST_NEW + 1):
        vote(campaign, contestants[:2], Voter.objects.create(), "accurate")
        reasons.measure(campaign)
        expected = before + n if n == FEWEST_NEW else before
        assert shares()["ada", "accurate"].answers == expected


def test_voters_without_reasons_hide_nobody(
    campaign: Campaign, contestants: list[Contestant], voted: list[Vote]
) -> None:
    reasons.measure(campaign)
    before = shares()["ada", "accurate"].answers
    for _ in range(FEWEST_NEW):
        vote(campaign, contestants[:2], Voter.objects.create())
    vote(campaign, contestants[:2], Voter.objects.create(), "accurate")
    reasons.measure(campaign)
    assert shares()["ada", "accurate"].answers == before


def test_reasons_given_later_move_nothing_alone(campaign: Campaign, voted: list[Vote]) -> None:
    reasons.measure(campaign)
    before = shares()["bea", "incorrect"].share
    incorrect = Reason.objects.get(key="incorrect")
    VoteReason.objects.create(vote=voted[5], side="B", reason=incorrect)
    reasons.measure(campaign)
    assert shares()["bea", "incorrect"].share == before


def test_shares_have_few_digits(campaign: Campaign, voted: list[Vote]) -> None:
    reasons.measure(campaign)
    found = [each for one in shares().values() for each in (*(one.share or ()), one.of_all)]
    assert found == [round(each, 3) for each in found]


def test_page_files_and_api_tell_what_was_published_and_no_more(
    client: Client, campaign: Campaign, contestants: list[Contestant], voted: list[Vote]
) -> None:
    Remark.objects.create(vote=voted[1], side="A", text="zugzwang")
    assert client.get(API).json()["results"] == []
    publish()
    page = text(client, PAGE)
    assert "shares clearly differ from those of all models." in page
    assert "Ada : more often “accurate”. Bea : less often “accurate”." in page
    one = text(client, f"{PAGE}accurate/")
    assert "“accurate”: said clearly more often of Ada, less often of Bea." in one
    found = client.get(API).json()
    assert (found["count"], found["left_out"]) == (6, 0)
    row = next(each for each in found["results"] if each["reason"] == "accurate")
    assert (row["slug"], row["sign"], row["of_all"], row["against_all"]) == (
        "ada", 1, 0.4, "above"
    )  # fmt: skip
    assert (row["share"]["value"], row["answers"]) == (0.8, 75)
    table = [*csv.DictReader(client.get(f"{PAGE}accurate/shares.csv").text.splitlines())]
    assert [(each["Model"], each["Share"]) for each in table] == [("Ada", "80.0"), ("Bea", "0.0")]
    every = [*csv.DictReader(client.get(f"{PAGE}shares.csv").text.splitlines())]
    assert len(every) == 6
    public = "".join(client.get(each).text for each in (PAGE, API, f"{PAGE}shares.csv"))
    assert "zugzwang" not in public
    assert str(voted[1].voter.key) not in public
    vote(campaign, contestants[:2], Voter.objects.create(), "creative")
    freshness.clear()
    assert client.get(API).json() == found


@pytest.mark.parametrize("prefix", ["", "/fr", "/de", "/es", "/zh-hans"])
def test_page_is_in_five_languages(
    client: Client, campaign: Campaign, voted: list[Vote], prefix: str
) -> None:
    publish()
    label = Reason.objects.get(key="accurate").labels[prefix.strip("/") or "en"]
    for address in (PAGE, f"{PAGE}accurate/"):
        page = text(client, f"{prefix}{address}")
        assert label in page
        assert ("How this is counted" in page) == (not prefix)
        assert ("more often" in page) == (not prefix)


def test_names_told_late_keep_everything_back(
    client: Client, campaign: Campaign, voted: list[Vote]
) -> None:
    """A voter's own rare word would tell whose text that was."""
    Campaign.objects.update(kind="PREPARED", reveals="END")
    publish()
    assert shares()  # for when it has closed
    assert str(LATER) in text(client, PAGE)
    assert "more often" not in text(client, f"{PAGE}accurate/")
    assert client.get(API).json()["results"] == []
    assert len(client.get(f"{PAGE}shares.csv").text.splitlines()) == 1
    Campaign.objects.update(reveals="EACH_VOTE")
    freshness.clear()
    assert client.get(API).json()["count"] == 6


def test_imported_votes_have_no_reasons(client: Client, campaign: Campaign, votes: None) -> None:
    Campaign.objects.update(kind="IMPORTED")
    publish()
    assert str(ELSEWHERE) in text(client, PAGE)


def test_unknown_campaign_reason_or_file_is_not_there(
    client: Client, campaign: Campaign, voted: list[Vote]
) -> None:
    publish()
    for address in (
        "/leaderboard/nowhere/reasons/", "/leaderboard/nowhere/reasons/accurate/",
        "/api/v1/campaigns/nowhere/reasons/", f"{PAGE}beautiful/", f"{PAGE}beautiful/shares.csv",
        f"{PAGE}votes.csv", f"{PAGE}accurate/votes.csv",
    ):  # fmt: skip
        assert (address, client.get(address).status_code) == (address, 404)
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    freshness.clear()
    assert [client.get(each).status_code for each in (PAGE, API)] == [404, 404]


def test_static_copy_has_every_reason(
    campaign: Campaign, voted: list[Vote], tmp_path: Path
) -> None:
    publish()
    StaticSite(campaign, tmp_path).write()
    folder = tmp_path / PAGE.strip("/")
    assert {str(each.relative_to(folder)) for each in folder.rglob("*.*")} == {
        f"{below}{name}"
        for below in ("", "accurate/", "incorrect/", "useful/")
        for name in ("index.html", "shares.csv")
    }


def test_model_that_left_the_board_is_left_out(
    client: Client, campaign: Campaign, contestants: list[Contestant], voted: list[Vote]
) -> None:
    publish()
    cy = contestants[2]
    one = ReasonShare.objects.latest("pk")
    ReasonShare.objects.create(
        campaign=campaign, contestant=cy, reason=one.reason, answers=9, of_all=0.1,
        counted=one.counted,
    )  # fmt: skip
    freshness.clear()
    assert "cy" not in {each["slug"] for each in client.get(API).json()["results"]}


def test_chart_of_many_models_says_how_many_it_leaves_out(
    campaign: Campaign, voted: list[Vote], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reason_figures, "MOST_DRAWN", 1)
    reasons.measure(campaign)
    rows = [Row.of(one) for key, one in shares().items() if key[1] == "accurate"]
    figure = reason_figures.figure(rows)
    assert [row.whisker.name for row in figure.drawing.rows] == ["Ada"]
    assert figure.note.endswith("1 model with a smaller share is not drawn.")
    assert (len(figure.rows), len(figure.csv().splitlines())) == (1, 3)


def test_shares_without_a_clear_difference_say_so(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    pair = contestants[:2]
    for i, voter in enumerate([Voter.objects.create() for _ in range(80)]):
        vote(campaign, pair if i % 2 else pair[::-1], voter, "useful" if i % 4 < 2 else "accurate")
    reasons.measure(campaign)
    rows = [Row.of(one) for one in shares().values()]
    assert Shares(campaign, rows).finding == (
        "No model’s share clearly differs from that of all models."
    )
    assert Shares(campaign, rows).said == []
    useful = [row for row in rows if row.reason.key == "useful"]
    assert re.fullmatch("“useful”: no model clearly .*", reason_figures.figure(useful).title)


def test_words_say_what_is_more_and_what_is_less_often(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    made = [
        Row(
            ReasonShare(
                campaign=campaign, contestant=contestants[0], relation=relation,
                reason=Reason.objects.get(key=key), answers=60, of_all=0.3, counted=timezone.now(),
            ), None,
        )
        for key, relation in (("accurate", 1), ("useful", 1), ("creative", 0), ("style", -1))
    ]  # fmt: skip
    [said] = Shares(campaign, made).said
    assert said.words == "more often “accurate” and “useful”, less often “poor style”"
