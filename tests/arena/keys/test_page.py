"""The page of API keys: who has which, where it goes, who needs it; and that it is only written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as configured
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from arena import broker
from arena.keys import stored
from arena.models import ApiKey, Contestant
from inference.contract import sealing, spending
from inference.contract.keys import Key
from inference.contract.limits import PRESENCE
from inference.contract.presence import Heartbeat, publish, withdraw
from people import roles, vault
from people.models import AuditEvent
from tests import factories
from tests.bending import bend

SECRET = "sk-distinctive-0123456789"
PAGE = "/admin/arena/apikey/"
ENTERED = {"name": "ACME_API_KEY", "hosts": "https://api.acme.example/v1", "secret": SECRET}
OWN = Heartbeat(
    "own-worker", ("remote:", "remote:OWN_API_KEY"), 1, remote_slots=4,
    key_hosts={"OWN_API_KEY": ["own.example"]},
)  # fmt: skip


@pytest.fixture(autouse=True)
def secrets_key(settings: Settings) -> None:
    settings.SECRETS_KEY = [Fernet.generate_key().decode()]


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    roles.make()
    user = User.objects.create_user("mona", is_staff=True)
    user.groups.add(*Group.objects.filter(name="Model admin"))
    client.force_login(user)
    return client


@pytest.fixture
def own_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    bend(monkeypatch, PRESENCE, kept_s=600)
    publish(broker.connection(), OWN)
    yield
    withdraw(broker.connection(), OWN)


def behind_an_api(name: str, key: str, **changes: Any) -> Contestant:
    one = factories.contestant(name, state="ACTIVE", input_price=1, output_price=1)
    given = {"backend": "openai", "weights": "", "remote_model": "m", "number": 1}
    factories.revision(one, key_variable=key, **{**given, **changes})
    return one


def text(client: Client, address: str = PAGE) -> str:
    return " ".join(client.get(address).content.decode().split())


def errors(client: Client, address: str, **sent: str) -> dict[str, list[str]]:
    response = client.post(address, sent)
    assert response.status_code == 200
    assert SECRET not in response.content.decode()
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def enter(
    staff: Client, capture: DjangoCaptureOnCommitCallbacks, address: str = f"{PAGE}add/",
    **changes: str,
) -> None:  # fmt: skip
    with capture(execute=True):
        response = staff.post(address, ENTERED | changes)
    assert response.status_code == 302, response.context["adminform"].form.errors


def sent() -> dict[str, Key]:
    packet = sealing.received(broker.connection(), configured.WORKER_SECRET)
    assert packet is not None
    return packet.keys


def test_key_is_encrypted_sent_and_never_shown(
    staff: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    enter(staff, django_capture_on_commit_callbacks)
    key = ApiKey.objects.get()
    assert (key.hosts, str(key.changed_by)) == (["api.acme.example"], "mona")
    assert SECRET not in key.token
    assert vault.decrypt(key.token) == SECRET
    assert sent() == {"ACME_API_KEY": Key(SECRET, ("api.acme.example",))}
    for address in (PAGE, f"{PAGE}{key.pk}/change/", f"{PAGE}{key.pk}/history/"):
        assert SECRET not in text(staff, address)
    [event] = AuditEvent.objects.filter(what="added")
    assert event.about == f"API key {key.pk} (ACME_API_KEY)"
    assert event.detail == "Key entered. It goes only to api.acme.example."


def test_hosts_of_a_known_provider_need_not_be_said(
    staff: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    enter(staff, django_capture_on_commit_callbacks, name="OPENAI_API_KEY", hosts="")
    assert ApiKey.objects.get().hosts == ["api.openai.com"]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": "SECRET_KEY"}, "name", "Such as OPENAI_API_KEY"),
        ({"secret": ""}, "secret", "Enter the key."),
        ({"secret": "sk 1234567"}, "secret", "characters that a key cannot have"),
        ({"secret": "EMPTY"}, "secret", "A key has at least 8 characters"),
        ({"hosts": ""}, "hosts", "we know no provider of that name"),
        ({"hosts": "http://gpu1:8000"}, "hosts", "plain http would expose the key"),
        ({"hosts": "*.com"}, "hosts", "a star may only stand before a domain"),
    ],
)
def test_wrong_entry_is_a_sentence_at_its_field(
    staff: Client, changes: dict[str, str], field: str, said: str
) -> None:
    assert said in errors(staff, f"{PAGE}add/", **(ENTERED | changes))[field][0]
    assert not ApiKey.objects.exists()


def test_whoever_does_not_know_a_key_cannot_have_it_sent_elsewhere(
    staff: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    enter(staff, django_capture_on_commit_callbacks, hosts="a.example b.example")
    key = ApiKey.objects.get()
    change = f"{PAGE}{key.pk}/change/"
    found = errors(staff, change, hosts="a.example evil.example", secret="")
    assert found["secret"] == [
        "Enter the key again: only who knows it may have it sent to further hosts."
    ]
    enter(staff, django_capture_on_commit_callbacks, change, hosts="b.example", secret="")
    assert sent() == {"ACME_API_KEY": Key(SECRET, ("b.example",))}
    changes = {"name": "OTHER_API_KEY", "hosts": "b.example\nc.example", "secret": "sk-another-one"}
    enter(staff, django_capture_on_commit_callbacks, change, **changes)
    assert sent() == {"ACME_API_KEY": Key("sk-another-one", ("b.example", "c.example"))}
    details = AuditEvent.objects.filter(what="changed").order_by("pk")
    assert [*details.values_list("detail", flat=True)] == [
        "It goes only to b.example.",
        "Key entered. It goes only to b.example, c.example.",
    ]


def test_deleting_names_the_contestants_that_stop(
    staff: Client, own_worker: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    enter(staff, django_capture_on_commit_callbacks)
    behind_an_api("Brook", "ACME_API_KEY")
    delete = f"{PAGE}{ApiKey.objects.get().pk}/delete/"
    assert "these contestants stop answering within seconds: Brook." in text(staff, delete)
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(delete, {"post": "yes"})
    assert (sent(), ApiKey.objects.count()) == ({}, 0)
    assert AuditEvent.objects.filter(what="deleted", about__contains="(ACME_API_KEY)").exists()


def test_key_that_workers_have_themselves_stops_nobody(
    staff: Client, own_worker: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    enter(staff, django_capture_on_commit_callbacks, name="OWN_API_KEY")
    behind_an_api("Brook", "OWN_API_KEY")
    said = text(staff, f"{PAGE}{ApiKey.objects.get().pk}/delete/")
    assert "Workers with a key of their own named OWN_API_KEY go on with that." in said


def test_page_has_keys_of_workers_and_those_that_nobody_has(
    staff: Client, own_worker: None
) -> None:
    brook = behind_an_api("Brook", "OWN_API_KEY", daily_usd=5)
    behind_an_api("Rill", "LOST_API_KEY")
    end = brook.revisions.get().endpoint
    assert end is not None
    broker.connection().delete(spending.key_of(end.meter))
    spending.add(broker.connection(), end, 300_000, 120_000)
    said = text(staff)
    assert "<code>own.example</code>" in said
    assert re.search(r"In the environment of</dt>\s*<dd>\s*own-worker", said)
    assert "$0.42 of $5.00, 420,000 tokens today" in said
    assert "Contestants name it, and nobody has it." in said
    assert f'href="{PAGE}add/?name=LOST_API_KEY"' in said
    assert 'value="LOST_API_KEY"' in text(staff, f"{PAGE}add/?name=LOST_API_KEY")


def test_worker_that_cannot_open_what_is_sent_is_told(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, PRESENCE, kept_s=600)
    deaf = Heartbeat("deaf-worker", ("remote:",), 1, unsealed=sealing.OTHER_SECRET)
    publish(broker.connection(), deaf)
    try:
        said = text(staff)
    finally:
        withdraw(broker.connection(), deaf)
    assert f"<b>deaf-worker</b> {sealing.OTHER_SECRET.replace(chr(39), '&#x27;')}" in said


def test_without_secrets_key_the_page_says_how_to_make_one(
    staff: Client, settings: Settings
) -> None:
    settings.SECRETS_KEY = []
    said = text(staff)
    assert "SECRETS_KEY is not set, so nothing can be kept encrypted. Make a key with" in said
    assert "Add API key" not in said
    assert "SECRETS_KEY is not set" in errors(staff, f"{PAGE}add/", **ENTERED)["__all__"][0]


def test_key_under_a_lost_secrets_key_is_told_and_can_be_entered_again(
    staff: Client, settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    enter(staff, django_capture_on_commit_callbacks)
    settings.SECRETS_KEY = [Fernet.generate_key().decode()]
    assert "None of the keys in SECRETS_KEY decrypts it." in text(staff)
    assert stored.readable() == {}
    change = f"{PAGE}{ApiKey.objects.get().pk}/change/"
    found = errors(staff, change, hosts="api.acme.example", secret="")
    assert found["secret"] == ["Enter the key again. None of the keys in SECRETS_KEY decrypts it."]
    enter(staff, django_capture_on_commit_callbacks, change)
    assert [*stored.readable()] == ["ACME_API_KEY"]


def test_rotation_renews_all_keys_or_none(
    db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    [old], new = settings.SECRETS_KEY, Fernet.generate_key().decode()
    for name in ("A_API_KEY", "B_API_KEY"):
        ApiKey.objects.create(name=name, hosts=["a.example"], token=vault.encrypt(f"sk-{name}"))
    settings.SECRETS_KEY = [new, old]
    call_command("rotate_keys")
    assert capsys.readouterr().out.splitlines()[0] == ("✓ API keys: 2 encrypted with the first key")
    settings.SECRETS_KEY = [new]
    assert {name: key.token for name, key in stored.readable().items()} == {
        "A_API_KEY": "sk-A_API_KEY", "B_API_KEY": "sk-B_API_KEY",
    }  # fmt: skip

    before = ApiKey.objects.get(name="A_API_KEY").token
    lost = Fernet(Fernet.generate_key()).encrypt(b"sk-lost").decode()
    ApiKey.objects.filter(name="B_API_KEY").update(token=lost)
    with pytest.raises(SystemExit, match=r"✗ B_API_KEY: None of the keys .* Nothing was changed\."):
        call_command("rotate_keys")
    assert ApiKey.objects.get(name="A_API_KEY").token == before
