"""“Publish as a static site” in the admin, with the function the background worker runs."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from django.test import Client
from pytest_django import Settings

from arena.jobs import running
from arena.models import Campaign, Job
from ratings.refreshing import drafts

pytestmark = pytest.mark.django_db(transaction=True)
State = Job.State


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def address(campaign: Campaign, settings: Settings, tmp_path: Path) -> str:
    settings.VAR = tmp_path
    return f"/admin/arena/job/static-copy/{campaign.pk}/"


@pytest.fixture
def ordered(admin: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy ordered in the admin; the test runs the task itself."""
    monkeypatch.setattr(running, "wake", lambda: None)
    assert admin.post(address).headers["location"] == address


def run() -> None:
    running.run_all(is_stopping=lambda: False)


def download(admin: Client) -> StreamingHttpResponse:
    """The only file of the only finished site."""
    job = Job.objects.get(state=State.DONE)
    [file] = job.files
    response = admin.get(f"/admin/arena/job/{job.pk}/{file['name']}")
    assert isinstance(response, StreamingHttpResponse)
    return response


async def whole(response: StreamingHttpResponse) -> bytes:
    return b"".join([chunk async for chunk in response])


@pytest.fixture
def rated(votes: None) -> None:
    drafts.refresh_all()


@pytest.mark.usefixtures("rated", "ordered")
def test_site_is_written_by_the_worker_and_downloaded(
    admin: Client, address: str, tmp_path: Path
) -> None:
    assert "Waiting for the background worker." in admin.get(address).content.decode()
    run()
    response = download(admin)
    assert "arena.zip" in response["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(asyncio.run(whole(response)))) as archive:
        assert "Ada leads." in archive.read("arena/index.html").decode()
        names = archive.namelist()
    pages = sum(name.endswith(".html") for name in names)
    assert f"<p>{pages} pages.</p>" in admin.get(address).content.decode()
    assert any(name.endswith("leaderboard.parquet") for name in names)
    assert [file.name for file in Job.objects.get().folder.iterdir()] == ["arena.zip"]


PICTURE = re.compile(r'<meta property="og:image" content="([^"]*)"')


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize(
    ("given", "picture"),
    [
        ("", "leaderboard/arena/image.png"),
        ("https://a.example/b", "https://a.example/b/leaderboard/arena/image.png"),
        ("a.example/b/", "https://a.example/b/leaderboard/arena/image.png"),
    ],
)
def test_site_with_an_address_names_its_picture_wholly(
    admin: Client, address: str, given: str, picture: str
) -> None:
    admin.post(address, {"url": given})
    run()
    job = Job.objects.get()
    with zipfile.ZipFile(job.folder / job.name) as archive:
        assert PICTURE.findall(archive.read("arena/index.html").decode()) == [picture]
    kept = job.asked["url"]
    assert kept.startswith("https://a.example/b" if given else "")
    assert (f'value="{kept}"' in admin.get(address).content.decode()) is bool(kept)


@pytest.mark.usefixtures("rated")
def test_address_that_is_none_is_refused(admin: Client, address: str) -> None:
    page = admin.post(address, {"url": "javascript:x"}).content.decode()
    assert "Enter a valid URL." in page
    assert not Job.objects.exists()


@pytest.mark.usefixtures("ordered")
def test_campaign_without_ratings_says_so_in_words(admin: Client, address: str) -> None:
    run()
    page = admin.get(address).content.decode()
    assert "<b>Failed.</b> “The arena” has no ratings yet: there is nothing to publish." in page


@pytest.mark.usefixtures("rated", "ordered")
def test_last_site_stays_until_the_next_is_whole(
    admin: Client, address: str, campaign: Campaign
) -> None:
    run()
    first = Job.objects.get()
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    admin.post(address)
    run()
    assert "is by invitation: its leaderboard is not public." in admin.get(address).content.decode()
    assert asyncio.run(whole(download(admin)))[:2] == b"PK"
    Campaign.objects.update(visibility=Campaign.Visibility.PUBLIC)
    admin.post(address)
    run()
    assert not first.folder.exists()
    assert asyncio.run(whole(download(admin)))[:2] == b"PK"


@pytest.mark.usefixtures("rated", "ordered")
def test_addresses_of_before_lead_on(admin: Client, address: str, campaign: Campaign) -> None:
    before = f"/admin/ratings/staticcopy/{campaign.pk}/"
    assert admin.get(before).headers["location"] == address
    assert admin.get(f"{before}zip/").headers["location"] == address
    run()
    file = f"/admin/arena/job/{Job.objects.get().pk}/arena.zip"
    assert admin.get(f"{before}zip/").headers["location"] == file


def test_strangers_are_sent_to_the_login(client: Client, address: str) -> None:
    assert client.post(address).headers["location"].startswith("/admin/login/")


def test_staff_without_permission_are_refused(client: Client, address: str) -> None:
    client.force_login(User.objects.create_user("new", is_staff=True))
    assert client.post(address).status_code == 403
    assert not Job.objects.exists()


def test_campaign_page_leads_there(admin: Client, address: str, campaign: Campaign) -> None:
    page = admin.get(f"/admin/arena/campaign/{campaign.pk}/change/").content.decode()
    assert f'<a href="{address}">Publish as a static site</a>' in page
