"""The Hugging Face Hub, or a mirror of it (HF_ENDPOINT): which weights a repository holds.

Its wire format, as its own client reads it: github.com/huggingface/huggingface_hub, `hf_api.py` and
`utils/_http.py` (`hf_raise_for_status`).
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import httpx

from inference.contract.asking import Choice, Repository, check_repository
from inference.contract.errors import EngineError
from inference.contract.fetching import Part
from inference.contract.limits import ASKING

from .. import addresses
from .web import AGAIN, Web, body_of, pause_of

_PART = re.compile(r"(?P<name>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})")
_QUANTISATION = re.compile(
    r"(?:^|[-._])((?:UD-)?(?:I?Q\d\w*|TQ\d_\d|BF16|F16|F32|FP16|MXFP4\w*))$", re.IGNORECASE
)
_LICENCE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE")
_LICENCE_BYTES = 60_000
_LISTING_BYTES = 20_000_000
_UNTOLD = ("other", "unknown")  # licences that the repository only names elsewhere


def repository(web: Web, name: str) -> Repository:
    """What a repository holds. Raises EngineError: gated, missing, or not to be reached."""
    check_repository(name)
    said = _json(web, f"{addresses.hub()}/api/models/{name}?blobs=true", name)
    made = _repository(web, said, name)
    if made.is_gated and made.choices:  # its list is public, its files are not
        _check_access(web, made, made.choices[0].parts[0])
    return made


def file_url(repository: str, revision: str, path: str) -> str:
    return f"{addresses.hub()}/{repository}/resolve/{quote(revision, safe='')}/{quote(path)}"


def refusal(response: httpx.Response, repository: str) -> EngineError:
    """What a response of the hub other than 200 and 206 means."""
    code = response.headers.get("x-error-code", "")
    told = response.headers.get("x-error-message", "") or _told(body_of(response))
    status = response.status_code
    if code == "GatedRepo":
        return _gated(repository)
    if "invalid credentials" in told.lower():
        sentence = f"{_host()} does not accept the HF_TOKEN of the model worker. Set a valid one."
    elif code == "RepoNotFound" or (status == 401 and not code):
        sentence = _missing(repository)
    elif code == "EntryNotFound":
        sentence = f"This file is no longer in {repository}. List its files again."
    elif code == "RevisionNotFound":
        sentence = f"This version of {repository} no longer exists. List its files again."
    elif "access to this resource is disabled" in told.lower():
        sentence = f"{_host()} has disabled access to {repository}."
    elif status == 429:
        pause = pause_of(response)
        wait = "later" if pause is None else f"in {pause:.0f} seconds"
        sentence = f"{_host()} gets too many requests from here. Try again {wait}."
    else:
        sentence = f"{_host()} answered {status}: {told[:300] or 'nothing'}"
    return EngineError(sentence, permanent=status not in AGAIN)


def _gated(repository: str) -> EngineError:
    first = f"{repository} is gated: its owner grants access on request."
    page = f"{addresses.HUB if _is_hub() else addresses.hub()}/{repository}"
    if addresses.token_for(addresses.hub()):
        rest = f"The account of the model worker's HF_TOKEN has none. Request it at {page}"
    else:
        rest = f"Request it at {page}, then set HF_TOKEN on the model worker and restart it"
    return EngineError(f"{first} {rest}.", permanent=True)


def _missing(repository: str) -> str:
    private = (
        "the account of the model worker's HF_TOKEN may not see it"
        if addresses.token_for(addresses.hub())
        else "private, for which HF_TOKEN must be set on the model worker"
    )
    return f"{_host()} has no repository {repository}. Check its spelling; or it is {private}."


def _repository(web: Web, said: Any, name: str) -> Repository:
    revision = str(said.get("sha") or "main")
    files = [file for file in said.get("siblings") or [] if isinstance(file, dict)]
    card = _table(said.get("cardData"))
    found = choices(files)
    return Repository(
        name=name,
        page=f"{addresses.hub()}/{name}",
        revision=revision,
        choices=tuple(found[: ASKING.most_files]),
        left_out=len(found[ASKING.most_files :]),
        organisation=_owner(card, name),
        licence=_licence(said, card),
        licence_page=_address(card.get("license_link")),
        licence_text=_licence_text(web, name, revision, files),
        is_gated=bool(said.get("gated")),
    )


def choices(files: list[dict[str, Any]]) -> list[Choice]:
    """The weights among a repository's files: a whole file each, or all parts of one."""
    parts: dict[str, dict[int, Part]] = {}
    counts: dict[str, int] = {}
    for file in files:
        path = str(file.get("rfilename", ""))
        folder, _, stem = path.removesuffix(".gguf").rpartition("/")
        if not path.endswith(".gguf") or "mmproj" in stem.lower():
            continue
        if len(path) > ASKING.longest_path:
            continue
        found = _PART.fullmatch(stem)
        name, number, count = found.groups() if found else (stem, "1", "1")
        key = f"{folder}/{name}"
        parts.setdefault(key, {})[int(number)] = _part(path, file)
        counts[key] = int(count)
    whole = {key: held for key, held in parts.items() if len(held) == counts[key]}
    made = [_choice(key, [held[n] for n in sorted(held)]) for key, held in whole.items()]
    return sorted(made, key=lambda choice: (choice.bytes, choice.name))


def _choice(key: str, parts: list[Part]) -> Choice:
    name = key.rpartition("/")[2]
    found = _QUANTISATION.search(name)
    return Choice(name, found[1] if found else "", tuple(parts))


def _part(path: str, file: dict[str, Any]) -> Part:
    lfs = _table(file.get("lfs"))
    size = lfs.get("size") or file.get("size") or 0
    sha256 = str(lfs.get("sha256") or lfs.get("oid") or "")
    return Part(path, bytes=int(size), sha256=sha256 if len(sha256) == 64 else "")


def _owner(card: dict[str, Any], name: str) -> str:
    """The organisation of the model: the owner of what these weights were made from, if known."""
    base = card.get("base_model")
    base = base[0] if isinstance(base, list) and base else base
    origin = base if isinstance(base, str) and "/" in base else name
    return origin.partition("/")[0]


def _licence(said: dict[str, Any], card: dict[str, Any]) -> str:
    licence = card.get("license")
    licence = licence[0] if isinstance(licence, list) and licence else licence
    tagged = [t[8:] for t in said.get("tags") or [] if str(t).startswith("license:")]
    named = _text(licence) or next(iter(tagged), "")
    return _text(card.get("license_name")) or named if named in _UNTOLD else named


def _licence_text(web: Web, name: str, revision: str, files: list[dict[str, Any]]) -> str:
    held = {str(file.get("rfilename", "")) for file in files}
    path = next((path for path in _LICENCE_FILES if path in held), None)
    if path is None:
        return ""
    try:
        with web.get(file_url(name, revision, path)) as response:
            return body_of(response)[:_LICENCE_BYTES] if response.status_code == 200 else ""
    except EngineError:
        return ""


def _check_access(web: Web, made: Repository, part: Part) -> None:
    with web.get(file_url(made.name, made.revision, part.path), {"range": "bytes=0-0"}) as response:
        if response.status_code not in (200, 206):
            raise refusal(response, made.name)


def _json(web: Web, url: str, repository: str) -> dict[str, Any]:
    with web.get(url) as response:
        if response.status_code != 200:
            raise refusal(response, repository)
        body = b""
        for block in response.iter_raw():
            body += block
            if len(body) > _LISTING_BYTES:
                raise EngineError(f"The list of {repository} is too long to read.", permanent=True)
    try:
        said = json.loads(body)
    except ValueError as error:
        said = error
    if not isinstance(said, dict):
        raise EngineError(
            f"{_host()} does not answer like a hub. Check HF_ENDPOINT on the model worker.",
            permanent=True,
        )
    return said


def _told(body: str) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return _text(said.get("error")) if isinstance(said, dict) else ""


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _address(value: object) -> str:
    """A link to show to people; "" for what names a file of the repository, or does more than
    lead somewhere."""
    text = _text(value)
    return text if text.startswith(("https://", "http://")) else ""


def _host() -> str:
    return httpx.URL(addresses.hub()).host


def _is_hub() -> bool:
    return addresses.hub() == addresses.HUB
