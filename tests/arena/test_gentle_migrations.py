"""Migrations of a release run while the one before still answers: they take nothing away that it
needs, and lock no table for longer than a moment."""

from __future__ import annotations

import pytest
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

from tests.live.site import ROOT

# Released with the first version, or before it: the newest that may do anything.
FREE = {"arena": 60, "people": 4, "ratings": 10}

# Outside of a transaction, as indexes are built concurrently.
pytestmark = pytest.mark.django_db(transaction=True)


def names_of(app: str) -> list[str]:
    """Its migrations after those that may do anything."""
    found = MigrationLoader(None).disk_migrations or {}
    return [name for label, name in found if label == app and int(name[:4]) > FREE[app]]


def harm_of(app: str, names: list[str]) -> list[str]:
    """Names of those that break the release before or lock a table."""
    if not names:
        return []
    linter = MigrationLinter(
        str(ROOT), include_apps=[app], include_name=names, analyser_string="postgresql",
        no_cache=True, no_output=True, all_warnings_as_errors=True,
    )  # fmt: skip
    linter.lint_all_migrations()
    assert linter.nb_total - linter.nb_ignored == len(names)
    return names if linter.has_errors else []


@pytest.mark.parametrize("app", sorted(FREE))
def test_new_migrations_are_gentle(app: str) -> None:
    assert [name for name in names_of(app) if harm_of(app, [name])] == []


@pytest.mark.parametrize(
    "harmful", ["0022_file_jobs", "0039_registry_failures", "0044_quick_lists", "0058_reveals"]
)
def test_harm_is_noticed(harmful: str) -> None:
    """Columns and tables that are dropped or renamed; an index; a unique constraint."""
    assert harm_of("arena", [harmful]) == [harmful]


def test_gentle_ones_pass() -> None:
    assert harm_of("arena", ["0059_told_until_now", "0060_rules_are_followed"]) == []
