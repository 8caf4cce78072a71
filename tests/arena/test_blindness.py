"""Before the vote nothing that leaves the server may name or imply a contestant.

The contestants of these tests have names that would stand out anywhere, and primary keys far from
every other number on the pages.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client

from arena.battles.answering import life
from arena.generating.settling import settle
from arena.models import Answer, Battle, Campaign, Contestant, Revision
from arena.pages.presentation import BattleView

from .conftest import answer_all, result

pytestmark = pytest.mark.usefixtures("in_service")
PK = 7_310_053


@pytest.fixture
def contestants(db: None, contestants: list[Contestant]) -> list[Contestant]:
    """Contestants with primary keys that stand out, in an arena that asks all it can."""
    Campaign.objects.update(criteria=["accurate", "clear", "useful", "safe"])
    for table in ("arena_contestant", "arena_revision"):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            if table == "arena_contestant":
                cursor.execute(f"UPDATE arena_revision SET contestant_id = contestant_id + {PK}")
            cursor.execute(f"UPDATE {table} SET id = id + {PK}")
    return list(Contestant.objects.all())


def secrets(contestants: list[Contestant]) -> list[str]:
    found: list[str] = []
    for contestant in contestants:
        found += [contestant.name, contestant.name.split()[0], contestant.slug]
        found += [contestant.organisation, contestant.licence, str(contestant.pk)]
    for revision in Revision.objects.all():
        found += [revision.weights, revision.system_prompt, str(revision.pk)]
    return [secret.lower() for secret in found] + ["llama_cpp", "weights"]


def everything(response: HttpResponseBase, client: Client) -> str:
    cookies = [morsel.OutputString() for morsel in client.cookies.values()]
    return "\n".join([str(response.headers), *cookies, response.getvalue().decode()]).lower()


def leaks(text: str, contestants: list[Contestant]) -> list[str]:
    return [secret for secret in secrets(contestants) if secret in text]


def begin(client: Client) -> str:
    return client.post("/battles/", {"prompt": "Who are you?"}).headers["location"]


def test_no_page_before_the_vote_names_anybody(
    client: Client, contestants: list[Contestant]
) -> None:
    seen = [client.get("/"), client.post("/battles/", {"prompt": "Who are you?"})]
    address = seen[-1].headers["location"]
    seen.append(client.get(address))
    answer_all(Battle.objects.get())
    seen += [client.get(address), client.post(f"{address}turns/", {"prompt": "Really?"})]
    seen += [client.get(address), client.post(f"{address}vote/", {"verdict": "A"})]
    seen += [client.post(f"{address}vote/", {"verdict": "nonsense"}), client.get("/leaderboard/")]
    seen += [client.get(f"/mine/{page}") for page in ("", "delete/", "claim/")]
    seen += [client.get(address.replace("/battles/", "/votes/"))]
    early = [client.post(f"{address}{what}/") for what in ("reasons", "share", "share/stop")]
    assert [response.status_code for response in early] == [409, 409, 409]
    seen += early
    text = "\n".join(everything(response, client) for response in seen)
    assert leaks(text, contestants) == []


def test_the_same_search_finds_the_names_after_the_vote(
    client: Client, contestants: list[Contestant]
) -> None:
    address = begin(client)
    answer_all(Battle.objects.get())
    client.post(f"{address}vote/", {"verdict": "A"})
    battle = Battle.objects.get()
    found = leaks(everything(client.get(address), client), contestants)
    assert {battle.contestant_a.name.lower(), battle.contestant_b.name.lower()} <= set(found)


def test_void_battle_stays_unnamed(client: Client, contestants: list[Contestant]) -> None:
    address = begin(client)
    Battle.objects.update(state=Battle.State.VOID, void_reason="side A: quetzalbird broke")
    assert leaks(everything(client.get(address), client), contestants) == []


def test_another_voter_does_not_even_see_the_prompt(client: Client) -> None:
    address = begin(client)
    stranger = Client().get(address)
    assert stranger.status_code == 403
    assert b"Who are you?" not in stranger.content


def test_presentation_has_no_names_before_the_vote(client: Client) -> None:
    begin(client)
    assert BattleView(Battle.objects.get()).unmasked == []


def test_one_finished_side_is_not_shown_before_the_other(client: Client) -> None:
    address = begin(client)
    answer = Answer.objects.earliest("pk")
    settle(life, answer.pk, result(answer, "Finished first."))
    assert b"Finished first." not in client.get(address).content


def test_cookies_hold_a_pseudonym_and_nothing_else(client: Client) -> None:
    begin(client)
    assert set(client.cookies) <= {"voter", "csrftoken"}
    assert re.fullmatch(r"[0-9a-f-]{36}:[\w-]{43}", client.cookies["voter"].value)
    assert client.cookies["voter"]["httponly"]
