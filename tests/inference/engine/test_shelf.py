"""Several weights under one memory limit: which stay, which are unloaded, wait or are rejected."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inference.contract.errors import EngineError
from inference.engine import Engine, Hardware, shelf
from inference.engine.inspection import inspect
from inference.engine.shelf import Shelf

from .asking import job, read_all, wait_until

SLOTS, CONTEXT = 1, 256
MakeShelf = Callable[[float], Shelf]


@pytest.fixture
def names(weights: Path, tmp_path: Path) -> list[Path]:
    """Three files with the same weights."""
    files = [tmp_path / f"{name}.gguf" for name in "abc"]
    for file in files:
        file.symlink_to(weights)
    return files


@pytest.fixture
def make_shelf(weights: Path) -> Iterator[MakeShelf]:
    """Makes a shelf with room for a given number of engines."""
    made: list[Shelf] = []

    def make(engines: float) -> Shelf:
        each = inspect(weights).memory(slots=SLOTS, context=CONTEXT)
        made.append(Shelf(int(each * engines), slots=SLOTS, context=CONTEXT, try_first=False))
        return made[-1]

    yield make
    for one in made:
        one.close()


def loaded(one: Shelf) -> list[str]:
    return sorted(engine.weights.stem for engine in one.engines)


def use(one: Shelf, weights: Path) -> None:
    with one.lease(weights) as engine:
        read_all(engine.submit(job("Say hello.", max_tokens=1)))


def test_engine_stays_loaded_between_leases(make_shelf: MakeShelf, names: list[Path]) -> None:
    one = make_shelf(2.1)
    with one.lease(names[0]) as first:
        pass
    with one.lease(names[0]) as second, one.lease(names[0]) as third:
        assert first is second is third
    assert loaded(one) == ["a"]


def test_room_is_taken_from_the_one_not_used_for_longest(
    make_shelf: MakeShelf, names: list[Path]
) -> None:
    one = make_shelf(2.1)
    a, b, c = names
    for weights in (a, b, a, c):
        use(one, weights)
    assert loaded(one) == ["a", "c"]
    assert one.reserved_bytes <= one.ram_bytes


def test_room_is_told_before_it_is_taken(make_shelf: MakeShelf, names: list[Path]) -> None:
    one = make_shelf(1.5)
    a, b, _ = names
    assert one.has_room(a)
    use(one, a)
    assert one.has_room(a)
    assert not one.has_room(b)
    assert loaded(one) == ["a"]


def test_weights_that_would_wait_for_memory_in_use_are_told(
    make_shelf: MakeShelf, names: list[Path]
) -> None:
    one = make_shelf(1.5)
    a, b, _ = names
    with one.lease(a):
        assert (one.can_lease(a), one.can_lease(b)) == (True, False)
    assert (one.can_lease(a), one.can_lease(b)) == (True, True)
    assert loaded(one) == ["a"]


def test_weights_that_can_never_fit_are_refused_with_both_numbers(
    make_shelf: MakeShelf, names: list[Path]
) -> None:
    one = make_shelf(0.5)
    sentence = r"^a.gguf needs 0\.\d\d GB of memory .* may use 0\.\d\d GB"
    with pytest.raises(EngineError, match=sentence) as refusal, one.lease(names[0]):
        pass
    assert refusal.value.permanent
    assert loaded(one) == []


def test_engine_in_use_is_not_evicted_and_the_other_refused_in_the_end(
    make_shelf: MakeShelf, names: list[Path]
) -> None:
    one = make_shelf(1.5)
    with one.lease(names[0]) as engine:
        running = engine.submit(job("Tell me a long story.", max_tokens=200))
        sentence = r"^b.gguf needs 0\.\d\d GB .* in use take 0\.\d\d GB\. Try again later\.$"
        with (
            pytest.raises(EngineError, match=sentence) as refusal,
            one.lease(names[1], patience_s=0.2),
        ):
            pass
        assert not refusal.value.permanent
        running.cancel()
        assert read_all(running)[1].error == ""


def test_lease_that_needs_room_gets_it_when_the_engine_in_use_is_done(
    make_shelf: MakeShelf, names: list[Path]
) -> None:
    one = make_shelf(1.5)
    other = threading.Thread(target=use, args=(one, names[1]))
    with one.lease(names[0]) as engine:
        other.start()
        wait_until(lambda: one._waiting)
        assert engine.alive
    other.join(timeout=60)
    assert loaded(one) == ["b"]
    assert not engine.alive


def test_who_waits_for_room_is_not_overtaken_for_ever(
    make_shelf: MakeShelf, names: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "TURN_S", 0.1)
    one = make_shelf(1.5)
    stop = threading.Event()

    def keep_using() -> None:
        while not stop.is_set():
            use(one, names[0])

    greedy = [threading.Thread(target=keep_using) for _ in range(3)]
    for thread in greedy:
        thread.start()
    wait_until(lambda: loaded(one) == ["a"])
    use(one, names[1])
    stop.set()
    for thread in greedy:
        thread.join(timeout=60)


def test_weights_asked_for_by_many_load_once(
    make_shelf: MakeShelf, names: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Path] = []

    def counted(weights: Path, **settings: Any) -> Engine:
        loads.append(weights)
        return Engine(weights, **settings)

    monkeypatch.setattr(shelf, "Engine", counted)
    one = make_shelf(1.5)
    users = [threading.Thread(target=use, args=(one, names[0])) for _ in range(6)]
    for user in users:
        user.start()
    for user in users:
        user.join(timeout=60)
    assert loads == [names[0]]


def test_weights_that_fail_leave_no_reservation(make_shelf: MakeShelf, tmp_path: Path) -> None:
    one = make_shelf(1.5)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and no more")
    with pytest.raises(EngineError, match="damaged"), one.lease(broken):
        pass
    assert one.reserved_bytes == 0


def test_weights_that_crash_are_found_out_in_a_child(
    weights: Path, names: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(path: Path, hardware: Hardware) -> None:
        raise EngineError(f"Tested on its own, {path.name} crashed llama.cpp.", permanent=True)

    monkeypatch.setattr(shelf, "try_out", crash)
    one = Shelf(10**9, slots=SLOTS, context=CONTEXT)
    with pytest.raises(EngineError, match="crashed"), one.lease(names[0]):
        pass
    assert one.reserved_bytes == 0


def test_failed_engine_is_loaded_anew(make_shelf: MakeShelf, names: list[Path]) -> None:
    one = make_shelf(1.1)
    with one.lease(names[0]) as failed:
        failed.close()
    with one.lease(names[0]) as fresh:
        assert fresh is not failed
        assert fresh.alive


def test_changed_file_is_loaded_when_the_old_one_is_no_longer_in_use(
    make_shelf: MakeShelf, names: list[Path]
) -> None:
    one = make_shelf(1.1)
    with one.lease(names[0]) as old:
        one.renew(names[0])
        with pytest.raises(EngineError, match="in use"), one.lease(names[0], patience_s=0.1):
            pass
        assert old.alive
    with one.lease(names[0]) as new:
        assert new is not old
    assert not old.alive


def test_weights_that_are_gone_leave_memory_when_nobody_uses_them(
    make_shelf: MakeShelf, names: list[Path]
) -> None:
    one = make_shelf(2.1)
    use(one, names[0])
    with one.lease(names[1]) as engine:
        for name in names[:2]:
            name.unlink()
            one.renew(name)
        assert loaded(one) == ["b"]
        assert read_all(engine.submit(job("Say hello.", max_tokens=1)))
    assert loaded(one) == []
    assert one.reserved_bytes == 0


def test_closed_shelf_ends_answers_and_refuses_leases(
    make_shelf: MakeShelf, names: list[Path]
) -> None:
    one = make_shelf(1.5)
    with one.lease(names[0]) as engine:
        running = engine.submit(job("Tell me a long story.", max_tokens=200))
        one.close()
        assert "closed" in read_all(running)[1].error
    with pytest.raises(EngineError, match="stopping") as refusal, one.lease(names[0]):
        pass
    assert not refusal.value.permanent
