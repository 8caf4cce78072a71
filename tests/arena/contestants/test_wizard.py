"""Adding a contestant in three steps, with a worker that downloads from a local hub."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from arena import broker
from arena.contestants.wizard.hub import ChoiceForm, access_of
from arena.models import Contestant, RegistryEvent, Revision
from inference.contract import fetching
from inference.contract.asking import Choice, Repository
from inference.contract.fetching import Part, State
from inference.contract.limits import ASKING
from tests import factories
from tests.hub import COMMIT, HubServer, Repo, hub_server
from tests.inference.worker.fetching.test_models import OPENROUTER, VLLM, api
from tests.live.site import until

from .wizard import ended, examined, worker

pytestmark = pytest.mark.django_db

AT = "/admin/arena/contestant"
CONTENT = b"GGUF" + bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest()
REPOSITORY = "maker/Tiny-1B-GGUF"
NAME = "Tiny-1B-Q4_K_M"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    client.defaults["HTTP_SEC_FETCH_SITE"] = "same-origin"  # as from a form of the page
    return client


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    """The hub, and a worker that downloads from it into `tmp_path`."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with hub_server() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        server.repos[REPOSITORY] = Repo(
            {f"{NAME}.gguf": CONTENT, "Tiny-1B-Q8_0.gguf": CONTENT * 2, "LICENSE": b"Be kind."},
            {"license": "apache-2.0", "base_model": "makers/Tiny-1B"},
        )
        with worker(tmp_path):
            yield server


def order_of(response: Any) -> str:
    assert response.status_code == 302, response.content.decode()
    address: str = response["Location"]
    return address.rstrip("/").rpartition("/")[2]


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def problem(response: Any) -> str:
    page = words(response)
    return page.partition('role="alert">')[2].partition("</div>")[0]


def test_repository_becomes_a_draft_with_what_the_hub_and_the_file_say(
    admin: Client, hub: HubServer, tmp_path: Path
) -> None:
    page = admin.get(f"{AT}/choose/hub/?repository={REPOSITORY}").content.decode()
    assert "Be kind." in page
    assert "apache-2.0" in page
    assert "commercial use: yes" in page
    chosen = {"repository": REPOSITORY, "weights": NAME}
    refused = admin.post(f"{AT}/choose/hub/", chosen).content.decode()
    assert "Accept the licence, or choose another model." in refused
    assert fetching.all_fetches(broker.connection()) == []

    order_id = order_of(admin.post(f"{AT}/choose/hub/", {**chosen, "accepted": "on"}))
    fetch = ended(order_id)
    assert (fetch.state, fetch.order.revision) == (State.DONE, COMMIT)
    assert (tmp_path / f"{NAME}.gguf").read_bytes() == CONTENT
    assert "trying it out" in admin.get(f"{AT}/choose/downloads/{order_id}/").content.decode()
    examined(NAME, SHA256, quantisation="Q4_K_M")
    assert f"?order={order_id}" in admin.get(f"{AT}/choose/downloads/{order_id}/").content.decode()

    card = f"{AT}/choose/card/?order={order_id}"
    form = admin.get(card).context["form"]
    assert [field.name for field in form.is_to_ask] == []
    given = {field.name: field.initial for field in form}
    assert given == {
        "name": "Tiny-1B", "organisation": "makers", "licence": "apache-2.0",
        "access": "OPEN_WEIGHTS",
    }  # fmt: skip
    admin.post(card, given)
    contestant = Contestant.objects.get()
    assert (contestant.state, contestant.parameters, contestant.slug) == ("DRAFT", 10**9, "tiny-1b")
    revision = contestant.revisions.get()
    assert (revision.weights, revision.weights_sha256) == (NAME, SHA256)
    assert revision.quantisation == "Q4_K_M"
    reason = f"entered, weights from {hub.url}/{REPOSITORY}"
    assert RegistryEvent.objects.get().reason == reason

    ready = f"{AT}/{contestant.pk}/ready/"
    assert "It is a draft: nobody sees it yet." in admin.get(ready).content.decode()
    assert "Say why" in problem(admin.post(ready, {"reason": " "}))
    admin.post(ready, {"reason": "New in the arena."})
    contestant.refresh_from_db()
    assert contestant.state == "ACTIVE"
    assert RegistryEvent.objects.order_by("pk").last().reason == "New in the arena."  # type: ignore[union-attr]
    assert "It is active" in admin.get(ready).content.decode()


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        (REPOSITORY, NAME),
        (f" {REPOSITORY}/ ", NAME),
        (f"https://huggingface.co/{REPOSITORY}", NAME),
        (f"https://huggingface.co/{REPOSITORY}/tree/main", NAME),
        (f"https://huggingface.co/{REPOSITORY}/blob/main/Tiny-1B-Q8_0.gguf", "Tiny-1B-Q8_0"),
        (f"hf.co/{REPOSITORY}:Q8_0", "Tiny-1B-Q8_0"),
    ],
)
def test_repository_is_understood_as_people_paste_it(
    admin: Client, hub: HubServer, typed: str, chosen: str
) -> None:
    page = admin.get(f"{AT}/choose/hub/?{urlencode({'repository': typed})}")
    assert page.context["form"]["weights"].value() == chosen


def test_gated_missing_and_empty_repositories_are_told_apart(admin: Client, hub: HubServer) -> None:
    hub.repos["maker/Gated"] = Repo({"a.gguf": CONTENT}, gated=True)
    hub.repos["maker/Bare"] = Repo({"README.md": b"#"})

    def said(name: str) -> str:
        return problem(admin.get(f"{AT}/choose/hub/?repository={name}"))

    assert "maker/Gated is gated" in said("maker/Gated")
    assert "has no repository maker/None" in said("maker/None")
    assert "maker/Bare has no GGUF files" in said("maker/Bare")
    assert "is not the name of a repository" in said("maker")


def test_without_a_worker_nothing_is_asked(admin: Client) -> None:
    sentence = "No model worker that takes new weights is running."
    assert sentence in problem(admin.get(f"{AT}/choose/hub/?repository={REPOSITORY}"))
    url = {"url": "https://example.com/a.gguf"}
    assert sentence in problem(admin.post(f"{AT}/choose/address/", url))
    assert "No model worker that may ask APIs" in problem(
        admin.get(f"{AT}/choose/api/?url=http://127.0.0.1:1/v1")
    )
    for elsewhere in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},  # from a mail, or typed
        {"referer": "http://testserver.evil.example/"},
        {},
    ):
        del admin.defaults["HTTP_SEC_FETCH_SITE"]
        linked = admin.get(f"{AT}/choose/api/?url=http://127.0.0.1:1/v1", headers=elsewhere)
        admin.defaults["HTTP_SEC_FETCH_SITE"] = "same-origin"
        assert "No model worker" not in linked.content.decode()
        assert 'value="http://127.0.0.1:1/v1"' in linked.content.decode()
    page = admin.get(f"{AT}/choose/anthropic/")
    assert "No running model worker holds ANTHROPIC_API_KEY." in problem(page)


def test_file_from_an_address_is_downloaded_and_its_card_asked_for(
    admin: Client, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETCH_HOSTS", "127.0.0.1")
    hub.cdn.blobs["Own-model.gguf"] = CONTENT
    given = {"url": f"{hub.cdn.url}/files/Own-model.gguf", "sha256": SHA256.upper()}
    order_id = order_of(admin.post(f"{AT}/choose/address/", given))
    assert ended(order_id).state is State.DONE
    examined("Own-model", SHA256, licence="mit", has_chat_template=False)
    card = f"{AT}/choose/card/?order={order_id}"
    asked = [field.name for field in admin.get(card).context["form"].is_to_ask]
    assert asked == ["organisation", "access", "prompt_format"]
    known = {"name": "Own model", "licence": "mit", "organisation": "Us", "access": "OPEN_WEIGHTS"}
    page = admin.post(card, {**known, "prompt_format": "{{ nothing"}).content.decode()
    assert "prompt format" in page.lower()
    assert not Contestant.objects.exists()
    fits = "{% for m in messages %}{{ m.content }}{% endfor %}"
    admin.post(card, {**known, "prompt_format": fits})
    assert Revision.objects.get().prompt_format == fits


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"url": ""}, "Give the address of the file."),
        ({"url": "ftp://example.com/a.gguf"}, "must begin with https:// or http://"),
        ({"url": "https://me:pass@example.com/a.gguf"}, "without a user name"),
        ({"url": "https://example.com/a.bin"}, "The address must end in .gguf."),
        ({"url": "https://example.com/a%20b.gguf"}, "letters, digits, dots and dashes"),
        ({"url": "https://e.com/a-00001-of-00002.gguf"}, "one part of several"),
        ({"url": "https://example.com/a.gguf", "sha256": "abc"}, "A SHA-256 has 64 characters"),
    ],
)
def test_wrong_address_gets_a_sentence(
    admin: Client, hub: HubServer, given: dict[str, str], sentence: str
) -> None:
    assert sentence in admin.post(f"{AT}/choose/address/", given).content.decode()
    assert fetching.all_fetches(broker.connection()) == []


def test_download_is_stopped_resumed_and_cancelled(
    admin: Client, hub: HubServer, tmp_path: Path
) -> None:
    hub.cdn.bytes_per_s = 200_000
    chosen = {"repository": REPOSITORY, "weights": NAME, "accepted": "on"}
    order_id = order_of(admin.post(f"{AT}/choose/hub/", chosen))
    page, listed = f"{AT}/choose/downloads/{order_id}/", f"{AT}/choose/downloads/"
    admin.post(page, {"do": "stop"})
    assert ended(order_id).state is State.STOPPED
    assert "<b>stopped" in " ".join(admin.get(listed).content.decode().split())
    assert "<b>Stopped</b>" in admin.get(page).content.decode()
    assert page in admin.get(f"{AT}/choose/").content.decode()
    hub.cdn.bytes_per_s = 0
    assert admin.post(page, {"do": "resume", "to": "list"})["Location"] == listed
    assert ended(order_id).state is State.DONE
    admin.post(page, {"do": "discard", "to": "list"})
    until(lambda: not fetching.all_fetches(broker.connection()), "the order to be forgotten")
    assert "Nothing has been downloaded lately." in admin.get(listed).content.decode()
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.gguf"]


def test_models_of_an_api_are_listed_and_become_a_draft(admin: Client, tmp_path: Path) -> None:
    with api({"data": [OPENROUTER, VLLM]}) as server, worker(tmp_path, ""):
        asked = {"url": f"{server.url}/v1/chat/completions"}
        listed = f"{AT}/choose/api/?{urlencode(asked)}"
        page = admin.get(listed).content.decode()
        assert "maker/wide-1 · Maker: Wide 1 · 131072 tokens" in " ".join(page.split())
        assert "does not list another" in admin.get(f"{listed}&model=another").content.decode()
        card = admin.get(f"{listed}&model=maker/wide-1")["Location"]
        form = admin.get(card).context["form"]
        assert [field.name for field in form.is_to_ask] == ["organisation", "licence", "access"]
        given = {
            "name": "Wide 1",
            "organisation": "Maker",
            "licence": "own",
            "access": "PROPRIETARY",
        }
        admin.post(card, given)
    contestant = Contestant.objects.get()
    assert (contestant.context_length, contestant.input_price) == (131_072, Decimal("0.8"))
    assert contestant.price_date == timezone.now().date()
    assert contestant.price_source == "the list of models at 127.0.0.1"
    revision = contestant.revisions.get()
    assert (revision.backend, revision.url) == ("openai", f"{server.url}/v1")
    assert (revision.remote_model, revision.key_variable) == ("maker/wide-1", "")


def test_key_of_an_address_is_found_by_its_hosts(
    admin: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with api({"data": [VLLM]}, "sk-own") as server:
        monkeypatch.setenv("OWN_API_KEY", "sk-own")
        monkeypatch.setenv("OWN_API_KEY_HOSTS", server.url)
        with worker(tmp_path, "", "OWN_API_KEY", hosts={"OWN_API_KEY": [server.url]}):
            page = admin.get(f"{AT}/choose/api/?{urlencode({'url': f'{server.url}/v1'})}")
    listing = page.context["listing"]
    assert (listing.key_variable, [model.id for model in listing.models]) == (
        "OWN_API_KEY",
        ["tiny"],
    )


def test_api_that_lists_nothing_leaves_the_name_to_the_admin(admin: Client, tmp_path: Path) -> None:
    with api({"data": []}) as server, worker(tmp_path, ""):
        listed = f"{AT}/choose/api/?{urlencode({'url': f'{server.url}/v1'})}"
        assert "The API lists no models." in problem(admin.get(listed))
        assert "model=by-hand" in admin.get(f"{listed}&model=by-hand")["Location"]


def test_lists_too_long_for_a_page_say_so_and_leave_a_way(
    admin: Client, hub: HubServer, tmp_path: Path
) -> None:
    files = {f"Many-{number}.gguf": CONTENT for number in range(ASKING.most_files + 7)}
    hub.repos["maker/Many-GGUF"] = Repo(files, {"license": "mit"})
    page = words(admin.get(f"{AT}/choose/hub/?repository=maker/Many-GGUF"))
    assert page.count('name="weights"') == ASKING.most_files
    assert f"It holds 7 more: only the {ASKING.most_files} smallest are listed." in page
    assert f'<a href="{AT}/choose/address/">download it from there</a>' in page
    many = [{"id": f"model-{number}"} for number in range(ASKING.most_models + 3)]
    with api({"data": many}) as server, worker(tmp_path, ""):
        listed = f"{AT}/choose/api/?{urlencode({'url': f'{server.url}/v1'})}"
        page = words(admin.get(listed))
        assert f"{ASKING.most_models} are suggested as you type, 3 more are not." in page
        assert "model=model-1002" in admin.get(f"{listed}&model=model-1002")["Location"]


def test_name_that_is_taken_gets_its_quantisation(admin: Client) -> None:
    factories.contestant("Tiny", slug="tiny")
    examined("Tiny", SHA256, title="Tiny", quantisation="Q8_0")
    form = admin.get(f"{AT}/choose/card/?weights=Tiny").context["form"]
    assert form["name"].initial == "Tiny Q8_0"
    broker.connection().delete("weights:Tiny")


def test_offers_say_what_is_wrong_with_broken_files(admin: Client) -> None:
    examined("Good", SHA256, quantisation="Q8_0")
    examined("Bad", "", error="Bad.gguf is cut short. Download it again.")
    page = admin.get(f"{AT}/choose/workers/").content.decode()
    assert "Bad.gguf is cut short. Download it again." in page
    assert "?weights=Good" in page
    assert "?weights=Bad" not in page
    broker.connection().delete("weights:Good", "weights:Bad")


def test_failed_download_is_listed_with_its_error_and_tried_again(
    admin: Client, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETCH_HOSTS", "127.0.0.1")
    url = {"url": f"{hub.cdn.url}/files/Own-model.gguf"}
    order_id = order_of(admin.post(f"{AT}/choose/address/", url))
    assert ended(order_id).state is State.FAILED
    page = " ".join(admin.get(f"{AT}/choose/downloads/").content.decode().split())
    assert "<b>failed</b>" in page
    assert "127.0.0.1 answered 404: there is no such file. Check the address." in page
    assert "Try again" in page
    hub.cdn.blobs["Own-model.gguf"] = CONTENT
    admin.post(f"{AT}/choose/downloads/{order_id}/", {"do": "resume", "to": "list"})
    assert ended(order_id).state is State.DONE


@pytest.mark.parametrize(
    ("licence", "gated", "access"),
    [
        ("apache-2.0", False, "OPEN_WEIGHTS"),
        ("MIT", False, "OPEN_WEIGHTS"),
        ("cc-by-nc-4.0", False, ""),
        ("llama3.1", False, ""),
        ("other", False, ""),
        ("", False, ""),
        ("apache-2.0", True, ""),
    ],
)
def test_only_an_open_licence_makes_open_weights(licence: str, gated: bool, access: str) -> None:
    found = Repository("maker/Tiny", "", "main", (), licence=licence, is_gated=gated)
    assert access_of(found) == access


def test_name_in_the_catalogue_leads_to_the_card_by_the_place_where_it_runs(
    admin: Client, tmp_path: Path
) -> None:
    by_name = f"{AT}/choose/catalogue/"
    model = "SmolLM2-135M-Instruct"
    assert f"?model={model}" in admin.get(f"{by_name}?q=smollm2").content.decode()
    examined(f"{model}-Q4_K_M", SHA256, quantisation="Q4_K_M")
    here, hub, *hosts = admin.get(f"{by_name}?model={model}").context["places"]
    broker.connection().delete(f"weights:{model}-Q4_K_M")
    assert here.url == f"{AT}/choose/card/?weights={model}-Q4_K_M"
    assert hub.url == f"{AT}/choose/hub/"
    assert all(place.url.startswith(f"{AT}/choose/") for place in hosts)
    page = admin.get(next(one.url for one in hosts if "suggested" in one.url)).content.decode()
    assert 'name="url"' in page
    known = admin.get(f"{by_name}?model=GPT-4o-mini-2024-07-18").context["places"]
    openai = next(place for place in known if place.name == "OpenAI API")
    form = admin.get(openai.url).context["form"]
    assert [field.name for field in form.is_to_ask] == []
    assert form["name"].initial == "GPT-4o-mini-2024-07-18"
    assert form.known.revision["key_variable"] == "OPENAI_API_KEY"


def test_files_of_one_name_in_two_folders_are_told_apart() -> None:
    small, large = (
        Choice("tiny", "", (Part(f"{folder}/tiny.gguf", bytes=size),))
        for folder, size in (("Q4", 4), ("Q8", 8))
    )
    found = Repository(REPOSITORY, "https://hub.example/x", "main", (small, large))
    form = ChoiceForm(found, "", {"weights": "Q8/tiny", "accepted": "on"})
    form.is_valid()
    assert form.order("boss").parts == large.parts
