"""docs/tutorial.ipynb: its cells run, and show what stands below them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .notebooks import Output, code_of, ran

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.ipynb"


def test_tutorial_shows_what_its_cells_give() -> None:
    """`python -m tests.ratings.notebooks docs/tutorial.ipynb` writes it anew."""
    notebook = json.loads(TUTORIAL.read_text(encoding="utf-8"))
    kept = [cell["outputs"] for cell in code_of(notebook)]
    assert len(kept) > 5
    for cell, (written, shown) in enumerate(zip(kept, ran(notebook), strict=True), 1):
        assert [*map(text, written)] == [*map(text, shown)], f"cell {cell}"


def test_tutorial_draws() -> None:
    notebook = json.loads(TUTORIAL.read_text(encoding="utf-8"))
    data = [each.get("data", {}) for cell in code_of(notebook) for each in cell["outputs"]]
    [drawing] = [each["image/svg+xml"] for each in data if "image/svg+xml" in each]
    assert "chatgpt-4o-latest" in "".join(drawing)


def text(output: Output) -> Any:
    """Without drawings and HTML, which say the same."""
    return output.get("text") or output["data"]["text/plain"]
