"""What each user of Valkey may do, asked of a real one, as `prepare` and `make up` start it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command

from config import broker_users
from config.embedded.valkey import Valkey
from inference.contract import rights
from inference.contract.broker import connect
from inference.contract.requests import GenerateRequest
from inference.worker.queue import Queue
from tests.each import each

SECRET = {"core": b'{"a task": 1}', "background": b"{}", "limits:votes": b"1", "claim:1": b"1"}


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    with redis.Redis.from_url(server.url) as site:
        for queue in (*SECRET, "unacked", "model.weights", "model.other", "unacked:other"):
            site.rpush(queue, "a prompt of somebody's")
        site.set("keys:sealed", "sealed")
        site.hset("fetch:1", "order", "a download")
        site.sadd("fetches", "1")
        site.xadd("results", {"said": "something"})
    yield server
    server.stop()


def anybody(server: Valkey, *command: str) -> bool:
    try:
        client = redis.Redis(unix_socket_path=str(server.socket))
        return bool(client.execute_command(*command))  # type: ignore[no-untyped-call]
    except redis.ConnectionError:
        return False


def as_user(server: Valkey, user: str) -> redis.Redis:
    return redis.Redis.from_url(server.url_of(user))


ELSEWHERE: list[tuple[Any, ...]] = [
    *[("LRANGE", key, 0, -1) for key in (*SECRET, "unacked", "unacked:other")],
    ("BRPOP", "core", 1),
    ("LPUSH", "core", "a task"),
    ("LPUSH", "background", "a task"),
    ("SET", "limits:votes", 0),
    ("DEL", "claim:1"),
    ("XRANGE", "results", "-", "+"),
    ("XREAD", "STREAMS", "results", "0"),
    ("SET", "keys:sealed", "forged"),
    *[(word, "results") for word in ("DEL", "GET", "TTL")],
    ("SET", "results", "no stream any more"),
    ("EXPIRE", "results", 1),
    ("SET", "workers", "no set any more"),
    ("DEL", "workers"),
    ("RPUSH", "_kombu.binding.core", "x"),
    ("HSET", "fetch:1", "order", "forged"),
    ("HSET", "fetch:2", "order", "forged"),
    ("SET", "fetch:1", "forged"),
    ("DEL", "fetch:1"),
    ("EXPIRE", "fetch:1", 1),
    ("SADD", "fetches", "2"),
    ("EVAL", "return redis.call('HSET', KEYS[1], 'home', 'x')", 1, "fetch:1"),
    ("EVAL", "return redis.call('LRANGE', KEYS[1], 0, -1)", 1, "core"),
    ("EVAL", "return redis.call('LRANGE', 'core', 0, -1)", 0),
    ("EVAL", "return redis.call('KEYS', '*')", 0),
    *[(word,) for word in ("KEYS *", "SCAN 0", "RANDOMKEY", "DBSIZE", "MONITOR", "INFO", "ROLE")],
    *[(word,) for word in ("FLUSHALL", "FLUSHDB", "SHUTDOWN", "CLIENT LIST", "ACL LIST", "SAVE")],
    ("CONFIG", "GET", "*"),
    ("COPY", "model.weights", "answer:x"),
    ("RENAME", "core", "answer:x"),
    ("SORT", "model.weights", "BY", "nosort", "GET", "core"),
    ("SUBSCRIBE", "anything"),
    ("PUBLISH", "/0.celery.pidbox", "shutdown"),
    ("REPLICAOF", "evil.example", 6379),
    ("SWAPDB", 0, 1),
]


@pytest.mark.parametrize("command", ELSEWHERE, ids=lambda command: " ".join(map(str, command))[:40])
def test_model_worker_may_not(valkey: Valkey, command: tuple[Any, ...]) -> None:
    before = {key: as_user(valkey, "owner").lrange(key, 0, -1) for key in SECRET}
    words = [*str(command[0]).split(), *command[1:]]
    with as_user(valkey, "worker") as worker, pytest.raises(redis.ResponseError) as error:
        worker.execute_command(*words)
    assert isinstance(error.value, redis.exceptions.NoPermissionError) or "ACL" in str(error.value)
    assert {key: as_user(valkey, "owner").lrange(key, 0, -1) for key in SECRET} == before


def test_model_worker_adds_results_and_takes_from_queues_of_models(valkey: Valkey) -> None:
    with as_user(valkey, "worker") as worker:
        assert worker.xadd("results", {"said": "another"})
        assert worker.llen("model.weights") == 1
        assert worker.get("keys:sealed") == b"sealed"


def test_model_worker_reads_orders_and_reports_beside_them(valkey: Valkey) -> None:
    with as_user(valkey, "worker") as worker:
        assert worker.hgetall("fetch:1") == {b"order": b"a download"}
        assert worker.smembers("fetches") == {b"1"}
        assert worker.set("fetch:way:1:progress", "half")


def test_worker_of_one_host_reads_no_queue_of_another(tmp_path: Path) -> None:
    """As an operator sets it up, from what the command prints."""
    out, err = StringIO(), StringIO()
    call_command("broker_acl", "--worker=gpu1:weights", "--worker=gpu2:other,remote:*", stdout=out,
                 stderr=err)  # fmt: skip
    urls = dict(line.split(": REDIS_URL=") for line in err.getvalue().splitlines())
    assert urls.keys() == {"owner", "site", "gpu1", "gpu2"}

    def named(user: str) -> dict[str, Any]:
        return {"username": user, "password": urlsplit(urls[user]).password}

    server = Valkey(tmp_path)
    server.start()
    try:
        with as_user(server, "owner") as owner:
            for line in out.getvalue().splitlines()[1:]:
                _, user, *rules = line.split()
                words = ("ACL SETUSER", user, "reset", *rules)
                owner.execute_command(*words)
        with redis.Redis(unix_socket_path=str(server.socket), **named("owner")) as owner:
            owner.rpush("model.weights", "a prompt")
            owner.rpush("model.other", "a prompt")
        with redis.Redis(unix_socket_path=str(server.socket), **named("gpu1")) as worker:
            assert worker.brpop(["model.weights"], timeout=1) == (b"model.weights", b"a prompt")
            assert worker.set("worker:gpu1-7", "{}")
            refusals: list[Callable[[], Any]] = [
                lambda: worker.brpop(["model.other"], timeout=1),
                lambda: worker.brpop(["model.remote:OPENAI_API_KEY"], timeout=1),
                lambda: worker.blpop(["count:other"], timeout=1),
                lambda: worker.zrange("waiting:other", 0, -1),
                lambda: worker.hgetall("unacked:gpu2"),
                lambda: worker.set("worker:gpu2-7", "{}"),
            ]
            for refused in refusals:
                with pytest.raises(redis.exceptions.NoPermissionError):
                    refused()
    finally:
        server.stop()


def test_worker_under_the_rules_of_the_release_before_takes_what_its_task_says(
    valkey: Valkey,
) -> None:
    rules = rights.of_worker("worker").replace(" ~waiting:*", "")
    words: tuple[str, ...] = ("ACL SETUSER", "before", "on", ">pw", *rules.split())
    as_user(valkey, "owner").execute_command(*words)  # type: ignore[no-untyped-call]
    request = GenerateRequest("some-stream", 1, "weights", [])
    before = redis.Redis(unix_socket_path=str(valkey.socket), username="before", password="pw")
    with before, Queue(before).turn(request) as asked:
        assert asked == request


@each(["CONFIG GET *", "MONITOR", "FLUSHALL", "FLUSHDB", "SHUTDOWN", "LATENCY RESET", "KEYS *",
       "ACL LIST", "REPLICAOF evil.example 1", "MODULE LIST", "CLIENT KILL 1", "SAVE"])  # fmt: skip
def test_site_leaves_the_server_alone(command: str) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as site:
        try:
            site.execute_command(*command.split())
        except redis.exceptions.NoPermissionError:
            return
        raise AssertionError("it was done")


def test_nobody_gets_in_without_a_password(valkey: Valkey) -> None:
    for url in (
        f"unix://{valkey.socket}",
        f"unix://site:{'x' * 64}@{valkey.socket}",
        valkey.url_of("worker").replace("//worker:", "//owner:"),  # the password of another user
    ):
        with pytest.raises(redis.AuthenticationError):
            connect(url).ping()


def test_file_of_users_is_private_and_has_no_password(valkey: Valkey) -> None:
    file = valkey.home / "users.acl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for user in broker_users.usual():
        password = valkey.url_of(user).split(":")[2].split("@")[0]
        assert len(password) == 64
        assert password not in file.read_text()
    assert stat.S_IMODE((valkey.home.parent / "broker_secret").stat().st_mode) == 0o600


def test_server_of_an_older_release_is_restarted_with_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was left running by a supervisor that was killed, and everybody could use it."""
    server = Valkey(tmp_path)
    monkeypatch.setattr(broker_users, "file", lambda *_: "user default on nopass ~* &* +@all\n")
    monkeypatch.setattr(Valkey, "answers", lambda _: anybody(server, "PING"))
    server.start()
    before = server.pid()
    assert anybody(server, "SET", "kept", "yes")
    monkeypatch.undo()
    assert not server.answers()
    server.start()
    try:
        assert server.pid() != before
        with as_user(server, "site") as site:
            assert site.get("kept") == b"yes"
    finally:
        server.stop()


def test_name_with_odd_characters_becomes_a_pattern_without_spaces() -> None:
    rules = rights.of_worker("a", services=["Qwen [2] &x~ y"]).split()
    assert "~model.Qwen??2???x??y" in rules
    with pytest.raises(CommandError, match="is not the name of a host"):
        call_command("broker_acl", "--worker=a b")


def test_host_whose_name_begins_another_is_refused() -> None:
    """Its workers, named HOST-PID, could pass for the other's."""
    out = StringIO()
    for names in (["gpu", "gpu-2"], ["gpu-2", "other", "gpu"]):
        hosts = [f"--worker={name}:weights" for name in names]
        with pytest.raises(CommandError, match=r"The host gpu could speak for gpu-2.* Rename one"):
            call_command("broker_acl", *hosts, stdout=out)
    assert out.getvalue() == ""
    names = ["gpu-1", "gpu-2", "gpu-22", "gpu.x"]
    call_command("broker_acl", *(f"--worker={name}" for name in names), stdout=out, stderr=out)
    assert all(f"user {name} on" in out.getvalue() for name in names)


@pytest.mark.parametrize("name", ["site", "owner", "default"])
def test_host_with_the_name_of_another_user_is_refused(name: str) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match=f"No host can be named {name}: that is another user"):
        call_command("broker_acl", f"--worker={name}", stdout=out)
    assert out.getvalue() == ""
