"""Optionally, a guard model of our own or a moderation API is asked about each text: through the
queue and a model worker. What it finds is treated like what the rules find; if it fails, that is a
finding, too."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from uuid import uuid4

from django.conf import settings
from django.utils.crypto import salted_hmac

from inference.contract import streams
from inference.contract.endings import FinishReason
from inference.contract.fairness import CHECKS
from inference.contract.presence import live_workers
from inference.contract.requests import Endpoint, GenerateRequest, GenerateResult
from inference.contract.streams import Kind

from .. import broker
from ..generating import dispatch
from ..models import Flag, Revision
from . import health
from .rules import Finding

KEPT_S = 15 * 60  # so sending a prompt after a warning asks nobody again
UNCHECKED = "unchecked"
MOST_TOKENS = 64  # of a verdict
# Categories of OpenAI's and Mistral's moderation APIs, and of Llama Guard, in ours.
NAMES = {
    "harassment": "hate", "hate": "hate", "hate/threatening": "hate", "S5": "hate", "S10": "hate",
    "hate_and_discrimination": "hate",
    "harassment/threatening": "violence", "violence": "violence", "violence/graphic": "violence",
    "violence_and_threats": "violence", "S1": "violence",
    "illicit": "illicit", "illicit/violent": "illicit", "dangerous_and_criminal_content": "illicit",
    "dangerous": "illicit", "criminal": "illicit", "S2": "illicit", "S3": "illicit",
    "S9": "illicit", "S14": "illicit",
    "self-harm": "self_harm", "self-harm/intent": "self_harm", "selfharm": "self_harm",
    "self-harm/instructions": "self_harm", "S11": "self_harm",
    "sexual": "sexual", "S12": "sexual",
    "sexual/minors": "minors", "S4": "minors",
    "pii": "personal", "S7": "personal",
}  # fmt: skip
# What they also notice, and an arena need not: advice, elections, copyright, jailbreaking.
IGNORED = {"S6", "S8", "S13", "health", "financial", "law", "jailbreaking"}
UNKNOWN = "illicit"  # is what a verdict says no more of than that something is wrong
WHOLE = (FinishReason.STOP, FinishReason.LENGTH)
LATE = "It did not answer in time."
GUARDED = re.compile(r"\s*(safe|unsafe)\b(.*)", re.DOTALL | re.IGNORECASE)


class Unanswered(Exception):
    """The checker gave no verdict. The message says why, for staff; its result may tell more."""

    def __init__(self, message: str, *, is_new: bool = True) -> None:
        super().__init__(message)
        self.is_new = is_new


def is_set() -> bool:
    return bool(settings.MODERATION_URL or settings.GUARD_MODEL)


def name() -> str:
    """For staff; "" if none is set."""
    if settings.GUARD_MODEL:
        return f"the guard model {settings.GUARD_MODEL!r}"
    return f"the moderation API at {settings.MODERATION_URL}" if settings.MODERATION_URL else ""


def findings(text: str) -> list[Finding]:
    """What the checker finds, waiting for it; that it failed is one of them."""
    if not is_set():
        return []
    try:
        found = _verdict(text)
    except Unanswered as error:
        if error.is_new:
            health.failed(str(error))
        found = [UNCHECKED]
    except broker.AWAY as error:
        raise broker.away(error, broker.PROMPT_KEPT) from error
    return as_findings(found)


def as_findings(categories: list[str]) -> list[Finding]:
    return [Finding(name, source=Flag.Source.CHECKER) for name in categories]


def ask(text: str, result_to: str, **about: int) -> GenerateRequest:
    """Queue the question. The result goes to the task. Raises Unanswered if nobody can answer."""
    request = _request(text)
    if not any(request.service in each.serves for each in live_workers(broker.connection())):
        raise Unanswered("No model worker serves it now.")
    dispatch.enqueue(request, result_to, **about)
    return request


def verdict_of(result: GenerateResult) -> list[str]:
    """The categories in a reply. Notes whether the checker works. Raises Unanswered."""
    if result.finish_reason is FinishReason.ERROR:
        raise Unanswered(result.error)
    found = read(_whole(result.text, result.finish_reason))
    health.worked()
    return found


def note(result: GenerateResult) -> None:
    """Whether the checker works; other failures than errors are noted by whoever waited."""
    try:
        verdict_of(result)
    except Unanswered as error:
        if result.finish_reason is FinishReason.ERROR:
            health.failed(str(error))
        else:
            health.explain(str(error))


def read(text: str) -> list[str]:
    """Our categories, sorted, in the words of an API or a guard model. Raises Unanswered."""
    return sorted({NAMES.get(name, UNKNOWN) for name in _names(text) if name not in IGNORED})


def _whole(text: str, ended: str) -> str:
    """A reply that was not cut: half a verdict may say another category, or nothing."""
    said = text.strip()
    if ended in WHOLE and said:
        return said
    raise Unanswered(f"{LATE} It had said {said[:60]!r}." if said else LATE)


def _names(text: str) -> list[str]:
    if text.startswith("["):
        return [str(name) for name in json.loads(text)]
    if (said := GUARDED.match(text)) is None:
        raise Unanswered(f"Its reply is no verdict: {text[:60]!r}")
    names = re.findall(r"S\d+", said[2])
    if said[1].lower() == "safe":
        return []
    return names or [UNKNOWN]


def _verdict(text: str) -> list[str]:
    connection, key = broker.connection(), _key(text)
    if (kept := connection.get(key)) is not None:
        return [str(name) for name in json.loads(kept)]
    request = ask(text, "arena.record_check")
    wait_s = settings.MODERATION_SECONDS
    entries = streams.until_end(connection, request.stream, wait_s)
    if entries is None:
        dispatch.cancel(request.stream)
        raise Unanswered(LATE)
    if entries[-1].text == FinishReason.ERROR:
        raise Unanswered("It could not answer.", is_new=False)  # why, its result tells
    said = "".join(entry.text for entry in entries if entry.kind is Kind.TEXT)
    found = read(_whole(said, entries[-1].text))
    health.worked()
    connection.set(key, json.dumps(found), ex=KEPT_S)
    return found


def _key(text: str) -> str:
    """Of a verdict that is kept: nobody can tell the text from it."""
    asked = f"{settings.MODERATION_URL} {settings.MODERATION_MODEL} {settings.GUARD_MODEL}"
    digest = salted_hmac("arena.moderating.checker", f"{asked}\0{text}", algorithm="sha256")
    return f"moderation:verdict:{digest.hexdigest()}"


def _request(text: str) -> GenerateRequest:
    made = _of_guard(text) if settings.GUARD_MODEL else _of_api(text)
    wait_s = settings.MODERATION_SECONDS
    return replace(
        made, max_tokens=MOST_TOKENS, deadline_s=wait_s, patience_s=wait_s, client=CHECKS
    )


def _of_api(text: str) -> GenerateRequest:
    url = settings.MODERATION_URL
    meter = f"moderation-{hashlib.sha256(url.encode()).hexdigest()[:12]}"
    end = Endpoint(url, settings.MODERATION_MODEL, settings.MODERATION_KEY, meter)
    messages = [{"role": "user", "content": text}]
    return GenerateRequest(
        str(uuid4()), 1, weights="", messages=messages, backend="moderation", endpoint=end
    )


def _of_guard(text: str) -> GenerateRequest:
    newest = Revision.objects.filter(contestant__slug=settings.GUARD_MODEL).newest()
    revision = newest.select_related("contestant").first()
    if revision is None or revision.is_remote:
        raise Unanswered(f"No contestant {settings.GUARD_MODEL!r} runs on our own weights.")
    request = dispatch.request_for(revision, dispatch.opening("", text), dispatch.GUARD, uuid4())
    return replace(request, sampling={"temperature": 0})
