"""Why a voter voted: taken after the vote, with or without a script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ..errors import Code, Refused
from ..models import Side, Vote
from ..sites import path_of
from ..votes.reasons import Said, keep
from .battles import own_battle


@require_POST
def reasons(request: HttpRequest, public_id: str) -> HttpResponse:
    """/battles/<public_id>/reasons/"""
    battle = own_battle(request, public_id)[0]
    is_script = request.headers.get("Accept") == "application/json"
    try:
        vote = Vote.objects.filter(battle=battle).first()
        if vote is None:
            raise Refused(_("Vote first: reasons come after it."), code=Code.NOT_VOTED)
        keep(vote, {side: said(request.POST, side) for side in Side})
    except Refused as refusal:
        if not is_script:
            raise
        return JsonResponse({"error": str(refusal)}, status=refusal.status)
    if is_script:
        return JsonResponse({})
    return redirect(path_of("battle", public_id) + "#why")


def said(form: QueryDict, side: Side) -> Said:
    comment = form.get(f"comment_{side}", "")
    return Said(form.getlist(side), comment.replace("\r\n", "\n").replace("\0", "").strip())
