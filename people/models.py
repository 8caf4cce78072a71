from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone


class Invitation(models.Model):
    """A link that makes one account with a role. Only the digest of its code is kept."""

    class State(models.TextChoices):
        OPEN = "open"
        USED = "used"
        REVOKED = "revoked"
        EXPIRED = "expired"

    role = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(
        max_length=200, blank=True, help_text="Whom it is for. Nothing is sent to them."
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(editable=False)
    used = models.DateTimeField(null=True, editable=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    revoked = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"invitation {self.pk} ({self.role})"

    @property
    def state(self) -> State:
        if self.used:
            return self.State.USED
        if self.revoked:
            return self.State.REVOKED
        return self.State.OPEN if timezone.now() < self.expires else self.State.EXPIRED


def digest_of(code: str) -> str:
    """Plain SHA-256 is enough: a code has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(code.encode()).hexdigest()


class AuditEvent(models.Model):
    """Something that somebody did. Append-only: the database rejects updates and deletions."""

    class What(models.TextChoices):
        SIGNED_IN = "signed in", "signed in"
        SIGNED_OUT = "signed out", "signed out"
        FAILED = "failed to sign in", "failed to sign in"
        LOCKED_OUT = "was locked out", "was locked out"
        JOINED = "accepted an invitation", "accepted an invitation"
        PROTECTED = "added a second factor", "added a second factor"
        UNPROTECTED = "removed a second factor", "removed a second factor"
        NEW_CODES = "made new recovery codes", "made new recovery codes"
        USED_CODE = "used a recovery code", "used a recovery code"
        RENAMED = "renamed a passkey", "renamed a passkey"
        LINKED = "made a password link", "made a password link"
        NEW_PASSWORD = "set a new password", "set a new password"
        ENDED = "signed out elsewhere", "signed out elsewhere"
        ADDED = "added", "added"
        CHANGED = "changed", "changed"
        DELETED = "deleted", "deleted"
        SENT = "sent", "sent"
        REFUSED = "was refused", "was refused"
        ORDERED = "ordered a file job", "ordered a file job"
        DOWNLOADED = "downloaded", "downloaded"
        IMPORTED = "imported", "imported"
        EXPORTED = "exported", "exported"

    at = models.DateTimeField(auto_now_add=True)
    # No foreign key: it would have to change when the account is deleted.
    user_id = models.BigIntegerField(null=True)
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=30, choices=What)
    about = models.CharField(max_length=300, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    address = models.GenericIPAddressField(null=True, help_text="IP address")

    class Meta:
        ordering = ["-pk"]
        verbose_name = "entry of the audit log"
        verbose_name_plural = "audit log"

    def __str__(self) -> str:
        return " ".join(filter(None, [self.who, self.what, self.about]))
