"""Campaigns by invitation: links that expire, are used up, renewed and revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from arena.models import Battle, Campaign, CampaignInvitation, Contestant, Guest, Vote, Voter
from arena.votes import casting, claiming

from ..conftest import answer_all, become

pytestmark = pytest.mark.django_db
PAGE = "/campaigns/secret/"


@pytest.fixture
def campaign(in_service: None, contestants: list[Contestant]) -> Campaign:
    return Campaign.objects.create(slug="secret", name="Secret trial", visibility="INVITATION")


@pytest.fixture
def invitation(campaign: Campaign) -> CampaignInvitation:
    return CampaignInvitation.objects.create(campaign=campaign)


def opened(invitation: CampaignInvitation, prefix: str = "") -> Client:
    """A new visitor's browser, after the link."""
    client = Client()
    response = client.get(f"{prefix}{PAGE}?invitation={invitation.code}")
    assert response.headers["location"] == f"{prefix}{PAGE}"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in response.headers["cache-control"]
    return client


def begin(client: Client) -> int:
    return client.post(f"{PAGE}battles/", {"prompt": "Hi"}).status_code


def test_link_works_in_every_language_and_leaves_no_code_in_the_address(
    invitation: CampaignInvitation,
) -> None:
    for prefix in ("", "/de"):
        page = opened(invitation, prefix).get(f"{prefix}{PAGE}").content.decode()
        assert "Secret trial" in page
        assert invitation.code not in page
        assert "/leaderboard/secret/" not in page  # it has no public pages


def test_nobody_begins_without_it(campaign: Campaign, client: Client, browser: Client) -> None:
    for visitor in (client, browser):
        assert visitor.get(PAGE).status_code == 404
        assert visitor.get(f"{PAGE}?invitation=guessed%00").status_code == 404
        assert begin(visitor) == 404
    assert not Battle.objects.exists()
    assert "Secret trial" not in client.get("/campaigns/").content.decode()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"expires": timezone.now() - timedelta(days=1)}, "has expired"),
        ({"revoked": True}, "has been withdrawn"),
    ],
)
def test_dead_link_says_why(
    invitation: CampaignInvitation, client: Client, changes: dict[str, object], says: str
) -> None:
    before = opened(invitation)
    CampaignInvitation.objects.update(**changes)
    page = client.get(f"{PAGE}?invitation={invitation.code}")
    assert page.status_code == 403
    assert says in page.content.decode()
    assert begin(before) == 403


def test_guest_goes_on_when_it_expires_but_not_when_it_is_revoked(
    invitation: CampaignInvitation,
) -> None:
    guest = opened(invitation)
    assert begin(guest) == 302
    CampaignInvitation.objects.update(expires=timezone.now() - timedelta(days=1))
    guest.cookies.pop("sessionid")
    assert begin(guest) == 302
    CampaignInvitation.objects.update(revoked=True)
    assert begin(guest) == 404
    battle = Battle.objects.order_by("pk")[0]
    answer_all(battle)
    casting.cast(battle, battle.voter, "A")  # it was begun with a valid one
    assert Vote.objects.count() == 1


def test_it_admits_as_many_voters_as_it_is_for(invitation: CampaignInvitation) -> None:
    CampaignInvitation.objects.update(most_voters=1)
    first, second = opened(invitation), opened(invitation)
    assert [begin(first), begin(first), begin(second)] == [302, 302, 403]
    assert Guest.objects.count() == 1


def test_guest_stays_one_in_another_browser(invitation: CampaignInvitation, client: Client) -> None:
    begin(opened(invitation))
    there, here = Battle.objects.get().voter, Voter.objects.create()
    claiming.merge(here, there)
    become(client, here)
    assert begin(client) == 302


def test_staff_preview_it_without_one(client: Client, campaign: Campaign) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    assert client.get(PAGE).status_code == 200
    assert begin(client) == 404


def test_its_battles_are_not_shared(invitation: CampaignInvitation) -> None:
    guest = opened(invitation)
    begin(guest)
    battle = Battle.objects.get()
    answer_all(battle)
    guest.post(f"/battles/{battle.public_id}/vote/", {"verdict": "A"})
    shared = guest.post(f"/battles/{battle.public_id}/share/", {"consent": "yes"})
    assert shared.status_code == 409
