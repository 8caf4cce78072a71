"""Whatever somebody gets wrong on the way to a contestant gets one sentence that says what to do.

Settings of a revision are in test_revisions.py and test_learned.py, what goes wrong with downloads
in tests/inference/worker/fetching, and what is wrong inside a GGUF file in test_inventory.py."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from arena import broker
from arena.models import Contestant
from inference.contract import fetching
from inference.contract.presence import Heartbeat, publish, withdraw
from tests import factories

from .wizard import examined

pytestmark = pytest.mark.django_db

AT = "/admin/arena/contestant"
BEAT = Heartbeat("idle", ("remote:",), 8, fetches_to="host:/weights", free_bytes=10**10)
FILE = b"GGUF" + bytes(200)
CARD = {"name": "Newcomer", "organisation": "Us", "licence": "MIT", "access": "OPEN_WEIGHTS"}
CHOICE = "Select a valid choice. {} is not one of the available choices."
LONGER = "Ensure this value has at most {} characters (it has {})."
NUL = "Null characters are not allowed."
UNSEEN = "Remove the control characters and those that turn the direction of writing."
ABOVE_0 = "Give a number above 0, or leave it empty."
NO_ADDRESS = "This is not an address: write it as https://api.example.com/v1"
NAMES = (
    "The file's name may have letters, digits, dots and dashes, and at most 200 of them. Rename it."
)
ONE_OF_MANY = (
    "This is one part of several. Join them first, or take them from their repository on the "
    "Hugging Face Hub: there they are joined for you."
)
NO_REPOSITORY = (
    "“{}” is not the name of a repository: it is owner/name, such as "
    "bartowski/Llama-3.2-1B-Instruct-GGUF."
)


@pytest.fixture(autouse=True)
def idle_worker(settings: Any, tmp_path: Any) -> Iterator[None]:
    """One that never gets anything to do here."""
    settings.VAR = tmp_path
    publish(broker.connection(), BEAT)
    examined("Tiny", "a" * 64)
    yield
    assert fetching.all_fetches(broker.connection()) == []
    withdraw(broker.connection(), BEAT)
    broker.connection().delete("weights:Tiny")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    client.defaults["HTTP_SEC_FETCH_SITE"] = "same-origin"  # as from a form of the page
    return client


@pytest.fixture
def taken() -> Contestant:
    factories.contestant("Other", slug="other")
    return factories.contestant("Taken", slug="taken", state="DRAFT")


def sentence(response: Any) -> str:
    """The only one, which the page shows too."""
    assert response.status_code == 200
    form = response.context.get("form") or response.context["adminform"].form
    [said] = [said for several in form.errors.values() for said in several]
    assert said in unescape(" ".join(response.content.decode().split()))
    return str(said)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Give it the name that readers know it by."),
        ({"name": "Taken"}, "Another contestant has this name."),
        ({"name": "a\0b"}, NUL),
        ({"name": "x" * 300}, LONGER.format(120, 300)),
        ({"name": "\u200b"}, "A name needs a letter or a digit."),
        ({"name": "Tiny\u202egpj"}, UNSEEN),
        ({"organisation": " "}, "Say who made it."),
        ({"licence": ""}, "Say under which licence it is, or “proprietary”."),
        ({"access": ""}, "Say how open it is; there is “access unknown”."),
        ({"access": "OPEN"}, CHOICE.format("OPEN")),
    ],
)
def test_card_of_the_wizard(
    admin: Client, taken: Contestant, wrong: dict[str, str], said: str
) -> None:
    page = admin.post(f"{AT}/choose/card/?weights=Tiny", {**CARD, **wrong})
    assert sentence(page) == said
    assert Contestant.objects.count() == 2


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("backend=openai&model=x&url=ftp://x", "Begin the address with https:// or http://, "
         "not ftp:"),
        ("backend=openai&model=x&key=SECRET_KEY", "Such as OPENAI_API_KEY; also "
         "AWS_BEARER_TOKEN_BEDROCK and HF_TOKEN."),
        (f"backend=openai&model={'x' * 300}&url=http://localhost/v1", LONGER.format(200, 300)),
    ],
)  # fmt: skip
def test_address_of_a_card_that_somebody_has_changed(
    admin: Client, address: str, said: str
) -> None:
    assert sentence(admin.post(f"{AT}/choose/card/?{address}", CARD)) == said
    assert not Contestant.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "card/", "card/?order=none", "card/?weights=../x", "card/?weights=a%00b",
        "card/?backend=grpc&model=x", "card/?backend=openai&model=%00", "catalogue/?model=nobody",
        "downloads/none/",
    ],
)  # fmt: skip
def test_address_of_nothing_is_not_found(admin: Client, address: str) -> None:
    assert admin.get(f"{AT}/choose/{address}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"slug": "a b"}, "Enter a valid “slug” consisting of letters, numbers, underscores or "
         "hyphens."),
        ({"slug": ""}, "Give a slug: the end of its page's address."),
        ({"slug": "other"}, "Another contestant has this slug."),
        ({"slug": "method"}, "Use letters without accents, digits, - and _ in the slug, and "
         "neither of the words method and snapshots alone."),
        ({"slug": "x" * 90}, LONGER.format(80, 90)),
        ({"input_price": "-1"}, "A price cannot be below 0."),
        ({"output_price": "dear"}, "Enter a number."),
        ({"input_price": "12345678901"}, "Ensure that there are no more than 10 digits in total."),
        ({"output_price": "0.00001"}, "Ensure that there are no more than 4 decimal places."),
        ({"parameters": "many"}, "Enter a whole number."),
        ({"parameters": "-5"}, ABOVE_0),
        ({"active_parameters": "0"}, ABOVE_0),
        ({"training_tokens": "-5"}, ABOVE_0),
        ({"parameters": "5", "active_parameters": "10"},
         "It cannot use more weights for a token than it has."),
        ({"context_length": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"release_date": "tomorrow"}, "Enter a valid date."),
        ({"name": "Renamed"}, "Say why: readers see this change in its log."),
        ({"name": "Renamed", "reason": "x" * 301}, LONGER.format(300, 301)),
        ({"stands_in_for": "x" * 130, "reason": "So."}, LONGER.format(120, 130)),
    ],
)  # fmt: skip
def test_form_of_a_contestant(
    admin: Client, taken: Contestant, wrong: dict[str, str], said: str
) -> None:
    good = {"name": "Taken", "slug": "taken", "organisation": "Taken Works",
            "licence": "Apache-2.0", "access": "OPEN_WEIGHTS"}  # fmt: skip
    assert sentence(admin.post(f"{AT}/{taken.pk}/change/", {**good, **wrong})) == said


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("", "So.", "Choose a state."),
        ("GONE", "So.", CHOICE.format("GONE")),
        ("RETIRED", "", "Say why: the reason goes into the public log."),
        ("RETIRED", " \n ", "Say why: the reason goes into the public log."),
        ("RETIRED", "x" * 301, LONGER.format(300, 301)),
        ("RETIRED", "a\0b", NUL),
        ("ACTIVE", "So.", "Taken has no revision that says how to run it. Add one first."),
    ],
)
def test_change_of_state(
    admin: Client, taken: Contestant, state: str, reason: str, said: str
) -> None:
    page = admin.post(f"{AT}/{taken.pk}/state/", {"state": state, "reason": reason})
    assert sentence(page) == said
    taken.refresh_from_db()
    assert taken.state == "DRAFT"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Give the address of the API."),
        ("not an address", NO_ADDRESS),
        ("ftp://example.com", "Begin the address with https:// or http://, not ftp:"),
        ("javascript:alert(1)", "Begin the address with https:// or http://, not javascript:"),
        ("https://", NO_ADDRESS),
        ("http://[::1", "This is not an address: check its brackets and its port."),
        ("https://host:99999/v1", "This is not an address: check its brackets and its port."),
        ("https://me:pw@example.com/v1", "Leave names and passwords out of the address."),
        ("https://{resource}.example.com/v1", "Replace {resource} in the address with your own."),
        ("http://localhost:1/status#", "Leave the # and what follows it out of the address."),
        ("http://localhost:1/v1\0", NUL),
        (f"https://{'x' * 300}", LONGER.format(200, 308)),
    ],
)
def test_address_of_an_api(admin: Client, url: str, said: str) -> None:
    assert sentence(admin.get(f"{AT}/choose/api/?{urlencode({'url': url})}")) == said


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("nobody", "nobody"), ("a/b/c", "a/b/c"), ("https://example.com", "/"),
        ("../../etc", "../../etc"), ("a b/c", "a b/c"), ("https://[", "https://["),
        ("maker/x\0y", "maker/x\0y"), ("x" * 400, "x" * 100),
    ],
)  # fmt: skip
def test_name_of_a_repository(admin: Client, typed: str, name: str) -> None:
    page = admin.get(f"{AT}/choose/hub/?{urlencode({'repository': typed})}")
    assert page.context["error"] == NO_REPOSITORY.format(name)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.gguf", b"", "The file is empty. Choose another."),
        ("a.gguf", b"\n<!DOCTYPE html><html>", "a.gguf is a web page. Choose a GGUF file."),
        ("a.gguf", b"PK\x03\x04" + bytes(50), "a.gguf is a zip archive, such as PyTorch's weights. "
         "Choose a GGUF file."),
        ("a.gguf", b"\x80\x02}q\0.", "a.gguf is a Python pickle, such as PyTorch's weights. Choose "
         "a GGUF file."),
        ("a.gguf", b"\x10" + bytes(7) + b'{"', "a.gguf is a safetensors file. Choose a GGUF file."),
        ("a.gguf", b"version https://git-lfs", "a.gguf is a pointer of Git LFS, not the file it "
         "points to. Choose a GGUF file."),
        ("a.gguf", b"tjgg" + bytes(30), "a.gguf is a GGML file, the format before GGUF. Choose a "
         "GGUF file."),
        ("a.gguf", bytes(100), "a.gguf is another kind of file. Choose a GGUF file."),
        ("a-00001-of-00002.gguf", FILE, ONE_OF_MANY),
        ("a.safetensors", FILE, "Choose a file whose name ends in .gguf."),
        ("ä.gguf", FILE, NAMES),
        ("x" * 250 + ".gguf", FILE, NAMES),
    ],
)  # fmt: skip
def test_file_from_this_computer_in_one_and_in_pieces(
    admin: Client, name: str, content: bytes, said: str
) -> None:
    page = admin.post(f"{AT}/choose/upload/", {"file": SimpleUploadedFile(name, content)})
    assert sentence(page) == said
    query = urlencode({"name": name, "size": len(content), "at": 0})
    begin = f"{AT}/choose/upload/begin/?{query}"
    piece = admin.post(begin, content, content_type="application/octet-stream")
    assert (piece.status_code, piece.json()) == (400, {"error": said})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "https://example.com/.gguf"}, NAMES),
        ({"url": "https://[::1/a.gguf"},
         "This is not an address. Write it as https://example.com/model.gguf"),
        ({"url": "https://example.com/a-00002-of-00003.gguf"}, ONE_OF_MANY),
        ({"url": "https://example.com/a.gguf", "sha256": "g" * 64},
         "A SHA-256 has 64 characters: digits and a to f."),
        ({"url": "https://example.com/a.gguf\0"}, NUL),
    ],
)  # fmt: skip
def test_address_of_a_file(admin: Client, given: dict[str, str], said: str) -> None:
    assert sentence(admin.post(f"{AT}/choose/address/", given)) == said
