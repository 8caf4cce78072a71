"""Naughty strings in every text that a form of the admin asks for: kept or refused, and never an
error."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import cycle

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from tests.naughty import SENT
from tests.people import examples
from tests.people.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]  # every page
ALERT = b"<script>alert(1)"
TEXTS = {"", "text", "search", "url", "email", "password", "number", "date", "time", "tel"}


@dataclass
class Form:
    """What a browser would send, and which of it somebody types."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)

    def naughty(self, strings: Iterator[str]) -> Iterator[dict[str, str]]:
        """Two of its texts, each with the others as they were; then all of them."""
        for name in self.typed[:1] + self.typed[-1:]:
            yield {name: next(strings)}
        if self.typed:
            yield {name: next(strings) for name in self.typed}


class Forms(HTMLParser):
    """The forms of a page that are posted."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._is_in = False
        self._open = ""  # the select or textarea that is being read
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._is_in = said.get("method", "").lower() == "post"
            if self._is_in:
                self.found.append(Form(said.get("action", "")))
        elif self._is_in and tag in ("select", "textarea"):
            self._open = said.get("name", "")
            self._read(tag, said)
        elif self._is_in and tag == "option" and "selected" in said and self._open:
            self.found[-1].fields[self._open] = said.get("value", "")
        elif self._is_in and tag == "input" and said.get("name"):
            self._read(tag, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_in = False
        elif tag in ("select", "textarea"):
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._is_in and self._open in self.found[-1].typed:
            self.found[-1].fields[self._open] += data

    def _read(self, tag: str, said: dict[str, str]) -> None:
        form, kind = self.found[-1], said.get("type", "")
        if tag == "textarea" or (tag == "input" and kind in TEXTS):
            form.typed.append(said["name"])
            form.fields[said["name"]] = said.get("value", "")
        elif tag == "input" and (kind == "hidden" or "checked" in said):
            form.fields[said["name"]] = said.get("value", "")


def test_forms_of_the_admin_take_or_refuse_whatever_is_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("CRITICAL", "django.request")  # each refusal would log its traceback
    rows, boss = examples.make(), User.objects.create_superuser("boss")
    client, strings, tried = Client(), cycle(SENT.values()), 0
    client.force_login(boss)
    for route in routes():
        for form in _forms(client, examples.path_of(route, rows)):
            for naughty in form.naughty(strings):
                cookies = deepcopy(client.cookies)
                with transaction.atomic():
                    answer = client.post(form.action, form.fields | naughty)
                    transaction.set_rollback(True)
                client.cookies = cookies
                where = form.action, naughty
                assert answer.status_code in (200, 302, 400, 403, 404, 409, 503), where
                assert ALERT not in answer.content, where
                tried += 1
    assert tried > 100


def _forms(client: Client, path: str) -> Iterator[Form]:
    with transaction.atomic():
        page = client.get(path)
        transaction.set_rollback(True)
    if page.status_code == 200 and page.headers["Content-Type"].startswith("text/html"):
        for form in Forms(page.content.decode()).found:
            yield replace(form, action=form.action or path)
