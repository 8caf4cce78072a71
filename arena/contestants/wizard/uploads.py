"""Step 1, from the admin's own computer. The browser sends the file here in pieces, going on
after an interruption; then a worker downloads it from here, as from any other address.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from arena import broker
from arena.jobs.admin import chunks
from arena.sites import path_of
from inference.contract import fetching
from inference.contract.beginnings import ENOUGH, other_kind
from inference.contract.fetching import Order, Part
from inference.contract.limits import FETCHING
from people.origins import origin_of

from . import digests
from .homes import NO_WORKER, ToWorkerForm
from .links import check_name
from .pages import page

PIECE = 1_000_000  # bytes; reverse proxies often refuse requests of more than a megabyte
EMPTY = "The file is empty. Choose another."
KEPT_S = 7 * 24 * 3600
_KEY = re.compile(r"[0-9a-f]{32}")
_signer = TimestampSigner(salt="arena.uploaded weights")


class UploadForm(ToWorkerForm):
    file = forms.FileField(
        label="GGUF file",
        widget=forms.FileInput(attrs={"accept": ".gguf"}),
        error_messages={"required": "Choose a file.", "empty": EMPTY},
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        check_file(file.name, file.size)
        check_beginning(file.name, file.read(ENOUGH))
        file.seek(0)
        return file


def check_file(name: str, size: int, have: int = 0) -> None:
    """Raises ValidationError if this file, of which `have` bytes are here, cannot be taken."""
    if not name.endswith(".gguf"):
        raise forms.ValidationError("Choose a file whose name ends in .gguf.")
    check_name(name.removesuffix(".gguf"))
    if size < 1:
        raise forms.ValidationError(EMPTY)
    folder().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder()).free
    if size - have > free - FETCHING.spare_bytes:
        raise forms.ValidationError(
            f"This host has no room for it: {free / 1e9:,.1f} GB are free. Put the file into the "
            "weights folder of a worker instead."
        )


def check_beginning(name: str, beginning: bytes) -> None:
    """Raises ValidationError before all of it is sent, if these are no weights."""
    if kind := other_kind(beginning):
        raise forms.ValidationError(f"{name} is {kind}. Choose a GGUF file.")


def folder() -> Path:
    return Path(settings.VAR) / "received"


def upload(request: HttpRequest) -> HttpResponse:
    """The page, and the whole file from browsers without JavaScript."""
    form = UploadForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        whole, digest = folder() / uuid4().hex, hashlib.sha256()
        with whole.open("wb") as target:
            for block in file.chunks():
                target.write(block)
                digest.update(block)
        order = _finished(request, whole, file.name, form.chosen_home(), digest.hexdigest())
        return redirect("admin:arena_contestant_download", order.id)
    return page(request, "upload", "Which file?", form=form, piece=PIECE)


def piece(request: HttpRequest, key: str) -> JsonResponse:
    """Take a piece of a file: name and size of the file, where the piece begins, and its bytes.
    Answers how much there is; at the end, where to go on. `begin` has no bytes, and asks that."""
    name, size, at = request.GET.get("name", ""), _number(request, "size"), _number(request, "at")
    form = ToWorkerForm({"home": request.GET.get("home", "")})
    file = folder() / key_of(request, name, size)
    try:
        check_file(name, size, _size(file))
        if not form.homes or not form.is_valid():
            raise forms.ValidationError(NO_WORKER)
    except forms.ValidationError as error:
        return JsonResponse({"error": " ".join(error.messages)}, status=400)
    if key == "begin":
        sweep()
    if at != 0 and not file.exists():
        order = _order_of(file.name) if at > 0 else None
        return _next(order) if order else JsonResponse({"have": 0})
    with _held(file) as target:
        try:
            have = _append(target, at, request, size, name) if target else _size(file)
        except forms.ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=400)
        if target and (digest := _digest(file, at)) and have == size:
            return _next(_finished(request, file, name, form.chosen_home(), digest))
    return JsonResponse({"have": have})  # all of it: asked again until its digest is known


def _digest(file: Path, at: int) -> str:
    if at == 0:
        digests.forget(file)
    return digests.of_growing(file)


def _next(order: Order) -> JsonResponse:
    return JsonResponse({"next": path_of("admin:arena_contestant_download", order.id)})


def _order_of(key: str) -> Order | None:
    """Where an upload has led: the reply to its last piece may have been lost."""
    fetches = fetching.all_fetches(broker.connection())
    orders = (fetch.order for fetch in reversed(fetches) if fetch.order.is_ours)
    return next((order for order in orders if order.facts.get("upload") == key), None)


@contextmanager
def _held(file: Path) -> Iterator[BinaryIO | None]:
    """The file, locked, as two tabs may send the same piece; None if another request has finished
    it meanwhile."""
    with file.open("ab") as target:
        fcntl.flock(target, fcntl.LOCK_EX)
        is_same = file.exists() and os.path.samestat(os.fstat(target.fileno()), file.stat())
        yield target if is_same else None


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _number(request: HttpRequest, name: str) -> int:
    """-1 if there is none: no file begins or ends there."""
    said = request.GET.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 18 else -1


def _append(file: BinaryIO, at: int, piece: BinaryIO | HttpRequest, size: int, name: str) -> int:
    """Append a piece if it begins where the file ends. Returns the file's size. Raises
    ValidationError if the first piece shows that these are no weights."""
    have = file.seek(0, os.SEEK_END)
    if at == have:
        while have < size and (block := piece.read(min(1 << 20, size - have))):
            if not have:
                check_beginning(name, block[:ENOUGH])
            have += file.write(block)
        file.flush()
    return have


def key_of(request: HttpRequest, name: str, size: int) -> str:
    """The same for the same file of the same person, so that an upload can go on later. When it
    was modified tells it from another version with the same name and size."""
    modified = request.GET.get("modified", "")
    said = json.dumps([request.user.pk, name, size, modified, settings.SECRET_KEY])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _finished(request: HttpRequest, file: Path, name: str, home: str, digest: str) -> Order:
    """Order the worker to take the file. It has a new name here: the next upload begins anew."""
    order_id, size = uuid4().hex, file.stat().st_size
    url = origin_of(request) + path_of("uploaded_weights", _signer.sign(order_id))
    order = Order(
        name.removesuffix(".gguf"),
        (Part(name, url, size, digest),),
        is_ours=True,
        by=str(request.user),
        id=order_id,
        facts={"source": "an upload", "upload": file.name},
    )
    file.rename(folder() / order_id)
    digests.forget(file)
    fetching.place(broker.connection(), order, home)
    return order


def forget(order: Order) -> None:
    """Delete the file of an order, if it was uploaded."""
    if order.is_ours and _KEY.fullmatch(order.id):
        (folder() / order.id).unlink(missing_ok=True)


def sweep() -> None:
    """Delete what nobody has gone on with."""
    for file in folder().iterdir():
        with contextlib.suppress(OSError):
            if time.time() - file.stat().st_mtime > KEPT_S:
                file.unlink()


@require_safe
def send(request: HttpRequest, signed: str) -> HttpResponseBase:
    """An uploaded file, for the worker that was given this address; also from a byte on."""
    try:
        order_id = _signer.unsign(signed, max_age=KEPT_S)
    except BadSignature as error:
        raise Http404 from error
    file = folder() / order_id
    if not _KEY.fullmatch(order_id) or not file.exists():
        raise Http404
    return sent_from(file, _begin_of(request.headers.get("Range", "")))


def sent_from(file: Path, begin: int) -> HttpResponseBase:
    size = file.stat().st_size
    if begin > size or (begin and begin == size):
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Content-Length": str(size - begin), "Accept-Ranges": "bytes"}
    if begin:
        headers["Content-Range"] = f"bytes {begin}-{size - 1}/{size}"
    return StreamingHttpResponse(
        chunks(file, begin),
        status=206 if begin else 200,
        content_type="application/octet-stream",
        headers=headers,
    )


def _begin_of(asked: str) -> int:
    found = re.fullmatch(r"bytes=(\d{1,18})-", asked)
    return int(found[1]) if found else 0
