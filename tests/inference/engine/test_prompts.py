"""Chat templates: what they render, and what a hostile one cannot do."""

from __future__ import annotations

import sys

import pytest

from inference.contract.errors import EngineError
from inference.text.templates import check, render

CHAT = ({"role": "user", "content": "Is 1 < 2?"}, {"role": "assistant", "content": "Yes."})

TOO_MUCH = "produces too much text"
EITHER = f"{TOO_MUCH}|does not finish"  # whichever is noticed first
DOUBLED = (
    "{{% set n = namespace(s='aaaaaaaa', l=['a'], n=1234567) %}}{{% for i in range(60) %}}"
    "{{% set n.s = {0} %}}{{% set n.l = {0} %}}{{% set n.n = {0} %}}{{% endfor %}}{{{{ n.l }}}}"
)
HOSTILE = {
    "reads classes": ("{{ ''.__class__.__mro__ }}", "unsafe"),
    "runs a command": ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "unsafe"),
    "changes its input": ("{{ messages.append(1) }}", "unsafe"),
    "never ends": (
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "does not finish",
    ),
    "calls itself": ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion"),
    "fills the memory with text": ("{{ 'a' * 10000000000000 }}", TOO_MUCH),
    "fills the memory with digits": ("{{ 10 ** 999999999 }}", TOO_MUCH),
    "multiplies digits": (DOUBLED.format("n.n * n.n"), TOO_MUCH),
    "doubles text": (DOUBLED.format("n.s + n.s"), TOO_MUCH),
    "joins text to itself": (DOUBLED.format("n.s ~ n.s"), TOO_MUCH),
    "doubles a list": (DOUBLED.format("n.l + n.l"), EITHER),
    "nests lists": (DOUBLED.format("[n.l, n.l]"), EITHER),
    "nests lists in a text": (DOUBLED.format("[n.l, n.l]") + "{{ n.l ~ '' }}", EITHER),
    "pads text": ("{{ 'a'.ljust(10000000000) }}", TOO_MUCH),
    "pads text by name": ("{{ ('a'|attr('zfill'))(10000000000) }}", TOO_MUCH),
    "centres text": ("{{ 'a' | center(10000000000) }}", TOO_MUCH),
    "centres many": ("{{ ['a'] | map('center', 10000000000) | list }}", TOO_MUCH),
    "indents text": ("{{ 'a' | indent(10000000000, true) }}", TOO_MUCH),
    "indents JSON": ("{{ [1] | tojson(indent=10000000000) }}", TOO_MUCH),
    "formats a width": ("{{ '%10000000000d' % 1 }}", TOO_MUCH),
    "formats a width given": ("{{ '%*d' % (10000000000, 1) }}", TOO_MUCH),
    "formats a width in braces": ("{{ '{:>10000000000}'.format(1) }}", TOO_MUCH),
    "formats much": ("{{ ('%s' * 9999) % ('a' * 99999) }}", TOO_MUCH),
    "replaces much": ("{{ ('a' * 99999).replace('a', 'b' * 99999) }}", TOO_MUCH),
    "replaces much by a filter": ("{{ ('a' * 99999) | replace('a', 'b' * 99999) }}", TOO_MUCH),
    "translates much": ("{{ ('a' * 99999).translate({97: 'b' * 99999}) }}", r"translate\(\)"),
    "repeats bytes": ("{{ 'a'.encode() * 10000000000 }}", r"encode\(\)"),
    "makes bytes": ("{{ (1).to_bytes(10000000000, 'big') }}", r"to_bytes\(\)"),
    "writes a text many times": ("{{ ['a' * 99999] * 99999 }}", TOO_MUCH),
    "holds many texts": (
        "{% set n = namespace() %}"
        + "".join(f"{{% set n.x{i} = ('a' * 3999999) %}}" for i in range(2))
        + "{{ [n.x0, n.x1] }}",
        TOO_MUCH,
    ),
    "compares lists without end": (
        "{% set n = namespace(a=[1], b=[1]) %}{% for i in range(60) %}"
        "{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}",
        EITHER,
    ),
    "hashes without end": (
        "{% set n = namespace(a=(1,)) %}{% for i in range(60) %}{% set n.a = (n.a, n.a) %}"
        "{% endfor %}{{ {n.a: 1} | length }}",
        EITHER,
    ),
    "nests by a call": (
        "{% set n = namespace(a=1) %}{% for i in range(60) %}{% set n.a = dict(a=n.a, b=n.a) %}"
        "{% endfor %}{{ n.a == 1 }}",
        EITHER,
    ),
    "nests by a filter": (
        "{% set n = namespace(a=1) %}{% for i in range(60) %}"
        "{% set n.a = [1] | batch(999, n.a) | list %}{% endfor %}{{ n.a == 1 }}",
        EITHER,
    ),
    "sums lists": ("{{ ([[1] * 99] * 999) | sum(start=[]) }}", "No filter named 'sum'"),
    "removes tags": ("{{ ('<!---->' * 499999) | striptags }}", "No filter named 'striptags'"),
    "shows a namespace": (
        "{% set n = namespace(a='a' * 3999999) %}{% set n.b = n.a %}{{ n ~ '' }}"
        "{{ raise_exception('No room.') }}",
        "No room",
    ),
    "rounds to many places": ("{{ 1.5 | round(999999999, 'ceil') }}", TOO_MUCH),
    "formats a width filled in": ("{{ '{:{}}'.format(1, 9999999999) }}", TOO_MUCH),
    "formats many widths": ("{{ ('{0:>9999}' * 400000).format(1) }}", EITHER),
    "formats many widths by %": ("{{ ('%9999d' * 99999) % ([1] * 99999) }}", TOO_MUCH),
    "writes the year wide": ("{{ strftime_now('%9999Y' * 9999) }}", TOO_MUCH),
    "separates JSON": ("{{ ([1] * 99999) | tojson(separators=('a' * 99999, ':')) }}", TOO_MUCH),
    "indents deep JSON": (
        "{% set n = namespace(a=[1] * 9999) %}{% for i in range(9) %}{% set n.a = [n.a] %}"
        "{% endfor %}{{ n.a | tojson(indent=99) }}",
        TOO_MUCH,
    ),
    "indents many lines": ("{{ ('\n' * 3999999) | indent(99, blank=true) }}", TOO_MUCH),
    "fills a block": (
        "{% set a = 'a' * 3999999 %}{% set x %}{% for i in range(9999) %}{{ a }}{% endfor %}"
        "{% endset %}",
        TOO_MUCH,
    ),
    "fills a macro": (
        "{% macro f(a) %}{% for i in range(9999) %}{{ a }}{% endfor %}{% endmacro %}"
        "{{ f('a' * 3999999) | length }}",
        TOO_MUCH,
    ),
    "changes letters for ever": (
        "{{ ('a' * 3999999) | map('upper') | map('lower') | list | length }}",
        "does not finish",
    ),
    "sorts for ever": (
        "{% for i in range(99999) %}{% set x = ('ba' * 9999) | list | sort %}{% endfor %}",
        "does not finish",
    ),
    "joins much": ("{{ (['a' * 99999] * 99999) | join }}", TOO_MUCH),
    "joins much by a method": ("{{ ('a' * 99999).join(['b'] * 99999) }}", TOO_MUCH),
    "fills batches": ("{{ [1] | batch(10000000000, 'x') | list }}", TOO_MUCH),
    "writes much": ("{% for i in range(9999) %}{{ 'a' * 999999 }}{% endfor %}", TOO_MUCH),
    "expands tabs": ("{{ '\\t'.expandtabs(10000000000) }}", TOO_MUCH),
    "a range without end": ("{{ range(10000000000) | list }}", "Range too big"),
    "opens a file": ("{% include '/etc/passwd' %}", "no loader"),
    "fails": ("{{ none.first.second }}", "has no attribute"),
    "has no end": ("{{ 'a' }}" * 20_000, "the limit is 100,000"),
    "is broken": ("{% if", "unexpected"),
    "ends in an error of Python": ("{{ cycler() }}", "at least one item"),
    "nests too deeply": ("{{ " + "not " * 220 + "a }}", "The prompt format failed"),
    "refuses": ("{{ raise_exception('No system prompt, please.') }}", "No system prompt, please."),
}


def rendered(template: str) -> str:
    return render(template, CHAT, bos_token="<s>", eos_token="</s>")


def test_template_gets_what_chat_templates_expect() -> None:
    template = (
        "{{ bos_token }}{% for m in messages %}\n"
        "    {% if m.role == 'system' %}{% continue %}{% endif %}\n"
        "[{{ m['role'] }}] {{ m.content | trim }}{{ eos_token }}{% endfor %}\n"
        "{% if add_generation_prompt and not tools %}[assistant]{% endif %}"
    )
    assert rendered(template) == "<s>[user] Is 1 < 2?</s>[assistant] Yes.</s>[assistant]"


HARMLESS = {
    "{{ '-' * 20 }}": "-" * 20,
    "{{ 3 * '=' }}{{ [1] * 2 }}{{ 2 ** 10 }}{{ 2 * 3.5 }}": "===[1, 1]10247.0",
    "{{ '%s: %d' % ('a', 3) }}{{ '%s' | format(1) }}{{ '%(a)s' | format(a=1) }}": "a: 311",
    "{{ '{} {:>4}'.format('a', 'b') }}{{ 'a'.center(5) }}|": "a    b  a  |",
    "{{ ['a', 'b'] | join(', ') }}{{ '-'.join(['a', 'b']) }}": "a, ba-b",
    "{{ 'aXbX' | replace('X', '') }}{{ 'aa'.replace('a', 'b', 1) }}": "abba",
    "{% for x in [1, 2] %}{{ 'aXb'.replace('X', '') }}{{ '-'.join(['a']) }}{% endfor %}": "abaaba",
    "{% block b %}{{ 'aX'.replace('X', '%s') % 2 }}{% endblock %}": "a2",
    "{{ 'a' ~ 1 ~ none ~ ['b'] }}": "a1None['b']",
    "{{ {'a': [1, 2]} | tojson }}{{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }}": (
        '{"a": [1, 2]}{"a": 2, "b": 1}'
    ),
    "{{ {'a': 1} | tojson(indent=2) | indent(2) }}": '{\n    "a": 1\n  }',
    "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}"
    "{{ ns.n }}": "2",
    "{% for m in messages %}{% if loop.last %}{% break %}{% endif %}{{ 1 }}{% endfor %}": "1",
    "{% macro say(m) %}[{{ m.content }}]{% endmacro %}{{ say(messages[1]) }}": "[Yes.]",
    "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | first }}": (
        "Is 1 < 2?"
    ),
    "{{ messages[0].content.split(' ')[-1].rstrip('?') | int + 1 }}": "3",
    "{{ strftime_now('%Y') | length }}": "4",
    "{{ 2.345 | round(2) }}{{ [3, 1] | sort }}{{ {'b': 1} | dictsort }}": "2.35[1, 3][('b', 1)]",
    "{% set x, y = (1, [2]) %}{% for a, b in {'k': 'v'}.items() %}{{ x }}{{ y }}{{ a }}{{ b }}"
    "{% endfor %}": "1[2]kv",
    "{{ [1] | tojson(separators=(',', ':')) }}{{ '{{}} {}'.format(1) }}": "[1]{} 1",
    "{{ messages[1:] | length }}{{ messages[0]['content'][:2] | upper }}": "1IS",
}


@pytest.mark.parametrize("template", HARMLESS)
def test_what_chat_templates_do_is_allowed(template: str) -> None:
    assert rendered(template) == HARMLESS[template]


SYSTEM = {"role": "system", "content": "Be brief."}
PROMPT = {"role": "user", "content": "Is 1 < 2?"}
TURNS = (
    SYSTEM,
    PROMPT,
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Why?"},
)
EACH = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
PARTS = (
    "{% for m in messages %}<{{ m.role }}>{% for part in m.content %}"
    "{% if part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}{% endfor %}"
)
GENERATION = (
    "{% for m in messages %}{% if m.role == 'assistant' %}<{{ m.role }}>{% generation %}"
    "{{ m.content }}{% endgeneration %}{% else %}<{{ m.role }}>{{ m.content }}{% endif %}"
    "{% endfor %}"
)
ROLES = "{'user': 'user', 'assistant': 'assistant'}"
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('None.') }}{% endif %}"
ALTERNATING = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant') }}{% endif %}"
    "{% endfor %}" + EACH
)
KEEPS_ITS_ROLE = "<system>Be brief.<user>Is 1 < 2?<assistant>Yes.<user>Why?"
STANDS_IN_FRONT = "<user>Be brief.\n\nIs 1 < 2?<assistant>Yes.<user>Why?"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (EACH, KEEPS_ITS_ROLE),
        (NO_SYSTEM + EACH, STANDS_IN_FRONT),
        (ALTERNATING, STANDS_IN_FRONT),
        (EACH.replace("in messages", "in messages if m.role != 'system'"), STANDS_IN_FRONT),
        (EACH.replace("m.role", f"{ROLES}[m.role] + ''"), STANDS_IN_FRONT),
        (PARTS, KEEPS_ITS_ROLE),
        (NO_SYSTEM + PARTS, STANDS_IN_FRONT),
        (GENERATION, KEEPS_ITS_ROLE),
    ],
)  # fmt: skip
def test_system_prompt_arrives_whatever_the_template_takes(template: str, text: str) -> None:
    assert render(template, TURNS, bos_token="<s>", eos_token="</s>") == text
    bare = render(template, TURNS[1:], bos_token="<s>", eos_token="</s>")
    assert bare == "<user>Is 1 < 2?<assistant>Yes.<user>Why?"
    check(template, with_system_prompt=True)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ messages[0].content }}", "leaves out the prompt"),
        ("Hello.", "leaves out the prompt"),
        ("{{ messages[-1].content }}", "leaves out the system prompt"),
        ("{% for m in messages %}{{ m.content }}{% endfo %}", "failed: .*endfo"),
        ("{% image %}", "failed: .*unknown tag 'image'"),
        (EACH + "{{ raise_exception('Never.') }}", "failed: Never"),
        (EACH.replace("m.content", "m.content | frobnicate"), "failed: .*frobnicate"),
    ],
)
def test_format_that_loses_something_is_told(template: str, reason: str) -> None:
    with pytest.raises(EngineError, match=reason):
        check(template, with_system_prompt=True)


def test_reason_is_short() -> None:
    with pytest.raises(EngineError) as refusal:
        rendered("{{ raise_exception('no' * 99999) }}")
    assert len(str(refusal.value)) < 600


def test_macro_may_get_a_long_conversation_often() -> None:
    macro = "{% macro f(all, i) %}{{ all[i].content }}{% endmacro %}"
    each = "{% for m in messages %}{{ f(messages, loop.index0) }}{% endfor %}"
    messages = [{"role": "user", "content": "x"}] * 1000
    assert render(macro + each, messages, bos_token="", eos_token="") == "x" * 1000


def test_tojson_leaves_text_as_models_saw_it() -> None:
    assert rendered("{{ messages[0].content | tojson }}") == '"Is 1 < 2?"'


def test_weights_without_template_ask_for_a_prompt_format() -> None:
    with pytest.raises(EngineError, match="Give the contestant a prompt format") as refusal:
        rendered("  ")
    assert refusal.value.permanent


@pytest.mark.parametrize(("template", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_template_is_refused(template: str, reason: str) -> None:
    with pytest.raises(EngineError, match=reason) as refusal:
        rendered(template)
    assert refusal.value.permanent


def test_long_template_is_bound_by_what_it_does_only() -> None:
    macro = "{% macro m(a) %}{% if a is string %}{{ a | trim ~ a }}{% endif %}{% endmacro %}"
    assert rendered(macro * 600 + "{{ m('x') }}") == "xx"


def test_bound_on_templates_is_lifted_after_them() -> None:
    before = sys.gettrace()
    rendered("{{ bos_token }}")
    assert sys.gettrace() is before
