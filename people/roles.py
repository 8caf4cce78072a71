"""Who may do what in the admin: one table, from which `prepare` makes a group per role."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

OWNER = "Owner"
# In the order of the columns below, and what each is for.
ROLES = {
    OWNER: "runs the arena, and decides who may do what",
    "Model admin": "contestants, campaigns, prompts and files",
    "Moderator": "votes, objections, reasons and shared battles",
    "Analyst": "sees the arena's data, and changes nothing",
}
ACTIONS = {"v": "view", "a": "add", "c": "change", "d": "delete"}
# v: view, a: add, c: change, d: delete, -: nothing. Records of what happened are only ever viewed.
TABLE = {
    "arena.contestant":       ("vacd", "vacd", "v",    "v"),
    "arena.revision":         ("va",   "va",   "v",    "v"),
    "arena.apikey":           ("vacd", "vacd", "-",    "v"),
    "arena.registryevent":    ("v",    "v",    "v",    "v"),
    "arena.failure":          ("v",    "v",    "v",    "v"),
    "arena.campaign":         ("vacd", "vac",  "v",    "v"),
    "arena.matchmakingpolicy":("va",   "va",   "v",    "v"),
    "arena.campaigninvitation": ("vac", "vac", "-",   "-"),
    "arena.prompt":           ("v",    "v",    "v",    "v"),
    "arena.preparedanswer":   ("v",    "v",    "v",    "v"),
    "arena.importedvote":     ("v",    "v",    "v",    "v"),
    "arena.import":           ("vc",   "vc",   "v",    "v"),
    "arena.moderationpolicy": ("va",  "v",    "va",   "v"),
    "arena.flag":             ("v",    "v",    "v",    "v"),
    "arena.promptsuggestion": ("vacd", "vacd", "vacd", "v"),
    "arena.battle":           ("v",    "v",    "v",    "v"),
    "arena.turn":             ("v",    "v",    "v",    "v"),
    "arena.answer":           ("v",    "v",    "v",    "v"),
    "arena.vote":             ("vc",   "v",    "vc",   "v"),
    "arena.voter":            ("vd",   "-",    "vd",   "-"),
    "arena.standingchange":   ("v",    "v",    "v",    "v"),
    "arena.bulkchange":       ("v",    "v",    "v",    "v"),
    "arena.suspect":        ("v",    "-",    "v",    "v"),
    "arena.deskpolicy":     ("va",   "v",    "va",   "v"),
    "arena.tally":            ("v",    "v",    "v",    "v"),
    "arena.objection":        ("vc",   "-",    "vc",   "v"),
    "arena.share":            ("vc",   "-",    "vc",   "v"),
    "arena.reason":           ("vac",  "v",    "vac",  "v"),
    "people.invitation":      ("vacd", "-",    "-",    "-"),
    "people.auditevent":      ("v",    "-",    "-",    "-"),
    "admin.logentry":         ("v",    "-",    "-",    "-"),
    "auth.user":              ("vacd", "-",    "-",    "-"),
    "auth.group":             ("vacd", "-",    "-",    "-"),
    "axes.accessattempt":     ("vd",   "-",    "-",    "-"),
}  # fmt: skip


def permissions(role: str) -> set[str]:
    """As `has_perm` names them: "arena.view_vote"."""
    column = [*ROLES].index(role)
    return {name for model, row in TABLE.items() for name in _named(model, row[column])}


def make() -> None:
    """Give each role's group exactly its permissions. Groups with other names stay as they are."""
    with transaction.atomic():
        for role in ROLES:
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set(_rows(permissions(role)))


def _named(model: str, letters: str) -> Iterator[str]:
    app, _, name = model.partition(".")
    for letter in letters.strip("-"):
        yield f"{app}.{ACTIONS[letter]}_{name}"


def _rows(names: set[str]) -> list[Permission]:
    """Raises LookupError: a permission that does not exist would be granted to nobody, silently."""
    wanted = Q()
    for app, _, codename in (name.partition(".") for name in names):
        wanted |= Q(content_type__app_label=app, codename=codename)
    found = [*Permission.objects.filter(wanted).select_related("content_type")]
    if unknown := names - {f"{row.content_type.app_label}.{row.codename}" for row in found}:
        raise LookupError(f"people/roles.py: no such permission: {', '.join(sorted(unknown))}")
    return found
