"""Notebooks without Jupyter: cells of plain Python, run one after the other, and what they show.

`python -m tests.ratings.notebooks docs/tutorial.ipynb` runs one and writes its outputs into it.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

from tests.ratings.core.real_votes import august_2024

SHOWN = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}
Output = dict[str, Any]


def code_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def ran(notebook: dict[str, Any]) -> list[list[Output]]:
    """The outputs of each cell of code, run where its votes are."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with chdir(august_2024().parent):
        return [
            _outputs("".join(cell["source"]), number, names)
            for number, cell in enumerate(code_of(notebook), 1)
        ]


def _outputs(source: str, number: int, names: dict[str, Any]) -> list[Output]:
    body, last = ast.parse(source), None
    if isinstance(end := body.body[-1], ast.Expr):
        last = ast.Expression(end.value)
        del body.body[-1]
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(body, f"<cell {number}>", "exec"), names)
        value = None if last is None else eval(compile(last, f"<cell {number}>", "eval"), names)
    found: list[Output] = []
    if text := printed.getvalue():
        found.append({"name": "stdout", "output_type": "stream", "text": _lines(text)})
    if value is not None:
        found.append({
            "data": _data(value), "execution_count": number, "metadata": {},
            "output_type": "execute_result",
        })  # fmt: skip
    return found


def _data(value: Any) -> dict[str, list[str]]:
    """In all the ways in which it can be shown."""
    rich = {kind: getattr(value, name)() for kind, name in SHOWN.items() if hasattr(value, name)}
    plain = "a drawing" if "image/svg+xml" in rich else repr(value)
    return {kind: _lines(text) for kind, text in {**rich, "text/plain": plain}.items()}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for number, outputs in enumerate(ran(notebook), 1):
        code_of(notebook)[number - 1] |= {"execution_count": number, "outputs": outputs}
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
