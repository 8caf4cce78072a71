"""A database of the first version, brought up to date: what people have done is still there."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from arena.models import Campaign, Contestant, Tally, Vote

FIRST = [("arena", "0001_initial"), ("ratings", "0001_initial")]
VERDICTS = ("A", "B", "A", "TIE", "BOTH_BAD", "A")


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In the place of the usual one, without tables."""
    with django_db_blocker.unblock():
        usual = connections["default"]
        with usual.cursor() as cursor:
            cursor.execute("CREATE DATABASE older")
        older = usual.copy()
        older.settings_dict["NAME"] = "older"
        older.settings_dict["OPTIONS"].pop("pool", None)  # it is that of the usual one
        connections["default"] = older
        try:
            yield
        finally:
            older.close()
            connections["default"] = usual
            with usual.cursor() as cursor:
                cursor.execute("DROP DATABASE older")


def migrate(targets: list[tuple[str, str]]) -> Any:
    """Returns the apps of that state."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def newest() -> list[tuple[str, str]]:
    return list(MigrationExecutor(connection).loader.graph.leaf_nodes())


def fill(apps: Any) -> None:
    """Battles, votes and their tallies, as the first version wrote them."""
    models = {name: apps.get_model("arena", name) for name in (
        "Campaign", "Contestant", "Revision", "Voter", "Battle", "Turn", "Answer", "Vote", "Tally"
    )}  # fmt: skip
    campaign = models["Campaign"].objects.create(slug="arena", name="The arena")
    voter = models["Voter"].objects.create()
    ada, bea = (
        models["Contestant"].objects.create(
            slug=name, name=name, organisation="o", licence=licence, access="PROPRIETARY"
        )
        for name, licence in (("ada", "not known"), ("bea", "proprietary"))
    )
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


def test_models_and_migrations_agree(db: None) -> None:
    call_command("makemigrations", "arena", "ratings", check=True, dry_run=True, verbosity=0)
