"""Weights in several parts are joined to one file, which then runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import gguf
import numpy as np
import redis

from inference.contract import fetching
from inference.contract.fetching import Order, State
from inference.engine.inspection import inspect
from inference.worker.fetching import hub as hub_client
from inference.worker.fetching.desk import Desk
from inference.worker.fetching.web import Web
from inference.worker.inventory import Inventory
from tests.hub import HubServer, Repo
from tests.inference.engine.tiny_weights import LLAMA, write_tiny

from .conftest import ended

NAME = "Split-1B-F32"


def split(whole: Path, folder: Path, parts: int) -> list[Path]:
    """Cut weights into parts, as llama.cpp's gguf-split does: the first has all the metadata."""
    reader = gguf.GGUFReader(whole)
    files = [folder / f"{NAME}-{n:05}-of-{parts:05}.gguf" for n in range(1, parts + 1)]
    shares = np.array_split(np.arange(len(reader.tensors)), parts)
    for number, (file, share) in enumerate(zip(files, shares, strict=True)):
        writer = gguf.GGUFWriter(file, LLAMA.name)
        writer.add_uint16("split.no", number)
        writer.add_uint16("split.count", parts)
        writer.add_int32("split.tensors.count", len(reader.tensors))
        if number == 0:
            for field in reader.fields.values():
                if not field.name.startswith("GGUF.") and field.name != "general.architecture":
                    sub_type = field.types[1] if len(field.types) > 1 else None
                    writer.add_key_value(
                        field.name, field.contents(), field.types[0], sub_type=sub_type
                    )
        for index in share:
            tensor = reader.tensors[index]
            writer.add_tensor(tensor.name, np.array(tensor.data))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return files


def place_split(hub: HubServer, connection: redis.Redis, tmp_path: Path) -> Order:
    source = tmp_path / "source"
    source.mkdir()
    write_tiny(source / "whole.gguf", LLAMA)
    files = split(source / "whole.gguf", source, 3)
    contents = {f"F32/{file.name}": file.read_bytes() for file in files}
    hub.repos["maker/Split-GGUF"] = Repo(contents)
    with closing(Web()) as web:
        (choice,) = hub_client.repository(web, "maker/Split-GGUF").choices
    assert (choice.name, len(choice.parts)) == (NAME, 3)
    order = Order(choice.name, choice.parts, "maker/Split-GGUF", "main")
    fetching.place(connection, order)
    return order


def test_parts_become_one_file_with_all_tensors(
    hub: HubServer, connection: redis.Redis, desk: Callable[[], Desk], tmp_path: Path
) -> None:
    order = place_split(hub, connection, tmp_path)
    hub.cdn.breaks = [1 << 30, 70_000]  # the second part breaks off
    desk()
    fetch = ended(connection, order)
    assert (fetch.state, fetch.progress.note) == (State.DONE, "")
    joined = inspect(tmp_path / f"{NAME}.gguf")
    assert joined.parameters == inspect(tmp_path / "source" / "whole.gguf").parameters
    assert [path.name for path in tmp_path.glob("*.gguf")] == [f"{NAME}.gguf"]
    assert fetch.progress.done == fetch.progress.total == joined.bytes


def test_parts_that_do_not_fit_are_not_joined(
    hub: HubServer, connection: redis.Redis, desk: Callable[[], Desk], tmp_path: Path
) -> None:
    order = place_split(hub, connection, tmp_path)
    second = order.parts[1]
    spoilt = Order(order.name, (order.parts[0], order.parts[2]), order.repository, "main")
    fetching.forget(connection, order.id)
    fetching.place(connection, spoilt)
    desk()
    fetch = ended(connection, spoilt)
    assert fetch.state is State.FAILED
    assert fetch.progress.note.startswith("Its parts could not be joined: ")
    assert second.path.endswith("-00002-of-00003.gguf")
    assert list(tmp_path.glob("*.gguf")) == []


def test_later_parts_in_the_folder_are_never_offered(
    connection: redis.Redis, tmp_path: Path
) -> None:
    write_tiny(tmp_path / "whole.gguf", LLAMA)
    files = split(tmp_path / "whole.gguf", tmp_path, 2)
    (tmp_path / "whole.gguf").unlink()
    looked = Inventory(tmp_path, connection)
    for file in files:
        os.utime(file, (1, 1))
    assert looked.look() == [f"{NAME}-00001-of-00002"]
    assert looked.usable == ()
    connection.delete(f"weights:{NAME}-00001-of-00002")
