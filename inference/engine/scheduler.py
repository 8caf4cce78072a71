"""Continuous batching: chooses the tokens of all answers to decode in the next step."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from ..contract.endings import FinishReason
from ..contract.errors import EngineError
from ..contract.fairness import Rota
from .answers import Answer
from .context import Context
from .pace import EXACT_CHUNK, Pace, Throughput
from .samplers import Candidates, SamplerChain
from .slots import Slot, choose
from .vocabulary import Vocabulary


class Scheduler:
    """Runs the answers of one context, a step at a time. Not thread-safe: only the decoding thread
    may change it."""

    def __init__(self, context: Context, vocabulary: Vocabulary) -> None:
        self._context = context
        self._vocabulary = vocabulary
        self._slots = [Slot(sequence) for sequence in range(context.slots)]
        self._candidates = Candidates(vocabulary.size)
        self._pace = Pace(context.batch.room)
        self._step = 0
        self._rota = Rota()
        self.waiting: deque[Answer] = deque()
        self.throughput = Throughput()

    @property
    def has_work(self) -> bool:
        return bool(self.waiting or self.busy)

    @property
    def busy(self) -> list[Slot]:
        return [slot for slot in self._slots if slot.answer]

    @property
    def free(self) -> list[Slot]:
        return [slot for slot in self._slots if not slot.answer]

    def warm_up(self) -> bool:
        """Decode a few tokens and discard the result: this brings the weights into memory, measures
        the pace, and detects weights that load but do not run. Raises EngineError. False if the
        logits are not numbers, or equal for every token."""
        batch = self._context.batch
        batch.clear()
        tokens = [self._vocabulary.size * part // 32 for part in range(32)]
        row = batch.add(0, 0, tokens[: self._context.tokens_per_slot], sample=True)
        self._decode()
        logits = self._context.logits(row)
        is_sound = not np.isnan(logits).any() and logits.min() < logits.max()
        self._context.clear()
        return bool(is_sound)

    def step(self) -> None:
        """Drop unwanted answers, admit waiting ones, decode one batch for all, draw the tokens."""
        self._step += 1
        self._drop_unwanted()
        self._admit()
        rows = self._fill_batch()
        try:
            self._decode()
        except EngineError as error:
            self._release_all(str(error))
            return
        for slot, row in rows:
            self._draw(slot, row)
        self.throughput.count(len(rows))

    def abandon(self, sentence: str) -> None:
        """End every answer with an error."""
        self._release_all(sentence)
        while self.waiting:
            self.waiting.popleft().finish(FinishReason.ERROR, sentence)

    def _drop_unwanted(self) -> None:
        for slot in self.busy:
            if slot.answer and (reason := slot.answer.unwanted()):
                slot.release(reason, self._step)
        for answer in list(self.waiting):
            if reason := answer.unwanted():
                self.waiting.remove(answer)
                answer.finish(reason)

    def _admit(self) -> None:
        free = self.free
        while self.waiting and free:
            answer = self._next()  # stays queued until it has a slot, so `abandon` finds it
            slot = choose(free, answer)
            chain = SamplerChain(answer.job.sampling, answer.seed, self._candidates)
            slot.take(answer, chain, self._context, self._step)
            free.remove(slot)
            self.waiting.remove(answer)

    def _next(self) -> Answer:
        """Clients take turns."""
        running = [slot.answer.job.client for slot in self.busy if slot.answer]
        place = self._rota.choose([answer.job.client for answer in self.waiting], running)
        self._rota.took(self.waiting[place].job.client)
        return self.waiting[place]

    def _fill_batch(self) -> list[tuple[Slot, int]]:
        """Add the due tokens of every answer, of prompts only as many as the pace allows, first of
        the one that has least left: nobody's long prompt delays the short ones of others. They
        can't keep it waiting, as they then write for many steps. Returns the slots to draw a token
        for, with the rows of their logits."""
        batch = self._context.batch
        batch.clear()
        writing = [slot for slot in self.busy if slot.writing]
        reading = [slot for slot in self.busy if not slot.writing]
        rows = [(slot, slot.feed(batch, 1)) for slot in writing]
        chunk = self._chunk(writing, reading)
        for slot in sorted(reading, key=lambda slot: (len(slot.due), slot.taken_at)):
            size = min(chunk, batch.room - batch.size, len(slot.due))
            if size > 0:
                chunk -= size
                row = slot.feed(batch, size)
                rows += [] if slot.due else [(slot, row)]
        return rows

    def _chunk(self, writing: list[Slot], reading: list[Slot]) -> int:
        answers = [slot.answer for slot in (*writing, *reading) if slot.answer]
        if len(answers) == 1 and answers[0].repeatable:
            return EXACT_CHUNK
        return self._pace.chunk(others_write=bool(writing))

    def _decode(self) -> None:
        if self._context.batch.size:
            began = time.monotonic()
            self._context.decode()
            self._pace.observe(self._context.batch.size, time.monotonic() - began)

    def _draw(self, slot: Slot, row: int) -> None:
        token = slot.draw(self._context, row)
        piece, mark = self._vocabulary.piece(token), self._vocabulary.mark(token)
        reason = slot.answer.take(token, piece, mark) if slot.answer else None
        if reason is None and len(slot.held) >= self._context.tokens_per_slot:
            reason = FinishReason.LENGTH
        if reason is None:
            slot.due = [token]
        else:
            slot.release(reason, self._step)

    def _release_all(self, sentence: str) -> None:
        for slot in self.busy:
            slot.release(FinishReason.ERROR, self._step, sentence)
        # After a failed step the contents of the cells are undefined.
        self._context.clear()
        for slot in self._slots:
            slot.held = []
