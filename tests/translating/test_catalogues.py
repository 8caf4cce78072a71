"""What `make lint` says of message catalogues and of text that nothing translates."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from pytest_django import Settings

from translating import extraction, faults, files, unmarked


def found(source: str) -> list[tuple[str, str, str]]:
    return [(each.one, each.many, each.context) for each in extraction.of_template(source, "x")]


def test_messages_of_a_template_are_those_its_page_asks_for() -> None:
    """Also where the loader has joined lines, and in arguments of other tags."""
    source = """
        {% load i18n %}
        <p title="{% translate "A title" %}">
          {% blocktranslate count n=votes with name=model trimmed %}
            One vote
            for {{ name }}
          {% plural %}
            {{ n }} votes
          {% endblocktranslate %}
        </p>
        {% translate "May" context "month" %}{% include "a.html" with label=_("Ask") %}
    """
    assert found(source) == [
        ("A title", "", ""),
        ("One vote for %(name)s", "%(n)s votes", ""),
        ("May", "", "month"),
        ("Ask", "", ""),
    ]


def test_messages_of_a_module_are_plain_strings() -> None:
    source = 'a = _("one " "text"); b = gettext(a.reason); c = ngettext("vote", "votes", n)'
    messages = list(extraction.of_module(source, "x.py"))
    assert [(each.one, each.many) for each in messages] == [("one text", ""), ("vote", "votes")]
    with pytest.raises(ValueError, match=r"x.py:1: a message must be a plain string"):
        list(extraction.of_module('_(f"{n} votes")', "x.py"))


@pytest.mark.parametrize(
    ("source", "unmarked_texts"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{% translate "Hello" %} · 95 %</p>', []),
        ("<p>{% blocktranslate %}Hello{% endblocktranslate %} you all</p>", ["…… you all"]),
        ('<a aria-label="Next {{ page }}" class="next page">›</a>', ["Next …"]),
        ('<p data-said="Saved at last" data-key="a"></p>', ["Saved at last"]),
        ('{% include "box.html" with label="Your prompt" name="prompt" %}', ["Your prompt"]),
        ("<p><code>make up</code> <kbd>Ctrl</kbd> {{ name }}, CSV</p>", []),
        ("{# A note #}<p>{% if a == 'b' %}{{ a }}{% endif %}</p>", []),
    ],
)
def test_text_that_no_tag_translates_is_named(source: str, unmarked_texts: list[str]) -> None:
    assert list(unmarked.texts(source)) == unmarked_texts


def catalogue(*translations: tuple[str | tuple[str, str], object]) -> Catalog:
    made = Catalog("de")
    for message, said in translations:
        made.add(message, said)  # type: ignore[arg-type]
    return made


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    return tmp_path


def said_of(folder: Path, *translations: tuple[str | tuple[str, str], object]) -> list[str]:
    files.write("de", catalogue(*translations))
    return [fault.partition(": ")[2] for fault in faults.of("de", catalogue(*translations))]


def test_sound_catalogue_has_no_faults(folder: Path) -> None:
    sound = ("A", "Ein A"), (("one %(n)s", "%(n)s"), ("ein %(n)s", "%(n)s"))
    assert said_of(folder, *sound) == []


@pytest.mark.parametrize(
    ("message", "said", "fault"),
    [
        ("Hello", "", "'Hello': is not translated"),
        (("%(n)s vote", "%(n)s votes"), ("%(n)s Stimme", ""), "'%(n)s vote': is not translated"),
        ("%(a)s leads", "%(b)s führt", "'%(a)s leads': has other placeholders than the original"),
        ("{n} left", "noch welche", "'{n} left': has other placeholders than the original"),
        ("<b>A</b>", "<i>A</i>", "'<b>A</b>': has other tags than the original"),
        ("A ", "A", "'A ': begins or ends with other white space"),
    ],
)
def test_fault_of_a_translation_is_named(
    folder: Path, message: str | tuple[str, str], said: object, fault: str
) -> None:
    [only] = said_of(folder, (message, said))
    assert only.startswith(fault)


def test_stale_and_fuzzy_catalogues_are_named(folder: Path) -> None:
    assert list(faults.of("de", catalogue())) == [
        "de/django.po is not up to date: run make messages.",
        "de/django.mo is not up to date: run make messages.",
    ]
    fuzzy = catalogue()
    fuzzy.add("Hello", "Hallo", flags=["fuzzy"])
    files.write("de", fuzzy)
    assert "de: 'Hello': is fuzzy" in list(faults.of("de", fuzzy))


def test_removed_message_leaves_the_catalogue_and_a_changed_one_is_not_guessed(
    folder: Path,
) -> None:
    files.write("de", catalogue(("Old words", "Alte Worte")))
    updated = files.updated("de", catalogue(("Old word", "")))
    assert [(each.id, each.string) for each in updated if each.id] == [("Old word", "")]
    assert updated.obsolete == {}
