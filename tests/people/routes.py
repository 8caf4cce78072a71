"""Every address of the admin, and what each of them needs.

A page that is missing here fails `test_routes.py`: whoever adds one says in a line whom it is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.urls import URLPattern, URLResolver

import config.urls

# Of the pages that Django's admin makes for every model: what viewing and what sending needs.
OF_A_MODEL = {
    "changelist": ("view", "view"),
    "add": ("add", "add"),
    "change": ("view", "change"),
    "delete": ("delete", "delete"),
    "history": ("view", "view"),
}
STAFF = "staff"  # all who may enter the admin
ANYONE = "anyone"
NOBODY = "nobody"
# Of adding a contestant.
WIZARD = (
    "choose", "on_workers", "from_catalogue", "hub", "address", "upload", "upload_piece", "api",
    "anthropic", "downloads", "download", "card",
)  # fmt: skip
# One's own account.
ACCOUNT = (
    "mfa_index", "account_sign_out_elsewhere", "account_reauthenticate", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_add_webauthn",
    "mfa_remove_webauthn", "mfa_edit_webauthn", "account_sign_out_there",
)  # fmt: skip
# Every other page, by its name (or its pattern): one permission, or two, of GET and of POST.
PAGES: dict[str, str | tuple[str, str]] = {
    "index": STAFF,
    "login": ANYONE,
    "logout": STAFF,
    "password_change": STAFF,
    "password_change_done": STAFF,
    "autocomplete": STAFF,  # and the permission to view what is searched, which Django checks
    "jsi18n": STAFF,
    "view_on_site": STAFF,
    "app_list": STAFF,
    "invitation": ANYONE,
    "account_login": ANYONE,
    "mfa_authenticate": ANYONE,  # who has given a password
    "mfa_login_webauthn": ANYONE,
    "password_link": ANYONE,
    "oidc_login": ANYONE,
    "oidc_callback": ANYONE,
    **dict.fromkeys(ACCOUNT, STAFF),
    "auth_user_second_factor": "auth.change_user",
    "auth_user_password_link": "auth.change_user",
    "people_invitation_change": ("people.view_invitation", NOBODY),
    "auth_user_password_change": "auth.change_user",
    "arena_vote_change": ("arena.view_vote", NOBODY),  # its standing changes by actions on the list
    "arena_contestant_state": "arena.change_contestant",
    "arena_contestant_revise": "arena.add_revision",
    "arena_contestant_forget": "arena.add_revision",
    "arena_bulkchange_change": ("arena.view_bulkchange", "arena.change_vote"),
    "arena_suspect_change": ("arena.view_suspect", "arena.change_vote"),
    "arena_contestant_try": ("arena.view_contestant", NOBODY),
    "arena_contestant_probe": "arena.change_contestant",
    "arena_contestant_chat": "arena.change_contestant",
    "trial_continue": "arena.change_contestant",
    "trial_stop": "arena.change_contestant",
    **{f"arena_contestant_{name}": "arena.add_contestant" for name in WIZARD},
    "arena_contestant_ready": ("arena.add_contestant", "arena.change_contestant"),
    "arena_voter_add": ("arena.view_voter", NOBODY),  # there is no such form
    "arena_voter_change": ("arena.view_voter", NOBODY),  # it is read, exported and erased
    "arena_voter_export": "arena.view_voter",
    "arena_campaign_prepare": "arena.change_campaign",
    "campaign_matchmaking": ("arena.view_matchmakingpolicy", "arena.add_matchmakingpolicy"),
    "jobs": ("arena.view_campaign", "arena.change_campaign"),
    "admin/arena/job/<slug:name>/": "arena.change_campaign",  # an import
    "job_follow": "arena.change_campaign",
    "job_delete": "arena.change_campaign",
    "job_file": "arena.view_campaign",
}
# Old addresses, which lead on to pages that check for themselves.
LEADING_ON = (
    "admin/arena/campaign/import/",
    "admin/arena/campaign/demo/",
    "admin/arena/campaign/<int:campaign>/exports/",
    "admin/arena/campaign/exports/",
    "admin/ratings/staticcopy/",
)


@dataclass(frozen=True)
class Route:
    """A page of the admin. `model` is that of a page which Django makes for every model."""

    name: str
    pattern: str

    @property
    def model(self) -> str:
        for model in admin.site._registry:
            start = f"{model._meta.app_label}_{model._meta.model_name}_"
            if self.name.startswith(start) and self.name[len(start) :] in OF_A_MODEL:
                return model._meta.label_lower
        return ""

    @property
    def needs(self) -> tuple[str, str] | None:
        """The permissions of GET and POST; None if nobody has said."""
        if row := PAGES.get(self.pattern) or PAGES.get(self.name):
            return row if isinstance(row, tuple) else (row, row)
        if not self.model:
            return None
        app, _, model = self.model.partition(".")
        get, post = OF_A_MODEL[self.name.rpartition("_")[2]]
        return f"{app}.{get}_{model}", f"{app}.{post}_{model}"

    def path(self, values: dict[str, object]) -> str:
        """Its address with the values of an example. Raises KeyError."""
        pattern = re.sub(r"\(\?P<app_label>[^)]*\)", "arena", self.pattern.replace("^", ""))
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), pattern)
        return "/" + filled.replace("$", "")


def routes() -> list[Route]:
    found = [Route(name, pattern) for pattern, name in _walk(config.urls.urlpatterns)]
    return [
        route
        for route in found
        if route.pattern.startswith("admin/")
        and not route.pattern.startswith(LEADING_ON)
        # Django's own: the old address of a change page, and the end of all addresses.
        and not (route.name == "" and route.pattern.endswith(("<path:object_id>/", "(?P<url>.*)$")))
    ]


def _walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    for one in patterns:
        whole = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, whole)
        else:
            yield whole, one.name or ""
