"""Text to tokens and back."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import groupby

import llama_cpp

from ..contract.prompts import Piece
from ..text.thoughts import MARKS
from .deep_stack import call_deep
from .veil import SpecialTokens

_PIECE_BYTES = 64  # longer pieces exist (runs of blanks) and need a second call
_SHALLOW = 2_000  # characters, for which any stack is large enough
_CONTROL = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
_DEFINED = llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED
_LEAD = "\ue000"  # in no word of any vocabulary


class Vocabulary:
    """A model's tokens. Thread-safe while the model is loaded.

    `ends` are the tokens with which the model ends an answer, `special` those that are not words.
    """

    def __init__(self, model: llama_cpp.llama_model_p) -> None:
        vocabulary = llama_cpp.llama_model_get_vocab(model)
        assert vocabulary is not None  # for mypy: a loaded model has one
        self._native = vocabulary
        self.size: int = llama_cpp.llama_vocab_n_tokens(vocabulary)
        self.piece = lru_cache(maxsize=None)(self._piece)
        self.mark = lru_cache(maxsize=None)(self._mark)
        self.bos_text = self._special_text(llama_cpp.llama_vocab_bos(vocabulary))
        self.eos_text = self._special_text(llama_cpp.llama_vocab_eos(vocabulary))
        is_end = llama_cpp.llama_vocab_is_eog
        self.ends = frozenset(token for token in range(self.size) if is_end(vocabulary, token))
        self.special = SpecialTokens(self._texts_of(_CONTROL), self._texts_of(_DEFINED))
        by_sentencepiece = llama_cpp.llama_vocab_type(vocabulary) == llama_cpp.LLAMA_VOCAB_TYPE_SPM
        self._lead = _LEAD if by_sentencepiece else ""

    def tokenise_prompt(self, *pieces: str) -> list[int]:
        """The tokens of a formatted prompt, with its special tokens and the model's BOS token.

        No token spans two `pieces`.

        llama_tokenize's own add_special is not used: it would duplicate a BOS token that the
        template wrote, and for some models append an end token.
        """
        # Many vocabularies split text with std::regex, which recurses once per character: a word of
        # 30,000 letters would overflow the stack and crash the process.
        deep = max(map(len, pieces)) > _SHALLOW
        tokens = call_deep(lambda: self._joined(pieces)) if deep else self._joined(pieces)
        opening = llama_cpp.llama_vocab_bos(self._native)
        if llama_cpp.llama_vocab_get_add_bos(self._native) and tokens[:1] != [opening]:
            return [opening, *tokens]
        return tokens

    def control_token(self, text: str) -> int | None:
        """The control token with the text `text`; None if there is none.

        Control tokens have no text in an answer, so a stop string would never match them.
        """
        tokens = self._tokenise(text)
        if len(tokens) == 1 and llama_cpp.llama_vocab_is_control(self._native, tokens[0]):
            return tokens[0]
        return None

    def is_bos(self, token: int) -> bool:
        """Whether it is the token that begins a text."""
        return bool(token == llama_cpp.llama_vocab_bos(self._native))

    def pieces_of(self, tokens: Sequence[int]) -> list[Piece]:
        """The text of tokens, in which each control token stands for itself."""
        is_control = partial(llama_cpp.llama_vocab_is_control, self._native)
        pieces: list[Piece] = []
        for control, run in groupby(tokens, is_control):
            texts = [self._render(token, special=True) for token in run]
            for text in texts if control else [b"".join(texts)]:
                pieces.append(Piece(text.decode(errors="replace"), control))
        return pieces

    def _joined(self, pieces: Sequence[str]) -> list[int]:
        first, *others = pieces
        tokens = self._tokenise(first)
        for piece in others:
            tokens += self._continued(piece)
        return tokens

    def _continued(self, text: str) -> list[int]:
        """Tokenise without the blank that SentencePiece would add, here in the middle of a word."""
        return self._tokenise(self._lead + text)[len(self._tokenise(self._lead)) :]

    def _texts_of(self, kinds: int) -> frozenset[str]:
        """The texts of the tokens of these kinds. Skips white space, which is not a command, and
        single characters, which can't be cut."""
        kind_of = llama_cpp.llama_vocab_get_attr
        texts = (self._text(t) for t in range(self.size) if kind_of(self._native, t) & kinds)
        return frozenset(stripped for text in texts if len(stripped := text.strip()) > 1)

    def _text(self, token: int) -> str:
        text: bytes | None = llama_cpp.llama_vocab_get_text(self._native, token)
        return (text or b"").decode(errors="replace")

    def _tokenise(self, text: str) -> list[int]:
        data = text.encode(errors="replace")  # JSON may contain lone surrogates
        room = len(data) + 8  # usually enough; otherwise llama.cpp returns the size needed
        while True:
            tokens = (llama_cpp.llama_token * room)()
            count: int = llama_cpp.llama_tokenize(
                self._native, data, len(data), tokens, room, False, True
            )
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def _piece(self, token: int) -> bytes:
        return self._render(token, special=False)

    def _mark(self, token: int) -> bytes:
        """The text of a control token that can begin or end thoughts; empty for others."""
        if not llama_cpp.llama_vocab_is_control(self._native, token):
            return b""
        written = self._render(token, special=True)
        return written if written.decode(errors="replace") in MARKS else b""

    def _special_text(self, token: int) -> str:
        return "" if token < 0 else self._render(token, special=True).decode(errors="replace")

    def _render(self, token: int, *, special: bool, room: int = _PIECE_BYTES) -> bytes:
        buffer = ctypes.create_string_buffer(room)
        length = llama_cpp.llama_token_to_piece(self._native, token, buffer, room, 0, special)
        if length < 0:
            return self._render(token, special=special, room=-length)
        return buffer.raw[:length]
