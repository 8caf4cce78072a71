"""An SVG file that stands alone: sizes in pixels, colours of the site in the light."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from xml.etree import ElementTree

INK, SOFT, GRID, PAPER = "#1c1b19", "#5d5a54", "#dedad2", "#ffffff"
ACCENT, SIDE_A, SIDE_B, SUNKEN = "#0d5c63", "#1d5fb8", "#b4510b", "#f3f1ec"
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
LETTER = 0.62  # of the size of a font: its letters, on the wide side
MARGIN = 24
TITLE, TEXT, SMALL = 20, 13, 12  # sizes of fonts
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Canvas:
    """A picture that is written from top to bottom: title, measure, drawing, notes."""

    def __init__(self, title: str, subtitle: str, width: int) -> None:
        self.width = width
        self._svg = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg")
        self._add("rect", fill=PAPER, width="100%", height="100%")
        self.top = float(MARGIN)
        self._paragraph(title, TITLE, INK, weight="600")
        self._paragraph(subtitle, TEXT, SOFT)
        self.top += 12

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, width: float) -> None:
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        rounded = {"stroke-linecap": "round"} if width > 1 else {}
        self._add(
            "line", **_numbers(ends), stroke=stroke, **{"stroke-width": f"{width}"}, **rounded
        )

    def circle(self, x: float, y: float, radius: float, says: str) -> None:
        circle = self._add("circle", **_numbers({"cx": x, "cy": y, "r": radius}), fill=ACCENT)
        ElementTree.SubElement(circle, "title").text = clean(says)

    def square(self, x: float, y: float, size: float, fill: str, says: str) -> None:
        where = _numbers({"x": x, "y": y, "width": size, "height": size})
        square = self._add("rect", **where, fill=fill, stroke=PAPER)
        ElementTree.SubElement(square, "title").text = clean(says)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: int = TEXT,
        fill: str = INK,
        anchor: str = "start",
        weight: str = "400",
    ) -> None:
        named = {"font-size": f"{size}", "text-anchor": anchor, "font-weight": weight}
        self._add("text", **_numbers({"x": x, "y": y}), fill=fill, **named).text = clean(words)

    def written(self, notes: Sequence[str]) -> str:
        """The finished file."""
        self.top += 12
        for note in notes:
            self._paragraph(note, SMALL, SOFT)
        height = round(self.top + MARGIN / 2)
        self._svg.attrib |= {
            "width": f"{self.width}",
            "height": f"{height}",
            "viewBox": f"0 0 {self.width} {height}",
            "font-family": FONT,
        }
        return ElementTree.tostring(self._svg, encoding="unicode") + "\n"

    def _paragraph(self, words: str, size: int, fill: str, weight: str = "400") -> None:
        letters = int((self.width - 2 * MARGIN) / (size * LETTER))
        for line in textwrap.wrap(words, letters):
            self.top += size * 1.3
            self.text(MARGIN, self.top - size * 0.3, line, size, fill, weight=weight)

    def _add(self, tag: str, **attributes: str) -> ElementTree.Element:
        return ElementTree.SubElement(self._svg, tag, attributes)


def clean(words: str) -> str:
    """Without the characters that XML has no way to write."""
    return NOT_IN_XML.sub("\ufffd", words)


def width_of(words: str, size: int = TEXT) -> float:
    """Pixels, on the wide side."""
    return len(words) * size * LETTER


def mixed(colour: str, share: float, ground: str = PAPER) -> str:
    """A share of one colour, from 0 to 1, on the ground of another."""
    ends = zip(*(bytes.fromhex(each[1:]) for each in (colour, ground)), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in ends)


def _numbers(values: dict[str, float]) -> dict[str, str]:
    return {name: f"{round(value, 2):g}" for name, value in values.items()}
