"""Pictures for link previews: SVG as PNG, which is all that many sites accept."""

from __future__ import annotations

import textwrap
import unicodedata
from functools import lru_cache
from pathlib import Path

import fontpkg_source_serif_4
import resvg_py

from ..models.names import printable

FONT = str(next(Path(fontpkg_source_serif_4.__file__).parent.glob("files/SourceSerif4[[]*.ttf")))


@lru_cache(maxsize=64)
def png_of(svg: str) -> bytes:
    # System fonts are used only for characters that ours lacks, such as in Chinese names.
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, font_files=[FONT]))


def lines_of(text: str, width: int, most: int) -> list[str]:
    """The beginning of a text in at most so many lines of `width` letters, where a Chinese one is
    as wide as two. Without characters that SVG does not allow."""
    plain = printable(" ".join(text[: 4 * width * most].split()))
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in plain)
    letters = width * len(plain) // (len(plain) + wide) if plain else width
    letters = max(letters, 4)
    lines = textwrap.wrap(plain, letters, break_on_hyphens=False)
    if len(lines) > most:
        lines[most - 1] = lines[most - 1][: letters - 2].rstrip() + " …"
    return lines[:most]
