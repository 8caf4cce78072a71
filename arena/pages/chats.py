"""The pages of chats with named models, if the setting `NAMED_CHATS` allows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import broker
from ..battles import watching
from ..chats import talking
from ..chats.view import ChatView
from ..errors import Code, Refused
from ..limiting import gates
from ..limiting.clients import client_of
from ..limits import PROMPTS
from ..models import Chat, Contestant
from ..sites import path_of
from ..votes.voters import remember, voter_of, voter_or_new
from .refusing import with_refusal

View = Callable[..., HttpResponse]


def if_allowed(view: View) -> View:
    @wraps(view)
    def allowed(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        if not settings.NAMED_CHATS:
            raise Http404
        return view(request, *args, **kwargs)

    return allowed


@if_allowed
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """/chats/: choose the models, and begin."""
    chosen = [request.POST.get(name, request.GET.get(name, "")) for name in ("first", "second")]
    prompt = request.POST.get("prompt", request.GET.get("prompt", ""))
    if request.method != "POST":
        return _index(request, chosen, prompt)
    known = voter_of(request.COOKIES)
    try:
        gates.ask(client_of(request, known))
    except Refused as refusal:  # before there is a voter: a flood makes none
        return _index(request, chosen, prompt, refusal)
    voter = known or voter_or_new(request)
    gates.arrive(client_of(request, voter), is_new=known is None)
    try:
        chat = talking.begin(voter, chosen, prompt, request.POST.get("anyway", ""))
    except Refused as refusal:
        response = _index(request, chosen, prompt, refusal)
    else:
        response = redirect("chat", chat.public_id)
    remember(response, voter)
    return response


@if_allowed
@never_cache
@require_safe
def page(request: HttpRequest, public_id: str) -> HttpResponse:
    """/chats/<public_id>/"""
    chat = _own_chat(request, public_id)
    watching.note(chat)
    return _chat(request, chat)


@if_allowed
@require_POST
def continue_(request: HttpRequest, public_id: str) -> HttpResponse:
    """/chats/<public_id>/turns/"""
    prompt = request.POST.get("prompt", "")
    try:
        chat = _own_chat(request, public_id)
    except Refused as refusal:  # the voter's cookie has expired, for example
        return _index(request, ["", ""], prompt, refusal)
    try:
        gates.ask(client_of(request, chat.voter))
        turn = talking.continue_(chat, prompt, request.POST.get("anyway", ""))
    except Refused as refusal:
        if ChatView(chat).can_continue:
            return _chat(request, chat, refusal, prompt)
        slugs = [contestant.slug for contestant in ChatView(chat).contestants]
        return _index(request, [*slugs, ""], prompt, refusal)
    return redirect(path_of("chat", public_id) + f"#turn-{turn.number}")


@if_allowed
@require_POST
def stop(request: HttpRequest, public_id: str) -> HttpResponse:
    """/chats/<public_id>/stop/"""
    talking.stop(_own_chat(request, public_id))
    return redirect("chat", public_id)


def _own_chat(request: HttpRequest, public_id: str) -> Chat:
    needed = ("revision_a__contestant", "revision_b__contestant")
    chat = Chat.objects.filter(public_id=public_id).select_related(*needed).first()
    voter = voter_of(request.COOKIES)
    if chat is None or voter is None or chat.voter_id != voter.pk:
        raise Refused(_("There is no such chat."), code=Code.NO_SUCH_CHAT, status=404)
    return chat


def _index(
    request: HttpRequest, chosen: list[str], prompt: str, refusal: Refused | None = None
) -> HttpResponse:
    context = {
        "models": _models(),
        "first": chosen[0],
        "second": chosen[1],
        "prompt": prompt,
        "max_prompt": PROMPTS.characters,
    }
    return with_refusal(request, "chats/index.html", context, refusal)


def _models() -> list[Contestant]:
    """The models to choose from; none while the broker is unavailable."""
    with broker.spared("which models can be chosen is unknown"):
        return [revision.contestant for revision in talking.choices()]
    return []


def _chat(
    request: HttpRequest, chat: Chat, refusal: Refused | None = None, prompt: str = ""
) -> HttpResponse:
    context = {
        "view": ChatView(chat),
        "prompt": prompt,
        "max_prompt": PROMPTS.characters,
    }
    return with_refusal(request, "chats/page.html", context, refusal)
