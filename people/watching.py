"""Feeds the audit log: signing in and out, and whatever staff send in the admin.

The pages of file jobs and the commands record by themselves what leaves the arena or comes in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from axes.signals import user_locked_out
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .audit import What, record
from .signing_in import factors
from .signing_in.middleware import is_in_admin

READING = ("GET", "HEAD", "OPTIONS", "TRACE")
# Those whose name is no visitor's text; of others the log has the number only.
NAMED = {"contestant", "campaign", "reason", "user", "group", "invitation", "apikey"}
SHOWN = 10  # objects of one action that are listed
WHAT = {ADDITION: What.ADDED, CHANGE: What.CHANGED, DELETION: What.DELETED}


class AuditMiddleware:
    """Records every request in the admin that could change something, and what came of it."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = timezone.now()
        response = self.get_response(request)
        if request.method not in READING and _is_by_staff(request):
            _note(request, response, begun)
        return response


def _is_by_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(is_in_admin(request) and user and user.is_authenticated)


def _note(request: HttpRequest, response: HttpResponse, begun: datetime) -> None:
    entries = LogEntry.objects.filter(user=request.user.pk, action_time__gte=begun)
    told = [*_told([*entries.select_related("content_type")])]
    for what, about, detail in told:
        record(request, what, about, detail)
    if not told and not getattr(request, "is_audited", False):
        action = f"{request.POST['action']}, " if request.POST.get("action") else ""
        what = What.REFUSED if response.status_code == 403 else What.SENT
        record(request, what, request.path, f"{action}answered with {response.status_code}")


def _told(entries: list[LogEntry]) -> Iterator[tuple[What, str, str]]:
    """One event for all objects that an action did the same to."""
    alike = defaultdict(list)
    for entry in entries:
        alike[entry.action_flag, entry.get_change_message()].append(entry)
    for (flag, message), several in alike.items():
        names = ", ".join(_name(entry) for entry in several[:SHOWN])
        more = f" and {len(several) - SHOWN} more" if len(several) > SHOWN else ""
        yield WHAT[flag], f"{names}{more}", message


def _name(entry: LogEntry) -> str:
    kind = entry.content_type.name if entry.content_type else "something"
    is_named = entry.content_type is not None and entry.content_type.model in NAMED
    return f"{kind} {entry.object_id}" + (f" ({entry.object_repr})" if is_named else "")


def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    record(request, What.SIGNED_IN, user=user)


def signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        record(request, What.SIGNED_OUT, user=user)


def failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Not once it is locked out, or whoever keeps trying could fill the log."""
    if request is not None and not getattr(request, "axes_locked_out", False):
        record(request, What.FAILED, _tried(credentials.get("username")))


def locked_out(request: HttpRequest, username: str | None, **_: Any) -> None:
    """By the attempt that was one too many; later ones have no number."""
    if getattr(request, "axes_failures_since_start", 0):
        record(request, What.LOCKED_OUT, _tried(username))


def factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    record(request, What.PROTECTED, factors.name(authenticator), user=user)


def factor_removed(
    request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    record(request, What.UNPROTECTED, factors.name(authenticator), user=user)


def codes_made(request: HttpRequest, user: User, **_: Any) -> None:
    record(request, What.NEW_CODES, user=user)


def factor_used(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == factors.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()  # the code was marked in another copy
        left = len(authenticator.wrap().get_unused_codes())
        record(request, What.USED_CODE, f"left: {left}", user=user)


def code_was_wrong(request: HttpRequest, user: User, **_: Any) -> None:
    """Counts towards the lock-out, and is recorded, like a wrong password."""
    user_login_failed.send(__name__, credentials={"username": user.get_username()}, request=request)


def _tried(name: str | None) -> str:
    """An unknown name is not kept: people sometimes type their password there."""
    return f"as {name}" if User.objects.filter(username=name).exists() else "as nobody known"


def begin() -> None:
    user_logged_in.connect(signed_in)
    user_logged_out.connect(signed_out)
    user_login_failed.connect(failed)
    user_locked_out.connect(locked_out)
    mfa.authenticator_added.connect(factor_added)
    mfa.authenticator_removed.connect(factor_removed)
    mfa.authenticator_reset.connect(codes_made)
    mfa.authenticator_used.connect(factor_used)
    mfa.authentication_failed.connect(code_was_wrong)
