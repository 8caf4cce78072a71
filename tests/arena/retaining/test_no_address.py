"""Where a visitor comes from is nowhere to be found afterwards."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection
from django.test import Client

from arena import broker
from arena.models import Battle, Consent
from tests.arena.conftest import answer_all

ADDRESS = "198.51.100.77"


def rows() -> str:
    """All that the database holds, of every table."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.django_db(transaction=True)
def test_address_of_a_visitor_is_in_no_table_export_log_or_key(
    in_service: None, client: Client, tmp_path: Path, caplog: Any, settings: Any
) -> None:
    caplog.set_level("DEBUG")
    settings.TRUSTED_PROXIES = 1
    came: Any = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": ADDRESS}
    sent = {"prompt": "Where am I from? I want to die.", "consent": "yes"}
    page = client.post("/battles/", sent, **came)
    anyway = page.context["refusal"].anyway
    client.post("/battles/", sent | {"anyway": anyway}, **came)
    battle = Battle.objects.get()
    answer_all(battle)
    client.post(f"/battles/{battle.public_id}/vote/", {"verdict": "A"}, **came)
    assert Consent.objects.count() == 1
    file = tmp_path / "votes.jsonl"
    call_command("export_votes", "evenhand", str(file), campaign="arena")
    exported = "".join(path.read_text() for path in tmp_path.iterdir())
    assert "Where am I from?" in exported
    kept = rows()
    assert "Where am I from?" in kept
    keys = [key.decode() for key in broker.connection().scan_iter("*")]
    for text in (exported, kept, caplog.text, "\n".join(keys)):
        assert ADDRESS not in text
        assert ADDRESS.rpartition(".")[0] not in text


def test_no_code_logs_an_address() -> None:
    said = subprocess.run(
        ["grep", "-rnE", "--include=*.py", r"logger\.\w+\(.*(REMOTE_ADDR|guesser|client_ip)",
         "arena", "ratings", "people", "config", "inference"],
        cwd=project.BASE_DIR, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout == ""
