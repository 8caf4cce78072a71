"""Repositories of the hub, as a worker lists them for the site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest
import redis

from inference.contract import fetching
from inference.contract.asking import ANY, Asking, Repository, ask_repository
from inference.contract.errors import EngineError
from inference.contract.fetching import Order, Part, Progress
from inference.contract.limits import ASKING
from inference.worker.fetching import claims
from inference.worker.fetching import hub as hub_client
from inference.worker.fetching.answering import answer
from inference.worker.fetching.web import Web
from tests.hub import COMMIT, OTHER_TOKEN, TOKEN, HubServer, Repo

GATED = "maker/Tiny-GGUF is gated: its owner grants access on request."


@pytest.fixture
def asking(connection: redis.Redis) -> Iterator[redis.Redis]:
    thread = Asking(connection, lambda: [ANY], answer)
    thread.start()
    yield connection
    thread.stop()
    thread.join(10)


def refused(asking: redis.Redis, name: str = "maker/Tiny-GGUF") -> str:
    with pytest.raises(EngineError) as caught:
        ask_repository(asking, name)
    return str(caught.value)


def gguf(*names: str) -> dict[str, bytes]:
    return {name: b"GGUF" + name.encode() * 10 for name in names}


def test_repository_is_listed_with_licence_sizes_and_quantisations(
    hub: HubServer, asking: redis.Redis
) -> None:
    hub.repos["maker/Many-GGUF"] = Repo(
        {
            **gguf("Many-7B-Q8_0.gguf", "Many-7B-IQ2_XXS.gguf", "Many-7B-UD-Q4_K_XL.gguf"),
            **gguf(
                "BF16/Many-7B-BF16-00001-of-00002.gguf", "BF16/Many-7B-BF16-00002-of-00002.gguf"
            ),
            **gguf("Many-7B-F16-00001-of-00003.gguf"),  # its other parts are missing
            **gguf("mmproj-F16.gguf", "plain.gguf"),
            "README.md": b"# Many",
            "LICENSE": "Für alle.".encode(),
        },
        {
            "license": "other",
            "license_name": "many-licence",
            "license_link": "https://example.com/licence",
            "base_model": ["Maker of Models/Many-7B"],
        },
    )
    listed = ask_repository(asking, "maker/Many-GGUF")
    assert {choice.name: choice.quantisation for choice in listed.choices} == {
        "plain": "",
        "Many-7B-Q8_0": "Q8_0",
        "Many-7B-IQ2_XXS": "IQ2_XXS",
        "Many-7B-UD-Q4_K_XL": "UD-Q4_K_XL",
        "Many-7B-BF16": "BF16",
    }
    sizes = [choice.bytes for choice in listed.choices]
    assert sizes == sorted(sizes)
    assert [len(choice.parts) for choice in listed.choices if choice.quantisation == "BF16"] == [2]
    assert (listed.licence, listed.licence_page) == ("many-licence", "https://example.com/licence")
    assert listed.licence_text == "Für alle."
    assert (listed.organisation, listed.revision) == ("Maker of Models", COMMIT)
    assert listed.page == f"{hub.url}/maker/Many-GGUF"


def test_listing_of_a_hostile_hub_is_cut_to_what_a_page_can_show(
    hub: HubServer, asking: redis.Redis
) -> None:
    many = [f"Many-{number}.gguf" for number in range(ASKING.most_files + 7)]
    hub.repos["maker/Many-GGUF"] = Repo(gguf(*many, "x" * ASKING.longest_path + ".gguf"))
    listed = ask_repository(asking, "maker/Many-GGUF")
    assert (len(listed.choices), listed.left_out) == (ASKING.most_files, 7)


def test_gated_repository_is_told_apart_from_a_missing_one(
    hub: HubServer, asking: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repos["maker/Tiny-GGUF"].gated = True
    page = f"{hub.url}/maker/Tiny-GGUF"
    then = "then set HF_TOKEN on the model worker and restart it."
    assert refused(asking) == f"{GATED} Request it at {page}, {then}"
    missing = "127.0.0.1 has no repository maker/None. Check its spelling; or it is"
    assert refused(asking, "maker/None") == (
        f"{missing} private, for which HF_TOKEN must be set on the model worker."
    )
    monkeypatch.setenv("HF_TOKEN", OTHER_TOKEN)
    asks = f"The account of the model worker's HF_TOKEN has none. Request it at {page}."
    assert refused(asking) == f"{GATED} {asks}"
    assert refused(asking, "maker/None") == (
        f"{missing} the account of the model worker's HF_TOKEN may not see it."
    )
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert ask_repository(asking, "maker/Tiny-GGUF").is_gated


@pytest.mark.parametrize(
    ("status", "headers", "sentence"),
    [
        (401, {"X-Error-Message": "Invalid credentials in Authorization header"},
         "127.0.0.1 does not accept the HF_TOKEN of the model worker. Set a valid one."),
        (403, {"X-Error-Message": "Access to this resource is disabled."},
         "127.0.0.1 has disabled access to maker/Tiny-GGUF."),
        (404, {"X-Error-Code": "RevisionNotFound"},
         "This version of maker/Tiny-GGUF no longer exists. List its files again."),
        (404, {"X-Error-Code": "EntryNotFound"},
         "This file is no longer in maker/Tiny-GGUF. List its files again."),
        (429, {"RateLimit": '"api";r=0;t=55', "RateLimit-Policy": '"window";"api";q=500;w=300'},
         "127.0.0.1 gets too many requests from here. Try again in 55 seconds."),
        (429, {}, "127.0.0.1 gets too many requests from here. Try again later."),
        (500, {"X-Error-Message": "Internal Error - We're working hard to fix this"},
         "127.0.0.1 answered 500: Internal Error - We're working hard to fix this"),
    ],
)  # fmt: skip
def test_refusal_of_the_hub_becomes_a_sentence(
    hub: HubServer, asking: redis.Redis, status: int, headers: dict[str, str], sentence: str
) -> None:
    hub.refusals = [(status, headers)]
    assert refused(asking) == sentence


@pytest.mark.parametrize(
    "name", ["", "model", "a/b/c", "../b", "a/..", "a b/c", "a/b?x", "http://a/b"]
)
def test_name_that_is_none_is_not_asked_for(hub: HubServer, asking: redis.Redis, name: str) -> None:
    assert "is not the name of a repository" in refused(asking, name)
    assert hub.seen == []


def test_server_that_is_no_hub_is_told(
    hub: HubServer, asking: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.refusals = [(200, {"Content-Type": "text/html"})]
    monkeypatch.setattr(json, "loads", lambda _: [])
    with pytest.raises(EngineError, match="does not answer like a hub"):
        answer_directly()


def answer_directly() -> Repository:
    with closing(Web()) as web:
        return hub_client.repository(web, "maker/Tiny-GGUF")


def test_hub_that_is_away_is_told(
    hub: HubServer, asking: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    said = "The connection to 127.0.0.1 failed: nothing answers at this address."
    assert refused(asking) == said


def test_no_worker_is_told(connection: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried = type(ASKING)(answer_s=0.02, patience_s=0.05, listen_s=0.02, kept_s=1)
    monkeypatch.setattr("inference.contract.asking.ASKING", hurried)
    assert "No model worker replied" in refused(connection)


def test_what_no_page_can_show_is_left_out(hub: HubServer, asking: redis.Redis) -> None:
    """Half a character would break the page; some links do more than lead somewhere."""
    repo = hub.repos["maker/Tiny-GGUF"]
    repo.card.update(license="half \ud800", license_link="javascript:alert(1)")
    found = ask_repository(asking, "maker/Tiny-GGUF")
    assert (found.licence, found.licence_page) == ("half ?", "")


def test_news_of_a_download_can_be_shown_whatever_a_server_says(connection: redis.Redis) -> None:
    order = Order("Tiny", (Part("Tiny.gguf", "https://example.com/Tiny.gguf"),))
    fetching.place(connection, order)
    claims.report(connection, order.id, Progress(note="half \ud800"), "worker")
    fetch = fetching.look_up(connection, order.id)
    assert fetch is not None
    assert fetch.progress.note == "half ?"
