"""A shared battle: only with consent, redacted, and gone at once when its voter says so."""

from __future__ import annotations

import re
import struct

import pytest
from django.test import Client

from arena.counting import standing
from arena.exporting import consent, shares
from arena.models import Answer, Battle, Campaign, Share, Turn, Vote
from arena.pages.pictures import lines_of
from arena.votes import casting

from ..conftest import answer_all, page_of

pytestmark = pytest.mark.django_db
SECRET = "ada@example.org"


@pytest.fixture
def vote(battle: Battle, browser: Client) -> Vote:
    Turn.objects.filter(battle=battle).update(prompt=f"Who is <b>{SECRET}</b>\x01?")
    answer_all(battle, f"**Ask** {SECRET} <script>x</script>")
    return casting.cast(battle, battle.voter, "A")


@pytest.fixture
def shared(vote: Vote) -> Share:
    consent.give(vote.voter)
    return shares.share(vote)


def address(vote: Vote, what: str = "share/") -> str:
    return f"/battles/{vote.battle.public_id}/{what}"


def open_as_stranger(share: Share, file: str = "") -> int:
    return Client().get(f"/shared/{share.token}/{file}").status_code


def test_sharing_takes_consent_first(vote: Vote, browser: Client) -> None:
    assert "takes your consent to publication first" in page_of(vote.battle, browser)
    refused = browser.post(address(vote))
    assert refused.status_code == 409
    assert "Agree to publication first" in refused.content.decode()
    assert not Share.objects.exists()
    browser.post(address(vote), {"consent": "yes"})
    assert consent.is_given(vote.voter)
    share = Share.objects.get()
    page = page_of(vote.battle, browser)
    assert f'value="http://testserver/shared/{share.token}/"' in page
    assert "Stop sharing" in page


def test_shared_battle_is_as_redacted_as_an_export(shared: Share) -> None:
    page = Client().get(f"/shared/{shared.token}/")
    text = page.content.decode()
    assert SECRET not in text
    assert "Who is &lt;b&gt;[e-mail]&lt;/b&gt;" in text
    assert text.count("<strong>Ask</strong> [e-mail]") == 2
    assert "<script>x" not in text
    battle = shared.vote.battle
    for secret in (battle.public_id, str(battle.voter.key), str(shared.vote.created.date())):
        assert secret not in text
    names = battle.contestant_a.name, battle.contestant_b.name
    assert "{} was preferred to {}".format(*names) in text
    assert re.findall(r"</small> *(.+? 9000) *</span>", text) == [*names]
    assert text.count("Preferred") == 1
    assert "does not count" not in text
    assert "voter" not in page.cookies


def test_shared_battle_can_be_previewed_but_is_kept_out_of_search_engines(shared: Share) -> None:
    base = f"/shared/{shared.token}/"
    page = Client().get(base)
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]
    image = f"http://testserver{base}image.png"
    assert f'<meta property="og:image" content="{image}">' in page.content.decode()
    picture = Client().get(f"{base}image.png")
    assert picture.headers["X-Robots-Tag"] == "noindex"
    assert struct.unpack(">II", picture.content[16:24]) == (1200, 630)


@pytest.mark.parametrize(
    ("verdict", "finding"),
    [
        ("B", "{1} was preferred to {0}"),
        ("TIE", "{0} and {1} were judged equally good"),
        ("BOTH_BAD", "{0} and {1} were both judged bad"),
    ],
)
def test_finding_says_the_verdict(shared: Share, verdict: str, finding: str) -> None:
    Vote.objects.update(verdict=verdict)
    battle = shared.vote.battle
    expected = finding.format(battle.contestant_a.name, battle.contestant_b.name)
    assert shares.shared(shared.token).finding == expected


def test_end_of_sharing_and_withdrawn_consent_end_the_link_at_once(
    shared: Share, browser: Client
) -> None:
    assert [open_as_stranger(shared), open_as_stranger(shared, "image.png")] == [200, 200]
    browser.post(address(shared.vote, "share/stop/"))
    assert [open_as_stranger(shared), open_as_stranger(shared, "image.png")] == [404, 404]
    browser.post(address(shared.vote))
    again = Share.objects.get()
    assert again.token != shared.token
    assert [open_as_stranger(shared), open_as_stranger(again)] == [404, 200]
    consent.withdraw(shared.vote.voter)
    assert [open_as_stranger(again), open_as_stranger(again, "image.png")] == [404, 404]
    consent.give(shared.vote.voter)
    assert open_as_stranger(again) == 404


def test_only_its_voter_shares_a_battle_and_only_after_the_vote(
    battle: Battle, browser: Client
) -> None:
    consent.give(battle.voter)
    path = f"/battles/{battle.public_id}/share/"
    assert browser.post(path).status_code == 409
    answer_all(battle)
    vote = casting.cast(battle, battle.voter, "A")
    assert Client().post(path).status_code == 403
    assert not Share.objects.exists()
    shares.share(vote)
    assert Client().post(f"{path}stop/").status_code == 403
    assert Share.objects.exists()


def test_battle_that_others_still_judge_is_not_shared(vote: Vote, browser: Client) -> None:
    consent.give(vote.voter)
    Campaign.objects.update(kind=Campaign.Kind.PREPARED)
    assert 'id="share"' not in page_of(vote.battle, browser)
    assert "others judge it too" in browser.post(address(vote)).content.decode()
    assert not Share.objects.exists()


def test_battle_that_staff_have_blocked_stays_so(
    shared: Share, browser: Client, admin_client: Client
) -> None:
    page = admin_client.get(f"/admin/arena/share/{shared.pk}/change/").content.decode()
    assert f'href="/shared/{shared.token}/"' in page
    admin_client.post(f"/admin/arena/share/{shared.pk}/change/", {"blocked": "on"})
    assert [open_as_stranger(shared), open_as_stranger(shared, "image.png")] == [404, 404]
    browser.post(address(shared.vote, "share/stop/"))
    consent.withdraw(shared.vote.voter)
    assert browser.post(address(shared.vote), {"consent": "yes"}).status_code == 409
    assert 'id="share"' not in page_of(shared.vote.battle, browser)
    assert Share.objects.get().blocked


def test_excluded_vote_is_marked(shared: Share) -> None:
    standing.exclude(Vote.objects.filter(pk=shared.vote_id), "named itself")
    text = " ".join(Client().get(f"/shared/{shared.token}/").content.decode().split())
    assert "This vote does not count on the leaderboard." in text
    assert "named itself" not in text  # a note for the voter and other staff


def test_token_that_was_never_given_is_not_found() -> None:
    assert Client().get("/shared/nonsense/").status_code == 404
    assert Client().get("/shared/nonsense/image.png").status_code == 404


def test_long_answers_and_odd_characters_make_a_picture(shared: Share) -> None:
    Turn.objects.update(prompt="汉字 \x0b\ufffe &amp; <tspan> " * 500)
    Answer.objects.update(text="x" * 10_000)
    assert open_as_stranger(shared, "image.png") == 200
    assert open_as_stranger(shared) == 200


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("one two three", ["one two", "three"]),
        ("one two three four five", ["one two", "three …"]),
        ("汉字汉字汉字汉字", ["汉字汉字", "汉字汉字"]),
        ("汉字汉字汉字汉字汉", ["汉字汉字", "汉字 …"]),
        ("a\nb\x00c", ["a b\ufffdc"]),
    ],
)
def test_beginning_of_a_text_fills_its_lines(text: str, lines: list[str]) -> None:
    assert lines_of(text, 8, 2) == lines
