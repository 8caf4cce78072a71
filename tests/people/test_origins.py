"""Addresses to copy begin with the site's, or say why others may not be able to open them."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from arena.models import Campaign, CampaignInvitation
from people import roles

pytestmark = pytest.mark.django_db
BELIEVED = "ALLOWED_HOSTS has *, so any host is believed. Set SITE_URL"
HERE_ONLY = "Only this computer can open it: it begins with http://localhost"


def links(host: str) -> list[tuple[str, str]]:
    """Of a campaign, of an invitation to it, and of one to staff: each address, and its page."""
    roles.make()
    campaign = Campaign.objects.create(slug="medicine", name="Medicine", visibility="INVITATION")
    CampaignInvitation.objects.create(campaign=campaign)
    boss = Client(headers={"host": host})
    boss.force_login(User.objects.create_superuser("boss"))
    asked = {"role": Group.objects.get(name="Analyst").pk, "note": "", "days": 1}
    pages = [
        boss.get(f"/admin/arena/campaign/{campaign.pk}/change/"),
        boss.post("/admin/people/invitation/add/", asked),
    ]
    found = [" ".join(page.content.decode().split()) for page in pages]
    return [(link, page) for page in found for link in re.findall(r'readonly value="(\S+)"', page)]


@pytest.mark.parametrize(
    ("site_url", "allowed", "host", "begins", "says"),
    [
        ("", "arena.example", "arena.example", "http://arena.example/", ""),
        ("", "*", "any.example", "http://any.example/", BELIEVED),
        ("", "localhost", "localhost:8000", "http://localhost:8000/", HERE_ONLY),
        ("https://arena.example", "*", "any.example", "https://arena.example/", ""),
    ],
)
def test_address_to_copy_is_right_or_says_why_not(
    settings: Settings, site_url: str, allowed: str, host: str, begins: str, says: str
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = site_url, [allowed]
    found = links(host)
    assert len(found) == 3
    for link, page in found:
        assert link.startswith(begins)
        assert (says in page) if says else ("SITE_URL" not in page)


def test_invitation_to_staff_offers_no_new_group(settings: Settings) -> None:
    roles.make()
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    page = boss.get("/admin/people/invitation/add/").content.decode()
    assert 'name="role"' in page
    assert "/admin/auth/group/add/" not in page
