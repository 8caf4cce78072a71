"""What is logged: one line a message, and none of our secrets."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.test import Client

from config import scrubbing
from config.scrubbing import Formatter
from inference.contract import keys
from inference.contract.keys import Key

TOKEN = "sk-sent-by-the-site-42"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """As the console shows it."""
    monkeypatch.setenv("OWN_API_KEY", "sk-in-the-environment")
    headers = "authorization=Bearer%20of-the-collector=,x-team=some-team-of-ours"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", headers)
    monkeypatch.setenv("DATABASE_URL", "postgresql://arena:p%40ss/word-of-db@db.example/arena")
    monkeypatch.setattr(settings, "SECRETS_KEY", ["the-first-vault-key", "the-second-vault-key"])
    monkeypatch.setattr(settings, "OIDC_CLIENT_SECRET", "the-oidc-secret")
    scrubbing._secrets.cache_clear()
    keys.take({"SENT_API_KEY": Key(TOKEN, ("api.example.com",))})
    said = StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    yield said
    logging.getLogger().removeHandler(handler)
    keys.take({})
    scrubbing._secrets.cache_clear()


def secrets() -> list[str]:
    password = settings.REDIS_URL.split("//site:")[1].split("@")[0]
    return [
        settings.SECRET_KEY, settings.WORKER_SECRET, *settings.SECRETS_KEY, password,
        settings.OIDC_CLIENT_SECRET, "sk-in-the-environment", TOKEN,
        "of-the-collector=", "some-team-of-ours",
    ]  # fmt: skip


def test_secrets_are_hidden_in_messages_arguments_and_tracebacks(log: StringIO) -> None:
    logger = logging.getLogger("arena.some")
    for secret in secrets():
        assert len(secret) >= scrubbing.SHORTEST
        logger.warning(f"it was {secret}")
        logger.warning("it was %s", [secret])
        try:
            raise ValueError(f"wrong: {secret}")
        except ValueError:
            logger.exception("failed")
    assert log.getvalue().count(scrubbing.HIDDEN) >= 3 * len(secrets())
    assert "Traceback" in log.getvalue()
    for secret in secrets():
        assert secret not in log.getvalue()


def test_connection_that_fails_tells_no_password(log: StringIO) -> None:
    from inference.contract.broker import connect

    password = secrets()[4]
    try:
        connect(f"redis://site:{password}@127.0.0.1:1/0").ping()
    except Exception:
        logging.getLogger("arena").exception("away: %s", settings.REDIS_URL)
    assert log.getvalue()
    assert password not in log.getvalue()


def test_message_begins_no_line_of_its_own(log: StringIO) -> None:
    logging.getLogger("arena").warning("path %s", "/x\nERROR arena: forged\r\x1b[2J\u2028end")
    assert log.getvalue() == ("WARNING arena: path /x\\nERROR arena: forged\\r\\x1b[2J\\u2028end\n")


BAD = {
    "a host that is not ours": "evil.example",
    "a host that is none": "a b\tc",
    "no token": "localhost",
}


@pytest.mark.django_db
@pytest.mark.parametrize("host", BAD.values(), ids=BAD.keys())
def test_bad_request_logs_one_line(log: StringIO, host: str) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    response = client.post("/about/consent/", HTTP_HOST=host)
    assert response.status_code in (400, 403)
    assert len(log.getvalue().splitlines()) == 1, log.getvalue()


@pytest.mark.django_db
def test_long_address_is_cut(log: StringIO) -> None:
    Client().get(f"/nothing/{'x' * 50_000}/")
    said = log.getvalue()
    assert said.endswith(" characters)\n")
    assert len(said) < 2_100


def test_secret_is_hidden_before_a_message_is_cut(log: StringIO) -> None:
    for before in range(scrubbing.LONGEST - len(TOKEN) - 30, scrubbing.LONGEST):
        logging.getLogger("arena").warning("x" * before + TOKEN + "y" * 99)
    assert TOKEN[:10] not in log.getvalue()


@pytest.mark.django_db
def test_body_that_cannot_be_read_logs_one_line(log: StringIO) -> None:
    client = Client(raise_request_exception=False)
    response = client.post("/admin/login/", b"x", content_type="multipart/form-data; boundary=")
    assert response.status_code == 400
    assert len(log.getvalue().splitlines()) == 1, log.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["invitation/the-code-of-ada/", "password/MQ/the-code-of-ada/"])
def test_address_that_lets_somebody_in_is_not_logged(log: StringIO, path: str) -> None:
    """As of a browser without cookies, whose form is refused."""
    assert Client(enforce_csrf_checks=True).post(f"/admin/{path}").status_code == 403
    assert "CSRF" in log.getvalue()
    assert "the-code-of-ada" not in log.getvalue()
