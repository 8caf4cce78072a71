"""Turns a conversation into a model's tokens, with the template and vocabulary of its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import llama_cpp

from ..text import templates
from .veil import Veil
from .vocabulary import Vocabulary

Messages = Sequence[Mapping[str, str]]


class Reader:
    """Vocabulary and chat template of a loaded file, whether or not its weights are loaded too."""

    def __init__(self, native: llama_cpp.llama_model_p) -> None:
        self.vocabulary = Vocabulary(native)
        template: bytes | None = llama_cpp.llama_model_chat_template(native, None)
        self.chat_template = template.decode(errors="replace") if template else ""  # Jinja

    def written(self, messages: Messages, prompt_format: str = "") -> list[str]:
        """The prompt that asks for the next answer, in pieces for `tokenise_prompt`. Uses the
        file's own template unless `prompt_format` is given. Raises EngineError, permanent."""
        template = prompt_format or self.chat_template
        veil = Veil(self.vocabulary.special, [template, *(each["content"] for each in messages)])
        prompt = templates.render(
            template,
            veil.over(messages),
            bos_token=self.vocabulary.bos_text,
            eos_token=self.vocabulary.eos_text,
        )
        return veil.pieces(prompt)

    def said(self, text: str) -> list[str]:
        """The beginning of an answer, likewise in pieces."""
        if not text:
            return []
        veil = Veil(self.vocabulary.special, [text])
        [covered] = veil.over([{"content": text}])
        return veil.pieces(covered["content"])
