"""The revisions of a contestant: each is frozen, so an edit is a new one, filled in from the last
and shown beside it before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from ..generating import learning
from ..models import Answer, Contestant, Revision
from . import api_terms, differences
from .forms import RevisionForm, RevisionFormSet, against_cap
from .listing import abilities

WEIGHTS = ["weights", "prompt_format"]
API = ["remote_model", "url", "key_variable", "timeout_s", ("daily_tokens", "daily_usd")]
SAMPLING = [
    ("temperature", "top_p"), ("top_k", "min_p"), ("repeat_penalty", "seed"),
    ("frequency_penalty", "presence_penalty"), "other",
]  # fmt: skip
LIMITS = [("max_tokens", "max_thought_tokens"), "answer_s"]
TERMS = ["limit_name", "left_out", "ways"]
SAMPLED = (
    "Where nothing is given, weights here have the value shown in grey; an API has one of its own."
)
FOUND_OUT = (
    "Model workers find out by themselves what an API rejects, and send less or in another way. "
    "What is fixed here they know from the start."
)
FIELDSETS: list[Any] = [
    ("Where it runs", {"fields": ["backend"]}),
    ("Weights here", {"fields": WEIGHTS, "classes": ["for-weights"]}),
    ("API", {"fields": API, "classes": ["for-api"]}),
    ("Answers", {"fields": ["system_prompt", *LIMITS, "stop"]}),
    ("Sampling", {"fields": SAMPLING, "description": SAMPLED}),
    ("What the API accepts", {"fields": TERMS, "classes": ["for-api"], "description": FOUND_OUT}),
]


FORGOTTEN = "Forgotten. With its next answer, model workers find out again what its API accepts."


class RevisionInline(admin.StackedInline):
    """The first revision, on the form of a new contestant."""

    model = Revision
    form = RevisionForm
    formset = RevisionFormSet
    fieldsets = FIELDSETS
    max_num = extra = 1
    can_delete = False


class Revising(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        revise = self.admin_site.admin_view(self.revise)
        forget = self.admin_site.admin_view(require_POST(self.forget))
        return [
            path("<int:pk>/revise/", revise, name="arena_contestant_revise"),
            path("<int:pk>/forget/", forget, name="arena_contestant_forget"),
            *super().get_urls(),
        ]

    def forget(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have workers find out again what its API accepts."""
        if not request.user.has_perm("arena.add_revision"):
            raise PermissionDenied
        one = get_object_or_404(Contestant, pk=pk)
        if last := newest(one):
            learning.forget(last)
            self.log_change(request, one, "forgot what was learned of its API")
            self.message_user(request, FORGOTTEN, messages.SUCCESS)
        return redirect("admin:arena_contestant_change", pk)

    def revise(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("arena.add_revision"):
            raise PermissionDenied
        one = get_object_or_404(Contestant, pk=pk)
        last = newest(one)
        form = RevisionForm(
            request.POST or None,
            instance=Revision(contestant=one, number=last.number + 1 if last else 1),
            initial=_filled_in(last, request.GET.getlist("keep")) if last else None,
        )
        changes = None
        if form.is_valid():
            if why := against_cap(one, form.instance):
                form.add_error("daily_usd", why)
            else:
                changes = self._changes(last, form.instance)
                if "_save" in request.POST and (changes or last is None):
                    return self._save(request, form)
        return self._page(request, one, form, changes)

    def _changes(self, last: Revision | None, new: Revision) -> list[differences.Change]:
        if last is None:
            return []
        if new.weights == last.weights and not new.weights_sha256:  # no worker tells at the moment
            new.weights_sha256, new.quantisation = last.weights_sha256, last.quantisation
        return differences.between(last, new)

    def _save(self, request: HttpRequest, form: RevisionForm) -> HttpResponse:
        revision = save_next(form.instance)
        one = revision.contestant
        self.log_change(request, one, f"revision {revision.number}")
        said = f"Saved as revision {revision.number}. It answers from the next battle on."
        found = abilities([one]).get(one.pk)
        if found is not None and found.reasons:
            self.message_user(request, f"Saved as revision {revision.number}.", messages.SUCCESS)
            self.message_user(request, f"It is not drawn: {found.sentence}", messages.WARNING)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:arena_contestant_change", one.pk)

    def _page(
        self, request: HttpRequest, one: Contestant, form: RevisionForm, changes: Any
    ) -> HttpResponse:
        fieldsets = AdminForm(form, FIELDSETS, {}, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{one}: revision {form.instance.number}",
            "contestant": one,
            "form": form,
            "fieldsets": fieldsets,
            "changes": changes,
            "number": form.instance.number,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/contestant/revise.html", context)


def _filled_in(last: Revision, keep: list[str]) -> dict[str, Any]:
    """From the last one, with what was learned of it and is to be kept."""
    initial = model_to_dict(last, exclude=["id", "contestant", "number"])
    known = {lesson.word for lesson in api_terms.learned(last) if not lesson.objection}
    return api_terms.kept(initial, sorted(known.intersection(keep)))


def newest(contestant: Contestant) -> Revision | None:
    return contestant.revisions.filter(number__gt=0).order_by("-number").first()


@transaction.atomic
def save_next(revision: Revision) -> Revision:
    """Save as the next revision, whichever number that is by now."""
    one = Contestant.objects.select_for_update(no_key=True).get(pk=revision.contestant_id)
    last = newest(one)
    revision.number = last.number + 1 if last else 1
    revision.save()
    return revision


def last_run(revision: Revision | None) -> str:
    """What its newest answer says of how it was really run: the engine, and what an API has been
    found to reject."""
    if revision is None:
        return ""
    answers = Answer.objects.filter(revision=revision).exclude(engine="").order_by("-created")
    return answers.values_list("engine", flat=True).first() or ""
