"""Chat templates: a prompt or a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.contract.errors import EngineError
from inference.contract.limits import TEXTS
from inference.text.templates import render

from .habits import fuzzed, unless_refused

pytestmark = pytest.mark.slow
TALK = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi {{ 7 * 7 }}"})
WORDS = (
    "{% for m in messages %}", "{% endfor %}", "{{ m['role'] }}", "{{ m.content }}",
    "{{ messages }}", "{% if add_generation_prompt %}", "{% else %}", "{% endif %}", "<|im_start|>",
    "{{ bos_token }}", "{% set x = 'ab' * 9999 %}", "{{ x * 9999 }}", "{{ x | join(x) }}",
    "{% for i in range(99999) %}", "{{ 10 ** 10 ** 10 }}", "{{ '%9999999d' % 7 }}", "{{ x ~ x }}",
    "{{ messages[0].__class__.__mro__ }}", "{{ x.format(x) }}", "{{ [x] * 99999 }}", "{{ loop }}",
    "{% macro f(a) %}{{ f(a) }}{% endmacro %}{{ f(1) }}", "{{ raise_exception('no') }}",
    "{% set n = namespace(x='x') %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "{{ messages | tojson(indent=99) }}", "{{ x | center(999999999) }}", "{{ x.replace('', x) }}",
    "{{ range(99999999) | list }}", "{{ x | wordwrap(1) }}", "{% include 'x' %}", "{# note",
    "{{ x | batch(2) | list }}", "{{ cycler(1) }}", "{{ lipsum(999) }}", "{{ x | indent(99999) }}",
    "{% generation %}", "{% endgeneration %}", "{%- ", " -%}", "{{", "}}",
    "{{ strftime_now('%Y') }}", "{{ x | slice(99999) | list }}", "{{ dict(a=x) | xmlattr }}",
    "{{ x | urlize }}", "{{ x | regex }}", "{{ self }}", "{{ x | list | sort }}",
    "{{ messages | map('upper') | list }}", "{{ x.encode() * 99999 }}", "{{ [x, x] | length }}",
    "{% set x = [x, x] %}", "{{ x == [x] }}", "{{ 1.5 | round(99999) }}", "{{ {x: 1} }}",
    "{{ '{:{}}'.format(1, 999999999) }}", "{% set n = namespace(x=x) %}{{ n }}", "{% endset %}",
    "{% set x %}", "{{ x | tojson(separators=(x, x)) }}", "{{ [x] | sum(start=[]) }}",
)  # fmt: skip
pieces = st.one_of(st.sampled_from(WORDS), st.text(max_size=6))
templates = st.lists(pieces, min_size=1, max_size=14).map("".join)


def asked(template: str) -> str:
    """The prompt, if there is one."""

    def prompt() -> str:
        return render(template, TALK, bos_token="<s>", eos_token="</s>")

    return unless_refused(EngineError, prompt) or ""


@fuzzed
@given(template=templates)
def test_any_template_is_filled_in_or_refused(template: str) -> None:
    """What it costs, the kernel bounds."""
    assert len(asked(template)) <= TEXTS.prompt
