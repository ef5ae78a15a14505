"""Absolute addresses, built from `PETITION_SITE_URL` and nothing a visitor sent."""

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
