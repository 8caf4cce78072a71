"""What can go wrong, as types a caller can tell apart."""

TOO_FAR_APART = (
    "No finite scores: some models have so few votes, compared with the others, that "
    "their scores diverge beyond what can be computed. Check the largest and the smallest counts."
)


class RatingsError(ValueError):
    """Base of every error this library raises on purpose."""


class BadVotesError(RatingsError):
    """The input is not a set of votes; the message names the first offending row.

    Attributes:
        what: the message without the row; row: its index, from 0; None when no row is to blame.
    """

    def __init__(self, what: str, row: int | None = None) -> None:
        super().__init__(what if row is None else f"Row {row}: {what}")
        self.what, self.row = what, row


class NotEnoughDataError(RatingsError):
    """The votes are valid but too few to estimate what was asked."""


class DependentCovariateError(NotEnoughDataError):
    """A covariate whose coefficient is not identifiable next to the models and other covariates.

    Attributes:
        name: the covariate's name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"Covariate '{name}' never varies or follows from the others.")
        self.name = name


class NotRatedError(NotEnoughDataError):
    """The request needs the score of a model that has none.

    Attributes:
        model: the model's index.
    """

    def __init__(self, model: int, what: str) -> None:
        super().__init__(f"Model {model} {what}")
        self.model = model


class ConvergenceError(RatingsError):
    """An iteration stopped before it reached its tolerance; its result must not be used."""
