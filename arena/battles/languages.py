"""The languages of a campaign: which they are, and whether a prompt is in one of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from ..errors import Code, Refused
from ..labels.foreign import can_tell, foreign_language
from ..labels.languages import name_on_page
from ..models import Campaign


@dataclass(frozen=True)
class Languages:
    """Of a campaign, named in the language of the page. `are_only`: whether prompts in others are
    refused, which takes languages that are recognised."""

    names: list[str]
    are_only: bool


def languages_of(campaign: Campaign) -> Languages:
    codes = campaign.language_codes
    takes_prompts = campaign.kind == Campaign.Kind.LIVE
    return Languages([name_on_page(code) for code in codes], takes_prompts and can_tell(codes))


def check(campaign: Campaign, prompt: str) -> None:
    """Raises Refused if the prompt is surely in none of the campaign's languages."""
    found = foreign_language(prompt, campaign.language_codes)
    if found:
        raise Refused(
            gettext(
                "This campaign takes prompts in these languages only: %(languages)s. Yours seems "
                "to be in another one (%(found)s). It is kept: translate it and send it again."
            )
            % {
                "languages": ", ".join(languages_of(campaign).names),
                "found": name_on_page(found),
            },
            code=Code.OTHER_LANGUAGE,
            status=400,
        )
