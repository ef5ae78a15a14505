"""Absolute addresses, built from `PETITION_SITE_URL` and nothing a visitor sent."""

from datetime import date
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from petition import config

_PORTS = {"http": 80, "https": 443}


def absolute(endpoint: str, **values: Any) -> str:
    """The full address of a route, inside a request or without one."""
    return _routes().build(endpoint, values, force_external=True)


def route_of(address: str) -> tuple[str, dict[str, Any]] | None:
    """The route that an address of ours leads to, and what stands in its path, however it is
    written; None, where it leads nowhere, or is another site's."""
    try:
        parts = urlsplit(address)
        ours = parts.scheme in _PORTS and _host(parts) == _host(urlsplit(site()))
        found = _routes().match(unquote(parts.path).rstrip("/") or "/", "GET") if ours else None
    except (ValueError, HTTPException):
        return None
    return (str(found[0]), dict(found[1])) if found else None


def _host(parts: SplitResult) -> tuple[str | None, int | None]:
    return parts.hostname, None if parts.port in _PORTS.values() else parts.port


def _routes() -> MapAdapter:
    at = urlsplit(site())
    return current_app.url_map.bind(at.netloc, url_scheme=at.scheme)


def site() -> str:
    """The site's address, without a slash at the end."""
    return config.current().public_url


def tag_uri(since: date, *path: object) -> str:
    """A tag URI (RFC 4151): identifies what is here since a day, also when its address changes."""
    host = urlsplit(site()).hostname
    return f"tag:{host},{since.isoformat()}:{'/'.join(map(str, path))}"
