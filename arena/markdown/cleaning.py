"""`nh3` sanitises everything a model wrote. Only the tags that this package itself puts around
blocks bypass it, and a test checks that it would pass them unchanged."""

from __future__ import annotations

import nh3

_MATHML = {
    "math", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "mspace",
    "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder",
    "munderover", "semantics",
}  # fmt: skip
_INLINE = {"a", "br", "code", "em", "s", "span", "strong"}
_BLOCKS = {
    "blockquote", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tbody", "td", "th",
    "thead", "tr", "ul",
}  # fmt: skip
_OF_MATHML = {
    "math": {"display"},
    "mfrac": {"linethickness"},
    "mo": {"stretchy", "fence", "form"},
    "mover": {"accent"},
    "mtable": {"columnalign"},
}
_OF_INLINE = {
    "a": {"href"},
    "code": {"class", "dir"},
    "span": {"class", "tabindex", "role", "aria-label"},
}
_OF_BLOCKS = {
    "pre": {"dir", "tabindex"},
    "table": {"dir", "tabindex"},
    "ol": {"dir", "start"},
    "td": {"class"},
    "th": {"class"},
    **{tag: {"dir"} for tag in ("blockquote", "h4", "h5", "h6", "p", "ul")},
}
_REL = "noopener noreferrer nofollow"
_SCHEMES = {"http", "https", "mailto"}

inline_cleaner = nh3.Cleaner(
    tags=_INLINE | _MATHML,
    attributes=_OF_INLINE | _OF_MATHML,
    url_schemes=_SCHEMES,
    link_rel=_REL,
)
block_cleaner = nh3.Cleaner(
    tags=_INLINE | _BLOCKS | _MATHML,
    attributes=_OF_INLINE | _OF_BLOCKS | _OF_MATHML,
    url_schemes=_SCHEMES,
    link_rel=_REL,
)


def escaped(text: str) -> str:
    """`text` escaped for HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clean_text(text: str) -> str:
    return inline_cleaner.clean(escaped(text))
