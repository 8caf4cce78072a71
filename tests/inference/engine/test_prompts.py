"""Chat templates: what they give, and what a hostile one cannot do."""

from __future__ import annotations

import sys

import pytest

from inference.engine import EngineError
from inference.engine.prompts import render

CHAT = ({"role": "user", "content": "Is 1 < 2?"}, {"role": "assistant", "content": "Yes."})

HOSTILE = {
    "reads classes": ("{{ ''.__class__.__mro__ }}", "unsafe"),
    "runs a command": ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "unsafe"),
    "changes its input": ("{{ messages.append(1) }}", "unsafe"),
    "never ends": (
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "does not come to an end",
    ),
    "calls itself": ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion"),
    "fills the memory with text": ("{{ 'a' * 10000000000000 }}", "multiply numbers only"),
    "fills the memory with digits": ("{{ 10 ** 10 ** 10 }}", "raise to a power"),
    "opens a file": ("{% include '/etc/passwd' %}", "no loader"),
    "fails": ("{{ none.first.second }}", "has no attribute"),
    "has no end": ("{{ 'a' }}" * 20_000, "at most 100,000"),
    "is broken": ("{% if", "unexpected"),
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
