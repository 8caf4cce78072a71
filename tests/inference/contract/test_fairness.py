from __future__ import annotations

import pytest

from inference.contract.fairness import CHECKS, KNOWN, Rota, label, network_of


def served(waiting: list[str], slots: int = 1, running: list[str] | None = None) -> list[str]:
    """In which order they get a slot, each time the answer that has run longest ends."""
    rota, waiting, order = Rota(), list(waiting), list[str]()
    running = running or []
    for client in running * 2:  # it is not their first turn
        rota.took(client)
    while waiting:
        while len(running) >= slots:
            running.pop(0)
        client = waiting.pop(rota.choose(waiting, running))
        rota.took(client)
        running.append(client)
        order.append(client)
    return order


@pytest.mark.parametrize("slots", [1, 2, 8])
def test_volunteer_is_next_however_many_another_voter_has_queued(slots: int) -> None:
    flood = ["net/flooder"] * 1000
    order = served([*flood, "home/volunteer"], slots, running=["net/flooder"] * slots)
    assert order[0] == "home/volunteer"


@pytest.mark.parametrize("slots", [1, 8])
def test_volunteer_is_next_whoever_asks_in_another_network(slots: int) -> None:
    ring = [f"net/{n}" for n in range(1000)]
    assert served([*ring, "home/volunteer"], slots, running=ring[:slots])[0] == "home/volunteer"


@pytest.mark.parametrize("slots", [1, 2, 8])
def test_both_answers_of_a_newcomer_begin_before_another_of_the_flood(slots: int) -> None:
    flood, battle = ["net/flooder"] * 100, ["home/volunteer"] * 2
    order = served([*flood, *battle], slots, running=["net/flooder"] * slots)
    assert order[:3] == [*battle, "net/flooder"]


def test_voters_of_a_network_take_turns_of_two_answers() -> None:
    assert served([*["net/a"] * 3, *["net/b"] * 2, "net/c"]) == [
        "net/a", "net/a", "net/b", "net/b", "net/c", "net/a"
    ]  # fmt: skip


def test_two_networks_take_turns_however_much_each_has_queued() -> None:
    assert served([*["net/a"] * 5, *["home/b"] * 4]) == [
        *["net/a"] * 2, *["home/b"] * 2, *["net/a"] * 2, *["home/b"] * 2, "net/a"
    ]  # fmt: skip


@pytest.mark.parametrize("slots", [1, 2, 8])
def test_work_that_nobody_waits_for_comes_after_all_voters(slots: int) -> None:
    voters = ["net/a"] * 6 + ["/b", CHECKS]
    order = served([*[""] * 3, *voters], slots, running=["net/a"] * slots)
    assert sorted(order[:-3]) == sorted(voters)
    assert order[-3:] == [""] * 3


def test_order_of_one_client_is_that_of_arrival() -> None:
    rota = Rota()
    assert rota.choose(["net/a"] * 5, running=["net/a"]) == 0


def test_unknown_network_has_turns_by_voter() -> None:
    assert label("", "") == ""
    assert network_of(label("", "a")) == network_of(label("", "b")) == network_of("")
    assert served(["/a", "/a", "/a", "/b"]) == ["/a", "/a", "/b", "/a"]


def test_rota_forgets_clients_of_long_ago() -> None:
    rota = Rota()
    for number in range(2 * KNOWN):
        rota.took(f"{number}/voter")
    assert len(rota._last) == KNOWN
