"""A list never breaks on one entry: whatever a campaign or a model is called, all pages that list
it work, and XML is well-formed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from arena.importing.formats import FORMATS
from arena.importing.intake import bring_in
from arena.models import Campaign, Contestant, ImportedVote
from ratings import freshness
from ratings.refreshing import drafts, publications, vote_facts
from tests import database

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [
    "שלום", "👩‍💻 🦙", "<script>alert(1)</script>", "a&b;\"'", "x" * 120, "%s {{ x }} {% url %}",
    "ﷺ" * 100, "../../etc/passwd", "=HYPERLINK(1)", "N/A", "-", "0", "̈" * 60, "NULL",
]  # fmt: skip
SLUGS = ["-", "_", "0", "x" * 50, "compare", "None"]
XML = ("feed.atom", "image.svg")


@pytest.fixture
def odd(tmp_path: Path) -> list[Campaign]:
    """Campaigns of odd names, each with votes on models of odd names."""
    database.once("odd", lambda: bring_in_odd_ones(tmp_path))
    freshness.clear()
    return list(Campaign.objects.order_by("pk"))


def bring_in_odd_ones(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    lines = [f'"{a.replace(chr(34), chr(34) * 2)}",plain,model_a' for a in NAMES]
    lines += [line.replace("model_a", "model_b") for line in lines[::2]]
    path.write_text("model_a,model_b,winner\n" + "\n".join(lines * 3))
    for number, slug in enumerate(SLUGS):
        bring_in(FORMATS["csv"], path, slug)
        Campaign.objects.filter(slug=slug).update(name=NAMES[number])
    Campaign.objects.create(slug="empty", name="", kind="PREPARED", languages=",,", source="\t")
    drafts.refresh_all()
    publications.publish_due()


@pytest.mark.usefixtures("odd")
def test_lists_of_all_campaigns_are_there(client: Client) -> None:
    for address in ("/campaigns/", "/leaderboard/", "/api/v1/campaigns/", "/status/", "/"):
        assert (address, client.get(address).status_code) == (address, 200)
    client.force_login(User.objects.create_superuser("boss"))
    for model in ("campaign", "contestant"):
        assert client.get(f"/admin/arena/{model}/").status_code == 200


def test_pages_of_each_campaign_are_there(client: Client, odd: list[Campaign]) -> None:
    pages = ("", "data.json", "leaderboard.csv", "leaderboard.parquet", "embed/", "compare/",
             "open-and-closed/", "statistics/", "snapshots/", *XML)  # fmt: skip
    for campaign in odd:
        for page in pages:
            address = f"/leaderboard/{campaign.slug}/{page}"
            response = client.get(address)
            assert (address, response.status_code) == (address, 200)
            if page in XML:
                ElementTree.fromstring(response.content)
        assert client.get(f"/campaigns/{campaign.slug}/").status_code == 200


@pytest.mark.usefixtures("odd")
def test_page_and_badge_of_each_model_are_there(client: Client) -> None:
    for contestant in Contestant.objects.all():
        page = client.get(f"/leaderboard/-/models/{contestant.slug}/")
        assert (contestant.name, page.status_code) == (contestant.name, 200)
        ElementTree.fromstring(
            client.get(f"/leaderboard/-/models/{contestant.slug}/badge.svg").content
        )


@pytest.mark.usefixtures("odd")
def test_static_site_of_odd_names_is_written(tmp_path: Path) -> None:
    call_command("publish", str(tmp_path / "site"), campaign="-", verbosity=0)
    assert len([*(tmp_path / "site").rglob("*.html")]) > len(NAMES)


@pytest.mark.parametrize("slug", ["My votes", "a/b", "", "ä", "a.b", "method", "snapshots", "a\n"])
def test_database_takes_no_slug_that_no_address_can_hold(db: None, slug: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.create(slug=slug, name="x")


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "a\u202eb", "a\uffffb"])
def test_database_takes_no_name_that_no_feed_can_hold(db: None, name: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.create(slug="x", name=name)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contestant.objects.create(slug="x", name=name, access="UNKNOWN")


def test_far_years_in_the_database_make_no_long_chart(client: Client, odd: list[Campaign]) -> None:
    """As older versions accepted."""
    votes = [*ImportedVote.objects.filter(source__campaign=odd[0]).order_by("pk")]
    for vote, year in zip(votes, (1, 1970, 9999, 2024), strict=False):
        vote.at = datetime(year, 6, 1, tzinfo=UTC)
        vote.save()
    pace = vote_facts.of(odd[0]).pace
    assert [period.start for period in pace.periods] == ["2024-06-01"]
    assert pace.undated == len(votes) - 1
    publications.publish_due()
    freshness.clear()
    page = client.get(f"/leaderboard/{odd[0].slug}/statistics/")
    assert len(page.content) < 200_000
    assert "without a plausible date" in page.content.decode()


@pytest.mark.parametrize(
    ("command", "given", "says"),
    [
        ("publish", {"folder": "x", "campaign": "nowhere"}, "There is no campaign"),
        ("publish", {"folder": "x", "url": "my site"}, "is not an address"),
        ("publish", {"folder": "/proc/x", "campaign": "arena"}, "can't be written"),
        ("export_votes", {"format": "csv"}, "invalid choice"),
        ("export_votes", {"campaign": "My votes"}, "There is no campaign"),
        ("export_votes", {"path": "/proc/x/votes.csv"}, "can't be written"),
        ("export_votes", {"path": "votes.txt"}, "must end in"),
        ("import_votes", {"campaign": "My votes"}, "such as my-votes"),
        ("import_votes", {"path": "/dev/zero"}, "There is no file"),
        ("import_votes", {"format": "nothing"}, "invalid choice"),
        ("label_battles", {"limit": "-1"}, "--limit is a number"),
        ("label_battles", {"limit": "9" * 30, "model": "x"}, "--limit is a number"),
        ("label_battles", {"limit": "x"}, "invalid int"),
        ("label_battles", {"model": "nobody"}, "nobody"),
    ],
)
@pytest.mark.usefixtures("votes")
def test_commands_say_what_is_wrong(command: str, given: dict[str, str], says: str) -> None:
    usual: dict[str, dict[str, str]] = {
        "publish": {"folder": "x"},
        "export_votes": {"format": "evenhand", "path": "/tmp/votes.csv", "campaign": "arena"},
        "import_votes": {"format": "csv", "path": "votes.csv", "campaign": "x"},
        "label_battles": {},
    }
    asked = {**usual[command], **given}
    drafts.refresh_all()
    places = [asked.pop(name) for name in ("format", "path", "folder") if name in asked]
    with pytest.raises(CommandError, match=says):
        call_command(command, *places, *(f"--{name}={value}" for name, value in asked.items()))
