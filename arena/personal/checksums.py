"""Whether a number can be what it looks like: checksums and structure of cards, accounts and
national ids. Each takes the text as it was written, with its spaces and hyphens."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

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
DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_SIGNS = "10X98765432"
# First two digits: province-level regions of GB/T 2260.
RESIDENT_REGIONS = re.compile(
    r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]",
)


def digits_of(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def is_card(text: str) -> bool:
    """Luhn's checksum. All zeros pass it, but are not a card."""
    digits = [int(digit) for digit in digits_of(text)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_phone(text: str) -> bool:
    return len(digits_of(text)) in PHONE_DIGITS


def is_mobile(text: str) -> bool:
    """A Chinese one, which is written without any mark: a round number is none."""
    return len(set(digits_of(text))) > 3


def is_iban(text: str) -> bool:
    """ISO 13616: with letters as two digits, the number modulo 97 is 1."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def iban_end(text: str) -> int:
    """Where the IBAN ends that the text begins with; 0 if it is none. Its length depends on the
    country; capitals after it do not belong to it."""
    length = IBAN_LENGTHS.get(text[:2], 0)
    ends = [at + 1 for at, sign in enumerate(text) if sign != " "]
    if not length or len(ends) < length:
        return 0
    end = ends[length - 1]
    return end if is_iban(text[:end].replace(" ", "")) else 0


def is_nir(text: str) -> bool:
    """Of France's social security: the last two digits are 97 less the rest modulo 97; the letters
    of Corsica's departments stand for 19 and 18."""
    signs = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    month = int(signs[3:5])
    return (1 <= month <= 12 or month >= 20) and 97 - int(signs[:13]) % 97 == int(signs[13:])


def is_steuer_id(text: str) -> bool:
    """Of German taxpayers: of the first ten digits exactly one occurs twice or three times, and
    the last is a checksum (ISO 7064, MOD 11, 10)."""
    *digits, check = map(int, digits_of(text))
    often = [count for count in Counter(digits).values() if count > 1]
    product = 10
    for digit in digits:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return len(often) == 1 and often[0] in (2, 3) and (11 - product) % 10 == check


def is_dni(text: str) -> bool:
    """Of Spain, also of foreigners (NIE): the letter at the end is the number modulo 23."""
    signs = text.replace("-", "").upper()
    number = signs[:-1].translate(str.maketrans("XYZ", "012"))
    return DNI_LETTERS[int(number) % 23] == signs[-1]


def is_resident_id(text: str) -> bool:
    """Of China (GB 11643): region, date of birth, and a checksum (ISO 7064, MOD 11-2)."""
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(sign) * each for sign, each in zip(text, RESIDENT_WEIGHTS, strict=False))
    known = RESIDENT_REGIONS.match(text) is not None
    return known and RESIDENT_SIGNS[total % 11] == text[-1].upper()
