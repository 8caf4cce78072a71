"""“Publish as a static site” in the admin, with the function the background worker runs."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from arena.models import Campaign
from ratings import snapshots, static_copies
from ratings.models import StaticCopy
from ratings.tasks import write_static_copies

pytestmark = pytest.mark.django_db(transaction=True)
State = StaticCopy.State


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def address(campaign: Campaign, settings: Settings, tmp_path: Path) -> str:
    settings.VAR = tmp_path
    return f"/admin/ratings/staticcopy/{campaign.pk}/"


@pytest.fixture
def ordered(admin: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for in the admin; the task that is sent is left for us to run."""
    sent: list[bool] = []
    monkeypatch.setattr("ratings.admin.write_static_copies.delay", lambda: sent.append(True))
    assert admin.post(address).headers["location"] == address
    assert sent == [True]


def run() -> None:
    write_static_copies.run()


async def whole(response: StreamingHttpResponse) -> bytes:
    return b"".join([chunk async for chunk in response])


@pytest.fixture
def rated(votes: None) -> None:
    snapshots.refresh_all()


@pytest.mark.usefixtures("rated", "ordered")
def test_site_is_written_by_the_worker_and_downloaded(
    admin: Client, address: str, campaign: Campaign, tmp_path: Path
) -> None:
    assert "Waiting for the background worker." in admin.get(address).content.decode()
    run()
    copy = StaticCopy.objects.get()
    assert (copy.state, copy.reason) == (State.DONE, "")
    assert f"{copy.pages} pages" in admin.get(address).content.decode()
    response = admin.get(f"{address}zip/")
    assert isinstance(response, StreamingHttpResponse)
    assert "arena.zip" in response["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(asyncio.run(whole(response)))) as archive:
        assert "Ada leads." in archive.read("arena/index.html").decode()
        names = archive.namelist()
    assert sum(name.endswith(".html") for name in names) == copy.pages
    assert any(name.endswith("leaderboard.parquet") for name in names)
    assert [file.name for file in (tmp_path / "published" / "arena").iterdir()] == ["arena.zip"]


PICTURE = re.compile(r'<meta property="og:image" content="([^"]*)"')


@pytest.mark.usefixtures("rated", "ordered")
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
    with zipfile.ZipFile(StaticCopy.objects.get().file) as archive:
        assert PICTURE.findall(archive.read("arena/index.html").decode()) == [picture]
    kept = StaticCopy.objects.get().url
    assert kept.startswith("https://a.example/b" if given else "")
    assert (f'value="{kept}"' in admin.get(address).content.decode()) is bool(kept)


@pytest.mark.usefixtures("rated")
def test_address_that_is_none_is_refused(admin: Client, address: str) -> None:
    page = admin.post(address, {"url": "javascript:x"}).content.decode()
    assert "Enter a valid URL." in page
    assert not StaticCopy.objects.exists()


@pytest.mark.usefixtures("ordered")
def test_campaign_without_ratings_says_so_in_words(admin: Client, address: str) -> None:
    run()
    page = admin.get(address).content.decode()
    assert "<b>Failed.</b> “The arena” has no ratings yet: there is nothing to publish." in page


@pytest.mark.usefixtures("rated", "ordered")
def test_full_disk_says_what_to_do(admin: Client, address: str, tmp_path: Path) -> None:
    (tmp_path / "published").write_text("a file where a folder should be")
    run()
    page = admin.get(address).content.decode()
    assert "The files could not be written: " in page
    assert "Make room and try again." in page


@pytest.mark.usefixtures("rated", "ordered")
def test_last_site_stays_until_the_next_is_whole(
    admin: Client, address: str, campaign: Campaign
) -> None:
    run()
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    admin.post(address)
    run()
    page = admin.get(address).content.decode()
    assert "is by invitation: its leaderboard is not public." in page
    assert "arena.zip</a>, as it was published before" in page
    response = admin.get(f"{address}zip/")
    assert isinstance(response, StreamingHttpResponse)
    assert asyncio.run(whole(response))[:2] == b"PK"


@pytest.mark.usefixtures("rated", "ordered")
def test_site_is_not_ordered_twice_at_once(admin: Client, address: str, campaign: Campaign) -> None:
    StaticCopy.objects.update(state=State.RUNNING, pages=3, changed=timezone.now())
    assert "3 pages written" in admin.get(address).content.decode()
    assert not static_copies.order(campaign)


@pytest.mark.usefixtures("rated", "ordered")
def test_site_whose_worker_died_can_be_ordered_again(
    admin: Client, address: str, campaign: Campaign
) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    StaticCopy.objects.update(state=State.RUNNING, pages=3, changed=long_ago)
    assert "Stopped after 3 pages." in admin.get(address).content.decode()
    admin.post(address)
    run()
    assert StaticCopy.objects.get().state == State.DONE


@pytest.mark.usefixtures("rated", "ordered")
def test_file_that_has_gone_is_said(admin: Client, address: str) -> None:
    run()
    StaticCopy.objects.get().file.unlink()
    page = admin.get(f"{address}zip/", follow=True).content.decode()
    assert "The file is not on this host any more. Publish again." in page


@pytest.mark.parametrize("path", ["", "zip/"])
def test_strangers_are_sent_to_the_login(client: Client, address: str, path: str) -> None:
    response = client.post(f"{address}{path}")
    assert response.headers["location"].startswith("/admin/login/")


@pytest.mark.parametrize("path", ["", "zip/"])
def test_staff_without_permission_are_refused(client: Client, address: str, path: str) -> None:
    client.force_login(User.objects.create_user("new", is_staff=True))
    assert client.post(f"{address}{path}").status_code == 403
    assert not StaticCopy.objects.exists()


def test_campaign_page_leads_there(admin: Client, address: str, campaign: Campaign) -> None:
    page = admin.get(f"/admin/arena/campaign/{campaign.pk}/change/").content.decode()
    assert f'<a href="{address}">Publish as a static site</a>' in page
