"""The formats of logs: one line a message, or an object, without our secrets."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
from copy import copy
from datetime import UTC, datetime
from functools import cache
from urllib.parse import unquote, urlsplit

from inference.contract import keys, request_ids

LONGEST = 2_000  # characters of a message, as an address alone may have 60,000
SHORTEST = 8  # shorter ones would blot out ordinary words
HIDDEN = "[secret]"
SERVER_ERROR = 500  # and higher ones: a mistake of ours
# Settings, and variables of the environment, that are secret, or have one in a URL.
_NAMES = (
    "SECRET_KEY", "SECRETS_KEY", "WORKER_SECRET", "METRICS_TOKEN", "OIDC_CLIENT_SECRET", "HF_TOKEN",
)  # fmt: skip
_URLS = ("DATABASE_URL", "REDIS_URL")
_HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")  # name=value,…
# Addresses that let in whoever has them.
_LINKS = re.compile(r"(/admin/invitation/|/admin/password/|\binvitation=)[^\s\"'&]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Formatter(logging.Formatter):
    """Secrets are hidden in messages and tracebacks. A message cannot begin a line of its own, as
    visitors choose much of what is logged."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        return _CONTROLS.sub(_escaped, _cut(hidden(super().formatMessage(record).rstrip())))

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(_spared(record)))


class Json(logging.Formatter):
    """An object a line for each event, with the id of the request that it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        record = _spared(record)
        said = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": _cut(hidden(record.getMessage())),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "request_id": request_ids.current(),
            "exception": hidden(self.formatException(record.exc_info)) if record.exc_info else "",
            **getattr(record, "fields", {}),
        }
        return json.dumps({name: value for name, value in said.items() if value != ""})


def _spared(record: logging.LogRecord) -> logging.LogRecord:
    """What was refused for what it says, not where, without a traceback."""
    is_refusal = getattr(record, "status_code", SERVER_ERROR) < SERVER_ERROR
    if is_refusal or record.name.startswith("django.security"):
        record = copy(record)
        record.exc_info = record.exc_text = record.stack_info = None
    return record


def hidden(text: str) -> str:
    for secret in (*_secrets(), *keys.tokens()):
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return _LINKS.sub(rf"\1{HIDDEN}", text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)"


def _escaped(control: re.Match[str]) -> str:
    return control[0].encode("unicode_escape").decode()


@cache
def _secrets() -> tuple[str, ...]:
    """The longest first, as one may be a part of another."""
    from django.conf import settings  # it is being loaded when logging begins

    given = [getattr(settings, name, "") or os.environ.get(name, "") for name in _NAMES]
    urls = [getattr(settings, name, "") or os.environ.get(name, "") for name in _URLS]
    passwords = [urlsplit(url).password or "" for url in (*urls, settings.CELERY_BROKER_URL)]
    database = settings.DATABASES["default"].get("PASSWORD", "")
    all_of = [*_flat(given), *passwords, *map(unquote, passwords), database, *_of_headers()]
    return tuple(sorted({one for one in all_of if len(one) >= SHORTEST}, key=len, reverse=True))


def _of_headers() -> list[str]:
    """What the headers hold, without the kind of a token ("Bearer")."""
    pairs = ",".join(os.environ.get(name, "") for name in _HEADERS).split(",")
    values = [pair.partition("=")[2].strip() for pair in pairs]
    return [unquote(value).rpartition(" ")[2] for value in values]


def _flat(values: list[str | list[str]]) -> list[str]:
    return [one for each in values for one in ([each] if isinstance(each, str) else each)]
