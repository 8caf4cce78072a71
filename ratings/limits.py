"""The limits of the leaderboards that depend on others, or that readers and programs meet.

What belongs here, and how it is checked: `inference.contract.limits`. `ratings.core` is publishable
alone, so its limits are in `core/data/validation.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from inference.contract.limits import Limits, ascending


@dataclass(frozen=True)
class Caches(Limits):
    """What pages keep, and for how long."""

    fresh_s: float = 0.4  # between two checks for a newer snapshot
    moment_s: float = 1.0  # for what every page needs and what seldom changes
    stale_s: float = 30.0  # names and cards may be edited without a new snapshot
    drafts_s: float = 30.0  # how long a replaced draft is kept: somebody may be reading it

    def check(self) -> None:
        ascending(
            "a page would be made from a snapshot that is deleted",
            fresh_s=self.fresh_s,
            moment_s=self.moment_s,
            drafts_s=self.drafts_s,
        )
        ascending(
            "an edit would show before a new snapshot does",
            moment_s=self.moment_s,
            stale_s=self.stale_s,
        )


@dataclass(frozen=True)
class Boards(Limits):
    """How long a board may take."""

    slow_s: float = 2.0  # from then on it is computed in a process of its own
    waits_s: int = 60  # to begin; after this its task counts as lost
    rating_s: float = 60.0
    publishing_s: float = 300.0
    first_pause_s: float = 15.0  # after a failure; doubled with each failure in a row,
    longest_pause_s: float = 3600.0  # up to this

    def check(self) -> None:
        ascending(
            "a board that is allowed to be slow would be stopped",
            slow_s=self.slow_s,
            rating_s=self.rating_s,
            publishing_s=self.publishing_s,
        )
        ascending(
            "pauses would not grow",
            first_pause_s=self.first_pause_s,
            longest_pause_s=self.longest_pause_s,
        )


@dataclass(frozen=True)
class Ranges(Limits):
    """Ranges of months that readers choose: each is a board."""

    of_campaign: int = 24
    noted_s: float = 300.0  # the time of a request is stored no more often
    evicted_s: float = 600.0  # after the last request, when there are too many
    forgotten_s: float = 7 * 24 * 3600.0

    def check(self) -> None:
        ascending(
            "a range would be deleted while somebody reads it",
            noted_s=self.noted_s,
            evicted_s=self.evicted_s,
            forgotten_s=self.forgotten_s,
        )


@dataclass(frozen=True)
class Requests(Limits):
    """What a reader or a program may ask for."""

    query_characters: int = 400  # of a page that is cached
    results: int = 100  # of the API, per page, unless the request says otherwise
    most_results: int = 500

    def check(self) -> None:
        ascending(
            "the API would refuse its own default",
            results=self.results,
            most_results=self.most_results,
        )


@dataclass(frozen=True)
class OwnBoards(Limits):
    """The leaderboard of one voter, which is rated in a request."""

    models: int = 200  # those with most of the voter's votes
    votes: int = 5_000  # the newest ones

    def check(self) -> None:
        ascending("most models would have no vote", models=self.models, votes=self.votes)


CACHES = Caches()
BOARDS = Boards()
RANGES = Ranges()
REQUESTS = Requests()
OWN_BOARDS = OwnBoards()
