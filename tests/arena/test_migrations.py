"""A database of the first version, migrated: all user data is still there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from arena.battles import guests
from arena.errors import Refused
from arena.models import (
    Campaign,
    CampaignInvitation,
    Consent,
    Contestant,
    Guest,
    Job,
    Judgement,
    Tally,
    Vote,
    Voter,
)
from tests import database

FIRST = [("arena", "0001_initial"), ("ratings", "0001_initial")]
VERDICTS = ("A", "B", "A", "TIE", "BOTH_BAD", "A")


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """An empty database in place of the usual one."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE older")
        try:
            with database.elsewhere(NAME="older"):
                yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP DATABASE older")


def migrate(targets: list[tuple[str, str]]) -> Any:
    """Migrate; returns the apps of that state."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def newest() -> list[tuple[str, str]]:
    return list(MigrationExecutor(connection).loader.graph.leaf_nodes())


def fill(apps: Any) -> None:
    """Store battles, votes and tallies as the first version wrote them."""
    models = {name: apps.get_model("arena", name) for name in (
        "Campaign", "Contestant", "RegistryEvent", "Revision", "Voter", "Battle", "Turn", "Answer",
        "Vote", "Tally",
    )}  # fmt: skip
    campaign = models["Campaign"].objects.create(slug="arena", name="The arena")
    voter = models["Voter"].objects.create()
    ada, bea = (
        models["Contestant"].objects.create(
            slug=name, name=name, organisation="o", licence=licence, access="PROPRIETARY"
        )
        for name, licence in (("ada", "not known"), ("bea", "proprietary"))
    )
    for state, one in (("DRAFT", ada), ("DRAFT", bea), ("ACTIVE", ada), ("RETIRED", ada)):
        models["RegistryEvent"].objects.create(contestant=one, state=state, reason="r")
    revisions = [models["Revision"].objects.create(contestant=c, weights="w") for c in (bea, ada)]
    for verdict in VERDICTS:
        battle = models["Battle"].objects.create(
            campaign=campaign, voter=voter, contestant_a=bea, contestant_b=ada,
            selection_probability=1.0, policy="uniform", state="VOTED",
        )  # fmt: skip
        turn = models["Turn"].objects.create(battle=battle, number=1, prompt="What is 3 * 7?")
        for side, revision in zip("AB", revisions, strict=True):
            models["Answer"].objects.create(
                turn=turn, side=side, revision=revision, state="DONE", text="21",
                dispatched=timezone.now(),
            )  # fmt: skip
        models["Vote"].objects.create(battle=battle, voter=voter, verdict=verdict, seconds=1.0)
    models["Tally"].objects.create(
        campaign=campaign, first=ada, second=bea,
        first_wins=1, second_wins=3, ties=1, both_bad=1,
    )  # fmt: skip


def said_by(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("empty_database")
def test_votes_of_the_first_version_are_kept_and_counted() -> None:
    fill(migrate(FIRST))
    migrate(newest())
    assert tuple(Vote.objects.values_list("verdict", flat=True)) == VERDICTS
    assert all(vote.turn == vote.battle.turns.get() for vote in Vote.objects.all())
    logs = {
        one.name: [event.change for event in one.events.all()] for one in Contestant.objects.all()
    }
    assert logs == {"ada": ["draft", "draft → active", "active → retired"], "bea": ["draft"]}
    counts = dict(Tally.objects.values_list("slice", "second_wins"))
    assert counts == {"overall": 3, f"month-{timezone.now():%Y-%m}": 3}
    assert "0 counts differ" in said_by("check_tallies")
    assert "6 battles labelled" in said_by("label_battles")
    assert {"overall", "maths", "length-short"} < {*Tally.objects.values_list("slice", flat=True)}
    assert "0 counts differ" in said_by("check_tallies")


@pytest.mark.usefixtures("empty_database")
def test_access_that_an_import_assumed_is_not_known() -> None:
    apps = migrate([("arena", "0009_style_of_imported_votes")])
    contestants, revisions = (apps.get_model("arena", n) for n in ("Contestant", "Revision"))
    for name, licence, numbers in (
        ("imported", "not known", []),
        ("with answers", "not known", [0]),
        ("run here since", "not known", [0, 1]),
        ("known", "proprietary", []),
    ):
        made = contestants.objects.create(
            slug=name.replace(" ", "-"), name=name, organisation="o", licence=licence,
            access="PROPRIETARY",
        )  # fmt: skip
        for number in numbers:
            revisions.objects.create(contestant=made, number=number, weights="w")
    migrate(newest())
    assert dict(Contestant.objects.values_list("name", "access")) == {
        "imported": "UNKNOWN",
        "with answers": "UNKNOWN",
        "run here since": "PROPRIETARY",
        "known": "PROPRIETARY",
    }


@pytest.mark.usefixtures("empty_database")
def test_slugs_and_names_that_broke_pages_are_mended() -> None:
    apps = migrate([("arena", "0015_how_prepared_answers_were_made")])
    campaigns, contestants = (apps.get_model("arena", n) for n in ("Campaign", "Contestant"))
    for slug in ("My votes", "my-votes", "método", "!?", "method", "fine_1"):
        campaigns.objects.create(slug=slug, name=f"{slug}\x1b[2J")
    for slug, name in (("a b", "ada\nbea"), ("a-b", "ada bea"), ("c", "\u202e"), ("d", "👩‍💻")):
        contestants.objects.create(
            slug=slug, name=name, organisation="o", licence="l", access="UNKNOWN"
        )
    migrate(newest())
    assert list(Campaign.objects.order_by("pk").values_list("slug", flat=True)) == [
        "my-votes-2", "my-votes", "metodo", "campaign", "method-votes", "fine_1"
    ]  # fmt: skip
    assert Campaign.objects.get(slug="fine_1").name == "fine_1 [2J"
    assert list(Contestant.objects.order_by("pk").values_list("slug", "name")) == [
        ("a-b-2", "ada bea 2"), ("a-b", "ada bea"), ("c", "Contestant"), ("d", "👩‍💻")
    ]  # fmt: skip
    with pytest.raises(IntegrityError):
        Campaign.objects.create(slug="My votes", name="My votes")


@pytest.mark.usefixtures("empty_database")
def test_exports_and_static_copies_are_kept_as_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    before = [("arena", "0021_seconds_answers_had"), ("ratings", "0007_troubles_and_slow_boards")]
    apps = migrate(before)
    make = apps.get_model("arena", "Campaign").objects.create
    arena, other = (make(slug=slug, name=slug) for slug in ("arena", "other"))
    exports = apps.get_model("arena", "Export").objects
    common = {"campaign": arena, "format": "arena-33k", "name": "arena-arena-33k.csv"}
    done = exports.create(**common, state="DONE", votes=6, left_out=2, bytes=700)
    failed = exports.create(**common, state="FAILED", reason="No votes.")
    running = exports.create(**common, state="RUNNING")
    copies = apps.get_model("ratings", "StaticCopy").objects
    copies.create(campaign=arena, state="DONE", pages=9, bytes=5000, url="https://a.example/")
    copies.create(campaign=other, state="FAILED", reason="No ratings yet.")
    (tmp_path / "published" / "other").mkdir(parents=True)
    (tmp_path / "published" / "other" / "other.zip").write_bytes(b"PK")
    migrate(newest())
    jobs = {job.pk: job for job in Job.objects.filter(kind="export")}
    assert {pk: job.state for pk, job in jobs.items()} == {
        done.pk: "DONE", failed.pk: "FAILED", running.pk: "RUNNING"
    }  # fmt: skip
    assert jobs[done.pk].said == ["6 votes.", "2 left out for want of consent."]
    assert jobs[done.pk].asked == {"format": "arena-33k", "file": ".csv"}
    assert [file["name"] for file in jobs[done.pk].files] == [
        "arena-arena-33k.csv", "arena-arena-33k.README.md"
    ]  # fmt: skip
    assert jobs[done.pk].folder == tmp_path / "exports" / str(done.pk)
    assert jobs[failed.pk].said == ["No votes."]
    sites = Job.objects.filter(kind="static-copy").order_by("pk")
    assert [(site.campaign_id, site.state, site.said) for site in sites] == [
        (arena.pk, "DONE", ["9 pages."]),
        (other.pk, "DONE", ["As it was published before."]),
        (other.pk, "FAILED", ["No ratings yet."]),
    ]
    assert sites[0].asked == {"url": "https://a.example/"}
    assert (sites[1].folder / sites[1].files[0]["name"]).read_bytes() == b"PK"


@pytest.mark.usefixtures("empty_database")
def test_older_consents_keep_their_words_and_get_their_hash() -> None:
    apps = migrate([("arena", "0031_receipts")])
    voters, consents = (apps.get_model("arena", name).objects for name in ("Voter", "Consent"))
    words = ("I agree.", "I agree, “fully”.", "I agree.")
    for wording in words:
        consents.create(voter=voters.create(), wording=wording)
    consents.filter(wording="I agree, “fully”.").update(withdrawn=timezone.now())
    migrate(newest())
    found = Consent.objects.order_by("pk")
    assert tuple(found.values_list("wording", flat=True)) == words
    for one in found:
        assert (one.version, one.language) == (1, "en")
        assert one.sha256 == sha256(one.wording.encode()).hexdigest()
        assert (one.withdrawn is None) == (one.wording == "I agree.")


@pytest.mark.usefixtures("empty_database")
def test_older_invitations_go_on_without_an_end_and_their_voters_stay() -> None:
    apps = migrate([("arena", "0048_api_keys")])
    make = {
        name: apps.get_model("arena", name).objects.create
        for name in ("Campaign", "Voter", "Contestant", "Battle")
    }
    ada, bea = (
        make["Contestant"](slug=n, name=n, organisation="o", licence="l", access="UNKNOWN")
        for n in ("ada", "bea")
    )
    sent, unused, public = (
        make["Campaign"](slug=slug, name=slug, visibility=visibility)
        for slug, visibility in (("sent", "INVITATION"), ("unused", "INVITATION"), ("b", "PUBLIC"))
    )
    same = make["Campaign"](
        slug="same", name="same", visibility="INVITATION", invitation=sent.invitation
    )
    came, elsewhere = make["Voter"](), make["Voter"]()
    voted = judged(apps, came, ada, bea)
    for campaign, voter in ((sent, came), (sent, came), (public, elsewhere), (public, came)):
        make["Battle"](
            campaign=campaign, voter=voter, contestant_a=ada, contestant_b=bea,
            selection_probability=1.0, policy="uniform",
        )  # fmt: skip
    codes = {sent.pk: sent.invitation, unused.pk: unused.invitation}
    assert all(codes.values())
    migrate(newest())
    kept = CampaignInvitation.objects.all()
    of_the_same = kept.get(campaign=same.pk).code
    assert of_the_same not in codes.values()
    codes[same.pk] = of_the_same
    assert {one.campaign_id: one.code for one in kept} == codes
    open_ = CampaignInvitation.State.OPEN
    assert {one.state_at(timezone.now() + timedelta(days=999)) for one in kept} == {open_}
    assert [(guest.invitation.campaign_id, guest.voter_id) for guest in Guest.objects.all()] == [
        (sent.pk, came.pk)
    ]
    told = Judgement.objects.get()
    assert (told.revealed, told.battle.campaign.reveals) == (voted, Campaign.Reveals.EACH_VOTE)
    found, voters = Campaign.objects.get(pk=sent.pk), Voter.objects.in_bulk()
    guests.check(found, voters[came.pk])
    with pytest.raises(Refused, match="by invitation only"):
        guests.check(found, voters[elsewhere.pk])
    guests.admit(found, voters[elsewhere.pk], codes[sent.pk], timezone.now())
    guests.check(found, voters[elsewhere.pk])
    back = migrate([("arena", "0048_api_keys")]).get_model("arena", "Campaign").objects
    assert (
        dict(back.exclude(kind="PREPARED").exclude(pk=public.pk).values_list("pk", "invitation"))
        == codes
    )


def judged(apps: Any, voter: Any, ada: Any, bea: Any) -> datetime:
    """A vote in a prepared campaign, and when it was cast: names were told at once."""

    def make(model: str, **fields: Any) -> Any:
        return apps.get_model("arena", model).objects.create(**fields)

    campaign = make("Campaign", slug="ready", name="ready", kind="PREPARED")
    prompt = make("Prompt", campaign=campaign, key="one", text="one?")
    first, second = (
        make("PreparedAnswer", prompt=prompt, revision=make("Revision", contestant=of, weights="w"))
        for of in (ada, bea)
    )
    battle = make(
        "Battle", campaign=campaign, voter=voter, contestant_a=ada, contestant_b=bea,
        selection_probability=1.0, policy="uniform", state="VOTED",
    )  # fmt: skip
    pairing = make(
        "Pairing", prompt=prompt, first=first, second=second, selection_probability=1.0, wanted=1
    )
    make("Judgement", pairing=pairing, battle=battle)
    vote = make("Vote", battle=battle, voter=voter, verdict="A", seconds=1.0)
    cast: datetime = vote.created
    return cast


def test_models_and_migrations_agree(db: None) -> None:
    call_command("makemigrations", "arena", "ratings", check=True, dry_run=True, verbosity=0)
