"""What can go wrong, as types a caller can tell apart."""


class RatingsError(ValueError):
    """Base of every error this library raises on purpose."""


class BadVotesError(RatingsError):
    """The input is not a set of votes; the message names the first offending row."""


class NotEnoughDataError(RatingsError):
    """The votes are valid but too few to estimate what was asked."""


class ConvergenceError(RatingsError):
    """An iteration stopped before it reached its tolerance; its result must not be used."""
