"""A voter's consent to the publication of their votes, and its withdrawal."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from arena.models import Consent, Voter

WORDING = (
    "My prompts and votes, with the answers I compared, may be published for research. "
    "Addresses, phone, card and account numbers in them are redacted first. I can withdraw my "
    "consent."
)
# Votes that may be published: for `Vote.objects.filter`.
CONSENTED = Q(voter__consent__isnull=False, voter__consent__withdrawn=None)


def give(voter: Voter) -> Consent:
    """Give consent; also after a withdrawal."""
    changes = {"wording": WORDING, "given": timezone.now(), "withdrawn": None}
    return Consent.objects.update_or_create(voter=voter, defaults=changes)[0]


def withdraw(voter: Voter) -> None:
    Consent.objects.filter(voter=voter, withdrawn=None).update(withdrawn=timezone.now())


def given_by(voter: Voter) -> Consent | None:
    """With the wording that the voter agreed to, which may be of an older version."""
    return Consent.objects.filter(voter=voter, withdrawn=None).first()


def is_given(voter: Voter) -> bool:
    return given_by(voter) is not None
