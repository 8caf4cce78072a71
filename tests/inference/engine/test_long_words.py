"""Prompts of one very long word, which anybody can send."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from arena.limits import PROMPTS

from .tiny_weights import LLAMA_BYTES, write_tiny

REPOSITORY = Path(__file__).parents[3]
TOKENISE = """
import sys
from pathlib import Path
from inference.engine.model import Model

model = Model(Path(sys.argv[1]))
print(len(model.vocabulary.tokenise_prompt(sys.argv[2] * int(sys.argv[3]))))
"""


@pytest.mark.parametrize("letter", ["a", "!", "."])
@pytest.mark.parametrize("words", ["default", "falcon", "bloom", "tekken", "gpt-4o"])
def test_longest_word_of_a_prompt_is_split_without_harm(
    words: str, letter: str, tmp_path: Path
) -> None:
    weights = tmp_path / "tiny.gguf"
    write_tiny(weights, LLAMA_BYTES, words=words)
    child = subprocess.run(  # a fault here would kill the process
        [sys.executable, "-c", TOKENISE, str(weights), letter, str(PROMPTS.characters)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert (child.returncode, child.stderr) == (0, "")
    assert int(child.stdout) >= PROMPTS.characters
