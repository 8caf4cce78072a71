"""/admin/arena/campaign/<pk>/matchmaking/: preview first, then save what was previewed."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from arena.errors import Refused
from arena.jobs.admin import check
from arena.matchmaking import ability, changing
from arena.matchmaking.answered import Answered
from arena.matchmaking.policies import Rules
from arena.models import Campaign, Contestant
from arena.row_keys import key_of
from people.audit import What, record

from ..presentation.policies import told
from .forms import PolicyForm, digest
from .preview import Preview

TO_LOOK, TO_CHANGE = "arena.view_matchmakingpolicy", "arena.add_matchmakingpolicy"


def page(request: HttpRequest, pk: int) -> HttpResponse:
    check(request, TO_CHANGE if request.method == "POST" else TO_LOOK)
    campaign = get_object_or_404(Campaign, pk=pk)
    if campaign.kind == Campaign.Kind.IMPORTED:
        return answered(request, campaign)
    playing = playing_in(campaign)
    holding = changing.rules_of(changing.current(campaign))
    if request.method != "POST":
        return shown(request, campaign, playing, PolicyForm(playing, again(request, campaign)))
    form = PolicyForm(playing, holding, request.POST)
    if not form.is_valid():
        return shown(request, campaign, playing, form)
    rules, reason = form.rules, form.cleaned_data["reason"]
    if "save" in request.POST and form.cleaned_data["previewed"] == digest(rules):
        if saved(request, campaign, rules, reason):
            return redirect("campaign_matchmaking", pk)
    elif "save" in request.POST:
        messages.warning(
            request, "You changed something after the preview. Look at this one, then save."
        )
    fresh = PolicyForm(playing, rules, initial={"reason": reason, "previewed": digest(rules)})
    return shown(request, campaign, playing, fresh, rules)


def playing_in(campaign: Campaign) -> list[Contestant]:
    """The active contestants that take part in the campaign: all, if it names none; in a prepared
    one, those who have answered, by name."""
    if campaign.kind == Campaign.Kind.PREPARED:
        answered = Answered.of(campaign).contestants
        return [*Contestant.objects.filter(pk__in=answered).order_by("name")]
    active = Contestant.objects.filter(state=Contestant.State.ACTIVE).order_by("name")
    chosen = campaign.contestants.values("pk")
    return [*(active.filter(pk__in=chosen) if chosen.exists() else active)]


def again(request: HttpRequest, campaign: Campaign) -> Rules:
    """What the form begins with: the policy that holds, or an older one to use again."""
    wanted = request.GET.get("like", "")
    older = campaign.matchmaking.filter(number=key_of(wanted)).first()
    return changing.rules_of(older or changing.current(campaign))


def saved(request: HttpRequest, campaign: Campaign, rules: Rules, reason: str) -> bool:
    try:
        made = changing.change(campaign, rules, reason, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return False
    record(request, What.CHANGED, f"matchmaking of {campaign}", f"{made.label}: {reason}")
    messages.success(request, f"Saved: battles are drawn by {made.label} from now on.")
    return True


def shown(
    request: HttpRequest,
    campaign: Campaign,
    playing: Sequence[Contestant],
    form: PolicyForm,
    previewed: Rules | None = None,
) -> HttpResponse:
    """The page; `previewed`: what would be saved next."""
    holding = changing.rules_of(changing.current(campaign))
    found = Preview(campaign, playing, holding, previewed or holding)
    return answered(
        request,
        campaign,
        form=form,
        lines=[(line, form.factor_of(line.contestant.pk)) for line in found.shares],
        preview=found if len(playing) > 1 else None,
        is_preview=previewed is not None,
        is_other=previewed is not None and previewed != holding,
        unable=unable(campaign, playing),
        history=told(campaign),
        may_change=request.user.has_perm(TO_CHANGE),
    )


def unable(campaign: Campaign, playing: Sequence[Contestant]) -> list[ability.Ability]:
    """Who cannot answer now; prepared answers are there already."""
    if campaign.kind == Campaign.Kind.PREPARED:
        return []
    return [each for each in ability.of(playing) if not each.is_able]


def answered(request: HttpRequest, campaign: Campaign, **more: object) -> HttpResponse:
    about = {"title": f"Matchmaking of {campaign}", "campaign": campaign}
    context = {**admin.site.each_context(request), **about, **more}
    return TemplateResponse(request, "admin/arena/campaign/matchmaking.html", context)
