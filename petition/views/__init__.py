"""What the web sees: find, ask the form, call one action, answer."""

from flask import Flask

from petition.extensions import csrf
from petition.views import (
    account,
    appeals,
    attention,
    bursts,
    composition,
    done,
    errors,
    export,
    feed,
    first,
    health,
    invalidations,
    invitations,
    launch,
    letter_settings,
    letters,
    life,
    mailbox,
    moderation,
    names,
    notes,
    numbers,
    organize,
    own,
    own_link,
    paper,
    passkeys,
    promotion,
    proof,
    reasons,
    record,
    reports,
    revisions,
    rules,
    sharing,
    sign_in,
    signed_in,
    signing,
    sweeps,
    switches,
    teams,
    writing,
)
from petition.views.converters import (
    ColourConverter,
    LineConverter,
    NumberConverter,
    SlugConverter,
    TagConverter,
)
from petition.views.embed import badge, count_frame, element, embedding, form_frame, guide, oembed
from petition.views.sessions import PanelSessions


def register(app: Flask, *, demo: bool) -> None:
    """Put every route on the application."""
    app.session_interface = PanelSessions()
    app.url_map.converters["colour"] = ColourConverter
    app.url_map.converters["slug"] = SlugConverter
    app.url_map.converters["line"] = LineConverter
    app.url_map.converters["number"] = NumberConverter
    app.url_map.converters["tag"] = TagConverter
    errors.register(app)
    signed_in.register(app)
    done.register(app)
    for module in (
        letters,
        names,
        revisions,
        composition,
        signing,
        own,
        own_link,
        reports,
        first,
        sharing,
        feed,
        element,
        count_frame,
        oembed,
        form_frame,
        badge,
        guide,
        health,
    ):
        # The same page for everybody carries no token; headers.py refuses posts from elsewhere.
        csrf.exempt(module.bp)
        app.register_blueprint(module.bp)
    for module in (
        organize,
        moderation,
        sweeps,
        invalidations,
        rules,
        switches,
        bursts,
        notes,
        appeals,
        attention,
        writing,
        launch,
        letter_settings,
        life,
        paper,
        promotion,
        embedding,
        numbers,
        export,
        record,
    ):
        app.register_blueprint(module.bp)
    for module in (sign_in, proof, account, passkeys, teams, reasons, invitations):
        app.register_blueprint(module.bp)
    if demo:
        app.register_blueprint(mailbox.bp)
