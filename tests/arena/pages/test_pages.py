from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from arena.exporting import consent
from arena.models import Battle, Consent, Contestant, Vote, Voter

from ..conftest import answer_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(client: Client, in_service: None) -> str:
    return client.post("/battles/", {"prompt": "What is <b>this</b>?"}).headers["location"]


def test_prompt_is_shown_as_text(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    assert "What is &lt;b&gt;this&lt;/b&gt;?" in page


def test_refused_prompt_is_kept_in_the_box(client: Client, contestants: list[Contestant]) -> None:
    response = client.post("/battles/", {"prompt": "Keep me"})  # no worker is there
    assert response.status_code == 503
    page = response.content.decode()
    assert "The models are not ready yet" in page
    assert ">Keep me</textarea>" in page


def test_refused_follow_up_is_kept_in_the_box(client: Client, address: str) -> None:
    response = client.post(f"{address}turns/", {"prompt": "Keep me"})
    assert response.status_code == 409
    assert ">Keep me</textarea>" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "status", "sentence", "back"),
    [
        ("/battles/nonsense/", 404, "There is no such battle.", "/"),
        ("/nowhere/", 404, "Check the address", "/"),
        ("/battles/", 405, "it only takes what a form sends", "/"),
        ("/battles/nonsense/vote/", 405, "it only takes what a form sends", "/"),
        ("/campaigns/nowhere/", 404, "There is no such campaign", "/campaigns/"),
    ],
)
def test_wrong_address_says_so_and_leads_back(
    client: Client, path: str, status: int, sentence: str, back: str
) -> None:
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == status
    assert sentence in page
    assert f'<a class="button primary" href="{back}">' in page


def test_name_that_the_site_does_not_know_is_told_what_to_do(client: Client) -> None:
    response = client.get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "ALLOWED_HOSTS" in response.content.decode()


def test_staff_without_the_right_are_told_so(client: Client, django_user_model: type[User]) -> None:
    client.force_login(django_user_model.objects.create_user("clerk", is_staff=True))
    response = client.get("/admin/arena/vote/")
    assert response.status_code == 403
    assert "Your account lacks the permission." in response.content.decode()
    way_back = '<a class="button primary" href="/admin/">'
    assert way_back in response.content.decode()
    assert way_back in client.get("/admin/logout/").content.decode()


def test_replayed_vote_says_that_the_first_stands(client: Client, address: str) -> None:
    answer_all(Battle.objects.get())
    assert client.post(f"{address}vote/", {"verdict": "A"}).status_code == 302
    replay = client.post(f"{address}vote/", {"verdict": "B"})
    assert replay.status_code == 409
    assert "You have already voted on this battle. Your vote stands." in replay.content.decode()
    assert [vote.verdict for vote in Vote.objects.all()] == ["A"]


def test_vote_by_a_stranger_is_refused(client: Client, address: str) -> None:
    answer_all(Battle.objects.get())
    response = Client().post(f"{address}vote/", {"verdict": "A"})
    assert response.status_code == 403
    assert "This battle belongs to another voter" in response.content.decode()
    assert not Vote.objects.exists()


def test_forged_voter_cookie_is_nobody(client: Client, address: str) -> None:
    key = client.cookies["voter"].value.split(":")[0]
    client.cookies["voter"] = f"{key}:forged"
    assert client.get(address).status_code == 403


def test_form_from_another_site_is_refused(address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(f"{address}vote/", {"verdict": "A"})
    assert response.status_code == 403
    assert b"reload the page" in response.content


def test_prompt_of_an_expired_page_is_back_in_the_box(browser: Client, battle: Battle) -> None:
    """With a token that works."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    for path, button in [
        ("/battles/", "Start the battle"),
        (f"/battles/{battle.public_id}/turns/", "Ask both"),
    ]:
        response = strict.post(path, {"prompt": "Keep <me>"})
        page = response.content.decode()
        assert response.status_code == 403
        assert "Your text is still in the box" in page
        assert ">Keep &lt;me&gt;</textarea>" in page
        assert button in page
    answer_all(battle)
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
    again = {"prompt": "Keep me", "csrfmiddlewaretoken": token}
    assert strict.post("/battles/", again).status_code == 302


def test_follow_up_of_an_unknown_voter_is_kept_for_a_new_battle(address: str) -> None:
    response = Client().post(f"{address}turns/", {"prompt": "Keep me"})
    page = response.content.decode()
    assert response.status_code == 403
    assert "This battle belongs to another voter" in page
    assert ">Keep me</textarea>" in page
    assert "Start the battle" in page


@pytest.mark.parametrize("end", ["vote/", "skip/"])
def test_follow_up_to_a_battle_that_is_over_is_kept_for_a_new_one(
    client: Client, address: str, end: str
) -> None:
    answer_all(Battle.objects.get())
    client.post(f"{address}{end}", {"verdict": "TIE"})
    response = client.post(f"{address}turns/", {"prompt": "Keep me"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "This battle is over" in page
    assert ">Keep me</textarea>" in page


def test_consent_with_a_refused_first_prompt_is_not_asked_for_again(db: None) -> None:
    page = Client().post("/battles/", {"prompt": "", "consent": "yes"}).content.decode()
    assert Consent.objects.count() == 1
    assert 'name="consent"' not in page


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [("  ", "Write a prompt first."), ("x" * 30_001, "has 30,001 characters; the limit is 30,000")],
)
def test_prompt_that_cannot_be_sent_says_why(client: Client, prompt: str, sentence: str) -> None:
    """The browser's own words and its silent cut are of no use: it may speak another language."""
    response = client.post("/battles/", {"prompt": prompt})
    page = response.content.decode()
    assert response.status_code == 400
    assert sentence in page
    box = page[page.index("<textarea") : page.index("</textarea>")]
    assert box.endswith(f">{prompt}")
    assert "maxlength" not in box
    assert "required " not in box


def test_reading_sets_no_voter_cookie(client: Client) -> None:
    client.get("/")
    client.get("/leaderboard/")
    assert "voter" not in client.cookies


@pytest.mark.parametrize("path", ["/", "/about/", "/leaderboard/", "/admin/login/"])
def test_no_page_loads_anything_from_elsewhere(client: Client, path: str) -> None:
    response = client.get(path)
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert "<style" not in page
    assert "<script>" not in page
    assert 'src="http' not in page


@pytest.mark.usefixtures("in_service")
def test_consent_is_given_with_a_prompt_and_taken_back(client: Client) -> None:
    client.post("/battles/", {"prompt": "Hi"})
    voter = Voter.objects.get()
    assert not consent.is_given(voter)
    assert 'name="consent"' in client.get("/").content.decode()
    client.post("/battles/", {"prompt": "Hi", "consent": "yes"})
    assert consent.is_given(voter)
    assert 'name="consent"' not in client.get("/").content.decode()
    Consent.objects.update(wording="What older versions said.")
    about = client.get("/about/").content.decode()
    assert "You agreed: “What older versions said.”" in about
    assert "to version 1 of these words" in about
    assert "Withdraw my consent" in about
    client.post("/about/consent/")
    assert not consent.is_given(voter)
