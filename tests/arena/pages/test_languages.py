"""The language of a page is in its address; the front page leads visitors to theirs."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db
CODES = [code for code, _ in settings.LANGUAGES]
OTHERS = [code for code in CODES if code != settings.LANGUAGE_CODE]
LANG = re.compile(r'<html lang="([\w-]+)" dir="ltr">')


@pytest.mark.parametrize("path", ["/", "/about/", "/status/", "/campaigns/", "/leaderboard/"])
def test_page_has_the_language_of_its_address(path: str, client: Client) -> None:
    for code in OTHERS:
        page = client.get(f"/{code}{path}")
        assert page.status_code == 200
        assert LANG.findall(page.text) == [code]
        assert page["Content-Language"] == code
    english = client.get(path)
    assert LANG.findall(english.text) == ["en"]


def test_error_pages_have_the_language_of_their_address(client: Client) -> None:
    for path in ("/de/nothing/", "/de/leaderboard/nothing/", "/de/battles/nothing/"):
        page = client.get(path)
        assert (page.status_code, LANG.findall(page.text)) == (404, ["de"])
    strict = Client(enforce_csrf_checks=True)
    assert LANG.findall(strict.post("/de/battles/").text) == ["de"]
    assert LANG.findall(client.get("/de/", headers={"host": "stranger.example"}).text) == ["de"]
    assert LANG.findall(client.get("/de/battles/").text) == ["de"]  # only takes a form


def test_language_of_the_browser_changes_no_page_but_the_front(client: Client) -> None:
    german = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}
    client.cookies["language"] = "de"
    page = client.get("/about/", headers=german)
    assert LANG.findall(page.text) == ["en"]
    assert "Accept-Language" not in page.get("Vary", "")


@pytest.mark.parametrize(
    ("accepted", "remembered", "address"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "", "/de/"),
        ("zh-CN,zh;q=0.9", "", "/zh-hans/"),
        ("it,fr;q=0.5", "", "/fr/"),
        ("de", "en", ""),  # chosen before
        ("en", "es", "/es/"),
        ("en-GB", "", ""),
        ("it", "", ""),
        ("", "", ""),  # a crawler
        ("de", "xx", "/de/"),  # not of ours
    ],
)
def test_front_page_leads_to_the_language_of_the_visitor(
    accepted: str, remembered: str, address: str, client: Client
) -> None:
    client.cookies["language"] = remembered
    page = client.get("/?prompt=Hi%20you", headers={"accept-language": accepted})
    assert page.get("Location", "") == (address and f"{address}?prompt=Hi%20you")
    assert {"Accept-Language", "Cookie"} <= set(page["Vary"].split(", "))
    if address:
        assert page["Cache-Control"] == "private, no-store"


def test_language_that_is_chosen_is_remembered_and_leads_to_the_clean_address(
    client: Client,
) -> None:
    page = client.get("/de/leaderboard/?sort=votes&choose_language=de")
    assert page["Location"] == "/de/leaderboard/?sort=votes"
    assert page["Cache-Control"] == "private, no-store"
    assert client.cookies["language"].value == "de"
    assert client.get("/")["Location"] == "/de/"
    client.get("/?choose_language=en")
    assert client.get("/", headers={"accept-language": "de"}).status_code == 200


def test_choice_leads_to_no_other_site_and_remembers_no_other_language(client: Client) -> None:
    page = client.get("/?choose_language=xx", PATH_INFO="//stranger.example/")
    assert page["Location"] == "/%2Fstranger.example/"
    assert "language" not in client.cookies


def test_page_names_itself_in_every_language(client: Client) -> None:
    page = client.get("/de/leaderboard/").text
    alternates = dict(re.findall(r'rel="alternate" hreflang="([\w-]+)" href="([^"]+)"', page))
    assert alternates.pop("x-default") == "http://testserver/leaderboard/"
    paths = {code: "" if code == "en" else f"/{code}" for code in CODES}
    assert alternates == {code: f"http://testserver{paths[code]}/leaderboard/" for code in CODES}
    switch = re.findall(r'<a href="([^"]+)" lang="([\w-]+)" hreflang=[^>]*>([^<]+)</a>', page)
    assert [(code, name) for _, code, name in switch] == settings.LANGUAGES
    assert [address for address, *_ in switch] == [
        f"{paths[code]}/leaderboard/?choose_language={code}" for code in CODES
    ]


def test_switch_keeps_the_choices_of_the_reader(client: Client) -> None:
    page = client.get("/fr/leaderboard/?q=a%26b&access=open").text
    assert 'href="/es/leaderboard/?q=a%26b&amp;access=open&amp;choose_language=es"' in page
    assert 'rel="alternate"' not in page


def test_page_in_one_language_has_no_switch(client: Client) -> None:
    assert "data-languages" not in client.get("/nothing/").text
    assert "data-languages" not in client.post("/battles/", {"prompt": ""}).text


def test_forms_keep_the_language(client: Client) -> None:
    home = client.get("/de/").text
    assert 'action="/de/battles/"' in home
    refused = client.post("/de/battles/", {"prompt": ""})
    assert LANG.findall(refused.text) == ["de"]


@pytest.mark.parametrize(
    "path", ["healthz", "api/", "api/v1/", "admin/login/", "leaderboard/data.json"]
)
def test_files_and_data_have_one_address(path: str, client: Client) -> None:
    client.cookies["language"] = "de"
    assert client.get(f"/{path}", headers={"accept-language": "de"})["Content-Language"] == "en"
    assert client.get(f"/de/{path}").status_code == 404


def test_word_of_the_language_switch_in_a_query_leads_nowhere(client: Client) -> None:
    for path in ("/leaderboard/?q=choose_language", "/about/?choose_languages=de"):
        assert client.get(path).status_code == 200


def test_link_of_an_english_page_leads_to_the_english_front_page(client: Client) -> None:
    german = {"Accept-Language": "de"}
    assert client.get("/", headers=german).status_code == 302
    inside = client.get("/", headers={**german, "Sec-Fetch-Site": "same-origin"})
    assert inside.status_code == 200
    assert "Sec-Fetch-Site" in inside.headers["Vary"]
