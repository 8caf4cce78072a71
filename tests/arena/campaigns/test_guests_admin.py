"""A campaign's page in the admin: its state, its links, and what may not change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from arena.models import Campaign, CampaignInvitation, Guest, Prompt, Voter
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/admin/arena/campaign/"
GIVEN = {
    "slug": "secret", "name": "Secret", "kind": "LIVE", "visibility": "INVITATION",
    "reveals": "END", "judgements_per_pair": 3, "shared_percent": 20, "licence": "CC-BY-4.0",
    "named_answers": "LEFT_OUT",
}  # fmt: skip


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def campaign(admin: Client) -> Campaign:
    admin.post(f"{LIST}add/", GIVEN)
    return Campaign.objects.get(slug="secret")


def save(admin: Client, campaign: Campaign, invitation: dict[str, Any], **changes: Any) -> str:
    [row] = campaign.invitations.all()
    expires = row.expires or timezone.now()
    shown = {"id": row.pk, "campaign": campaign.pk, "note": "", "most_voters": ""}
    dated = {"expires_0": expires.date(), "expires_1": expires.strftime("%H:%M:%S")}
    rows = {f"invitations-0-{name}": one for name, one in {**shown, **dated, **invitation}.items()}
    counts = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1}
    of_rows = {f"invitations-{name}": one for name, one in counts.items()}
    none = {"suggestions-TOTAL_FORMS": 0, "suggestions-INITIAL_FORMS": 0}
    asked = {**GIVEN, **of_rows, **none, **rows, **changes}
    return admin.post(f"{LIST}{campaign.pk}/change/", asked, follow=True).content.decode()


def page(admin: Client, campaign: Campaign) -> str:
    return admin.get(f"{LIST}{campaign.pk}/change/").content.decode()


def test_campaign_by_invitation_has_a_link_from_the_start(
    admin: Client, campaign: Campaign
) -> None:
    shown, invitation = page(admin, campaign), campaign.invitations.get()
    assert f'value="http://testserver/campaigns/secret/?invitation={invitation.code}"' in shown
    assert "Open, without an end · 1 valid invitation, 0 voters came by one · 0 votes" in shown
    assert 'value="http://testserver/campaigns/secret/"' in shown
    assert Campaign.live().slug == "arena"  # was made first, and stays the front page's


def test_invitation_is_renewed_revoked_and_taken_back(admin: Client, campaign: Campaign) -> None:
    invitation = campaign.invitations.get()
    CampaignInvitation.objects.update(expires=timezone.now() - timedelta(days=1))
    Guest.objects.create(invitation=invitation, voter=Voter.objects.create())
    save(admin, campaign, {"renew": "7"})
    renewed = CampaignInvitation.objects.get()
    assert renewed.code == invitation.code
    assert renewed.expires is not None
    assert renewed.expires - timezone.now() > timedelta(days=6)
    for sent, said in (({"revoked": "on"}, "revoked"), ({}, "open")):
        save(admin, campaign, sent)
        assert f"{said}; 1 voter came by it" in page(admin, campaign)


def test_kind_is_locked_with_a_sentence_once_there_are_battles(
    admin: Client, campaign: Campaign
) -> None:
    factories.battle(campaign, factories.contestant("Xylo"), factories.contestant("Quetzal"))
    save(admin, campaign, {}, kind="PREPARED", name="Renamed")
    campaign.refresh_from_db()
    assert (campaign.kind, campaign.name) == ("LIVE", "Renamed")
    assert "It holds battles as a campaign of kind “live”." in page(admin, campaign)


def test_one_contestant_alone_is_not_enough(admin: Client, campaign: Campaign) -> None:
    alone = factories.revision(factories.contestant("Xylo")).contestant_id
    assert "Choose at least two" in save(admin, campaign, {}, contestants=[alone])


def test_arena_of_the_front_page_is_not_deleted(admin: Client, campaign: Campaign) -> None:
    front = Campaign.live()
    refused = admin.post(f"{LIST}{front.pk}/delete/", {"post": "yes"})
    assert refused.status_code == 409
    assert "It is the arena of the front page, which needs it." in refused.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [front.pk], "post": "yes"}
    admin.post(LIST, chosen)
    assert Campaign.live() == front


def test_campaign_without_battles_is_deleted_with_its_prompts(
    admin: Client, campaign: Campaign
) -> None:
    Prompt.objects.create(campaign=campaign, key="a", text="Hello")
    at = f"{LIST}{campaign.pk}/delete/"
    assert "<h1>Delete Secret?</h1>" in admin.get(at).content.decode()
    admin.post(at, {"post": "yes"})
    assert not Campaign.objects.filter(pk=campaign.pk).exists()


def test_campaign_with_battles_is_closed_instead_of_deleted(
    admin: Client, campaign: Campaign
) -> None:
    factories.battle(campaign, factories.contestant("Xylo"), factories.contestant("Quetzal"))
    assert f"{LIST}{campaign.pk}/delete/" not in page(admin, campaign)
    refused = admin.get(f"{LIST}{campaign.pk}/delete/")
    assert refused.status_code == 409
    told = refused.content.decode()
    assert "It holds battles, to which leaderboards and files refer, so it cannot be" in told
    assert f'href="{LIST}{campaign.pk}/change/">Close or hide it</a>' in told
    assert "delete_selected" not in admin.get(LIST).content.decode()
