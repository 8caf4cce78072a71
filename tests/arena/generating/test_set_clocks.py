"""What the broker's clock may do to answers under way when somebody sets it."""

from __future__ import annotations

from arena import broker
from arena.generating.watchdog import has_just_returned


def test_watch_goes_on_after_the_clock_was_set_back() -> None:
    connection = broker.connection()
    connection.delete("watchdog:seen", "watchdog:returned")
    assert has_just_returned()
    assert has_just_returned()  # for a while
    connection.set("watchdog:returned", broker.now() + 3600)
    assert not has_just_returned()
