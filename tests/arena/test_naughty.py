"""Naughty strings in every form, parameter, address, command and file that takes a text: refused
with a sentence, or kept as typed and escaped; never an error. Each place has some."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from html import escape
from io import StringIO
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.http import QueryDict
from django.test import Client

from arena.battles import turns
from arena.exporting import consent
from arena.models import Battle, Campaign, Objection, Remark
from arena.streaming.consumer import BattleConsumer
from arena.votes import casting
from tests.naughty import NAUGHTY, SENT

from .conftest import answer_all, become

pytestmark = pytest.mark.usefixtures("in_service")
ROUNDS = 3  # requests of each form
ALERT = b"<script>alert(1)"
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
PARAMETERS = (
    "/?prompt", "/?suggestions", "/mine/?page", "/mine/?campaign", "/campaigns/arena/?invitation",
    "/campaigns/arena/?prompt", "/leaderboard/?q", "/leaderboard/?sort", "/leaderboard/?slice",
    "/leaderboard/?since", "/leaderboard/?on", "/leaderboard/?organisation",
    "/leaderboard/arena/compare/?a", "/leaderboard/arena/compare/?b", "/chats/?model",
)  # fmt: skip
ADDRESSES = ("battles", "votes", "shared", "campaigns", "leaderboard", "chats")


@pytest.fixture
def voted(client: Client, battle: Battle) -> str:
    """The id of a battle whose voter has voted and agreed to publication."""
    answer_all(battle)
    casting.cast(battle, battle.voter, "A")
    consent.give(battle.voter)
    become(client, battle.voter)
    return battle.public_id


def forms_of(client: Client, pages: tuple[str, ...]) -> dict[str, list[str]]:
    """Of each form that these pages send: its address, and the names of what it asks."""
    found: dict[str, list[str]] = {}
    for page in pages:
        for attributes, body in FORM.findall(client.get(page).content.decode()):
            if 'method="post"' in attributes:
                [action] = re.findall(r'action="([^"]*)"', attributes)
                names = re.findall(r'\bname="([^"]+)"', body)
                found[action] = [name for name in names if name != "csrfmiddlewaretoken"]
    return found


def test_forms_take_or_refuse_whatever_is_sent(client: Client, battle: Battle, voted: str) -> None:
    Campaign.objects.create(slug="ready", name="Ready", kind="PREPARED")
    other = turns.begin(battle.voter, "Hi").public_id
    own = (f"/battles/{voted}/", f"/battles/{other}/", f"/votes/{voted}/")
    pages = ("/", "/mine/", "/mine/claim/", "/mine/delete/", "/campaigns/ready/", *own)
    forms, strings = forms_of(client, pages), cycle(SENT.values())
    assert {"/battles/", f"/battles/{voted}/reasons/", f"/votes/{voted}/objections/"} <= {*forms}
    key = client.cookies["voter"].value
    for action, names in sorted(forms.items()):
        for _round in range(ROUNDS):
            client.cookies["voter"] = key
            answer = client.post(action, {name: next(strings) for name in names})
            assert answer.status_code in (200, 302, 400, 404, 409, 429, 503), action
            assert ALERT not in answer.content, action


def test_texts_are_kept_as_typed_and_shown_escaped(client: Client, voted: str) -> None:
    for name in ("HTML", "a template", "emoji", "right to left", "SQL", "a formula", "zero width"):
        text = SENT[name]
        client.post(f"/battles/{voted}/reasons/", {"comment_A": text})
        assert Remark.objects.get().text == text, name
        assert escape(text) in client.get(f"/battles/{voted}/").content.decode(), name
    client.post(f"/votes/{voted}/objections/", {"text": SENT["HTML"]})
    assert Objection.objects.get().text == SENT["HTML"]
    assert escape(SENT["HTML"]) in client.get(f"/votes/{voted}/").content.decode()


def test_parameters_and_addresses_take_whatever_is_asked(client: Client, voted: str) -> None:
    parameters, addresses = cycle(PARAMETERS), cycle(ADDRESSES)
    for kind, text in {**SENT, "again": SENT["HTML"]}.items():
        for _each in range(2):
            path, _, name = next(parameters).partition("?")
            answer = client.get(path, {name: text})
            assert answer.status_code in (200, 302, 400, 404), (path, name, kind)
            assert ALERT not in answer.content, (path, name, kind)
        if text.strip():
            path = f"/{next(addresses)}/{quote(text, safe='')}/"
            assert client.get(path).status_code in (301, 302, 404), path


def test_query_of_the_websocket_is_read_whatever_it_says() -> None:
    for text in NAUGHTY.values():
        query = QueryDict(mutable=True)
        for name in ("at", "turn", "language"):
            query[name] = text.encode(errors="replace").decode()
        consumer = BattleConsumer()
        consumer.scope = {"query_string": query.urlencode().encode()}
        assert consumer._position().words >= 0
        assert consumer.is_of_another_turn(1) in (True, False)


@pytest.mark.django_db(transaction=True)  # a file is written from one snapshot
def test_commands_end_in_a_sentence(tmp_path: Path, voted: str) -> None:
    table = tmp_path / "votes.csv"
    table.write_text("model_a,model_b,winner\nAda,Bea,model_a\n")

    def commands(text: str) -> list[tuple[str, ...]]:
        return [
            ("import_votes", "csv", str(table), "--campaign", text),
            ("import_votes", "csv", f"{tmp_path}/{text}", "--campaign", "arena"),
            ("export_votes", "evenhand", str(tmp_path / "out.csv"), "--campaign", text),
            ("publish", str(tmp_path / "site"), "--campaign", text),
            ("mark_names", "--campaign", text),
        ]

    sent = [text for text in NAUGHTY.values() if "\0" not in text]  # no argument can hold it
    for n, text in enumerate(sent):
        with suppress(CommandError):  # a sentence; whatever else is raised is a traceback
            call_command(*commands(text)[n % 5], stdout=StringIO(), stderr=StringIO())
        with suppress(CommandError):
            call_command(*commands(text)[(n + 2) % 5], stdout=StringIO(), stderr=StringIO())


def test_file_of_votes_with_such_names_is_read(tmp_path: Path, voted: str) -> None:
    path, out = tmp_path / "votes.csv", StringIO()
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.writer(file)
        rows.writerow(["model_a", "model_b", "winner", "id"])
        rows.writerows([text, "Bea", "model_a", str(n)] for n, text in enumerate(NAUGHTY.values()))
    call_command("import_votes", "csv", str(path), campaign="votes", stdout=out, stderr=StringIO())
    assert "Set aside" in out.getvalue()
    stored = {*Campaign.objects.get(slug="votes").tallies.values_list("first__name", flat=True)}
    assert {SENT["HTML"], SENT["SQL"], SENT["emoji"]} <= stored | {"Bea"} | {
        *Campaign.objects.get(slug="votes").tallies.values_list("second__name", flat=True)
    }
