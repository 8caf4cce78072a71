"""Who of those that the OpenID Connect provider knows may come in, and with which roles."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, NoReturn

from allauth.account.utils import user_email, user_username
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect

from .. import owners
from ..audit import What, record
from ..roles import OWNER, ROLES

logger = logging.getLogger(__name__)

UNKNOWN = (
    "{name} knows you, but this arena does not. Ask an owner for an invitation, with the e-mail "
    "address that {name} has of you."
)
UNVERIFIED = "{name} has not verified your e-mail address, so it can't tell whose account this is."
NO_ROLE = "Your account has no role here any more. Ask an owner."
FAILED = "Signing in with {name} failed. Try again; if it keeps failing, ask who runs the server."


@dataclass(frozen=True)
class _NotAdmitted(Exception):
    sentence: str
    why: str  # for the audit log


class Admission(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """After the provider's answer is verified; whoever is refused gets no session."""
        try:
            with transaction.atomic():
                _admit(request, sociallogin)
        except _NotAdmitted as error:
            refuse(request, error.sentence, error.why)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None,
        extra_context: Any = None,
    ) -> None:  # fmt: skip
        reason = str(exception or request.GET.get("error", "") or "an unknown state")
        reason = " ".join(reason.split())[:300]  # allauth quotes whole answers
        logger.warning("signing in with %s failed: %s", settings.OIDC_NAME, reason)
        refuse(request, FAILED, "not verified")


def _admit(request: HttpRequest, login: SocialLogin) -> None:
    if login.state.get("process") != "login":
        raise _NotAdmitted(FAILED, "not to sign in")
    user, claimed = _somebody(login), roles_of(login)
    if claimed or not user.has_usable_password():
        _give(user, claimed)
    if not user.is_staff:
        raise _NotAdmitted(NO_ROLE, f"no role: {user}")
    if not login.account.pk:
        login.connect(request, user)


def _somebody(login: SocialLogin) -> User:
    """Whose it is already; else who has this verified address; else somebody new with a role."""
    if login.is_existing:
        known: User = login.user
        return known
    verified = [one.email for one in login.email_addresses if one.verified]
    same = [*User.objects.filter(email__iexact=verified[0])] if verified else []
    if len(same) == 1:
        return same[0]
    if not same and roles_of(login):
        return _new(login)
    raise _NotAdmitted(UNKNOWN if verified else UNVERIFIED, "nobody we know")


def _new(login: SocialLogin) -> User:
    email = user_email(login.user) if any(one.verified for one in login.email_addresses) else ""
    wanted = user_username(login.user) or email or str(login.account.uid)
    name, number = wanted[:140], 1
    while User.objects.filter(username=name).exists():
        number += 1
        name = f"{wanted[:140]}-{number}"
    user = User(username=name, email=email or "")
    user.first_name, user.last_name = login.user.first_name, login.user.last_name
    user.set_unusable_password()
    user.save()
    return user


def roles_of(login: SocialLogin) -> set[str]:
    """By OIDC_ROLES, of the claim that OIDC_ROLES_CLAIM names."""
    said = login.account.extra_data["userinfo"].get(settings.OIDC_ROLES_CLAIM) or []
    values = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return {settings.OIDC_ROLES[one] for one in values if one in settings.OIDC_ROLES}


def _give(user: User, roles: set[str]) -> None:
    """Exactly these of our roles; other groups stay, and so does the last owner."""
    if OWNER not in roles and owners.is_last(user):
        roles = roles | {OWNER}
    others = user.groups.exclude(name__in=ROLES)
    user.groups.set([*others, *Group.objects.filter(name__in=roles)])
    user.is_staff = user.is_superuser or user.groups.exists()
    user.save(update_fields=["is_staff"])


def refuse(request: HttpRequest, sentence: str, why: str) -> NoReturn:
    record(request, What.FAILED, f"with {settings.OIDC_NAME}: {why}")
    messages.error(request, sentence.format(name=settings.OIDC_NAME))
    raise ImmediateHttpResponse(redirect("account_login"))
