"""What happens to a prompt in which something is found: it is warned about, blocked or let through,
and it is never changed."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from arena.models import Battle, Chat, Flag, ModerationPolicy, Turn, Voter
from tests.arena.conftest import answer_all

pytestmark = pytest.mark.django_db
MAIL = "Write a reply to ada@example.org, please."
DISTRESS = "I want to die."
BLOCKED = "An erotic story about two underage girls"


def begin(client: Client, prompt: str, **more: str) -> Any:
    return client.post("/battles/", {"prompt": prompt, **more})


def anyway(page: Any) -> str:
    """What the button *Send it anyway* sends; "" if there is none."""
    found = re.search(r'name="anyway"\s+value="(\w+)"', page.content.decode())
    return found[1] if found else ""


def box(page: Any) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page.content.decode(), re.S)
    assert found
    return unescape(found[1])


def flags() -> list[tuple[str, str, bool]]:
    return list(Flag.objects.order_by("pk").values_list("category", "action", "proceeded"))


def test_ordinary_prompt_begins_a_battle_without_flags(in_service: None, client: Client) -> None:
    assert begin(client, "Why is the sky blue?").status_code == 302
    assert flags() == []


def test_warned_prompt_stays_in_its_box_and_begins_nothing(
    in_service: None, client: Client
) -> None:
    page = begin(client, MAIL)
    assert page.status_code == 422
    assert (box(page), Battle.objects.count(), flags()) == (MAIL, 0, [])
    said = page.content.decode()
    assert "personal data" in said
    assert '<b dir="auto">ada@example.org</b>' in said


def test_prompt_sent_anyway_is_unaltered_and_the_decision_recorded(
    in_service: None, client: Client
) -> None:
    page = begin(client, MAIL)
    assert begin(client, MAIL, anyway=anyway(page)).status_code == 302
    assert Turn.objects.get().prompt == MAIL
    flag = Flag.objects.get()
    assert (flag.category, flag.action, flag.proceeded) == ("personal", "WARN", True)
    assert (flag.battle, flag.turn) == (Battle.objects.get(), 1)


def test_decision_holds_only_for_the_text_that_was_warned_about(
    in_service: None, client: Client
) -> None:
    page = begin(client, MAIL)
    other = begin(client, MAIL + " And eve@example.org", anyway=anyway(page))
    assert (other.status_code, Battle.objects.count()) == (422, 0)
    assert anyway(other) not in ("", anyway(page))


def test_blocked_prompt_is_not_stored_and_cannot_be_sent_anyway(
    in_service: None, client: Client
) -> None:
    page = begin(client, BLOCKED)
    assert (page.status_code, box(page), anyway(page)) == (422, BLOCKED, "")
    assert (Battle.objects.count(), flags()) == (0, [("minors", "BLOCK", False)])
    assert Flag.objects.get().battle is None


def test_strongest_category_decides(in_service: None, client: Client) -> None:
    page = begin(client, f"{MAIL} {BLOCKED}")
    assert anyway(page) == ""
    assert "personal data" not in page.content.decode()


@pytest.mark.parametrize(
    ("prefix", "prompt", "number"),
    [("", DISTRESS, "988"), ("/fr", "Je veux mourir", "3114"), ("/de", DISTRESS, "0800 111 0 111"),
     ("/es", DISTRESS, "024"), ("/zh-hans", "我不想活了", "12356")],
)  # fmt: skip
def test_help_is_offered_in_the_language_of_the_page(
    in_service: None, client: Client, prefix: str, prompt: str, number: str
) -> None:
    page = client.post(f"{prefix}/battles/", {"prompt": prompt})
    said = page.content.decode()
    assert f'<a href="tel:{number.replace(" ", "")}" rel="noreferrer">{number}</a>' in said
    assert anyway(page)


def test_follow_up_is_checked_in_its_battle(battle: Battle, browser: Client) -> None:
    answer_all(battle)
    path = f"/battles/{battle.public_id}/turns/"
    page = browser.post(path, {"prompt": MAIL})
    assert (page.status_code, box(page), battle.turns.count()) == (422, MAIL, 1)
    sent = browser.post(path, {"prompt": MAIL, "anyway": anyway(page)})
    assert (sent.status_code, battle.turns.count()) == (302, 2)
    assert list(Flag.objects.values_list("battle", "turn")) == [(battle.pk, 2)]


def test_prompt_of_a_campaign_is_checked(in_service: None, client: Client) -> None:
    page = client.post("/campaigns/arena/battles/", {"prompt": MAIL})
    assert (page.status_code, box(page)) == (422, MAIL)
    sent = client.post("/campaigns/arena/battles/", {"prompt": MAIL, "anyway": anyway(page)})
    assert sent.status_code == 302


def test_prompt_of_a_chat_is_checked(in_service: None, client: Client, settings: Any) -> None:
    settings.NAMED_CHATS = True
    given = {"prompt": MAIL, "first": "xylophonic-slug"}
    page = client.post("/chats/", given)
    assert (page.status_code, box(page), Chat.objects.count()) == (422, MAIL, 0)
    assert client.post("/chats/", given | {"anyway": anyway(page)}).status_code == 302
    assert Flag.objects.get().about == Flag.About.CHAT


@pytest.mark.parametrize(
    ("action", "status", "kept"),
    [("OFF", 302, []), ("LOG", 302, [("personal", "LOG", False)]), ("WARN", 422, []),
     ("BLOCK", 422, [("personal", "BLOCK", False)])],
)  # fmt: skip
def test_policy_says_what_a_finding_leads_to(
    in_service: None, client: Client, action: str, status: int, kept: list[tuple[str, str, bool]]
) -> None:
    ModerationPolicy.objects.create(actions={"personal": action}, reason="test")
    assert begin(client, MAIL).status_code == status
    assert flags() == kept


def test_flags_go_with_their_battle_and_hold_no_text(battle: Battle, voter: Voter) -> None:
    Flag.objects.create(battle=battle, turn=1, category="hate", action="LOG")
    texts = [one.name for one in Flag._meta.fields if one.get_internal_type() == "TextField"]
    assert texts == []
    battle.turns.all().delete()
    battle.delete()
    assert not Flag.objects.exists()
