"""A template is written one tag a line; no break of a line shows on the page, or costs a byte."""

import pytest

from config.templates import joined


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("<tr>\n  <td>\n    1\n  </td>\n</tr>\n", "<tr><td>1</td></tr>"),
        ("<p>\n  See <b>this</b>\n  <i>too</i>\n</p>", "<p>See <b>this</b> <i>too</i></p>"),
        ("<a href='/'>A</a>\n<a href='/b'>B</a>", "<a href='/'>A</a> <a href='/b'>B</a>"),
        ("<option\n  {% if x %}selected{% endif %}>", "<option {% if x %}selected{% endif %}>"),
        (
            "<dt>A</dt>\n{% if x %}\n  <dd>B</dd>\n{% endif %}",
            "<dt>A</dt>{% if x %}<dd>B</dd>{% endif %}",
        ),
        ("<span>A</span>\n<section>B</section>", "<span>A</span><section>B</section>"),
        ("<small>A</small>\n<strong>B</strong>", "<small>A</small> <strong>B</strong>"),
    ],
)
def test_break_beside_a_block_is_nothing_and_any_other_a_space(source: str, page: str) -> None:
    assert joined(source) == page
