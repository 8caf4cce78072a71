"""An answer's Markdown as safe HTML, block by block.

Blocks are the unit of streaming: only the last one still changes while text arrives, so a frame
carries what is new instead of the whole answer again. `nh3` runs last, on everything: nothing a
model writes reaches a page unsanitised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_MATHML = {
    "math", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "mspace",
    "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder",
    "munderover", "semantics",
}  # fmt: skip
_TEXT = {
    "a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_CLEANER = nh3.Cleaner(
    tags=_TEXT | _MATHML,
    attributes={
        "a": {"href"},
        "code": {"class"},
        "span": {"class"},
        "div": {"class"},
        "ol": {"start"},
        "td": {"class"},
        "th": {"class"},
        "math": {"display"},
        "mfrac": {"linethickness"},
        "mo": {"stretchy", "fence", "form"},
        "mover": {"accent"},
        "mtable": {"columnalign"},
    },
    # They scroll sideways when they are wide, which keys have to be able to do as well.
    set_tag_attribute_values={
        "pre": {"tabindex": "0"},
        "table": {"tabindex": "0"},
        "div": {"tabindex": "0", "role": "group", "aria-label": "Formula"},  # there is no other div
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)
_LONG_FORMULA = 40  # letters of its source; a phone shows about as many
_ALIGNED = re.compile(r'<(t[hd]) style="text-align:(left|center|right)">')
_PLAIN_MARKS = " ,.;:?!'\"()%/“”‘’–—…-"
_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`)", re.DOTALL)


def blocks(text: str) -> list[SafeString]:
    """`text` as one safe piece of HTML for each top-level block, in order."""
    return list(_blocks(text))


@lru_cache(maxsize=512)
def _blocks(text: str) -> tuple[SafeString, ...]:
    """Remembered: all who watch an answer come past the same words."""
    cut = text.rfind("\n\n") + 2 if "\n\n" in text else 0
    if _is_plain(text[cut:]) and (above := _above_a_paragraph(text[:cut])) is not None:
        return *above, SafeString(f"<p>{text[cut:].rstrip(' ')}</p>\n")
    return parsed(text)


def _is_plain(line: str) -> bool:
    """Whether it can only be a paragraph, and says in HTML what it says as it stands. Asked of all
    that was written so far whenever words arrive: no expression is as fast."""
    letters = line
    for mark in _PLAIN_MARKS:
        letters = letters.replace(mark, "")
    return line[:1].isalpha() and letters.isalnum()


@lru_cache(maxsize=512)
def _above_a_paragraph(text: str) -> tuple[SafeString, ...] | None:
    """The blocks of `text` if any plain line behind it is a paragraph of its own; None if the line
    may belong to something open, such as a list. Most words that arrive need no parser so."""
    *above, last = parsed(f"{text}x")
    return tuple(above) if last == "<p>x</p>\n" else None


def parsed(text: str) -> tuple[SafeString, ...]:
    """The same, all of it by the parser."""
    text = _dollars(text)
    environment: dict[str, object] = {}
    tokens = _splitter.parse(text, environment)
    if environment.get("references"):  # a link's target may stand in another block
        return tuple(_html(group) for group in _groups(_parser.parse(text, {})))
    lines = text.splitlines(keepends=True)
    return tuple(_block(_source(group, lines)) for group in _groups(tokens))


@lru_cache(maxsize=2048)
def _block(source: str) -> SafeString:
    """A block that stands by itself; finished blocks of a growing answer come from the cache."""
    return _html(_parser.parse(source, {}))


def _html(tokens: Sequence[Token]) -> SafeString:
    _lift_long_formulas(tokens)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return SafeString(_CLEANER.clean(_ALIGNED.sub(r'<\1 class="\2">', html)))


def _lift_long_formulas(tokens: Sequence[Token]) -> None:
    """Out of their line into a box of their own, which scrolls: a formula cannot be broken."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "math_inline" and len(child.content) > _LONG_FORMULA:
                child.type = "math_inline_double"


def _groups(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield group
            group = []


def _source(group: Sequence[Token], lines: Sequence[str]) -> str:
    first, last = group[0].map or (0, len(lines))
    return "".join(lines[first:last])


def _dollars(text: str) -> str:
    r"""`\( \)` and `\[ \]`, which models like, as `$` and `$$`; code is left alone."""
    if "\\" not in text:
        return text
    parts = _CODE.split(text)
    for i in range(0, len(parts), 2):
        part = re.sub(r"\\\((.+?)\\\)", r"$\1$", parts[i])
        parts[i] = re.sub(r"\\\[(.+?)\\\]", r"$$\1$$", part, flags=re.DOTALL)
    return "".join(parts)


def _math(content: str, options: dict[str, bool]) -> str:
    try:
        return str(convert(content, display="block" if options["display_mode"] else "inline"))
    except Exception:  # half-written while it streams, or beyond the converter: show the source
        return f"<code>{nh3.clean_text(content)}</code>"


def _highlight(code: str, language: str, _: str) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))


def _commonmark() -> MarkdownIt:
    # Raw HTML is shown as text. Images are not loaded: a picture's address can carry data away.
    return (
        MarkdownIt("commonmark", {"html": False, "highlight": _highlight, "breaks": True})
        .enable(["table", "strikethrough"])
        .disable("image")
        .use(dollarmath_plugin, renderer=_math, double_inline=True)
    )


_parser = _commonmark()
_splitter = _commonmark()  # the same blocks without what is in them, in a fifth of the time
_splitter.core.ruler.enableOnly(["normalize", "block"])
