"""Each role gets exactly the pages of the admin that the table of roles gives it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client

from people import roles
from people.models import AuditEvent
from tests.people import examples
from tests.people.routes import ANYONE, STAFF, WIZARD, Route, routes

# Answers to those who may, where they are others than 200: of GET and of POST.
STATUS = {
    "login": (302, 200),  # who is in already is led on
    "logout": (405, 200),
    "password_change_done": (200, 405),
    "autocomplete": (403, 405),  # it wasn't said what to look for
    "app_list": (302, 302),  # leads to the dashboard
    "jsi18n": (200, 405),
    "view_on_site": (404, 404),  # a vote has no page of its own
    "invitation": (410, 410),  # there is none with this code
    "account_login": (302, 200),
    "mfa_authenticate": (302, 302),  # nobody has just given a password
    "mfa_login_webauthn": (302, 302),
    "oidc_login": (404, 404),  # no provider is set up
    "oidc_callback": (404, 404),
    "account_sign_out_elsewhere": (405, 302),
    "account_sign_out_there": (405, 302),
    "mfa_reauthenticate": (403, 403),  # the example has neither a password nor a second factor
    "account_reauthenticate": (403, 403),
    "mfa_reauthenticate_webauthn": (403, 403),
    "mfa_deactivate_totp": (404, 404),
    "mfa_view_recovery_codes": (404, 405),
    "mfa_generate_recovery_codes": (200, 200),
    "mfa_remove_webauthn": (404, 404),
    "mfa_edit_webauthn": (404, 404),
    "password_link": (200, 200),  # which says that it no longer works
    "auth_user_second_factor": (200, 302),
    "arena_contestant_try": (200, 405),
    "arena_contestant_probe": (405, 503),  # no worker serves it
    "arena_contestant_chat": (405, 400),  # no prompt
    "arena_contestant_forget": (405, 302),
    "trial_continue": (405, 404),
    "trial_stop": (405, 404),
    **dict.fromkeys(
        (f"arena_contestant_{name}" for name in WIZARD if name not in ("hub", "address", "upload")),
        (200, 405),
    ),
    "arena_contestant_upload_piece": (405, 400),
    "arena_contestant_download": (404, 404),
    "arena_contestant_card": (404, 404),
    # The examples are of a battle, so they stay, and the page says why.
    "arena_contestant_delete": (409, 409),
    "arena_campaign_delete": (409, 409),
    "arena_moderationpolicy_add": (302, 200),  # its form is on the page of the one that holds
    "arena_suspect_change": (200, 302),  # nothing was chosen, and its page says so
    "arena_voter_add": (403, 403),
    "arena_voter_change": (200, 403),
    "arena_voter_delete": (200, 302),
    "arena_voter_export": (302, 200),
    "job_follow": (405, 302),
    "job_delete": (405, 302),
    "job_file": (200, 405),
    "arena_vote_change": (302, 403),  # its battle has all of it
    "arena_share_change": (200, 302),  # an empty form is valid: it is not blocked
}
SIGN_IN = ("login", "account_login")  # one page, by our name and by Django's


@dataclass(frozen=True)
class Visitor:
    name: str
    may: frozenset[str]
    client: Client

    def status(self, method: str, path: str) -> int:
        """Of a request whose effects are undone."""
        return self.answer(method, path)[0]

    def answer(self, method: str, path: str) -> tuple[int, list[str]]:
        """Its status, and what the audit log then says of it."""
        cookies = deepcopy(self.client.cookies)
        last = AuditEvent.objects.latest("pk").pk
        with transaction.atomic():
            response = self.client.get(path) if method == "GET" else self.client.post(path)
            logged = [str(one) for one in AuditEvent.objects.filter(pk__gt=last)]
            transaction.set_rollback(True)
        self.client.cookies = cookies
        return response.status_code, logged


@pytest.fixture
def visitors(db: None, caplog: pytest.LogCaptureFixture) -> list[Visitor]:
    caplog.set_level("ERROR", "django.request")  # each refusal would log its traceback
    roles.make()
    in_roles = [_signed_in(role, roles.permissions(role) | {STAFF}) for role in roles.ROLES]
    return [Visitor("anonymous", frozenset(), Client()), _signed_in("plain", set()), *in_roles]


def _signed_in(name: str, may: set[str]) -> Visitor:
    user = User.objects.create_user(name, is_staff=STAFF in may)
    user.groups.set(Group.objects.filter(name=name))
    client = Client()
    client.force_login(user)
    return Visitor(name, frozenset(may), client)


def test_every_page_of_the_admin_says_what_it_needs() -> None:
    unsaid = [
        f"{route.name or '(no name)'} at {route.pattern}" for route in routes() if not route.needs
    ]
    assert unsaid == [], (
        "Add a line for each to PAGES in tests/people/routes.py: which permission does it need? "
        "Its view has to check that one, as `admin_view` checks only that somebody is staff."
    )


def test_every_model_in_the_admin_is_in_the_table_of_roles() -> None:
    # By the permissions of campaigns, and of contestants.
    pages_of_its_own = {"arena.job", "arena.probe"}
    registered = {model._meta.label_lower for model in admin.site._registry} - pages_of_its_own
    missing = sorted(registered - {*roles.TABLE})
    assert missing == [], "Add a line for each to TABLE in people/roles.py: who may do what?"


@pytest.mark.timeout(900)  # every page, for every role
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_role_gets_the_pages_of_the_table(method: str, visitors: list[Visitor]) -> None:
    rows = examples.make()
    absent = sorted({route.model for route in routes() if route.model} - {*rows})
    assert absent == [], "Add an example of each to tests/people/examples.py."
    wrong = [
        f"{method} {route.pattern} as {visitor.name}: {status}, not {expected}"
        for route in routes()
        for visitor in visitors
        for expected in [_expected(route, method, visitor)]
        for status in [visitor.status(method, examples.path_of(route, rows))]
        if status != expected
    ]
    assert not wrong, "\n".join(wrong)


def test_what_staff_send_is_logged_once(visitors: list[Visitor]) -> None:
    rows = examples.make()
    owner = next(visitor for visitor in visitors if visitor.name == roles.OWNER)
    wrong = [
        f"{route.pattern}: {logged}"
        for route in routes()
        for _, logged in [owner.answer("POST", examples.path_of(route, rows))]
        if len(logged) != 1
    ]
    assert not wrong, "\n".join(wrong)


def _expected(route: Route, method: str, visitor: Visitor) -> int:
    needs = (route.needs or ("", ""))[method == "POST"]
    if STAFF not in visitor.may:
        # The page to sign in, for all who may not enter.
        return 302 if needs != ANYONE else 200 if route.name in SIGN_IN else _answer(route, method)
    if needs in visitor.may or needs == ANYONE:
        return _answer(route, method)
    return 405 if _answer(route, method) == 405 else 403


def _answer(route: Route, method: str) -> int:
    """To those who may."""
    return STATUS.get(route.name, (200, 200))[method == "POST"]


def test_table_in_the_docs_is_the_table() -> None:
    assert "\n".join(_table()) in (settings.BASE_DIR / "docs/people.md").read_text()


def _table() -> Iterator[str]:
    yield f"| | {' | '.join(roles.ROLES)} |"
    yield "|---" * (len(roles.ROLES) + 1) + "|"
    for model, row in roles.TABLE.items():
        said = (", ".join(roles.ACTIONS[one] for one in letters.strip("-")) for letters in row)
        yield f"| `{model}` | {' | '.join(each or '-' for each in said)} |"
