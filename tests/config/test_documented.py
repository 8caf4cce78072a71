"""Every environment variable that the settings read is documented, with its default."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = [ast.parse(file.read_text()) for file in (ROOT / "config").glob("*.py")]
# Those of `environ.Env`, those of config/numbers.py, and one of the settings themselves.
READERS = {"str", "list", "number", "switch", "choice", "pairs", "_kept"}
OURS = {"ARENA_ROLE"}  # what `manage.py` tells the settings, not an operator
# Read where they are used, on model workers.
ELSEWHERE = {
    "HF_ENDPOINT", "HF_TOKEN", "FETCH_HOSTS", "HEARTBEAT_FILE", "OTEL_EXPORTER_OTLP_ENDPOINT",
}  # fmt: skip
# A row of a table: names, and in docs/operating.md the default.
ROW = re.compile(r"^\| (?P<names>`[A-Z][A-Z0-9_…]*`[^|]*) \|(?: (?P<default>[^|]*) \|)?", re.M)


def read() -> dict[str, ast.expr | None]:
    """What the settings read, and the default that is written there."""
    nodes = [node for module in SETTINGS for node in ast.walk(module)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return {name: default for call in calls for name, default in _variable(call)}


def _variable(call: ast.Call) -> Iterator[tuple[str, ast.expr | None]]:
    function = call.func
    reader = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if reader not in READERS or not call.args or not isinstance(call.args[0], ast.Constant):
        return
    given = [word.value for word in call.keywords if word.arg == "default"]
    named = call.args[1:] if reader == "number" else given
    yield str(call.args[0].value).upper(), named[0] if named else None


def documented() -> dict[str, str]:
    rows = {}
    for page in ("operating", "people"):
        for row in ROW.finditer((ROOT / f"docs/{page}.md").read_text()):
            for name in re.findall(r"`([A-Z][A-Z0-9_]*)`", row["names"]):
                rows[name] = row["default"] or ""
    return rows


def test_every_setting_is_documented_and_nothing_else() -> None:
    told = {name for name in documented() if not re.fullmatch(r"[EW]\d+|.*_API_KEY", name)}
    known = {*read()} - OURS | ELSEWHERE
    limits = {name for name in told if name.startswith("LIMIT_")}  # in a table of another shape
    assert len(known) > 30
    assert {name for name in known - told if not name.startswith("LIMIT_")} == set()
    assert told - known - limits == set()


def test_defaults_in_the_docs_are_those_of_the_settings() -> None:
    rows = documented()
    numbers = {
        name: default.value
        for name, default in read().items()
        if isinstance(default, ast.Constant) and isinstance(default.value, int | float)
    }
    assert len(numbers) > 5
    wrong = {
        name: (rows[name], value)
        for name, value in numbers.items()
        if not name.startswith("LIMIT_") and "none" not in rows[name]
        if float(rows[name]) != value
    }
    assert wrong == {}
