"""A model worker's part of the wizard: it downloads into a folder, and answers questions."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arena import broker
from inference.contract import fetching
from inference.contract.asking import ANY, Asking
from inference.contract.cards import Card, keep
from inference.contract.fetching import Fetch
from inference.contract.presence import Heartbeat, publish, withdraw
from inference.contract.requests import key_service
from inference.worker.fetching.answering import answer
from inference.worker.fetching.desk import Desk
from tests.live.site import until

_NUMBERS = itertools.count(1)
CARD = {"architecture": "llama", "parameters": 1_000_000_000, "context": 8192}


@contextmanager
def worker(folder: Path, *keys: str, hosts: dict[str, list[str]] | None = None) -> Iterator[Desk]:
    """Its heart beats until the end. `keys` are the variables of the keys it holds."""
    connection = broker.connection()
    name = f"wizard's worker {next(_NUMBERS)}"  # two of one name would hide each other
    desk = Desk(connection, folder, name)
    services = [key_service(key) for key in keys]
    serves: list[str] = [*services]
    asking = Asking(connection, lambda: [ANY, *services], answer)
    ended = threading.Event()

    def beat() -> Heartbeat:
        names = [file.stem for file in folder.glob("*.gguf")]
        return Heartbeat(
            name, (*serves, *names), 8, key_hosts=hosts or {},
            fetches_to=desk.home, free_bytes=10**10,
        )  # fmt: skip

    def live() -> None:
        while not ended.wait(0.5):
            publish(connection, beat())

    publish(connection, beat())
    heart = threading.Thread(target=live)
    for thread in (heart, desk, asking):
        thread.start()
    try:
        yield desk
    finally:
        ended.set()
        desk.stop()
        asking.stop()
        for thread in (heart, desk, asking):
            thread.join(10)
        withdraw(connection, beat())
        for fetch in fetching.all_fetches(connection):
            fetching.forget(connection, fetch.order.id)
        for key in connection.scan_iter("weights:*"):
            connection.delete(key)


def examined(name: str, sha256: str, **more: object) -> None:
    """The worker has tried the weights out."""
    said = {"sha256": sha256, "has_chat_template": True, **CARD, **more}
    keep(broker.connection(), Card(name, 1, 1, **said))  # type: ignore[arg-type]


def ended(order_id: str) -> Fetch:
    def look() -> Fetch | None:
        fetch = fetching.look_up(broker.connection(), order_id)
        return fetch if fetch and fetch.state.is_over and not fetch.is_held else None

    fetch = until(look, "the download to end", patience=60)
    assert fetch is not None
    return fetch
