"""Which API keys a model worker holds, and to which hosts each may be sent.

A key is in an environment variable of the worker, or the site has sent it (`sealing`); the worker's
own comes first. A contestant names a key and an address, and the person who enters contestants is
not always the one who holds the keys. So no other environment variable can be named, least of all a
database URL, and a key is only sent to the hosts that it is bound to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from .errors import EngineError
from .requests import Endpoint

# The exceptions at the end are the names that the providers' own clients use.
NAME = r"^(?:[A-Z][A-Z0-9_]*_API_KEY|AWS_BEARER_TOKEN_BEDROCK|HF_TOKEN)\Z"
HOSTS = "_HOSTS"  # suffix of the variable with a key's hosts, separated by commas
# The hosts of well-known providers. A star matches within one label, never across dots.
PROVIDERS = {
    "OPENAI_API_KEY": ("api.openai.com",),
    "AZURE_OPENAI_API_KEY": ("*.openai.azure.com",),
    # Listed by region prefix: anyone can own a bucket named bedrock-runtime.s3-*.amazonaws.com.
    "AWS_BEARER_TOKEN_BEDROCK": tuple(
        f"bedrock-runtime.{area}-*-*.amazonaws.com"
        for area in ("us", "eu", "ap", "ca", "sa", "me", "af", "il", "mx")
    ),
    "ANTHROPIC_API_KEY": ("api.anthropic.com",),
    "GEMINI_API_KEY": ("generativelanguage.googleapis.com",),
    "MISTRAL_API_KEY": ("api.mistral.ai",),
    "HF_TOKEN": ("router.huggingface.co",),
    "DEEPSEEK_API_KEY": ("api.deepseek.com",),
    "GROQ_API_KEY": ("api.groq.com",),
    "OPENROUTER_API_KEY": ("openrouter.ai",),
    "TOGETHER_API_KEY": ("api.together.xyz",),
    "XAI_API_KEY": ("api.x.ai",),
}
_PORTS = {"https": 443, "http": 80}
_ODD = re.compile(r"[^!-~]|[@\\%]")  # URL parsers may disagree on these
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")
_KEY = re.compile(r"[!-~]+")  # characters that a header can carry


@dataclass(frozen=True)
class Key:
    """A key from the site."""

    token: str = field(repr=False)
    hosts: tuple[str, ...]


class _FromSite:
    """The keys that the site has sent to this process."""

    keys: Mapping[str, Key] = {}
    tokens: frozenset[str] = frozenset()  # including those it has taken back


_from_site = _FromSite()


def take(keys: Mapping[str, Key]) -> None:
    """Hold exactly these keys of the site's from now on."""
    _from_site.tokens |= {key.token for key in keys.values()}
    _from_site.keys = dict(keys)  # replaced as a whole: other threads read it


def is_name(variable: str) -> bool:
    return re.search(NAME, variable) is not None


def is_token(token: str) -> bool:
    """Whether a header can carry it."""
    return _KEY.fullmatch(token) is not None


def held() -> list[str]:
    """The names of the keys that this process holds."""
    own = [name for name in os.environ if is_name(name) and _own(name)]
    return [*own, *sent()]


def sent() -> list[str]:
    """The names of those that the site has sent, and that are in use: its own come first."""
    return [name for name in _from_site.keys if is_name(name) and not _own(name)]


def tokens() -> set[str]:
    """All keys that this process holds or has held."""
    own = {_own(name) for name in os.environ if is_name(name)}
    return {*own, *_from_site.tokens} - {""}


def hosts_of(variable: str) -> tuple[str, ...]:
    """The hosts the key may be sent to: those set by the operator, else its provider's."""
    if (key := _from_site.keys.get(variable)) and not _own(variable):
        return key.hosts
    named = os.environ.get(variable + HOSTS, "")
    return tuple(named.replace(",", " ").split()) or PROVIDERS.get(variable, ())


def is_bound_by_the_operator(url: str) -> bool:
    """Whether somebody who sets the environment of this worker named its host beside a key."""
    origin = _Origin.of(url)
    named = [
        pattern
        for name in os.environ
        if name.endswith(HOSTS) and is_name(name.removesuffix(HOSTS))
        for pattern in os.environ[name].replace(",", " ").split()
    ]
    return origin is not None and any(origin.fits(pattern) for pattern in named)


def _own(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _token(variable: str) -> str:
    key = _from_site.keys.get(variable)
    return _own(variable) or (key.token if key else "")


def key_of(endpoint: Endpoint, url: str) -> str:
    """The API key for a request to `url`; "" for a server that needs none.

    Raises EngineError, permanent, if this worker does not hold it, if the name is not one for keys,
    or if it is not bound to this host.
    """
    variable = endpoint.key_variable
    if not variable:
        return ""
    if not is_name(variable):
        raise EngineError(
            f"{variable} is not a valid name for a variable with a key.", permanent=True
        )
    if not (key := _token(variable)):
        sentence = (
            f"This model worker has no {variable}: it is neither in its environment nor among the "
            "API keys of the admin."
        )
        raise EngineError(sentence, permanent=True)
    if not is_token(key):
        sentence = f"The key in {variable} has characters that a key cannot have; copy it again."
        raise EngineError(sentence, permanent=True)
    if why := objection(variable, url, hosts_of(variable)):
        raise EngineError(why, permanent=True)
    return key


def objection(variable: str, url: str, hosts: Sequence[str]) -> str:
    """Why the key may not be sent to `url`, as a sentence that says what to set; "" if it may."""
    origin = _Origin.of(url)
    if origin is None:
        return f"{variable} is not sent to {url}: that is not a plain host address."
    if any(origin.fits(pattern) for pattern in hosts):
        return ""
    if origin.is_open:
        return (
            f"{variable} is not sent to {origin}: plain http would expose it. Use https, or a "
            "server that needs no key."
        )
    bound = (
        f"only sent to {', '.join(hosts)}" if hosts else "bound to no host, so it is sent nowhere"
    )
    return (
        f"{variable} is {bound}. To have it sent to {origin}, set "
        f"{variable}{HOSTS}={','.join([*hosts, str(origin)])} beside it on the model worker. A key "
        "kept in the admin is bound there, under API keys."
    )


def binding(host: str) -> str:
    """`host`, as somebody types or pastes it, in the form in which keys are bound to it. Raises
    ValueError with a sentence."""
    origin = _Origin.of(host if "://" in host else f"https://{host}")
    if origin is None:
        raise ValueError(f"{host} is not a host, such as api.example.com or gpu1.internal:8443.")
    if origin.is_open:
        raise ValueError(f"{host}: plain http would expose the key. Use https.")
    if any("*" in label for label in origin.host.split(".")[-2:]):
        raise ValueError(f"{host}: a star may only stand before a domain, as in *.example.com.")
    return str(origin)


def scrub(sentence: str, endpoint: Endpoint) -> str:
    """Remove keys from `sentence`, in case an API quoted one; also one that has been replaced while
    it answered."""
    for key in {_own(endpoint.key_variable), *_from_site.tokens} - {""}:
        sentence = sentence.replace(key, "[key]")
    return sentence


class _Origin(NamedTuple):
    """The origin of a request. As a string, the value an operator sets to allow it."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self | None:
        """The origin of `url`; None if it is not the URL of a host, or is ambiguous."""
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme, parts.hostname or "", parts.port
        except ValueError:
            return None
        if _ODD.search(url) or not host or scheme not in _PORTS:
            return None
        return cls(scheme, host.lower(), _PORTS[scheme] if port is None else port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{'http://' if self.scheme == 'http' else ''}{host}{port}"

    @property
    def is_open(self) -> bool:
        """Whether the connection can be eavesdropped: plain http that leaves the machine."""
        return self.scheme == "http" and not _LOOPBACK.fullmatch(self.host)

    def fits(self, pattern: str) -> bool:
        """Whether an operator's `pattern`, such as api.example.com:8443, allows it."""
        allowed = self.of(pattern if "://" in pattern else f"https://{pattern}")
        if allowed is None or self.is_open or allowed[::2] != self[::2]:
            return False
        parts, patterns = self.host.split("."), allowed.host.split(".")
        return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))
