"""Answers the site's questions about the hub and about APIs."""

from __future__ import annotations

from contextlib import closing

from inference.contract.asking import Models, OfRepository, Question, Repository
from inference.contract.limits import ASKING

from . import hub
from .models import models
from .web import Web


def answer(question: Question) -> Repository | Models:
    """Raises EngineError with a sentence."""
    if isinstance(question, OfRepository):
        with (
            closing(Web(silence_s=ASKING.answer_s)) as web,
            web.connections.within(ASKING.answer_s),
        ):
            return hub.repository(web, question.repository)
    return models(question)
