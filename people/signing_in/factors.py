"""Who has a second factor, and who must have one."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet

from ..roles import OWNER

EVERYBODY = "all"
Type = Authenticator.Type
KINDS = {
    Type.TOTP: "authenticator app",
    Type.WEBAUTHN: "passkey",
    Type.RECOVERY_CODES: "recovery codes",
}


def of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Authenticator]:
    """Passkeys and the app, without recovery codes, which are none by themselves."""
    mine: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=user.pk)
    return mine.exclude(type=Type.RECOVERY_CODES).order_by("pk")


def have_one() -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.exclude(type=Type.RECOVERY_CODES)
    return rows


def is_required(user: User) -> bool:
    """By SECOND_FACTOR_ROLES, in which superusers count as owners."""
    roles = settings.SECOND_FACTOR_ROLES
    if not roles or EVERYBODY in roles:
        return bool(roles)
    if user.is_superuser and OWNER in roles:
        return True
    return user.groups.filter(name__in=roles).exists()


def is_missing(user: User) -> bool:
    return is_required(user) and not of(user).exists()


def name(factor: Authenticator) -> str:
    kind = KINDS[Type(factor.type)]
    return f"{kind} “{factor.wrap().name}”" if factor.type == Type.WEBAUTHN else kind


def reset(user: User) -> list[str]:
    """Remove all that somebody has, so that the password is enough again; what it was."""
    rows = [*Authenticator.objects.filter(user=user)]
    names = [name(row) for row in rows]
    for row in rows:
        row.delete()
    return names
