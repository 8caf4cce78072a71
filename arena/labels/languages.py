"""English names of languages and their ISO 639-1 codes: releases of votes use one or the other."""

from __future__ import annotations

from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_noop as _

NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto",
    "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese",
    "ka": "Georgian", "ko": "Korean", "la": "Latin", "lt": "Lithuanian", "lv": "Latvian",
    "ms": "Malay", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian",
    "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu",
    "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
# Django's own catalogues have the other names.
OURS = (
    _("Chinese"), _("Latin"), _("Norwegian"), _("Tagalog"),
)  # fmt: skip
CODES = {name: code for code, name in NAMES.items()}
UNKNOWN = ("unknown", "und")


def code_of(language: str) -> str:
    """The code of a language name; "" for unknown ones; anything else is returned unchanged."""
    return "" if language in UNKNOWN else CODES.get(language, language)


def name_in_words(code: str) -> str:
    """The name of a language code in the language of the interface."""
    return gettext(NAMES.get(code, code))


def name_on_page(code: str) -> str:
    """As `name_in_words`, also of codes such as “pt-br”, which Django names."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return name_in_words(code)


def name_of(language: str) -> str:
    """The name of a language code; 'unknown' for ""; anything else is returned unchanged."""
    return NAMES.get(language, language) or "unknown"
