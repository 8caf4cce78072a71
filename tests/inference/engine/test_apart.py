"""What no check of a template sees, the kernel stops."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import TemplateError

from inference.text import apart
from tests.live.site import ROOT, until

HELLO = "Hello {{ name }}."
# Quadratic, in one operation; colliding keys; and texts that each are small enough.
LATE = {
    "seeks backwards": "{% set a = 'a' * 3900000 %}{{ a.rfind('ab' ~ a[:1950000]) }}",
    "strips": "{% set a = 'a' * 3900000 %}{{ a.strip('b' * 3900000 ~ 'a') }}",
}
LARGE = "{% set a = 'a' * 3999000 %}{{ [" + "a ~ 1, " * 600 + "] | length }}"


@pytest.fixture
def child() -> Iterator[apart._Child]:
    child = apart._Child()
    yield child
    child.close()


@pytest.mark.parametrize("template", LATE.values(), ids=LATE)
def test_template_that_takes_too_long_is_stopped_and_not_tried_again(
    child: apart._Child, template: str
) -> None:
    assert child.fill_in(HELLO, {"name": "Ada"}) == "Hello Ada."
    with pytest.raises(TemplateError, match="does not finish"):
        child.fill_in(template, {})
    assert child.pid is None
    with pytest.raises(TemplateError, match="does not finish"):
        child.fill_in(template, {})
    assert child.pid is None
    assert child.fill_in(HELLO, {"name": "Bob"}) == "Hello Bob."


def test_template_that_fills_the_memory_fills_that_of_the_child(child: apart._Child) -> None:
    child.fill_in(HELLO, {"name": "Ada"})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TemplateError, match=r"too much memory|does not finish"):
        child.fill_in(LARGE, {})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 100_000  # kB


def test_child_knows_no_secret(child: apart._Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret")
    child.fill_in(HELLO, {"name": "Ada"})
    assert b"secret" not in Path(f"/proc/{child.pid}/environ").read_bytes()


def test_child_that_is_killed_is_replaced(child: apart._Child) -> None:
    child.fill_in(HELLO, {"name": "Ada"})
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    until(lambda: not alive(child.pid or 0), "the child's end")
    assert child.fill_in(HELLO, {"name": "Bob"}) == "Hello Bob."


def test_child_ends_with_its_parent() -> None:
    work = (
        "import sys; from inference.text import apart\n"
        "apart.fill_in('x', {}); print(apart._child.pid, flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", work]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    until(lambda: not alive(pid), "the child's end")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
