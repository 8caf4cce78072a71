"""The audit log: who did what to what, when and from which address. No secrets, no prompts."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_client_ip_address
from django.http import HttpRequest

from .models import AuditEvent

What = AuditEvent.What
COMMAND_LINE = "command line"


def record(
    request: HttpRequest | None, what: What, about: str = "", detail: str = "", user: Any = None
) -> None:
    """Without a request: by a command. `user` is who asks, unless given; "nobody" if unknown."""
    user = user or getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    AuditEvent.objects.create(
        what=what,
        user_id=user.pk if known else None,
        who=user.get_username() if known else "nobody" if request else COMMAND_LINE,
        about=about[:300],
        detail=detail[:500],
        address=get_client_ip_address(request) if request else None,
    )
    if request is not None:
        request.is_audited = True  # type: ignore[attr-defined]
