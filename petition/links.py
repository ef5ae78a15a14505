"""Absolute addresses, built from `PETITION_SITE_URL` and nothing a visitor sent."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from petition import config


def absolute(endpoint: str, **values: Any) -> str:
    """The full address of a route, inside a request or without one."""
    site = urlsplit(config.current().public_url)
    adapter = current_app.url_map.bind(site.netloc, url_scheme=site.scheme)
    return adapter.build(endpoint, values, force_external=True)


def site() -> str:
    """The site's address, without a slash at the end."""
    return config.current().public_url


def name(since: date, *path: object) -> str:
    """A name for good of what is here since a day, wherever it is to be found (RFC 4151)."""
    host = urlsplit(site()).hostname
    return f"tag:{host},{since.isoformat()}:{'/'.join(map(str, path))}"
