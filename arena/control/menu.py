"""The menu of the admin, grouped by what staff do rather than by the apps that tables belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.db.models import Model

from ..models import Objection
from ..sites import path_of

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class Page:
    """A page of the admin that is not the list of a model."""

    title: str
    name: str  # of its address
    args: tuple[Any, ...]
    permission: str


# By group, in order: the models whose lists it has. What is in none is in the last one.
GROUPS = {
    "Models": ["arena.Contestant", "arena.ApiKey", "arena.RegistryEvent", "arena.Failure"],
    "Battles and votes": [
        "arena.Battle",
        "arena.Turn",
        "arena.Answer",
        "arena.Vote",
        "arena.Suspect",
        "arena.BulkChange",
        "arena.StandingChange",
        "arena.Objection",
        "arena.Reason",
        "arena.Share",
        "arena.ModerationPolicy",
        "arena.Flag",
        "arena.Tally",
        "arena.DeskPolicy",
    ],
    "Campaigns": ["arena.Campaign", "arena.Prompt", "arena.PreparedAnswer"],
    "Files and jobs": ["arena.Import", "arena.ImportedVote"],
    "People": [
        "auth.User",
        "auth.Group",
        "people.Invitation",
        "people.AuditEvent",
        "axes.AccessAttempt",
        "arena.Voter",
    ],
    "Site": ["arena.PromptSuggestion"],
}
PAGES = {
    "Models": [
        Page("Add a contestant", "admin:arena_contestant_choose", (), "arena.add_contestant"),
        Page("Downloads", "admin:arena_contestant_downloads", (), "arena.add_contestant"),
    ],
    "Files and jobs": [
        Page("Import votes", "admin:jobs", ("import",), "arena.change_campaign"),
        Page("Backups", "admin:jobs", ("backup",), "arena.change_campaign"),
    ],
}


def open_objections() -> str:
    """How many wait for an answer, if any do."""
    waiting = Objection.objects.filter(state=Objection.State.OPEN).count()
    return f"{waiting} open" if waiting else ""


# What waits for somebody is said beside its list, on every page.
BADGES: dict[str, Callable[[], str]] = {"arena.Objection": open_objections}


def grouped(entries: Iterable[dict[str, Any]], user: User) -> list[dict[str, Any]]:
    """Django's entries of models, in our groups; those without any are left out."""
    left = {_label(entry["model"]): _badged(entry) for entry in entries}
    found = {
        title: [left.pop(label) for label in labels if label in left]
        for title, labels in GROUPS.items()
    }
    found[next(reversed(GROUPS))] += sorted(left.values(), key=lambda entry: str(entry["name"]))
    for title, pages in PAGES.items():
        found[title] += [_entry(page) for page in pages if may(user, page.permission)]
    return [_group(title, models) for title, models in found.items() if models]


def mark(groups: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """Mark the one entry that a page belongs to: of those that its address begins with, the
    longest, as *Add a contestant* is below the contestants' list."""
    entries = [entry for group in groups for entry in group["models"]]
    above = [url for entry in entries if path.startswith(url := entry.get("admin_url") or " ")]
    here = max(above, key=len, default=None)
    for entry in entries:
        entry["is_here"] = here is not None and entry.get("admin_url") == here
    return groups


def may(user: User, permission: str) -> bool:
    return isinstance(user, PermissionsMixin) and user.has_perm(permission)


def _badged(entry: dict[str, Any]) -> dict[str, Any]:
    badge = BADGES.get(_label(entry["model"]))
    return {**entry, "badge": badge() if badge else ""}


def _label(model: type[Model]) -> str:
    return model._meta.label


def _entry(page: Page) -> dict[str, Any]:
    return {"name": page.title, "admin_url": path_of(page.name, *page.args)}


def _group(title: str, models: list[dict[str, Any]]) -> dict[str, Any]:
    """In the shape of an app, as Django's own templates expect it."""
    return {
        "name": title,
        "app_label": "",
        "app_url": path_of("admin:index"),
        "has_module_perms": True,
        "models": models,
    }
