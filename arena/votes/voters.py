"""Voters: a pseudonym in a signed cookie, set with the first prompt, not for mere readers."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponseBase

from ..models import Voter

MAX_AGE_S = 365 * 24 * 3600


def key_of(cookies: Mapping[str, str]) -> UUID | None:
    """The key of the voter these cookies belong to; None without a validly signed one."""
    try:
        return UUID(_signer().unsign(cookies[settings.VOTER_COOKIE_NAME]))
    except (KeyError, BadSignature, ValueError):
        return None


def voter_of(cookies: Mapping[str, str]) -> Voter | None:
    key = key_of(cookies)
    return Voter.objects.filter(key=key).first() if key else None


def voter_or_new(request: HttpRequest) -> Voter:
    return voter_of(request.COOKIES) or Voter.objects.create()


def remember(response: HttpResponseBase, voter: Voter) -> None:
    response.set_cookie(
        settings.VOTER_COOKIE_NAME,
        _signer().sign(str(voter.key)),
        max_age=MAX_AGE_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget_cookie(response: HttpResponseBase) -> None:
    for name in {settings.VOTER_COOKIE_NAME, "voter"}:  # and that of the release before
        response.delete_cookie(name, samesite="Lax")


def _signer() -> Signer:
    return Signer(salt="arena.voter")
