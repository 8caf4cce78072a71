"""A client's share of the places in a queue: whoever fills it leaves room for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext

from inference.contract.fairness import network_of

from ..errors import Code, Refused
from ..limiting import clients
from ..models import Voter
from . import places
from .places import Place
from .waiting import MOST_WAITING

RETRY_S = 10
UNKNOWN = network_of("/voter")


def used_up(voter: Voter, slots: Mapping[str, int]) -> set[str]:
    """The services of which this voter, or the voter's network, has all that is fair: every place
    but one for each slot, which others find free. A voter has half of that."""
    client, taken = clients.label_of(voter.pk), places.taken()
    return {service for service, n in slots.items() if _is_used_up(client, service, n, taken)}


def refused() -> Refused:
    return Refused(
        gettext(
            "You, or others in your network, already have as many answers under way as leaves room "
            "for everybody else. Your prompt is kept; send it again when one of them has ended."
        ),
        code=Code.LIMIT,
        status=429,
        retry_s=RETRY_S,
    )


def _is_used_up(client: str, service: str, slots: int, taken: Sequence[Place]) -> bool:
    present = [place.client for place in taken if place.service == service]
    network, share = network_of(client), slots * MOST_WAITING
    from_network = 0 if network == UNKNOWN else sum(network_of(one) == network for one in present)
    return from_network >= share or present.count(client) >= max(1, share // 2)
