"""Downloads by a worker, from a local hub with a CDN that misbehaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import redis

from inference.contract import fetching
from inference.contract.asking import Choice
from inference.contract.fetching import Order, State
from inference.worker.fetching import hub as hub_client
from inference.worker.fetching.desk import Desk
from inference.worker.fetching.web import Web
from tests.hub import TOKEN, HubServer
from tests.live.site import until

from .conftest import CONTENT, NAME, ended, is_running, of_url, reached

SHA256 = hashlib.sha256(CONTENT).hexdigest()
Start = Callable[[], Desk]


def listed(name: str = "maker/Tiny-GGUF") -> tuple[Choice, ...]:
    with closing(Web()) as web:
        return hub_client.repository(web, name).choices


def order_of(choice: Choice) -> Order:
    return Order(choice.name, choice.parts, "maker/Tiny-GGUF", "main")


def from_cdn(hub: HubServer) -> Order:
    """The same file by a plain address, without its SHA-256."""
    hub.cdn.blobs[SHA256] = CONTENT
    return of_url(f"{hub.cdn.url}/repos/{SHA256}")


@pytest.fixture(autouse=True)
def local_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETCH_HOSTS", "127.0.0.1")


def test_file_of_the_hub_arrives_whole_with_its_sha(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path
) -> None:
    (choice,) = listed()
    assert (choice.name, choice.quantisation, choice.bytes) == (NAME, "Q4_K_M", len(CONTENT))
    order = order_of(choice)
    fetching.place(connection, order)
    desk()
    fetch = ended(connection, order)
    assert (fetch.state, fetch.progress.note) == (State.DONE, "")
    assert (fetch.progress.done, fetch.progress.sha256) == (len(CONTENT), SHA256)
    assert (tmp_path / f"{NAME}.gguf").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.gguf"]


def test_token_goes_to_the_hub_but_not_to_its_cdn(
    hub: HubServer, connection: redis.Redis, desk: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.repos["maker/Tiny-GGUF"].gated = True
    order = order_of(listed()[0])
    fetching.place(connection, order)
    desk()
    assert ended(connection, order).state is State.DONE
    assert {headers.get("authorization") for _, headers in hub.seen} == {f"Bearer {TOKEN}"}
    assert {headers.get("authorization") for _, headers in hub.cdn.seen} == {None}


@pytest.mark.parametrize("by_url", [False, True])
def test_interrupted_download_goes_on_where_it_broke_off(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path, by_url: bool
) -> None:
    hub.cdn.breaks = [200_000, 300_000]
    order = from_cdn(hub) if by_url else order_of(listed()[0])
    fetching.place(connection, order)
    desk()
    assert ended(connection, order).progress.sha256 == SHA256
    first, second, third = hub.cdn.ranges
    assert first == ""
    assert 0 < int(second[6:-1]) <= 200_000 < int(third[6:-1]) <= 500_000
    assert (tmp_path / f"{NAME}.gguf").read_bytes() == CONTENT


def test_file_that_changed_meanwhile_begins_again(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path
) -> None:
    order = from_cdn(hub)
    hub.cdn.bytes_per_s = 500_000
    fetching.place(connection, order)
    desk()
    reached(connection, order, is_running)
    fetching.stop(connection, order.id)
    assert ended(connection, order).state is State.STOPPED
    hub.cdn.blobs[SHA256] = newer = b"GGUF" + bytes(400_000)
    hub.cdn.etags[SHA256], hub.cdn.bytes_per_s = '"newer"', 0
    fetching.resume(connection, order.id)
    assert ended(connection, order).state is State.DONE
    assert (tmp_path / f"{NAME}.gguf").read_bytes() == newer


def test_without_a_version_nothing_is_continued(
    hub: HubServer, connection: redis.Redis, desk: Start
) -> None:
    order = from_cdn(hub)
    hub.cdn.etags[SHA256] = 'W/"weak"'
    hub.cdn.breaks = [200_000]
    fetching.place(connection, order)
    desk()
    assert ended(connection, order).state is State.DONE
    assert hub.cdn.ranges == ["", ""]


def test_server_without_ranges_begins_again(
    hub: HubServer, connection: redis.Redis, desk: Start
) -> None:
    hub.cdn.ignores_ranges, hub.cdn.breaks = True, [200_000]
    order = order_of(listed()[0])
    fetching.place(connection, order)
    desk()
    fetch = ended(connection, order)
    assert (fetch.state, fetch.progress.sha256) == (State.DONE, SHA256)


def test_file_longer_than_on_the_server_is_answered_416_and_begins_again(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path
) -> None:
    order = from_cdn(hub)
    scratch = tmp_path / f".fetching-{order.id}"
    scratch.mkdir()
    (scratch / f"{NAME}.gguf").write_bytes(CONTENT + b"more")
    (scratch / f"{NAME}.gguf.version").write_text(f'"{SHA256[:32]}"')
    fetching.place(connection, order)
    desk()
    assert ended(connection, order).progress.sha256 == SHA256
    assert hub.cdn.ranges == [f"bytes={len(CONTENT) + 4}-", ""]


def test_whole_file_that_was_not_yet_in_place_is_not_downloaded_again(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path
) -> None:
    order = from_cdn(hub)
    scratch = tmp_path / f".fetching-{order.id}"
    scratch.mkdir()
    (scratch / f"{NAME}.gguf").write_bytes(CONTENT)
    (scratch / f"{NAME}.gguf.version").write_text(f'"{SHA256[:32]}"')
    fetching.place(connection, order)
    desk()
    assert ended(connection, order).progress.sha256 == SHA256
    assert hub.cdn.ranges == [f"bytes={len(CONTENT)}-"]  # answered 416: there is no more


def test_damaged_file_is_refused_and_resumed_from_the_start(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path
) -> None:
    order = order_of(listed()[0])
    hub.cdn.blobs[SHA256] = CONTENT[:-1] + b"?"
    fetching.place(connection, order)
    desk()
    fetch = ended(connection, order)
    assert fetch.state is State.FAILED
    assert f"and should be {SHA256}. It was deleted" in fetch.progress.note
    assert list(tmp_path.glob("*.gguf")) == []
    hub.cdn.blobs[SHA256] = CONTENT
    fetching.resume(connection, order.id)
    assert ended(connection, order).state is State.DONE


def test_busy_server_is_waited_for_as_it_asks(
    hub: HubServer, connection: redis.Redis, desk: Start
) -> None:
    order = order_of(listed()[0])
    policy = {"RateLimit-Policy": '"fixed window";"resolvers";q=5000;w=300'}
    hub.refusals = [
        (429, {"RateLimit": '"resolvers";r=0;t=1', **policy}),
        (429, {"Retry-After": "0"}),
        (503, {}),
    ]
    fetching.place(connection, order)
    desk()
    waiting = reached(connection, order, lambda fetch: bool(fetch.progress.note))
    assert "gets too many requests from here. Try again in 1 seconds." in waiting.progress.note
    assert ended(connection, order).state is State.DONE


def test_stopped_download_keeps_what_arrived_and_discarding_deletes_it(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path
) -> None:
    hub.cdn.bytes_per_s = 500_000
    order = order_of(listed()[0])
    fetching.place(connection, order)
    desk()
    reached(connection, order, is_running)
    fetching.stop(connection, order.id)
    assert ended(connection, order).state is State.STOPPED
    (scratch,) = tmp_path.iterdir()
    kept = (scratch / f"{NAME}.gguf").stat().st_size
    assert 0 < kept < len(CONTENT)
    hub.cdn.bytes_per_s = 0
    fetching.resume(connection, order.id)
    assert ended(connection, order).state is State.DONE
    assert hub.cdn.ranges[-1] == f"bytes={kept}-"

    hub.cdn.bytes_per_s = 500_000
    again = order_of(Choice("Other", "", listed()[0].parts))
    fetching.place(connection, again)
    reached(connection, again, is_running)
    fetching.discard(connection, again.id)
    reached_nothing(connection, again)
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.gguf"]


def reached_nothing(connection: redis.Redis, order: Order) -> None:
    until(lambda: fetching.look_up(connection, order.id) is None, "the order to be forgotten", 60)


def test_restarted_worker_goes_on_and_another_folder_leaves_it_alone(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path
) -> None:
    hub.cdn.bytes_per_s = 500_000
    order = order_of(listed()[0])
    fetching.place(connection, order)
    first = desk()
    reached(connection, order, is_running)
    first.stop()
    first.join(10)
    fetch = reached(connection, order, lambda fetch: fetch.is_cut_off)
    assert fetch.home == first.home
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Desk(connection, elsewhere, "other")
    other._take()
    assert not other._running
    hub.cdn.bytes_per_s = 0
    desk()
    assert ended(connection, order).state is State.DONE
    assert hub.cdn.ranges[-1].startswith("bytes=")


def test_web_page_instead_of_weights_is_told_apart(
    hub: HubServer, connection: redis.Redis, desk: Start
) -> None:
    order = from_cdn(hub)
    hub.cdn.blobs[SHA256] = b"<!doctype html><title>Log in</title>"
    fetching.place(connection, order)
    desk()
    note = ended(connection, order).progress.note
    assert note == (
        f"There is no GGUF file at {hub.cdn.url}/repos/{SHA256}, but a web page. Check the address."
    )


def test_file_with_the_same_name_is_never_replaced(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path
) -> None:
    (tmp_path / f"{NAME}.gguf").write_bytes(CONTENT)
    same, order = order_of(listed()[0]), from_cdn(hub)
    fetching.place(connection, same)
    fetching.place(connection, order)
    desk()
    assert ended(connection, same).state is State.DONE
    assert hub.cdn.seen == []
    assert "already holds another" in ended(connection, order).progress.note
    assert (tmp_path / f"{NAME}.gguf").read_bytes() == CONTENT


def test_full_disk_is_told_before_anything_is_downloaded(
    hub: HubServer, connection: redis.Redis, desk: Start
) -> None:
    order = of_url(f"{hub.cdn.url}/repos/{SHA256}", bytes=10**15)
    fetching.place(connection, order)
    desk()
    note = ended(connection, order).progress.note
    assert note.startswith("The disk of the model worker is too full: 1,000,000.0 GB more are")
    assert hub.cdn.seen == []


@pytest.mark.parametrize("name", ["../outside", ".hidden", "a b", "", "x" * 300])
def test_order_writes_nowhere_but_into_its_folder(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path, name: str
) -> None:
    order = of_url(f"{hub.cdn.url}/x", name)
    fetching.place(connection, order)
    desk()
    assert "The name of this file cannot be used" in ended(connection, order).progress.note
    assert list(tmp_path.iterdir()) == []
