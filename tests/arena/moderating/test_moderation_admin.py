from __future__ import annotations

import pytest
from django.test import Client

from arena.models import Flag, ModerationPolicy
from arena.moderating import policy
from arena.moderating.categories import CATEGORIES

pytestmark = pytest.mark.django_db
PAGE = "/admin/arena/moderationpolicy/"
USUAL = {name: str(category.usual) for name, category in CATEGORIES.items()}


def test_policy_changes_by_a_new_row_with_its_reason(admin_client: Client) -> None:
    given = {**USUAL, "personal": "BLOCK", "reason": "A school uses it"}
    assert admin_client.post(f"{PAGE}add/", given).status_code == 302
    made = ModerationPolicy.objects.get()
    assert (made.actions, made.reason, str(made.by)) == (
        {"personal": "BLOCK"},
        "A school uses it",
        "admin",
    )
    said = admin_client.get(PAGE).content.decode()
    assert "Personal data: warn → block" in said
    assert "A school uses it" in said
    with pytest.raises(ValueError, match="frozen"):
        made.save()


@pytest.mark.parametrize(
    "changes", [{}, {"personal": "BLOCK", "reason": ""}, {"personal": "SHRUG"}]
)
def test_policy_that_says_nothing_new_or_no_reason_is_not_saved(
    admin_client: Client, changes: dict[str, str]
) -> None:
    page = admin_client.post(f"{PAGE}add/", {**USUAL, "reason": "Because", **changes})
    assert (page.status_code, ModerationPolicy.objects.count()) == (200, 0)
    assert "Nothing was saved." in page.content.decode()


def test_text_is_tried_and_not_kept(admin_client: Client) -> None:
    text = "I want to die. <b>ada@example.org</b>"
    said = admin_client.post(PAGE, {"text": text}).content.decode()
    assert "<b>Warn.</b>" in said
    assert "Self-harm: warn" in said
    assert '<mark title="Self-harm">want to die<' in said
    assert '<mark title="Personal data: an e-mail address">ada@example.org<' in said
    assert "<b>ada" not in said
    assert not Flag.objects.exists()


def test_text_without_findings_would_be_sent(admin_client: Client) -> None:
    assert "<b>Off.</b>" not in (said := admin_client.post(PAGE, {"text": "Hi"}).content.decode())
    assert "Nothing was found" in said


def test_flags_are_counted_and_listed(admin_client: Client) -> None:
    Flag.objects.create(category="personal", action="WARN", proceeded=True)
    Flag.objects.create(category="minors", action="BLOCK")
    assert "?category=minors" in admin_client.get(PAGE).content.decode()
    listed = admin_client.get("/admin/arena/flag/?sent=yes").content.decode()
    assert "Personal data" in listed
    assert "1 flag" in listed


def test_every_category_has_a_usual_action() -> None:
    assert policy.actions(policy.current()) == {n: c.usual for n, c in CATEGORIES.items()}
