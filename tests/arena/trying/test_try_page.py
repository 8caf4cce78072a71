"""The page on which a contestant is probed."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from arena import broker
from arena.models import Contestant, Probe, Revision
from arena.tasks import advance_probes
from inference.contract.presence import withdraw
from tests import factories

from ..conftest import BEAT
from ..probing.conftest import answer, played, underway
from .conftest import staff

pytestmark = pytest.mark.usefixtures("in_service")


def page_of(contestant: Contestant) -> str:
    return f"/admin/arena/probe/{contestant.pk}/"


def test_probe_is_started_watched_and_read(pages: Client, draft: Contestant, keeper: User) -> None:
    page = page_of(draft)
    assert "never been probed" in pages.get(page).content.decode()
    started = pages.post(f"{page}probe/", {"revision": "1"})
    assert started.headers["location"] == f"{page}?revision=1"
    advance_probes()
    probe = Probe.objects.get()
    assert probe.by == keeper
    answer(underway(probe)[0])
    shown = pages.get(page).content.decode()
    assert "1 of 8 questions answered" in shown
    assert 'data-every="1000"' in shown


def test_report_shows_the_worst_first_and_the_prompt(
    pages: Client, draft: Contestant, showing: None
) -> None:
    played(draft.revisions.get(), {"sum": "4 <|im_end|>", "who": "I am <b>Llama</b>."})
    shown = pages.get(page_of(draft)).content.decode()
    assert "data-every" not in shown
    assert "1 at fault, 1 worth a look, 10 well, 2 not applicable" in shown
    faults = [shown.index(title) for title in ("No control tokens", "Stays anonymous", "Speed")]
    assert faults == sorted(faults)
    assert "<mark>&lt;|im_start|&gt;</mark>" in shown
    assert "I am &lt;b&gt;Llama&lt;/b&gt;." in shown


def test_history_leads_to_each_probe_of_each_revision(pages: Client, draft: Contestant) -> None:
    first = played(draft.revisions.get(), {"sum": "[INST]"})
    factories.revision(draft, number=2, weights="zugzwang-weights")
    shown = pages.get(page_of(draft)).content.decode()
    assert "This revision has never been probed." in shown
    assert f"?revision=1&amp;probe={first.pk}" in shown
    earlier = pages.get(f"{page_of(draft)}?revision=1&probe={first.pk}").content.decode()
    assert "Not fit for voters" in earlier


def test_probe_without_a_worker_is_refused_in_words(pages: Client, draft: Contestant) -> None:
    withdraw(broker.connection(), BEAT)
    refused = pages.post(f"{page_of(draft)}probe/", {"revision": "1"})
    assert refused.status_code == 503
    assert "No model worker serves the weights zugzwang-weights now" in refused.content.decode()


def test_page_needs_its_permissions(client: Client, draft: Contestant) -> None:
    page = page_of(draft)
    for name, permissions, may_read in (
        ("stranger", (), False), ("reader", ("view_contestant",), True)
    ):  # fmt: skip
        user = staff(name, *permissions)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        seen = client.get(page)
        assert seen.status_code == (200 if may_read else 403)
        assert "<textarea" not in seen.content.decode()
        for path in ("probe", "chat"):
            assert client.post(f"{page}{path}/", {"prompt": "Hi"}).status_code == 403
    client.logout()
    assert client.get(page).status_code == 302
    assert not Probe.objects.exists()


def test_revision_that_is_not_there_is_not_found(pages: Client, revision: Revision) -> None:
    page = page_of(revision.contestant)
    assert pages.get(f"{page}?revision=9").status_code == 404
    assert pages.get(f"{page}?chat=nothing").status_code == 404
