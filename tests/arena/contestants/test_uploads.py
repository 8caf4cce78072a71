"""Weights sent from the admin's browser in pieces, and taken from the site by a worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve

from arena import broker
from arena.contestants.wizard import digests, uploads
from inference.contract import fetching
from inference.contract.fetching import Order
from inference.contract.limits import FETCHING
from inference.contract.presence import Heartbeat, publish, withdraw

pytestmark = pytest.mark.django_db

AT = "/admin/arena/contestant/choose/upload/"
CONTENT = b"GGUF" + bytes(range(250)) * 10
SIZE = len(CONTENT)
BEAT = Heartbeat("idle", (), 8, fetches_to="host:/weights", free_bytes=10**10)


@pytest.fixture(autouse=True)
def idle_worker(db: None, settings: Any, tmp_path: Path) -> Iterator[None]:
    """One that could take weights, but never does."""
    settings.VAR = tmp_path
    resolve(AT)  # loads all pages, which may take longer than a worker's word is good for
    publish(broker.connection(), BEAT)
    yield
    withdraw(broker.connection(), BEAT)
    for fetch in fetching.all_fetches(broker.connection()):
        fetching.forget(broker.connection(), fetch.order.id)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def send(client: Client, piece: bytes, at: int, **more: object) -> dict[str, Any]:
    query = urlencode({"name": "Own-1B.gguf", "size": SIZE, "at": at, **more})
    kind = "application/octet-stream"
    said: dict[str, Any] = client.post(f"{AT}begin/?{query}", piece, content_type=kind).json()
    return said


def only_order() -> Order:
    (fetch,) = fetching.all_fetches(broker.connection())
    return fetch.order


async def joined(response: Any) -> bytes:
    return b"".join([piece async for piece in response])


def body(client: Client, url: str, **headers: str) -> tuple[int, bytes, str]:
    response = client.get(urlsplit(url).path, headers=headers)
    whole = async_to_sync(joined)(response) if response.streaming else response.content
    return response.status_code, whole, response.get("Content-Range", "")


def test_pieces_become_a_file_that_a_worker_is_sent_for(admin: Client) -> None:
    assert send(admin, b"", -1) == {"have": 0}
    assert send(admin, CONTENT[:1000], 0) == {"have": 1000}
    assert send(admin, CONTENT[:1000], 0) == {"have": 1000}  # a repeated piece changes nothing
    assert send(admin, CONTENT[2000:], 2000) == {"have": 1000}  # nor one after a gap
    answer = send(admin, CONTENT[1000:] + b"more than there is", 1000)
    order = only_order()
    assert answer == {"next": f"/admin/arena/contestant/choose/downloads/{order.id}/"}
    (part,) = order.parts
    assert (order.name, order.is_ours, part.bytes) == ("Own-1B", True, SIZE)
    assert part.sha256 == hashlib.sha256(CONTENT).hexdigest()
    anybody = Client()  # the worker has no account: the address itself is the permission
    assert body(anybody, part.url) == (200, CONTENT, "")
    span = f"bytes 2000-{SIZE - 1}/{SIZE}"
    assert body(anybody, part.url, range="bytes=2000-") == (206, CONTENT[2000:], span)
    assert body(anybody, part.url, range=f"bytes={SIZE}-") == (416, b"", f"bytes */{SIZE}")
    assert body(anybody, part.url, range=f"bytes={'9' * 5_000}-") == (200, CONTENT, "")


def test_same_piece_from_two_tabs_at_once_is_there_once(admin: Client, tmp_path: Path) -> None:
    file = tmp_path / "received"
    both = Barrier(2, timeout=5)

    class Slow(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with suppress(BrokenBarrierError):
                both.wait(0.2)  # as far as the lock allows, both read at the same time
            return super().read(size)

    def take(_: int) -> int:
        with uploads._held(file) as target:
            assert target is not None
            return uploads._append(target, 0, Slow(CONTENT[:1000]), SIZE, "Own-1B.gguf")

    with ThreadPoolExecutor() as pool:
        assert [*pool.map(take, range(2))] == [1000, 1000]
    assert file.read_bytes() == CONTENT[:1000]


def test_large_upload_that_another_process_began_is_never_read_as_a_whole_by_one_request(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "AT_ONCE", 1000)
    send(admin, CONTENT[:1000], 0)
    send(admin, CONTENT[1000:2000], 1000)
    digests._growing.clear()
    assert send(admin, CONTENT[2000:], 2000) == {"have": SIZE}  # its browser asks again
    assert send(admin, b"", SIZE) == {"have": SIZE}
    assert "next" in send(admin, b"", SIZE)
    assert only_order().parts[0].sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert not digests._growing


def test_file_that_begins_anew_has_its_own_digest(admin: Client, tmp_path: Path) -> None:
    send(admin, b"GGUF" + b"x" * 996, 0)
    (file,) = uploads.folder().iterdir()
    file.unlink()  # swept
    send(admin, CONTENT[:1000], 0)
    send(admin, CONTENT[1000:], 1000)
    assert only_order().parts[0].sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_last_piece_sent_again_leads_to_the_same_download(admin: Client) -> None:
    """The reply to it was lost."""
    send(admin, CONTENT[:1000], 0)
    answer = send(admin, CONTENT[1000:], 1000)
    assert "next" in answer
    assert send(admin, CONTENT[1000:], 1000) == answer
    assert only_order().parts[0].bytes == SIZE
    assert send(admin, b"", -1) == {"have": 0}  # chosen again, it begins anew


def test_another_version_with_the_same_name_and_size_begins_anew(admin: Client) -> None:
    send(admin, CONTENT[:1000], 0, modified=1)
    assert send(admin, b"", -1, modified=1) == {"have": 1000}
    assert send(admin, b"", -1, modified=2) == {"have": 0}


def test_disk_needs_room_only_for_what_has_not_arrived(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(admin, CONTENT[:2000], 0)
    left = SimpleNamespace(free=FETCHING.spare_bytes + SIZE - 2000)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: left)
    assert "next" in send(admin, CONTENT[2000:], 2000)
    assert "no room" in send(admin, b"", -1, name="Other.gguf")["error"]


def test_interrupted_upload_goes_on_where_it_was_for_its_person_only(admin: Client) -> None:
    send(admin, CONTENT[:1500], 0)
    assert send(admin, b"", -1) == {"have": 1500}
    assert send(admin, b"", -1, name="Other.gguf") == {"have": 0}
    other = Client()
    other.force_login(User.objects.create_superuser("other"))
    assert send(other, b"", -1) == {"have": 0}


def test_address_of_an_upload_is_signed_and_ends(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(admin, CONTENT, 0)
    order = only_order()
    url = order.parts[0].url
    assert body(admin, url.replace(order.id, "0" * 32))[0] == 404
    assert body(admin, f"/weights/{order.id}/")[0] == 404
    monkeypatch.setattr(uploads, "KEPT_S", -1)
    assert body(admin, url)[0] == 404


def test_file_is_deleted_with_its_order_and_swept_when_forgotten(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(admin, CONTENT, 0)
    order = only_order()
    assert [file.name for file in uploads.folder().iterdir()] == [order.id]
    admin.post(f"/admin/arena/contestant/choose/downloads/{order.id}/", {"do": "discard"})
    assert list(uploads.folder().iterdir()) == []
    send(admin, CONTENT[:10], 0)
    monkeypatch.setattr(uploads, "KEPT_S", -1)
    send(admin, b"", -1, name="Other.gguf")
    assert [*uploads.folder().iterdir()] == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("model.bin", "Choose a file whose name ends in .gguf."),
        ("../a.gguf", "letters, digits, dots and dashes"),
        (".gguf", "letters, digits, dots and dashes"),
    ],
)
def test_wrong_file_gets_a_sentence(admin: Client, name: str, sentence: str) -> None:
    assert sentence in send(admin, b"", -1, name=name)["error"]
    page = admin.post(AT, {"file": SimpleUploadedFile(name, CONTENT)}).content.decode()
    assert (sentence in page) is (name != "../a.gguf")  # whose folder Django takes away


def test_file_larger_than_the_disk_is_refused_before_it_is_sent(admin: Client) -> None:
    assert "This host has no room for it" in send(admin, b"", -1, size=10**15)["error"]


def test_browser_without_javascript_sends_the_whole_file(admin: Client) -> None:
    file = SimpleUploadedFile("Own-1B.gguf", CONTENT)
    response = admin.post(AT, {"file": file})
    order = only_order()
    assert response["Location"] == f"/admin/arena/contestant/choose/downloads/{order.id}/"
    assert body(Client(), order.parts[0].url) == (200, CONTENT, "")


def test_who_may_not_add_contestants_may_not_upload(client: Client) -> None:
    client.force_login(User.objects.create_user("reader", is_staff=True))
    response = client.post(f"{AT}begin/?name=a.gguf&size=5&at=-1")
    assert response.status_code == 403
    assert not uploads.folder().exists()
