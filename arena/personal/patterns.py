"""Patterns of personal data, one entry each.

Every pattern can only start where a run of its characters starts, and matches a run in one way
only, so that even hostile text takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import checksums

KEY = (
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
    r")"
)
EMAIL = r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)+"
IBAN = r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}"
CARD = r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]\d|\d)"
PHONE = (
    r"(?<![\w.+/-])(?<!\d )(?:"
    r"(?:\+|00)[1-9]\d{0,2}+(?:[ ./-]?\(?\d{1,5}+\)?){2,6}"  # international
    r"|\(\d{2,5}\)[ /-]?\d{2,5}(?:[ -]?\d{2,5}){1,3}"  # (030) 123 45 67
    r"|\d{3}[.-]\d{3}[.-]\d{4}"  # as in North America
    r"|0[1-9](?:[ .-]\d\d){4}|0[67]\d{8}"  # as in France
    r"|0[1-9]\d{1,3}(?:[ /]\d{3,9}|[ /-]\d{2,5}(?:[ -]\d{2,5}){1,3})"  # 0171/1234567
    r")(?![\w/]|[.-]\d)"
)
# Chinese has no spaces: letters of its own may stand before and after a number.
START, END = r"(?<![A-Za-z0-9_.+-])(?<!\d )", r"(?![A-Za-z0-9_]|[.-]\d)"
MOBILE = rf"{START}1[3-9]\d(?:[ -]?\d{{4}}){{2}}{END}"
NIR = rf"{START}[1278] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{{3}} ?\d{{3}} ?\d\d{END}"
STEUER_ID = rf"{START}[1-9]\d ?\d{{3}} ?\d{{3}} ?\d{{3}}{END}"
DNI = rf"{START}(?:\d{{8}}|[XYZxyz]-?\d{{7}})-?[A-Za-z]{END}"
RESIDENT_ID = rf"{START}[1-9]\d{{5}}(?:19|20)\d{{9}}[\dXx]{END}"
SSN = rf"{START}(?!000|666|9)\d{{3}}-(?!00)\d\d-(?!0000)\d{{4}}{END}"  # it has no check digit


@dataclass(frozen=True)
class Kind:
    """What is looked for. `end` says where it ends in what the pattern matched; 0: it is none."""

    label: str  # that replaces it
    pattern: re.Pattern[str]
    end: Callable[[str], int] = len
    may_hold_another: bool = False  # whether the pattern may match on into the next one

    @property
    def needs_digits(self) -> bool:
        return self.label not in ("key", "e-mail")


def _kind(label: str, pattern: str, check: Callable[[str], bool] | None = None) -> Kind:
    end = (lambda text: len(text) if check(text) else 0) if check else len
    return Kind(label, re.compile(pattern, re.DOTALL), end)


# In this order: what one has found, the next ones do not see.
KINDS = (
    _kind("key", KEY),
    _kind("e-mail", EMAIL),
    Kind("iban", re.compile(IBAN), checksums.iban_end, may_hold_another=True),
    _kind("id", RESIDENT_ID, checksums.is_resident_id),
    _kind("id", NIR, checksums.is_nir),
    _kind("card", CARD, checksums.is_card),
    _kind("id", DNI, checksums.is_dni),
    _kind("id", SSN),
    _kind("phone", PHONE, checksums.is_phone),
    _kind("phone", MOBILE, checksums.is_mobile),
    _kind("id", STEUER_ID, checksums.is_steuer_id),
)
