"""The best open model minus the best closed one over time."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db.models import QuerySet
from django.test import Client

from arena.models import Campaign, Contestant, Tally
from ratings.archive.results import result_of
from ratings.findings import gaps
from ratings.findings.gaps import Lead
from ratings.models import Snapshot
from ratings.pages.finding import overall
from ratings.presentation import sentences
from ratings.presentation.board_view import BoardView
from ratings.refreshing import drafts

pytestmark = pytest.mark.django_db(transaction=True)


def test_gap_by_release_tells_the_story_of_august_2024(august: Campaign) -> None:
    snapshot = overall(august)
    assert snapshot is not None
    rated = [line for line in BoardView(snapshot).all_lines if line.rated]
    leads = list(gaps.leads_by_release(rated, result_of(snapshot)))
    assert [lead.since for lead in leads] == sorted({lead.since for lead in leads})
    first, last = leads[0], leads[-1]
    assert (first.open, first.closed) == ("chatglm-6b", "gpt-4-0314")
    assert (last.open, last.closed) == ("llama-3.1-405b-instruct", "chatgpt-4o-latest")
    assert first.gap == pytest.approx(-307, abs=1)
    assert last.gap == pytest.approx(-52, abs=1)
    assert all(lead.lower < lead.gap < lead.upper < 0 for lead in leads)
    figure = gaps.by_release(rated, result_of(snapshot))
    assert figure.title == (
        "The best open model has gained on the best closed one: −307 points in March 2023, "
        "−52 in August 2024."
    )
    assert snapshot.facts.duel is not None
    assert last.gap == pytest.approx(snapshot.facts.duel.gap)  # as the first figure says
    assert "release dates are not known: yi-large-preview" in figure.note
    assert [row[1] for row in figure.rows] == [lead.open for lead in leads]


def test_gap_without_its_leader_says_so_first(august: Campaign) -> None:
    Contestant.objects.filter(slug="chatgpt-4o-latest").update(release_date=None)
    snapshot = overall(august)
    assert snapshot is not None
    rated = [line for line in BoardView(snapshot).all_lines if line.rated]
    figure = gaps.by_release(rated, result_of(snapshot))
    assert figure.title == (
        "Among models with a known date, the best open model has gained on the best closed one: "
        "−307 points in March 2023, −35 in August 2024."
    )


@pytest.mark.usefixtures("votes")
def test_model_counts_from_its_release_on(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    """Ada is the best open model, but Cy was released before her."""
    for one, month in zip(contestants, (9, 3, 1), strict=True):
        one.release_date = date(2024, month, 1)
        one.save()
    drafts.refresh_all()
    snapshot = overall(campaign)
    assert snapshot is not None
    leads = gaps.leads_by_release(BoardView(snapshot).all_lines, result_of(snapshot))
    assert [(lead.since, lead.open) for lead in leads] == [
        (date(2024, 3, 1), "Cy"),
        (date(2024, 9, 1), "Ada"),
    ]


@pytest.mark.usefixtures("votes")
def test_pages_and_static_copy_stand_when_a_slug_was_changed_since(
    client: Client, contestants: list[Contestant], tmp_path: Path
) -> None:
    for one, month in zip(contestants, (9, 3, 1), strict=True):
        Contestant.objects.filter(pk=one.pk).update(release_date=date(2024, month, 1))
    drafts.refresh_all()
    Contestant.objects.filter(name="Ada").update(slug="ada-lovelace")
    data = client.get("/leaderboard/arena/open-and-closed/gap-by-release.csv").content.decode()
    assert [row.split(",")[1] for row in data.splitlines()] == ["Best open", "Cy", "Ada"]
    page = client.get("/leaderboard/arena/compare/?a=ada&b=bea").content.decode()
    assert "/models/bea/" in page
    assert "/models/ada/" not in page
    call_command("publish", tmp_path / "site", stdout=StringIO())
    assert (tmp_path / "site/leaderboard/arena/open-and-closed/index.html").exists()


def gaps_in(published: QuerySet[Snapshot]) -> list[float]:
    return [duel.gap for one in published.order_by("pk") if (duel := one.facts.duel)]


@pytest.mark.usefixtures("votes")
def test_gap_by_publication_follows_what_was_published(
    campaign: Campaign, client: Client, settings: LazySettings
) -> None:
    settings.PUBLISH_EVERY = timedelta(0)
    drafts.refresh_all()
    assert gaps.by_publication(campaign).drawing is None
    Tally.objects.filter(first__name="Ada", second__name="Bea").update(first_wins=3)
    drafts.refresh_all()
    leads = gaps.published(campaign)
    published = Snapshot.objects.exclude(published=None).filter(board__slug="overall")
    assert [lead.gap for lead in leads] == gaps_in(published)
    assert leads[0].gap > leads[1].gap
    page = client.get("/leaderboard/arena/open-and-closed/").content.decode()
    assert "in each published snapshot; band" in page
    data = client.get("/leaderboard/arena/open-and-closed/gap-by-publication.csv")
    assert len(data.content.splitlines()) == 3


def test_many_publications_are_thinned_evenly_to_the_newest(
    monkeypatch: pytest.MonkeyPatch, campaign: Campaign, votes: None, settings: LazySettings
) -> None:
    monkeypatch.setattr(gaps, "MOST_STAGES", 3)
    settings.PUBLISH_EVERY = timedelta(0)
    for wins in range(20, 27):
        Tally.objects.filter(first__name="Ada", second__name="Bea").update(first_wins=wins)
        drafts.refresh_all()
    shown = [lead.gap for lead in gaps.published(campaign)]
    stored = Snapshot.objects.filter(board__slug="overall").exclude(published=None).order_by("pk")
    assert shown == gaps_in(stored)[::3]


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ((-10.0, -20.0, -1.0), "has gained on the best closed one: −50 points in May, −10 in June"),
        ((-90.0, -99.0, -81.0), "has lost ground to the best closed one: −50 points in May"),
        ((-35.0, -45.0, -25.0), "model shows no change: −50 points in May, −35 in June."),
    ],
)
def test_course_claims_no_more_than_its_intervals(last: sentences.Gap, says: str) -> None:
    assert says in sentences.of_course((-50.0, -70.0, -30.0), last, "May", "June")


def test_lead_says_its_numbers_with_their_signs() -> None:
    lead = Lead(date(2024, 3, 1), "Ada", "Bea", 3.2, -4.0, 10.4)
    assert lead.stage().says == "1 Mar 2024: Ada against Bea, +3 (−4 to +10)"
