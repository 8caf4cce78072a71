"""Redacts personal data in texts: e-mail addresses, phone and card numbers, IBANs, API keys.

It uses patterns with checksums, not a model, so it is deterministic, explainable and runs anywhere.
It does not recognise names of people. Every pattern can only start where a run of its characters
starts, and matches a run in one way only, so that even hostile text takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from re import Match

KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<![\w-])(?:"
    r"sk-(?:ant-|proj-|or-v1-)?[\w-]{20,}"  # OpenAI, Anthropic, OpenRouter
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}"  # AWS
    r"|AIza[\w-]{35}"  # Google
    r"|gh[pousr]_\w{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}"
    r"|hf_[A-Za-z0-9]{30,}|gsk_\w{20,}|npm_\w{36}|pypi-[\w-]{50,}"
    r"|xox[abprs]-[\w-]{10,}"  # Slack
    r"|(?:sk|rk)_(?:live|test)_\w{16,}"  # Stripe
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"  # JSON web tokens
    r")",
    re.DOTALL,
)
EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)+")
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]\d|\d)")
PHONE = re.compile(
    r"(?<![\w.+/-])(?<!\d )(?:"
    r"(?:\+|00)[1-9]\d{0,2}+(?:[ ./-]?\(?\d{1,5}+\)?){2,6}"  # international
    r"|\(\d{2,5}\)[ /-]?\d{2,5}(?:[ -]?\d{2,5}){1,3}"  # (030) 123 45 67
    r"|\d{3}[.-]\d{3}[.-]\d{4}"  # as in North America
    r"|0[1-9]\d{1,3}(?:[ /]\d{3,9}|[ /-]\d{2,5}(?:[ -]\d{2,5}){1,3})"  # 0171/1234567
    r")(?![\w/]|[.-]\d)",
)
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
PHONE_DIGITS = range(8, 16)


def redacted(text: str) -> str:
    """The text with each match replaced by its kind, such as `[e-mail]`."""
    text = KEY.sub("[key]", text)
    if "@" in text:
        text = EMAIL.sub("[e-mail]", text)
    if any(map(str.isdigit, text)):
        text = IBAN.sub(_iban, text)
        text = CARD.sub(_if(is_card, "[card]"), text)
        text = PHONE.sub(_if(is_phone, "[phone]"), text)
    return text


def digits_of(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def is_card(text: str) -> bool:
    """Check Luhn's checksum. All zeros pass it, but are not a card."""
    digits = [int(digit) for digit in digits_of(text)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_phone(text: str) -> bool:
    return len(digits_of(text)) in PHONE_DIGITS


def is_iban(text: str) -> bool:
    """Check the checksum of ISO 13616: with letters as two digits, the number modulo 97 is 1."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def _iban(found: Match[str]) -> str:
    """Redact an IBAN. Its length depends on the country; capitals after it do not belong to it."""
    text = found[0]
    length = IBAN_LENGTHS.get(text[:2], 0)
    ends = [at + 1 for at, sign in enumerate(text) if sign != " "]
    if not length or len(ends) < length:
        return text
    end = ends[length - 1]
    return "[iban]" + text[end:] if is_iban(text[:end].replace(" ", "")) else text


def _if(test: Callable[[str], bool], instead: str) -> Callable[[Match[str]], str]:
    return lambda found: instead if test(found[0]) else found[0]
