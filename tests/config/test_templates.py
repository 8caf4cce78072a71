"""A template is written one tag a line; no break of a line shows on the page, or costs a byte."""

from pathlib import Path

import pytest
from django.template import Origin, engines
from django.template.engine import Engine
from django.utils.translation import override
from pytest_django import Settings

from config.templates import Loader, joined


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
        (
            "{% load x %}\n<p>\n{% block a %}\n  A\n{% endblock %}\n</p>",
            "{% load x %}<p>{% block a %}A{% endblock %}</p>",
        ),
        ("<small>A</small>\n<strong>B</strong>", "<small>A</small> <strong>B</strong>"),
    ],
)
def test_break_beside_a_block_is_nothing_and_any_other_a_space(source: str, page: str) -> None:
    assert joined(source) == page


@pytest.mark.parametrize(("language", "read"), [("en", "1,234.5"), ("de", "1.234,5")])
def test_numbers_are_for_programs_unless_a_filter_writes_them(language: str, read: str) -> None:
    page = engines["django"].from_string('<line x1="{{ x }}%">{{ x|floatformat:"1g" }}')
    with override(language):
        assert page.render({"x": 1234.5}) == f'<line x1="1234.5%">{read}'


def test_developer_reads_the_lines_of_the_file(tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "page.html"
    file.write_text("<p>\n  A\n</p>\n")
    loader, origin = Loader(Engine(dirs=[str(tmp_path)])), Origin(str(file))
    assert loader.get_contents(origin) == "<p>A</p>"
    settings.DEBUG = True
    assert loader.get_contents(origin) == "<p>\n  A\n</p>\n"
