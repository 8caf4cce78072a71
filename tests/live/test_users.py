"""A whole arena runs with users of Valkey that may do only what they need."""

from __future__ import annotations

import pytest
import redis

from config.embedded.valkey import Valkey

from .site import Site
from .volunteer import Volunteer

OF_OTHERS = [
    ("LRANGE", "core", 0, -1),
    ("LPUSH", "core", "a task"),
    ("XREVRANGE", "results", "+", "-"),
    ("KEYS", "answer:*"),
    ("GET", "limits:votes"),
    ("HSET", "fetch:1", "order", "forged"),
    ("SET", "workers", "nobody"),
]


def test_battle_and_its_vote_need_nothing_that_users_may_not_do(
    site: Site, volunteer: Volunteer
) -> None:
    with site.broker() as owner:
        owner.acl_log_reset()
        battle = volunteer.begin("Say hello.")
        assert all(volunteer.finish(battle).values())
        assert volunteer.vote(battle, "TIE").status_code == 302
        assert volunteer.get("/status/").status_code == 200
        assert [(entry["username"], entry["object"]) for entry in owner.acl_log()] == []
        users = {client["user"] for client in owner.client_list()}
    assert users == {"owner", "site", "worker"}


def test_user_of_the_running_worker_is_refused_what_is_of_others(site: Site) -> None:
    with redis.Redis.from_url(Valkey(site.var).url_of("worker")) as worker:
        assert worker.ping()
        for command in OF_OTHERS:
            with pytest.raises(redis.exceptions.NoPermissionError):
                worker.execute_command(*command)
    with site.broker() as owner:
        refused = [entry["username"] for entry in owner.acl_log()]
        assert refused.count("worker") >= len(OF_OTHERS)
        owner.acl_log_reset()
