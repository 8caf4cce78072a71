"""Step 3: the draft can be tried, and is then activated."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from arena.errors import Refused
from arena.matchmaking import ability
from arena.models import Contestant, Probe
from arena.probing import gate

from .. import lifecycle
from .pages import page

TO_CHANGE = "arena.change_contestant"


def ready(request: HttpRequest, pk: int) -> HttpResponse:
    contestant = get_object_or_404(Contestant, pk=pk)
    error = ""
    if request.method == "POST":
        if not request.user.has_perm(TO_CHANGE):
            raise PermissionDenied
        reason, anyway = request.POST.get("reason", ""), "anyway" in request.POST
        try:
            _activate(contestant, reason, request.user, anyway)  # type: ignore[arg-type]
        except Refused as refused:
            error = str(refused)
        else:
            return redirect("admin:arena_contestant_ready", pk)
    (able,) = ability.of([contestant])
    context = {
        "contestant": contestant,
        "able": able,
        "error": error,
        "probe": Probe.objects.filter(revision__contestant=contestant).first(),
        "objection": gate.objection(contestant),
    }
    return page(request, "ready", str(contestant), 3, **context)


def _activate(contestant: Contestant, reason: str, by: AbstractBaseUser, anyway: bool) -> None:
    """Raises Refused: without a reason, or if something speaks against it."""
    lifecycle.change_state([contestant], Contestant.State.ACTIVE, reason, by, anyway=anyway)
