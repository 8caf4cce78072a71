"""What a text may be about that an arena may not want, with the words its visitor is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..models.moderation import Action

Words = str | Promise


@dataclass(frozen=True)
class Category:
    """Attributes:
    title: for staff.
    about: how its sentence begins that a visitor reads.
    usual: what it leads to until staff decide otherwise.
    helps: whether help is offered with the sentence.
    """

    title: str
    about: Words
    usual: Action
    helps: bool = False


CATEGORIES: Mapping[str, Category] = {
    "personal": Category(
        "Personal data",
        _("Your prompt seems to contain personal data. Models read it, and it is stored."),
        Action.WARN,
    ),
    "self_harm": Category(
        "Self-harm",
        _("If you are thinking of hurting yourself, you are not alone: people will listen now."),
        Action.WARN,
        helps=True,
    ),
    "minors": Category(
        "Sexual content involving minors",
        _("Your prompt seems to be about sexual content that involves minors."),
        Action.BLOCK,
    ),
    "sexual": Category(
        "Sexual content", _("Your prompt seems to be about sexual content."), Action.OFF
    ),
    "hate": Category(
        "Hate and harassment", _("Your prompt seems to be about hate or harassment."), Action.LOG
    ),
    "violence": Category(
        "Violence and threats", _("Your prompt seems to be about violence."), Action.LOG
    ),
    "illicit": Category(
        "Crime and weapons", _("Your prompt seems to be about a crime or a weapon."), Action.LOG
    ),
    "unchecked": Category(
        "Not checked, as the checker fails",
        _("Prompts cannot be checked at the moment."),
        Action.LOG,
    ),
}
# What personal data are called, by the label that replaces them.
LABELS: Mapping[str, Words] = {
    "key": _("a key"),
    "e-mail": _("an e-mail address"),
    "iban": _("an account number"),
    "id": _("an identity number"),
    "card": _("a card number"),
    "phone": _("a phone number"),
}
