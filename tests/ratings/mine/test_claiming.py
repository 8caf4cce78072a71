"""A code carries a voter to another browser, once; what both have done becomes one."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import connection
from django.test import Client

from arena import broker
from arena.errors import Refused
from arena.exporting import consent
from arena.matchmaking import own_share
from arena.models import (
    Campaign,
    Chat,
    Judgement,
    Pairing,
    PreparedAnswer,
    Prompt,
    Revision,
    Share,
    Vote,
    Voter,
)
from arena.votes import claiming, forgetting
from ratings.refreshing.recount import differences
from tests import factories
from tests.arena.conftest import become

from .conftest import Cast, page_of

pytestmark = pytest.mark.django_db(transaction=True)


def code_of(browser: Client) -> str:
    response = browser.post("/mine/link/")
    assert response.status_code == 200
    found = re.search(r">(\w{4}-\w{4}-\w{4})<", response.content.decode())
    assert found
    return found[1]


def test_code_makes_another_browser_the_same_voter(browser: Client, vote_on: Cast) -> None:
    vote = vote_on()
    code, other = code_of(browser), Client()
    assert other.get(f"/mine/claim/?x={code}").status_code == 200  # opening it spends nothing
    typed = code.lower().replace("-", " ")
    response = other.post("/mine/claim/", {"code": typed})
    assert (response.status_code, response["Location"]) == (302, "/mine/")
    assert "Ada (A) against Bea (B)" in page_of(other, "/mine/")
    page_of(other, f"/votes/{vote.battle.public_id}/")
    assert Voter.objects.count() == 1
    again = Client().post("/mine/claim/", {"code": code})
    assert again.status_code == 404
    assert "This code is not valid" in again.content.decode()
    assert "voter" not in again.cookies


def test_code_is_in_no_address_and_leaves_by_no_referrer(browser: Client, vote_on: Cast) -> None:
    vote_on()
    response = browser.post("/mine/link/")
    [link] = re.findall(r'href="([^"]*/mine/claim/[^"]*)"', response.content.decode())
    assert re.fullmatch(r"http://testserver/mine/claim/#\w{4}-\w{4}-\w{4}", link)
    for page in (response, browser.get("/mine/claim/")):
        # Not "no-referrer": a form of such a page comes from the origin "null", and is refused.
        assert page["Referrer-Policy"] == "same-origin"
        assert "no-store" in page["Cache-Control"]
    code = link.partition("#")[2]
    kept = str([*broker.connection().scan_iter("claim*")])
    assert code not in kept
    assert code.replace("-", "") not in kept


@pytest.mark.parametrize("code", ["", "x", "AAAA-AAAA-AAAA", "\0", "9" * 5000, "é" * 12])
def test_wrong_code_is_nobody(client: Client, db: None, code: str) -> None:
    response = client.post("/mine/claim/", {"code": code})
    assert response.status_code == 404
    assert "voter" not in response.cookies


def test_new_code_ends_the_last_one_and_all_end_in_time(browser: Client, vote_on: Cast) -> None:
    vote_on()
    first, second = code_of(browser), code_of(browser)
    assert Client().post("/mine/claim/", {"code": first}).status_code == 404
    kept = [*broker.connection().scan_iter("claim*")]
    assert all(0 < broker.connection().ttl(key) <= 15 * 60 for key in kept)
    assert Client().post("/mine/claim/", {"code": second}).status_code == 302


def test_code_of_a_voter_whose_data_are_deleted_is_nobody(
    browser: Client, vote_on: Cast, voter: Voter
) -> None:
    vote_on()
    code = code_of(browser)
    forgetting.forget(voter)
    assert Client().post("/mine/claim/", {"code": code}).status_code == 404


def test_form_from_another_site_claims_nothing(browser: Client, vote_on: Cast) -> None:
    vote_on()
    code = code_of(browser)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/mine/claim/", {"code": code}).status_code == 403
    assert Client().post("/mine/claim/", {"code": code}).status_code == 302
    assert Client().post("/mine/link/").status_code == 404


def test_code_that_two_browsers_send_at_once_is_of_one(vote_on: Cast, voter: Voter) -> None:
    vote_on()
    code, together, found = claiming.code_for(voter), threading.Barrier(5), list[bool]()

    def click() -> None:
        together.wait()
        try:
            claiming.claim(code, None)
            found.append(True)
        except Refused:
            found.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False] * 4 + [True]


def test_battles_of_both_browsers_become_one_history(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    second, phone = Voter.objects.create(), Client()
    become(phone, second)
    vote_on(0, 1, "A", "On the desk")
    vote_on(1, 2, "B", "On the phone", by=second)
    Chat.objects.create(voter=second, revision_a=revisions[0])
    old = phone.cookies["voter"].value
    assert phone.post("/mine/claim/", {"code": code_of(browser)}).status_code == 302
    for client in (browser, phone):
        page = page_of(client, "/mine/")
        assert "On the desk" in page
        assert "On the phone" in page
    assert set(Vote.objects.values_list("voter", flat=True)) == {voter.pk}
    assert Chat.objects.get().voter == voter
    assert differences(campaign) == []
    phone.cookies["voter"] = old
    assert "On the phone" not in page_of(phone, "/mine/")


@pytest.mark.parametrize(
    ("here", "there", "after"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_consent_holds_after_a_merge_only_if_given_on_both(
    vote_on: Cast, voter: Voter, here: bool, there: bool, after: bool
) -> None:
    second = Voter.objects.create()
    Share.objects.create(vote=vote_on(by=second))
    for one, agreed in ((voter, here), (second, there)):
        if agreed:
            consent.give(one)
    claiming.claim(claiming.code_for(voter), second)
    assert consent.is_given(voter) is after
    assert consent.history(voter).count() == here + there
    assert Share.objects.exists() is after
    assert not consent.is_given(second)


def test_browser_that_did_nothing_changes_no_consent(vote_on: Cast, voter: Voter) -> None:
    vote_on()
    consent.give(voter)
    claiming.claim(claiming.code_for(voter), Voter.objects.create())
    assert consent.is_given(voter)


def test_second_vote_on_the_same_two_answers_no_longer_counts(
    vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    """As of a prepared campaign: two browsers judged one pairing."""
    prompt = Prompt.objects.create(campaign=campaign, key="p", text="Why?")
    pair = [PreparedAnswer.objects.create(prompt=prompt, revision=one) for one in revisions[:2]]
    pairing = Pairing.objects.create(
        prompt=prompt, first=pair[0], second=pair[1], selection_probability=1.0, wanted=2
    )
    second = Voter.objects.create()
    votes = [vote_on(by=second), vote_on(by=voter), vote_on(1, 2, by=second)]
    for vote in votes[:2]:
        Judgement.objects.create(pairing=pairing, battle=vote.battle)
    claiming.claim(claiming.code_for(voter), second)
    found = Vote.objects.order_by("pk").values_list("standing", "standing_reason")
    assert list(found) == [("COUNTED", ""), ("EXCLUDED", "duplicate"), ("COUNTED", "")]
    assert differences(campaign) == []


def test_battle_begun_during_the_merge_is_swept(
    vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    second = Voter.objects.create()
    vote_on(by=second)
    claiming.merge(voter, second)
    late = factories.battle(
        campaign, revisions[0].contestant, revisions[1].contestant, voter=second
    )
    factories.turn(late, "Nobody's", {revisions[0]: "a", revisions[1]: "b"})
    assert forgetting.sweep() == 1
    assert late.turns.get().prompt == ""
    assert Vote.objects.get().battle.turns.get().prompt != ""


def test_nothing_is_merged_into_a_voter_whose_data_are_deleted(vote_on: Cast, voter: Voter) -> None:
    second = Voter.objects.create()
    vote_on(by=second)
    forgetting.forget(voter)
    with pytest.raises(Refused):
        claiming.merge(voter, second)
    assert Vote.objects.get().voter == second


def test_pair_judged_in_both_browsers_is_one_judged_pair(
    vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    prompt = Prompt.objects.create(campaign=campaign, key="p", text="Why?")
    pair = [PreparedAnswer.objects.create(prompt=prompt, revision=one) for one in revisions[:2]]
    pairing = Pairing.objects.create(
        prompt=prompt, first=pair[0], second=pair[1], selection_probability=1.0, wanted=2
    )
    second = Voter.objects.create()
    for by in (voter, second):
        Judgement.objects.create(pairing=pairing, battle=vote_on(by=by).battle)
    claiming.merge(voter, second)
    assert own_share.share(campaign, voter).judged == 1
