"""Invitations: made by owners, used once."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db import transaction
from django.utils import timezone

from .models import Invitation, digest_of


class NotOpen(Exception):
    """The sentence says why nobody can use this invitation."""


WORDS = {
    Invitation.State.USED: "This invitation has been used, and made an account. Sign in with that, "
    "or ask for a new invitation.",
    Invitation.State.REVOKED: "This invitation has been withdrawn. Ask whoever sent it.",
    Invitation.State.EXPIRED: "This invitation has expired. Ask for a new one.",
}
UNKNOWN = "There is no such invitation. Check that the whole address was copied."


def new(
    role: Group, note: str, days: int, made_by: AbstractBaseUser | AnonymousUser
) -> tuple[Invitation, str]:
    """The invitation, and its code: only now, as it is not kept."""
    code = secrets.token_urlsafe(32)
    expires = timezone.now() + timedelta(days=days)
    made = Invitation(role=role, note=note, expires=expires, made_by_id=made_by.pk)
    made.digest = digest_of(code)
    made.save()
    return made, code


def find(code: str) -> Invitation:
    """Raises NotOpen."""
    found = Invitation.objects.filter(digest=digest_of(code)).select_related("role").first()
    if found is None:
        raise NotOpen(UNKNOWN)
    _check(found)
    return found


@transaction.atomic
def accept(invitation: Invitation, user: User) -> None:
    """Save the new user with the invitation's role. Raises NotOpen, and saves nobody, if another
    was quicker."""
    current = Invitation.objects.select_for_update().get(pk=invitation.pk)
    _check(current)
    user.is_staff = True
    user.save()
    user.groups.add(current.role)
    current.used, current.used_by = timezone.now(), user
    current.save()


@transaction.atomic
def revoke(invitation: Invitation) -> bool:
    """False if it is no longer open."""
    current = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if current.state != Invitation.State.OPEN:
        return False
    current.revoked = timezone.now()
    current.save()
    return True


def _check(invitation: Invitation) -> None:
    if invitation.state != Invitation.State.OPEN:
        raise NotOpen(WORDS[invitation.state])
