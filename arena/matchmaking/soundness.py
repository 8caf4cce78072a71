"""Whether a revision's settings can work at all, whatever runs. Checked when they are saved, and
again before a draw, since older ones may have been saved before a check existed."""

from __future__ import annotations

from collections.abc import Container, Iterable
from functools import lru_cache

from inference.contract import keys
from inference.contract.cards import Card
from inference.contract.errors import EngineError
from inference.contract.presence import Heartbeat
from inference.contract.requests import ADDRESSES, about_tokens
from inference.contract.sampling import Sampling
from inference.text import templates

from ..models import Revision


def of_values(revision: Revision) -> str:
    """Why its sampling or stop strings cannot be used, as a sentence; "" if they can."""
    if not isinstance(revision.stop, list) or not all(isinstance(s, str) for s in revision.stop):
        return 'Stop must be a list of strings, such as ["### Human:"].'
    if not isinstance(revision.sampling, dict):
        return 'Sampling must map names to numbers, such as {"temperature": 0.7}.'
    if revision.is_remote:  # an API has parameters of its own, and says what it rejects
        return ""
    try:
        Sampling.parse(revision.sampling)
    except EngineError as error:
        return str(error)
    return ""


def of_format(revision: Revision) -> str:
    """Why its own prompt format cannot be used; "" if it can, or if it has none."""
    if revision.is_remote or not revision.prompt_format.strip():
        return ""
    return _rendered(revision.prompt_format, bool(revision.system_prompt.strip()))


@lru_cache(maxsize=1024)
def _rendered(template: str, with_system_prompt: bool) -> str:
    try:
        templates.check(template, with_system_prompt=with_system_prompt)
    except EngineError as error:
        return str(error)
    return ""


def of_room(revision: Revision, card: Card | None) -> str:
    """Why the weights leave no room for a prompt; "" if they do, or if nobody knows them."""
    if card and 0 < card.context <= about_tokens(revision.system_prompt):
        return (
            f"The system prompt leaves no room for a prompt: {card.name} takes {card.context:,} "
            "tokens. Shorten it."
        )
    return ""


def of_weights(revision: Revision, bare: Container[str]) -> str:
    """Why it needs a prompt format, given the weights without a chat template; "" if it needs none,
    or has one."""
    if revision.is_remote or revision.prompt_format.strip() or revision.weights not in bare:
        return ""
    return f"{revision.weights} has no chat template that works here. Give it a prompt format."


def of_key(variable: str, url: str, backend: str, workers: Iterable[Heartbeat]) -> str:
    """Why the key must not be sent to its address; "" if it may. The workers that hold the key
    decide; if none does yet, the provider's hosts."""
    if not variable:
        return ""
    url = url or ADDRESSES.get(backend, "")
    said = [beat.key_hosts[variable] for beat in workers if variable in beat.key_hosts]
    said = said or [[*keys.hosts_of(variable)]]
    objections = [keys.objection(variable, url, hosts) for hosts in said]
    return "" if "" in objections else objections[0]
