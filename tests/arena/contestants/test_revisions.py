"""An edit is a new revision: filled in from the last, compared with it, and refused with a sentence
if it cannot work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from arena import broker
from arena.contestants import differences
from arena.models import Contestant, Revision
from inference.contract.cards import Card
from inference.contract.presence import Heartbeat, publish, withdraw
from tests import factories

pytestmark = pytest.mark.django_db
CARD = Card(
    "heron.Q4_K_M",
    1,
    1,
    sha256="a" * 64,
    quantisation="Q4_K_M",
    context=4096,
    has_chat_template=True,
)
BARE = Card("bare", 1, 1, context=4096)
WORKER = Heartbeat("w", (CARD.name, "bare"), 1, bare=("bare",))
TURNS = "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}"


@pytest.fixture(autouse=True)
def worker() -> Iterator[None]:
    for card in (CARD, BARE):
        broker.connection().set(f"weights:{card.name}", json.dumps(asdict(card)))
    publish(broker.connection(), WORKER)
    yield
    withdraw(broker.connection(), WORKER)
    broker.connection().delete(f"weights:{CARD.name}", "weights:bare", "seen:w")


@pytest.fixture
def heron() -> Contestant:
    one = factories.contestant("Heron", state="ACTIVE")
    factories.revision(
        one, weights=CARD.name, sampling={"temperature": 0.7, "top_p": 0.9},
        stop=["\nUser:", "###"], system_prompt="Be brief.\nBe kind.",
        weights_sha256="a" * 64, quantisation="Q4_K_M",
    )  # fmt: skip
    return one


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def address(one: Contestant) -> str:
    return f"/admin/arena/contestant/{one.pk}/revise/"


def given(admin: Client, one: Contestant) -> dict[str, Any]:
    """The form as it comes, filled in from the last revision."""
    form = admin.get(address(one)).context["form"]
    values = {bound.name: bound.value() for bound in form}
    return {name: "" if value is None else value for name, value in values.items()}


def test_revision_comes_filled_in_shows_what_changes_and_is_saved(
    admin: Client, heron: Contestant
) -> None:
    form = given(admin, heron)
    assert (form["temperature"], form["top_p"], form["top_k"]) == (0.7, 0.9, "")
    assert form["stop"] == "\\nUser:\n###"
    changed = {"temperature": "1.2", "top_p": "", "stop": "###\n\\tEnd", "max_tokens": 800,
               "system_prompt": "Be brief.\nBe exact."}  # fmt: skip
    page = admin.post(address(heron), {**form, **changed, "_review": "1"})
    changes = {each.label: (each.old, each.new) for each in page.context["changes"]}
    assert changes == {
        "temperature": ("0.7", "1.2"),
        "top p": ("0.9", ""),
        "stop strings": ('"\\nUser:"\n"###"', '"###"\n"\\tEnd"'),
        "answer limit": ("512", "800"),
        "system prompt": ("Be brief.\nBe kind.", "Be brief.\nBe exact."),
    }
    text = page.content.decode()
    assert "<del>0.7</del>" in text
    assert "<del>Be kind.</del>" in text
    assert heron.revisions.count() == 1
    response = admin.post(address(heron), {**form, **changed, "_save": "1"})
    assert response.status_code == 302
    new = heron.revisions.get(number=2)
    assert (new.sampling, new.stop) == ({"temperature": 1.2}, ["###", "\tEnd"])
    assert (new.weights_sha256, new.quantisation) == ("a" * 64, "Q4_K_M")
    shown = admin.get(f"/admin/arena/contestant/{heron.pk}/change/").content.decode()
    assert "Revision 2" in shown
    assert "<ins>1.2</ins>" in shown


def test_revision_that_changes_nothing_is_not_saved(admin: Client, heron: Contestant) -> None:
    page = admin.post(address(heron), {**given(admin, heron), "_save": "1"})
    assert "Nothing differs from revision 1." in page.content.decode()
    assert heron.revisions.count() == 1


def test_key_that_no_worker_holds_is_told_when_saving(admin: Client, heron: Contestant) -> None:
    api = {
        "backend": "openai",
        "weights": "",
        "remote_model": "x",
        "key_variable": "OPENAI_API_KEY",
    }
    response = admin.post(address(heron), {**given(admin, heron), **api, "_save": "1"}, follow=True)
    said = "It is not drawn: No running worker with --remote has the key OPENAI_API_KEY."
    assert said in response.content.decode()


def test_texts_are_compared_by_lines() -> None:
    change = differences.Change("system prompt", "One.\nTwo.\nThree.", "One.\n2.\nThree.")
    assert [(each.kind, each.text) for each in change.pieces] == [
        ("", "One.\n"), ("old", "Two.\n"), ("new", "2.\n"), ("", "Three."),
    ]  # fmt: skip


API = {"backend": "openai", "weights": "", "remote_model": "x"}
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"temperature": "-0.1"}, "temperature", "temperature is -0.1, but must be 0 to 100."),
    ({"temperature": "hot"}, "temperature", "Enter a number."),
    ({"temperature": "nan"}, "temperature", "Enter a number."),
    ({"top_p": "0"}, "top_p", "top_p is 0.0, but must be above 0, up to 1."),
    ({"top_p": "1.01"}, "top_p", "top_p is 1.01, but must be above 0, up to 1."),
    ({"top_k": "-1"}, "top_k", "top_k is -1, but must be 0 (off) or more."),
    ({"top_k": "1.5"}, "top_k", "Enter a whole number."),
    ({"min_p": "1"}, "min_p", "min_p is 1.0, but must be 0 (off) to below 1."),
    ({"repeat_penalty": "0"}, "repeat_penalty", "repeat_penalty is 0.0, but must be 0 to 10."),
    ({"frequency_penalty": "11"}, "frequency_penalty", "must be -10 to 10."),
    ({"presence_penalty": "-11"}, "presence_penalty", "must be -10 to 10."),
    ({"seed": "-1"}, "seed", "seed is -1, but must be 0 to 4,294,967,294."),
    ({"seed": "4294967295"}, "seed", "but must be 0 to 4,294,967,294."),
    ({"max_tokens": "0"}, "max_tokens", "The answer limit must be at least 1."),
    ({"max_tokens": "4096"}, "max_tokens", "takes 4,096 tokens, answer included. Lower the limit."),
    ({"max_thought_tokens": "-1"}, "max_thought_tokens", "greater than or equal to 0."),
    ({"backend": "grpc"}, "backend", "grpc is not one of the available choices."),
    ({"weights": ""}, "weights", "Give the weights: the name of a file in a worker's folder."),
    ({"weights": "bare"}, "__all__", "bare has no chat template that works here."),
    ({"url": "https://api.example.com"}, "url", "Only for APIs: leave it empty"),
    ({"other": '{"reasoning_effort": "low"}'}, "other", "Only APIs have other parameters"),
    ({"prompt_format": "{% for m in messages %}"}, "__all__", "failed: Unexpected end of template"),
    ({"prompt_format": "{{ nonsense"}, "__all__", "The prompt format failed: "),
    ({"prompt_format": "Hello."}, "__all__", "The prompt format leaves out the prompt."),
    ({"prompt_format": TURNS + "{{ raise_exception('No.') }}"}, "__all__", "failed: No."),
    ({"system_prompt": "Be brief. " * 2000}, "__all__", "leaves no room for a prompt"),
    ({**API, "remote_model": ""}, "remote_model", "Give the model's name at the API."),
    ({**API, "weights": CARD.name}, "weights", "Only for weights here: leave it empty"),
    ({**API, "url": "ftp://api.example.com"}, "url", "with https:// or http://, not ftp:"),
    ({**API, "url": "javascript:alert(1)"}, "url", "with https:// or http://, not javascript:"),
    ({**API, "url": "https://"}, "url", "write it as https://api.example.com/v1"),
    ({**API, "url": "https://a b.example"}, "url", "write it as https://api.example.com/v1"),
    ({**API, "url": "https://host:port/v1"}, "url", "check its brackets and its port."),
    ({**API, "url": "https://me:pw@example.com"}, "url", "Leave names and passwords out"),
    ({**API, "url": "https://{resource}.example.com"}, "url", "Replace {resource}"),
    ({**API, "key_variable": "SECRET_KEY"}, "key_variable", "Such as OPENAI_API_KEY;"),
    ({**API, "key_variable": "ACME_API_KEY", "url": "https://acme.example"}, "__all__",
     "set ACME_API_KEY_HOSTS=acme.example beside it on the model worker."),
    ({**API, "key_variable": "OPENAI_API_KEY", "url": "http://api.openai.com"}, "__all__",
     "plain http would expose it"),
    ({**API, "timeout_s": "0"}, "timeout_s", "The longest silence must be at least 1."),
    ({**API, "daily_usd": "-1"}, "daily_usd", "A cap cannot be below 0."),
    ({**API, "daily_usd": "5"}, "daily_usd", "needs the contestant's input and output prices"),
    ({**API, "other": "{temperature: 1}"}, "other", "Enter a valid JSON."),
    ({**API, "other": "[1]"}, "other", "Map names to values"),
    ({**API, "other": '{"top_p": 1}'}, "other", "top_p has a field of its own."),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "field", "sentence"), WRONG, ids=[str(w[0])[:60] for w in WRONG])
def test_wrong_input_is_refused_with_a_sentence_at_its_field(
    admin: Client, heron: Contestant, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    page = admin.post(address(heron), {**given(admin, heron), **wrong, "_save": "1"})
    assert sentence in " ".join(page.context["form"].errors[field])
    assert "Nothing was saved." in page.content.decode()
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("http://vllm:8000/v1", "http://vllm:8000/v1"),
        ("localhost/v1", "https://localhost/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("https://x.openai.azure.com/openai/v1/?api-version=1", None),
    ],
)
def test_address_of_an_own_server_is_taken(
    admin: Client, heron: Contestant, typed: str, kept: str | None
) -> None:
    form = {**given(admin, heron), **API, "url": typed, "_save": "1"}
    assert admin.post(address(heron), form).status_code == 302
    assert heron.revisions.get(number=2).url == (kept or typed)
