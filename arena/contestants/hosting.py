"""Where a model of the catalogue can run: here, or at a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from .. import catalogue
from ..catalogue import Access, Host, Model


@dataclass(frozen=True)
class Hosting:
    """A model with its hosts, and the chosen one; None if its weights run here."""

    model: Model
    hosts: list[Host]
    host: Host | None

    @property
    def runs_here(self) -> bool:
        return self.model.architecture is not None

    @property
    def warning(self) -> str:
        """Why the pre-filled form would not work; "" if no reason is known."""
        name = self.model.name
        if self.host is None:
            return "" if self.runs_here else f"No host in the catalogue offers {name}."
        if not self.is_gone:
            return ""
        offers = "no longer offers" if name in self.host.models else "does not offer"
        return f"{self.host.name} {offers} {name}: it would not answer."

    @property
    def is_gone(self) -> bool:
        """Whether the host lists models but does not, or no longer, offer this one."""
        if self.host is None or not self.host.models or not self._has_entry:
            return False
        hosted = self.host.models.get(self.model.name)
        until = hosted.until if hosted else None
        return hosted is None or (until is not None and until < timezone.localdate())

    def revision(self) -> dict[str, Any]:
        """The fields of a revision that runs there."""
        if self.host is None:
            return {} if self.runs_here else {"backend": "openai"}
        return {
            "backend": self.host.protocol.value,
            "url": self.host.base_url,
            "key_variable": "" if self.host.is_own else self.host.key_variable,
            "remote_model": self._remote_name(self.host),
        }

    @property
    def _has_entry(self) -> bool:
        """False if only the model's family is in the catalogue."""
        return self.model.name in catalogue.load().models

    def _remote_name(self, host: Host) -> str:
        if hosted := host.models.get(self.model.name):
            return hosted.id
        # Your own server accepts any name; for other hosts the admin has to know it.
        return self.model.name if host.is_own or (host.models and not self._has_entry) else ""


def hosting(model: Model, chosen: str = "") -> Hosting:
    """The hosting at `chosen`, a host's slug; without one, here or at the model's first host."""
    hosts = _hosts_of(model)
    host = next((host for host in hosts if host.slug == chosen), None)
    if host is None and model.architecture is None:
        host = next(iter(hosts), None)
    return Hosting(model, hosts, host)


def _hosts_of(model: Model) -> list[Host]:
    """The hosts that serve its family; for open models also your own and then general hosts."""
    known = catalogue.load().hosts.values()
    named = [host for host in known if model.family in host.serves]
    if model.access is Access.PROPRIETARY:
        return named
    unnamed = [host for host in known if not host.serves]
    return named + sorted(unnamed, key=lambda host: not host.is_own)
