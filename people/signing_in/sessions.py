"""Where somebody is signed in."""

from __future__ import annotations

import re
from importlib import import_module

from allauth.core.internal.sessionkit import get_session_user
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

LISTED, USED = "listed_as", "used_at"
_NOTED_EVERY_S = 300
# In this order: Edge and Opera also say that they are Chrome, and Chrome that it is Safari.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome",
            "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"Android": "Android", "iPhone|iPad": "iOS", "Windows": "Windows", "Mac OS": "macOS",
           "Linux": "Linux"}  # fmt: skip


def has_rested(request: HttpRequest) -> bool:
    """Whether nobody has used this session for too long."""
    used = request.session.get(USED)
    limit_s = 3600 * settings.STAFF_IDLE_HOURS
    return used is not None and 0 < limit_s < timezone.now().timestamp() - used


def note(request: HttpRequest) -> None:
    """List this session, also one that began before there was a list; a new key is a new one. And
    note that it is used."""
    now = timezone.now().timestamp()
    if now - request.session.get(USED, 0) > _NOTED_EVERY_S:
        request.session[USED] = now
    if request.session.get(LISTED) != request.session.session_key:
        UserSession.objects.create_from_request(request)
        request.session[LISTED] = request.session.session_key


def of(user: User) -> list[UserSession]:
    """Those that still are, the newest first."""
    rows = UserSession.objects.purge_and_list(user)
    return sorted(rows, key=lambda row: row.created_at, reverse=True)


def end_others(request: HttpRequest, user: User) -> int:
    others = [row for row in of(user) if not row.is_current()]
    end_sessions(request, others)
    return len(others)


def end_one(request: HttpRequest, user: User, pk: int) -> UserSession | None:
    """None if it is not one of theirs, or has ended."""
    found: UserSession | None = next((row for row in of(user) if row.pk == pk), None)
    if found is not None:
        end_sessions(request, [found])
    return found


def user_of(session_key: str | None) -> User | None:
    """Who is signed in with it now: for connections that outlive the request that opened them."""
    user = get_session_user(import_module(settings.SESSION_ENGINE).SessionStore(session_key))
    return user if isinstance(user, User) and user.is_active else None


def end_all(user: User) -> None:
    for row in UserSession.objects.filter(user=user):
        row.end()


def browser(session: UserSession) -> str:
    """In words, as far as it says so."""
    found = [_named(names, session.user_agent) for names in (BROWSERS, SYSTEMS)]
    return " on ".join(filter(None, found)) or "An unknown browser"


def _named(names: dict[str, str], text: str) -> str:
    return next((name for sign, name in names.items() if re.search(sign, text)), "")
