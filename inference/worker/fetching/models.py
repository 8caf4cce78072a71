"""Which models an API lists: OpenAI's format with what servers add to it, and Anthropic's."""

from __future__ import annotations

import json
from typing import Any

import httpx

from inference.contract import keys
from inference.contract.asking import Model, Models, OfModels
from inference.contract.errors import EngineError
from inference.contract.limits import ASKING
from inference.contract.requests import ADDRESSES, Endpoint

from .. import addresses
from ..backends.anthropic import VERSION
from ..backends.wire import told
from ..network import why
from .deadline import Connections

_LISTING_BYTES = 20_000_000
_PATHS = {"openai": "/models", "anthropic": "/v1/models"}
_PLAIN = {"accept-encoding": "identity"}
_CONTEXT = ("context_length", "max_model_len", "context_window", "max_input_tokens")


def models(question: OfModels) -> Models:
    """Raises EngineError with a sentence."""
    endpoint = Endpoint(question.url, "", question.key_variable, meter="")
    url = _url(question)
    headers = _headers(question.backend, keys.key_of(endpoint, url))
    status, text = _get(url, headers)
    if status != 200:
        raise EngineError(_refusal(question, url, status, text, endpoint), permanent=True)
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    rows = said.get("data") if isinstance(said, dict) else said  # Together sends a bare list
    if not isinstance(rows, list):
        sentence = f"{url} does not answer with a list of models. Check the address."
        raise EngineError(sentence, permanent=True)
    found = [row for row in rows if isinstance(row, dict) and row.get("id")]
    shown, left = found[: ASKING.most_models], found[ASKING.most_models :]
    return Models(tuple(map(_model, shown)), len(left))


def _url(question: OfModels) -> str:
    base, query, parameters = (question.url or ADDRESSES[question.backend]).partition("?")
    base = base.rstrip("/")
    if question.backend == "anthropic":
        return f"{base.removesuffix('/v1')}{_PATHS['anthropic']}?limit=1000"
    return base + _PATHS["openai"] + query + parameters


def _headers(backend: str, key: str) -> dict[str, str]:
    if backend == "anthropic":
        return {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}
    return {"authorization": f"Bearer {key}"} if key else {}


def _get(url: str, headers: dict[str, str]) -> tuple[int, str]:
    addresses.check_if_found(url)
    host = ""
    try:
        host = httpx.URL(url).host
        with (
            httpx.Client(timeout=ASKING.answer_s, mounts=dict.fromkeys(addresses.DIRECT)) as client,
            (connections := Connections()).within(ASKING.answer_s),
            # Redirects are not followed, and what is packed could be of any size.
            client.stream(
                "GET",
                url,
                headers={**headers, **_PLAIN},
                extensions={"trace": connections.and_(addresses.watching(url))},
            ) as response,
        ):
            body = b""
            for block in response.iter_raw():
                body += block
                if len(body) > _LISTING_BYTES:
                    raise EngineError(f"The list of {host} is too long to read.", permanent=True)
            return response.status_code, body.decode(errors="replace")
    except httpx.TimeoutException as error:
        sentence = f"{host} was silent for {ASKING.answer_s:g} seconds."
        raise EngineError(sentence, permanent=False) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EngineError(
            f"{host or url} cannot be reached from the model worker: {why(error)}. Check the "
            "address, and that its server is running.",
            permanent=False,
        ) from error


def _refusal(question: OfModels, url: str, status: int, text: str, endpoint: Endpoint) -> str:
    if status in (401, 403) and not question.key_variable:
        return (
            f"{httpx.URL(url).host} wants a key ({status}). Enter it under API keys, with this "
            "host; or set it on the model worker in a variable whose name ends in _API_KEY, with "
            "the host in a second one that ends in _API_KEY_HOSTS, and restart it."
        )
    if 300 <= status < 400:
        return f"{url} has moved ({status}). Give the address it has moved to."
    return keys.scrub(f"{url} answered {status}: {told(text)}", endpoint)


def _model(row: dict[str, Any]) -> Model:
    input_usd, output_usd = _prices(row.get("pricing"))
    return Model(
        id=str(row["id"])[:200],
        name=_text(row.get("name")) or _text(row.get("display_name")),
        organisation=_text(row.get("organization")),
        context=next((n for k in _CONTEXT if isinstance(n := row.get(k), int)), 0),
        input_usd=input_usd,
        output_usd=output_usd,
    )


def _prices(pricing: object) -> tuple[float | None, float | None]:
    """Per million tokens. OpenRouter gives dollars per token, as strings under these names."""
    if not isinstance(pricing, dict):
        return None, None
    try:
        return float(pricing["prompt"]) * 1e6, float(pricing["completion"]) * 1e6
    except (KeyError, TypeError, ValueError):
        return None, None


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""
