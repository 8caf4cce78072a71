"""Rows that got odd by SQL or in an older release: lists, the API, files and the admin go on
without them, and say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from arena import broker, odd_rows
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.models import BulkChange, Campaign, Contestant, Import, ImportedVote, Reason
from ratings import freshness
from ratings.models import AnswerSpeed, Board, Rating, ReasonShare, Snapshot
from ratings.presentation import sheets
from ratings.refreshing import drafts, publications

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = ("", "snapshots/", "compare/", "choose/", "open-and-closed/", "embed/", "statistics/",
         "shares/", "response-times/", "response-times/first-words.csv",
         "reasons/", "reasons/useful/", "reasons/shares.csv", "reasons/useful/shares.csv",
         "report/", "feed.atom", "leaderboard.csv", "leaderboard.parquet", "data.json",
         "image.svg")  # fmt: skip
API = ("ratings/", "slices/", "snapshots/", "shares/", "response-times/", "reasons/",
       "ratings.csv")  # fmt: skip


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    broker.connection().delete(odd_rows.KEY)
    yield
    broker.connection().delete(odd_rows.KEY)


@pytest.fixture
def published(campaign: Campaign, votes: None) -> Snapshot:
    """One board with three models, published twice."""
    drafts.refresh_all()
    publications.publish_due()
    overall = Snapshot.objects.filter(board__slug="overall")
    first = overall.filter(published__isnull=False).latest("pk")
    other = Snapshot.objects.create(
        pk=0, board=first.board, public_id="another", last_vote_id=1, votes=9,
        published=first.published, code_version="1", archive_sha256="a" * 64,
    )  # fmt: skip
    assert other.public_id == "another"
    return first


def odd(row: Any, **columns: str) -> None:
    """As SQL may write it."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        for column, value in columns.items():
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, row.pk])
    freshness.clear()
    sheets.forget()


def all_open(client: Client, snapshot: Snapshot) -> None:
    slug = snapshot.board.campaign.slug
    pages = [f"/leaderboard/{slug}/{name}" for name in LISTS]
    pages += [f"/api/v1/campaigns/{slug}/{name}" for name in API]
    pages += ["/", "/campaigns/", "/status/", "/api/v1/campaigns/"]
    pages += [f"/leaderboard/snapshots/{snapshot.public_id}/"]
    closed = {page: client.get(page).status_code for page in pages}
    assert {page: status for page, status in closed.items() if status != 200} == {}


def test_access_that_is_not_known_is_on_neither_side(
    client: Client, published: Snapshot, contestants: list[Contestant]
) -> None:
    odd(contestants[0], access="SEMI_OPEN")
    all_open(client, published)
    assert Contestant.objects.get(pk=contestants[0].pk).is_open is None


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_line_without_a_number_is_left_out_of_the_board_and_its_files(
    client: Client, published: Snapshot, contestants: list[Contestant], number: str
) -> None:
    newest = published.board.newest()
    for snapshot in Snapshot.objects.filter(ratings__isnull=False).distinct():
        line = Rating.objects.get(snapshot=snapshot, contestant=contestants[2])
        odd(line, score=number, upper=number)
    all_open(client, published)
    slug = published.board.campaign.slug
    board = client.get(f"/leaderboard/{slug}/").content.decode()
    assert (contestants[0].name in board, newest is not None) == (True, True)
    said = client.get(f"/api/v1/snapshots/{published.public_id}/").json()
    assert (said["count"], said["left_out"]) == (2, 1)
    file = client.get(f"/leaderboard/{slug}/leaderboard.csv", {"on": ""})
    assert len(file.content.decode().strip().splitlines()) in (1, 3)
    reported = odd_rows.reported()
    assert any("its score is" in why for why in reported.values())


@pytest.mark.parametrize("numbers", ["{NaN,1,2}", "{1,2}", "{1,NULL,2}"])
def test_response_time_that_is_none_is_left_out(
    client: Client, published: Snapshot, contestants: list[Contestant], numbers: str
) -> None:
    campaign = published.board.campaign
    for one in contestants:
        speed = AnswerSpeed.objects.create(
            campaign=campaign, contestant=one, prompts="all", answers=50,
            first_s_median=[1, 0.5, 2], first_s_p90=[3, 2, 4],
        )  # fmt: skip
    odd(speed, first_s_median=numbers)
    all_open(client, published)
    said = client.get(f"/api/v1/campaigns/{campaign.slug}/response-times/").json()
    assert (said["count"], said["left_out"]) == (2, 1)
    assert f"ratings.answerspeed {speed.pk}" in odd_rows.reported()


@pytest.mark.parametrize("numbers", ["{NaN,0,1}", "{0,1}", "{0.5,NULL,1}"])
def test_share_of_a_reason_that_is_none_is_left_out(
    client: Client, published: Snapshot, contestants: list[Contestant], numbers: str
) -> None:
    campaign, useful = published.board.campaign, Reason.objects.get(key="useful")
    for one in contestants:
        share = ReasonShare.objects.create(
            campaign=campaign, contestant=one, reason=useful, answers=50, share=[0.5, 0.4, 0.6],
            of_all=0.5, relation=0, counted=timezone.now(),
        )  # fmt: skip
    odd(share, share=numbers)
    all_open(client, published)
    said = client.get(f"/api/v1/campaigns/{campaign.slug}/reasons/").json()
    assert (said["count"], said["left_out"]) == (2, 1)
    assert f"ratings.reasonshare {share.pk}" in odd_rows.reported()


@pytest.mark.parametrize(
    "columns", [{"settings": "null"}, {"settings": '{"ties": "unheard"}'}, {"method": "unheard"}]
)
def test_board_with_odd_settings_is_left_out_of_the_list_of_boards(
    client: Client, published: Snapshot, columns: dict[str, str]
) -> None:
    bad = Board.objects.create(campaign=published.board.campaign, slug="odd", slice="odd", votes=9)
    Snapshot.objects.create(
        board=bad, last_vote_id=1, votes=9, published=published.published, code_version="1"
    )
    odd(bad, **columns)
    all_open(client, published)
    drafts.refresh_all()  # nor does it keep the others from being computed


def test_publication_without_an_address_is_left_out_and_the_api_counts_it(
    client: Client, published: Snapshot
) -> None:
    other = Snapshot.objects.get(public_id="another")
    odd(other, public_id="a/b?")
    all_open(client, published)
    slug = published.board.campaign.slug
    said = client.get(f"/api/v1/campaigns/{slug}/snapshots/").json()
    assert (said["count"], said["left_out"]) == (1, 1)
    assert f"ratings.snapshot {other.pk}" in odd_rows.reported()


def test_export_leaves_out_votes_it_cannot_write_and_says_so(
    campaign: Campaign, contestants: list[Contestant], tmp_path: Any
) -> None:
    """No foreign key keeps a contestant that only imported votes name."""
    source = Import.objects.create(campaign=campaign, format="csv", name="v.csv", votes=3)
    a, b, c = (one.pk for one in contestants)
    for n, other in enumerate((b, c, 10**6)):
        ImportedVote.objects.create(
            source=source, contestant_a_id=a, contestant_b_id=other, verdict="A", key=f"vote-{n}"
        )
    progress: list[float] = []
    done = export(FORMATS["arena-33k"], tmp_path / "v.jsonl", campaign.slug, progress.append)
    assert (done.votes, done.odd, progress[-1]) == (2, 1, 1.0)
    assert len(done.path.read_text().splitlines()) == 2
    assert "and 1 that could not be written." in " ".join(done.card.read_text().split())
    assert any("1 vote can't be written and is left out" in said for said in done.sentences())


def test_list_of_the_admin_shows_the_others_and_says_so(admin_client: Client) -> None:
    good, bad = (BulkChange.objects.create(votes=[], after="EXCLUDED") for _ in range(2))
    BulkChange.objects.update(preview={"changing": 7})
    odd(bad, preview="[]")
    page = admin_client.get("/admin/arena/bulkchange/").content.decode()
    assert f"/admin/arena/bulkchange/{good.pk}/change/" in page
    assert f"/admin/arena/bulkchange/{bad.pk}/change/" not in page
    assert "1 row can’t be shown." in page
    assert f"arena.bulkchange {bad.pk}" in odd_rows.reported()


def test_long_list_of_odd_rows_is_counted_but_not_all_named() -> None:
    skipping = odd_rows.Skipping()
    shown = [*skipping.shown(range(100), lambda row: 1 // (row % 2))]
    assert (len(shown), skipping.count, [*odd_rows.reported()]) == (50, 50, ["int"])
