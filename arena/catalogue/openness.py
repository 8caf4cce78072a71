"""What is published of a model: what is of its family, unless it was made from a less open one."""

from __future__ import annotations

from .records import Catalogue, Grade, Graded, Model, Openness


def openness_of(model: Model, catalogue: Catalogue) -> Openness:
    """The report is that of the model itself; data and code are also those of its base."""
    own = catalogue.families[model.family].openness
    base = catalogue.models.get(model.base)
    if base is None or base.family == model.family:
        return own
    below = openness_of(base, catalogue)
    return Openness(
        training_data=_with_base(own.training_data, below.training_data),
        training_code=_with_base(own.training_code, below.training_code),
        report=own.report,
    )


def _with_base(own: Graded | None, base: Graded | None) -> Graded | None:
    """Where only the last steps are published, that is a part of it."""
    if own is None or own.grade is not Grade.YES:
        return own
    if base is None:
        return None
    return own if base.grade is Grade.YES else Graded(Grade.PARTLY, own.source)
