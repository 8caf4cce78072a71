"""A voter's consent to the publication of their votes, and its withdrawal."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from arena.errors import Code, Refused
from arena.models import Consent, Share, Voter
from arena.transactions import retried

# A change of these words needs the next version. Each translation is stored with its own hash.
VERSION = 1
WORDING = _(
    "My prompts and votes, with the answers I compared, may be published for research. "
    "Addresses, phone, card and account numbers in them are redacted first. I can withdraw my "
    "consent."
)
# Votes that may be published: for `Vote.objects.filter`.
CONSENTED = Q(Exists(Consent.objects.filter(voter=OuterRef("voter"), withdrawn=None)))


@retried
def give(voter: Voter) -> Consent:
    """Consent to `WORDING`, as the visitor's language has it; also after a withdrawal. The same
    words again change nothing, other words replace the earlier ones. Raises Refused if another tab
    has deleted the voter's data."""
    words = str(WORDING)
    if Voter.objects.select_for_update(no_key=True).get(pk=voter.pk).forgotten:
        raise Refused(gettext("Your data have been deleted."), code=Code.NOBODY, status=404)
    present = given_by(voter)
    if present is not None and present.sha256 == sha256(words):
        return present
    end(voter)
    return Consent.objects.create(
        voter=voter,
        version=VERSION,
        language=get_language() or settings.LANGUAGE_CODE,
        wording=words,
        sha256=sha256(words),
    )


def withdraw(voter: Voter) -> None:
    """Their shared battles end with it: a later consent does not bring them back."""
    end(voter)
    Share.objects.filter(vote__voter=voter, blocked=False).delete()


def end(voter: Voter) -> None:
    """Another row, or another voter, goes on with it."""
    Consent.objects.filter(voter=voter, withdrawn=None).update(withdrawn=timezone.now())


def given_by(voter: Voter) -> Consent | None:
    """With the wording that the voter agreed to, which may be of an older version."""
    return Consent.objects.filter(voter=voter, withdrawn=None).first()


def is_given(voter: Voter) -> bool:
    return given_by(voter) is not None


def history(voter: Voter) -> QuerySet[Consent]:
    """Every consent of a voter, the first one first."""
    return Consent.objects.filter(voter=voter).order_by("pk")


def sha256(wording: str) -> str:
    return hashlib.sha256(wording.encode()).hexdigest()
