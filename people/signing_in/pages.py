"""Pages of signing in, and of one's own account."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.forms import TextInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ..audit import What, record
from . import factors, sessions

View = Callable[..., Any]


def framed(view: View, title: str, **more: Any) -> View:
    """A page of allauth's in the frame of the admin."""

    @wraps(view)
    def framed_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            own = {**admin.site.each_context(request), "title": title, **more}
            response.context_data = {**own, **(response.context_data or {})}
        return response

    return never_cache(framed_view)


def for_staff(view: View, title: str = "", **more: Any) -> View:
    staff_view: View = admin.site.admin_view(framed(view, title, **more))
    return staff_view


class NameAndPassword(AdminAuthenticationForm):
    """Names no longer than they can be: Django only tells the browser, and axes keeps them."""

    username = UsernameField(
        max_length=User._meta.get_field("username").max_length,
        widget=TextInput(attrs={"autofocus": True}),
    )


class SignIn(LoginView):
    """A name and a password; then, of those who have one, the second factor."""

    authentication_form = NameAndPassword
    template_name = "admin/login.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return redirect("admin:index")
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        return begin(self.request, form.get_user(), self.get_success_url())

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"app_path": self.request.get_full_path(), "oidc": _oidc()}
        return super().get_context_data(**own, **kwargs)


def begin(request: HttpRequest, user: Any, to: str) -> HttpResponse:
    """Every way to sign in ends here: it asks for the second factor before anybody is in."""
    response: HttpResponse = perform_login(request, user, redirect_url=to)
    return response


def account(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    sessions.note(request)
    mine = [*Authenticator.objects.filter(user=user).order_by("pk")]
    codes = [one for one in mine if one.type == factors.Type.RECOVERY_CODES]
    context = {
        "app": next((one for one in mine if one.type == factors.Type.TOTP), None),
        "passkeys": [one for one in mine if one.type == factors.Type.WEBAUTHN],
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else None,
        "is_required": factors.is_required(user),
        "sessions": [(row, sessions.browser(row)) for row in sessions.of(user)],
        "roles": [group.name for group in user.groups.all()],
    }
    return TemplateResponse(request, "admin/account/page.html", context)


@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    ended = sessions.end_others(request, user)
    record(request, What.ENDED, f"sessions: {ended}")
    messages.success(request, f"Signed out elsewhere: {_counted(ended)}.")
    return redirect("mfa_index")


@require_POST
def sign_out_there(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    ended = sessions.end_one(request, user, pk)
    if ended is None:
        messages.info(request, "That session has ended already.")
        return redirect("mfa_index")
    where = f"{sessions.browser(ended)} from {ended.ip}"
    record(request, What.ENDED, where, user=user)
    messages.success(request, f"Signed out: {where}.")
    return redirect("mfa_index")


def reset_factors(request: HttpRequest, user: User) -> None:
    """By an owner, for somebody who lost theirs. Whoever has found it is signed out."""
    names = factors.reset(user)
    sessions.end_all(user)
    record(request, What.UNPROTECTED, f"user {user.pk} ({user})", ", ".join(names))


def _oidc() -> str:
    """The provider's name, if there is one."""
    return str(settings.OIDC_NAME) if settings.OIDC_ISSUER else ""


def _counted(number: int) -> str:
    return "1 session" if number == 1 else f"{number} sessions"
