"""Owners: superusers, and members of the group. There is always one who can sign in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db.models import Q, QuerySet

from .roles import OWNER

LAST = (
    "This is the last owner who can sign in. Make somebody else an owner first; otherwise nobody "
    "could give out roles any more."
)


def everyone() -> QuerySet[User]:
    owners = Q(is_superuser=True) | Q(groups__name=OWNER)
    return User.objects.filter(owners, is_active=True, is_staff=True).distinct()


def includes(user: AbstractBaseUser | AnonymousUser) -> bool:
    return user.is_authenticated and everyone().filter(pk=user.pk).exists()


def is_last(user: User) -> bool:
    """Within a transaction: whoever asks next waits until this one has done what it is about to do,
    so that two owners cannot remove each other at once."""
    _lock()
    return includes(user) and not everyone().exclude(pk=user.pk).exists()


def _lock() -> None:
    list(Group.objects.select_for_update(no_key=True).filter(name=OWNER))
