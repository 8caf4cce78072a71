"""One turn of a chat as it comes in. Its models are named, so each reply is shown as it arrives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inference.contract.streams import Entry

from ..models import Reply, Side
from .turn import LEAP, Pane


class LiveChat:
    """The panes of a chat's last turn, and what the browser has of them."""

    def __init__(self, sides: Iterable[Side]) -> None:
        self.panes = {side: Pane(side) for side in sides}
        self._sent = dict.fromkeys(self.panes, ("", False))

    def absorb(self, side: Side, entry: Entry) -> None:
        has_gone_on = self.panes[side].goes_on(entry)
        pane = self.panes[side] if has_gone_on else self._pane(side, entry.attempt)
        if entry.attempt == pane.attempt and not pane.stored:
            pane.absorb(entry)

    def finish(self, reply: Reply, at: float) -> None:
        """Take a reply that is stored, whether it is done or failed."""
        self._pane(Side(reply.side), reply.attempt).finish(reply.text, reply.finish_reason, at)

    @property
    def is_complete(self) -> bool:
        return all(pane.stored for pane in self.panes.values())

    @property
    def is_uncertain(self) -> bool:
        """Whether the database may know more than the streams say."""
        return any(pane.silent or pane.ended or not pane.words for pane in self.panes.values())

    @property
    def leaps(self) -> bool:
        """Whether the next frame takes too long to render in the event loop."""
        return any(pane.growing.unread(pane.words.text) > LEAP for pane in self.panes.values())

    def frame(self) -> dict[str, Any] | None:
        """The frame that brings the browser up to date; None if it is."""
        states = {side: (pane.words.text, pane.stored) for side, pane in self.panes.items()}
        new = {side: self.panes[side] for side in states if states[side] != self._sent[side]}
        self._sent = states
        panes = [
            {
                "side": side.value,
                "complete": pane.stored,
                **pane.growing.show(pane.words.text),
            }
            for side, pane in new.items()
        ]
        return {"op": "text", "at": "0.0", "panes": panes} if panes else None

    def _pane(self, side: Side, attempt: int) -> Pane:
        """The pane, empty again if a new attempt has begun."""
        old = self.panes[side]
        if attempt > old.attempt:
            self.panes[side] = Pane(side, attempt, growing=old.growing)
        return self.panes[side]
