"""The open-letter platform: `create_app` is the whole assembly on one screen."""

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from petition import config, database, limits, logs, templating, views
from petition.config import Config
from petition.echo import Echo
from petition.extensions import babel, csrf, db, login, mailer
from petition.packing import Packing
from petition.queries.sessions import LASTS
from petition.views import headers
from petition.views.answers import Response

LONGEST_BODY = 64 * 1024
"""Bytes of the largest form; a letter's form, filled to the brim, has under 10,000."""


def create_app(settings: Config | None = None, *, demo: bool = False) -> Flask:
    """The application, ready to serve.

    Args:
        settings: read from the environment, where not given.
        demo: also show, at `/mailbox`, the mails that would have left.

    Raises:
        ConfigurationError: the settings do not let it start.
    """
    settings = settings or config.read()
    config.prepare_data_dir(settings)
    logs.configure()
    app = Flask(
        __name__, template_folder=str(_beside("templates")), static_folder=str(_beside("static"))
    )
    app.response_class = Response
    app.config.from_mapping(
        PETITION=settings,
        PETITION_KEYS=(*settings.secret_key_fallbacks, _secret(settings)),
        PETITION_DIGEST=(
            settings.digest_key or config.kept_secret(settings, "digest_key")
        ).encode(),
        SECRET_KEY=_secret(settings),
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=LONGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LONGEST_BODY,
        MAX_FORM_PARTS=50,
        PERMANENT_SESSION_LIFETIME=LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,  # a session lasts no longer by being used
        WTF_CSRF_TIME_LIMIT=None,  # a page may be open for as long as its session
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.sqlalchemy_url),
        MAIL_DEFAULT_SENDER=settings.sender,
        MAIL_SUPPRESS_SEND=False,
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    headers.register(app)  # first: what comes from elsewhere reaches nothing else
    for extension in (db, csrf, login, mailer, babel):
        extension.init_app(app)
    app.wsgi_app = Echo(Packing(app.wsgi_app))  # type: ignore[method-assign]
    limits.register(app)
    templating.register(app)
    views.register(app, demo=demo)
    return app


def _beside(folder: str) -> Path:
    """A folder that an installed wheel has inside the package, and a checkout beside it."""
    inside = Path(__file__).parent / folder
    return inside if inside.is_dir() else Path(__file__).parent.parent / folder


def _secret(settings: Config) -> str:
    return settings.secret_key or config.kept_secret(settings, "secret_key")
