"""Usual reasons why a vote does not count, and what its voter is told."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

IDENTITY = "identity revealed"
DUPLICATE = "duplicate"
BY_REQUEST = "at the voter's request"
FIRST_PAIR = "first pair of its campaign"
KNOWN = "its voter knew who wrote a text"
NAMED = "an answer names its model or maker"
SUSPECTED = "suspected of rigging"
RIGGED = "rigging"
CLEARED = "no longer suspected"  # of votes that count again
WORDS: dict[str, Promise] = {
    IDENTITY: _("An answer gave away which model wrote it, so the vote was no longer blind."),
    DUPLICATE: _("You had already voted on the same two answers, and that vote counts."),
    BY_REQUEST: _("You asked us to leave it out."),
    NAMED: _(
        "An answer said which model wrote it or who made that model, so the vote was not blind. It "
        "is kept and published, but left out of the leaderboard."
    ),
    KNOWN: _(
        "You had been told before who wrote one of these two texts, so the vote was not blind. It "
        "is kept, but left out of the leaderboard."
    ),
    SUSPECTED: _(
        "Together with your other votes it resembles votes that are meant to move a model. That is "
        "a suspicion, which somebody will look into; if it is wrong, the vote counts again."
    ),
    RIGGED: _("It was one of several votes that were cast to move a model, not to judge answers."),
    FIRST_PAIR: _("Every voter of this campaign begins with this pair, so it counts for nobody."),
}


def in_words(reason: str) -> str:
    """A usual reason as a sentence for the voter; any other as the admin wrote it."""
    return str(WORDS.get(reason, reason))
