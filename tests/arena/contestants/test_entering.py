from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from arena import broker, catalogue
from arena.contestants import entering
from arena.contestants.hosting import hosting
from arena.models import Contestant, RegistryEvent, Revision
from inference.contract.cards import Card
from inference.contract.presence import Heartbeat, publish, withdraw
from inference.contract.requests import key_service

pytestmark = pytest.mark.django_db

MISTRAL = Card(
    "mistral-7b-instruct-v0.1.Q4_K_M", 4_000_000_000, 1, sha256="a" * 64, architecture="llama",
    parameters=7_241_732_096, quantisation="Q4_K_M", context=32_768,
)  # fmt: skip
BASE = Card("pythia-70m", 140_000_000, 1, sha256="b" * 64, architecture="gptneox")
HERE = {"revisions-0-backend": "llama_cpp", "revisions-0-remote_model": ""}
BROKEN = Card("broken", 7, 1, error="broken.gguf is cut short. Download it again.")


@pytest.fixture(autouse=True)
def cards() -> Iterator[None]:
    for card in (MISTRAL, BASE, BROKEN):
        broker.connection().set(f"weights:{card.name}", json.dumps(asdict(card)))
    yield
    for card in (MISTRAL, BASE, BROKEN):
        broker.connection().delete(f"weights:{card.name}")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_weights_fill_in_what_the_file_and_the_catalogue_know() -> None:
    contestant, revision = entering.from_weights(MISTRAL.name)
    assert (contestant["organisation"], contestant["licence"]) == ("Mistral AI", "Apache-2.0")
    assert contestant["access"] == "OPEN_WEIGHTS"
    assert contestant["parameters"] == MISTRAL.parameters
    assert (revision["weights"], revision["weights_sha256"]) == (MISTRAL.name, "a" * 64)
    assert "[INST]" in revision["prompt_format"]  # the file has no template of its own


@pytest.mark.parametrize(
    ("name", "backend", "url", "key", "remote_model"),
    [
        ("GPT-3.5 Turbo", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-3.5-turbo"),
        ("gpt-4-0314", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-4-0314"),
        ("gpt-4o-mini", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY",
         "gpt-4o-mini-2024-07-18"),
        ("Claude 3 Opus", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY",
         "claude-3-opus-20240229"),
        ("Gemini Pro", "openai", "https://generativelanguage.googleapis.com/v1beta/openai/",
         "GEMINI_API_KEY", "gemini-1.0-pro"),
        ("Mistral Medium", "openai", "https://api.mistral.ai/v1", "MISTRAL_API_KEY",
         "mistral-medium-2312"),
    ],
)  # fmt: skip
def test_model_behind_an_api_fills_in_how_it_is_asked(
    name: str, backend: str, url: str, key: str, remote_model: str
) -> None:
    contestant, revision = entering.from_model(name)
    assert contestant["access"] == "PROPRIETARY"
    assert revision == {
        "backend": backend, "url": url, "key_variable": key, "remote_model": remote_model,
    }  # fmt: skip


def test_model_newer_than_the_catalogue_keeps_its_name_at_the_api() -> None:
    _, revision = entering.from_model("claude-3-7-sonnet-20250219")
    assert revision["backend"] == "anthropic"
    assert revision["remote_model"] == "claude-3-7-sonnet-20250219"


def test_open_model_runs_here_unless_another_host_is_chosen() -> None:
    here = entering.from_model("mixtral-8x7b-instruct")[1]
    assert "[INST]" in here["prompt_format"]
    assert "url" not in here
    there = entering.from_model("mixtral-8x7b-instruct", "huggingface-router")[1]
    assert there["key_variable"] == "HF_TOKEN"
    assert there["remote_model"] == ""  # the form asks for it
    assert "prompt_format" not in there


def test_form_offers_hosts_and_says_when_one_offers_a_model_no_more(admin: Client) -> None:
    page = admin.get("/admin/arena/contestant/add/?model=Claude+3+Opus").content.decode()
    assert "Anthropic API no longer offers Claude 3 Opus: it would not answer." in page
    assert "vLLM" not in page  # its weights are not public
    page = admin.get("/admin/arena/contestant/add/?model=GPT-4&host=azure").content.decode()
    assert "<strong>Azure OpenAI</strong>" in page
    assert "https://{resource}.openai.azure.com/openai/v1/" in page
    assert "AZURE_OPENAI_API_KEY" in page


@pytest.mark.parametrize(("day", "gone"), [(14, False), (15, True)])
def test_last_day_at_a_host_is_kept(day: int, gone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2027, 1, day))
    model = catalogue.find("GPT-4o-mini")
    assert model is not None
    assert hosting(model).is_gone is gone


@pytest.mark.parametrize("name", ["Bard (Gemini Pro)", "Mistral Next"])
def test_model_that_never_had_an_api_says_so(name: str) -> None:
    model = catalogue.find(name)
    assert model is not None
    assert f"does not offer {name}" in hosting(model).warning
    assert hosting(model).revision()["remote_model"] == ""


def test_model_of_no_host_says_so() -> None:
    model = catalogue.find("PaLM 2 Bison")
    assert model is not None
    assert hosting(model).warning == f"No host in the catalogue offers {model.name}."


@pytest.mark.parametrize("name", ["EleutherAI/gpt-j-6b", "gpt-neo-2.7B", "facebook/opt-66b"])
def test_open_model_that_cannot_run_here_is_entered_with_an_endpoint(name: str) -> None:
    contestant, revision = entering.from_model(name)
    assert contestant["access"] in ("OPEN_SOURCE", "OPEN_WEIGHTS")
    assert revision["backend"] == "openai"
    assert revision["remote_model"]


def test_unknown_model_keeps_its_name() -> None:
    assert entering.from_model("My own model")[0] == {
        "name": "My own model",
        "slug": "my-own-model",
    }


def test_page_offers_weights_and_says_what_is_wrong_with_broken_ones(admin: Client) -> None:
    page = admin.get("/admin/arena/contestant/choose/workers/").content.decode()
    assert "7.24 billion parameters · Q4_K_M · 32,768 tokens of context" in page
    assert f"?weights={MISTRAL.name}" in page
    assert "broken.gguf is cut short. Download it again." in page
    assert "?weights=broken" not in page


def test_page_finds_models_in_the_catalogue(admin: Client) -> None:
    address = "/admin/arena/contestant/choose/catalogue/?q=mixtral instruct"
    assert "mixtral-8x7b-instruct-v0.1" in admin.get(address).content.decode().lower()


def test_form_comes_filled_in_and_can_be_saved(admin: Client) -> None:
    address = f"/admin/arena/contestant/add/?weights={MISTRAL.name}"
    page = admin.get(address)
    form = page.context["adminform"].form
    [formset] = [inline.formset for inline in page.context["inline_admin_formsets"]]
    assert formset.forms[0].initial["weights"] == MISTRAL.name
    fields = {name: value for name, value in form.initial.items() if value is not None}
    revision = {
        f"revisions-0-{field.name}": "" if field.value() is None else field.value()
        for field in formset.forms[0]
        if field.name not in ("id", "contestant")
    }
    response = admin.post(
        address,
        {
            **fields, "state": "ACTIVE", **revision,
            "revisions-TOTAL_FORMS": 1, "revisions-INITIAL_FORMS": 0,
        },
    )  # fmt: skip
    assert response.status_code == 302, response.content.decode()
    contestant = Contestant.objects.get()
    assert contestant.organisation == "Mistral AI"
    assert Revision.objects.get().weights == MISTRAL.name
    assert [event.change for event in RegistryEvent.objects.all()] == ["draft", "draft → active"]
    assert {event.reason for event in RegistryEvent.objects.all()} == {"a new entry"}


def post(admin: Client, **changes: object) -> str:
    """The response to the form of a new contestant behind an API; "" when it was saved."""
    given = {
        "name": "X", "slug": "x", "organisation": "o", "licence": "l", "access": "PROPRIETARY",
        "state": "DRAFT", "revisions-TOTAL_FORMS": 1, "revisions-INITIAL_FORMS": 0,
        "revisions-0-backend": "openai", "revisions-0-remote_model": "x",
        "revisions-0-max_tokens": 9, "revisions-0-max_thought_tokens": 9,
    }  # fmt: skip
    return admin.post("/admin/arena/contestant/add/", {**given, **changes}).content.decode()


def test_revision_without_a_model_is_refused_with_a_sentence(admin: Client) -> None:
    page = post(
        admin, **{"revisions-0-remote_model": "", "revisions-0-key_variable": "not a variable"}
    )
    assert "Give the model&#x27;s name at the API." in page
    assert "Such as OPENAI_API_KEY; also" in page
    assert not Contestant.objects.exists()


@pytest.mark.parametrize("variable", ["SECRET_KEY", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY"])
def test_variable_that_holds_no_key_is_refused(admin: Client, variable: str) -> None:
    assert "Such as OPENAI_API_KEY; also" in post(admin, **{"revisions-0-key_variable": variable})
    assert not Contestant.objects.exists()


def test_weights_without_a_chat_template_need_a_prompt_format(admin: Client) -> None:
    local = {**HERE, "revisions-0-weights": BASE.name}
    assert "pythia-70m has no chat template that works" in post(admin, **local)
    assert not Contestant.objects.exists()
    assert post(admin, **local, **{"revisions-0-prompt_format": "{{ messages[-1].content }}"}) == ""
    assert Revision.objects.get().weights == BASE.name


TURNS = "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}"
REFUSES = "{% if messages[0].role == 'system' %}{{ raise_exception('No system role.') }}{% endif %}"


@pytest.mark.parametrize(
    ("prompt_format", "sentence"),
    [
        ("{% for m in messages %}{{ m.content }}", "The prompt format failed: Unexpected end"),
        ("{% image %}" + TURNS, "unknown tag &#x27;image&#x27;"),
        ("Hello.", "leaves out the prompt"),
        ("{{ messages[0].content }}", "leaves out the prompt"),
        ("{{ messages[-1].content }}", "leaves out the system prompt"),
        (TURNS + "{{ '-' * 10 ** 12 }}", "produces too much text"),
        (TURNS + "{{ raise_exception('Tools only.') }}", "failed: Tools only."),
    ],
)
def test_prompt_format_that_cannot_work_is_told_when_saving(
    admin: Client, prompt_format: str, sentence: str
) -> None:
    local = {**HERE, "revisions-0-weights": MISTRAL.name}
    settings = {"prompt_format": prompt_format, "system_prompt": "Be brief."}
    page = post(admin, **local, **{f"revisions-0-{name}": v for name, v in settings.items()})
    assert sentence in page
    assert not Contestant.objects.exists()


@pytest.mark.parametrize("prompt_format", [TURNS, REFUSES + TURNS, TURNS + "{{ '-' * 20 }}"])
def test_prompt_format_that_works_is_saved(admin: Client, prompt_format: str) -> None:
    local = {**HERE, "revisions-0-weights": MISTRAL.name}
    settings = {"prompt_format": prompt_format, "system_prompt": "Be brief."}
    assert post(admin, **local, **{f"revisions-0-{name}": v for name, v in settings.items()}) == ""


def test_system_prompt_that_leaves_no_room_is_told_when_saving(admin: Client) -> None:
    local = {**HERE, "revisions-0-weights": MISTRAL.name}
    page = post(admin, **local, **{"revisions-0-system_prompt": "Be brief. " * 20_000})
    assert "leaves no room for a prompt" in page
    assert not Contestant.objects.exists()


@pytest.mark.parametrize("host", catalogue.load().hosts.values(), ids=lambda host: host.slug)
def test_contestant_of_each_host_can_be_entered(admin: Client, host: catalogue.Host) -> None:
    places = {"host": "localhost", "port": "8000", "resource": "mine", "region": "eu-west-1"}
    variable = "" if host.is_own else host.key_variable
    url = host.base_url.format(**places)
    given = {"backend": host.protocol.value, "key_variable": variable, "url": url}
    assert post(admin, **{f"revisions-0-{name}": value for name, value in given.items()}) == ""
    assert Revision.objects.get().service == key_service(variable)


@pytest.mark.parametrize(
    ("variable", "url", "sentence"),
    [
        ("OPENAI_API_KEY", "https://proxy.example/v1", "is only sent to api.openai.com. To have"),
        ("ANTHROPIC_API_KEY", "", "is only sent to api.anthropic.com. To have it sent to"),
        ("ACME_API_KEY", "https://api.acme.example/v1",
         "set ACME_API_KEY_HOSTS=api.acme.example beside it on the model worker"),
        ("OPENAI_API_KEY", "http://api.openai.com/v1", "plain http would expose it"),
    ],
)  # fmt: skip
def test_key_for_another_host_is_refused_with_what_to_set(
    admin: Client, variable: str, url: str, sentence: str
) -> None:
    given = {"revisions-0-key_variable": variable, "revisions-0-url": url}
    assert sentence in post(admin, **given)
    assert not Contestant.objects.exists()


def test_worker_that_holds_a_key_says_where_it_may_go(admin: Client) -> None:
    given = {
        "revisions-0-key_variable": "OPENAI_API_KEY",
        "revisions-0-url": "https://proxy.example/v1",
    }
    beat = Heartbeat("w", (), 1, key_hosts={"OPENAI_API_KEY": ["proxy.example"]})
    publish(broker.connection(), beat)
    try:
        assert post(admin, **given) == ""
        home = post(admin, **{**given, "revisions-0-url": "", "name": "Y", "slug": "y"})
        assert "OPENAI_API_KEY is only sent to proxy.example" in home
    finally:
        withdraw(broker.connection(), beat)
    assert Revision.objects.get().url == "https://proxy.example/v1"


def test_cap_in_dollars_without_prices_is_refused_with_a_sentence(admin: Client) -> None:
    sentence = "needs the contestant&#x27;s input and output price"
    assert sentence in post(admin, **{"revisions-0-daily_usd": "5"})
    assert sentence in post(admin, **{"revisions-0-daily_usd": "5", "input_price": "1"})
    assert not Contestant.objects.exists()
    prices = {"input_price": "1", "output_price": "2"}
    assert post(admin, **{"revisions-0-daily_usd": "5", **prices}) == ""
    assert Revision.objects.get().daily_usd == 5


def test_prices_are_of_today_unless_they_have_a_date(admin: Client) -> None:
    today = timezone.now().date()
    assert post(admin, input_price="1", output_price="2", price_source="a letter") == ""
    one = Contestant.objects.get()
    assert (one.price_date, one.price_source) == (today, "a letter")
    card = {"name": "X", "slug": "x", "organisation": "o", "licence": "l", "access": "PROPRIETARY"}

    def change(**given: str) -> Contestant:
        address = f"/admin/arena/contestant/{one.pk}/change/"
        assert admin.post(address, {**card, **given}).status_code == 302
        one.refresh_from_db()
        return one

    prices = {"input_price": "1", "output_price": "2"}
    assert change(**prices, price_date="2024-03-04").price_date == date(2024, 3, 4)
    assert change(**prices, price_date="2024-03-04").price_date == date(2024, 3, 4)
    dearer = {**prices, "output_price": "3"}
    assert change(**dearer, price_date="2024-03-04").price_date == today
    assert change(price_date="").price_date is None


def test_prices_of_a_cap_in_dollars_cannot_be_taken_away(admin: Client) -> None:
    prices = {"input_price": "1", "output_price": "2"}
    post(admin, **{"revisions-0-daily_usd": "5", **prices})
    contestant, revision = Contestant.objects.get(), Revision.objects.get()
    response = admin.post(
        f"/admin/arena/contestant/{contestant.pk}/change/",
        {
            "name": "X", "slug": "x", "organisation": "o", "licence": "l", "state": "DRAFT",
            "access": "PROPRIETARY", "revisions-TOTAL_FORMS": 1, "revisions-INITIAL_FORMS": 1,
            "revisions-0-id": revision.pk, "revisions-0-contestant": contestant.pk,
        },
    )  # fmt: skip
    assert "input and output price" in response.content.decode()
    contestant.refresh_from_db()
    assert contestant.input_price == 1


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1_024, "1,024"), (134_515_008, "135 million"), (999_600_000, "1 billion"),
        (7_241_732_096, "7.24 billion"), (1_040_000_000_000, "1.04 trillion"),
    ],
)  # fmt: skip
def test_parameters_of_models_of_any_size_are_in_words(number: int, words: str) -> None:
    assert entering.in_words(number) == words
