"""Every route of the URL map: who may pass, how it may be cached, whether it may be framed.

A new route without a row here fails.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import assets, caching, create_app, links, templating, tokens
from petition.actions import organizers
from petition.caching import Policy
from petition.database import writing
from petition.extensions import db
from petition.models import Moderation, Role, State, Team
from petition.queries import sessions
from petition.tokens import Purpose
from petition.views import headers
from petition.views.answers import Response
from petition.views.embed import elsewhere
from tests.accounts import (
    age_sessions,
    is_in,
    make_invitation,
    make_member,
    make_passkey,
    make_session,
)
from tests.factories import (
    TEAM,
    make_card,
    make_letter,
    make_signatory,
    make_signature,
    make_sweep,
    sign_in,
)

# For what is decided before anybody asks a database. What pages show and presses do, both see.
WHATEVER_KEEPS_IT = pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Row:
    """What is promised of one route and method."""

    who: str
    """`all`; `self`, an organizer about themselves; or the least role of the team it belongs to."""
    policy: str
    framed: bool = False
    proof: bool = False
    """Only for who has proved just now that it is them."""


ALL, SELF = "all", "self"
VIEWER, MODERATOR, EDITOR, OWNER = Role.VIEWER, Role.MODERATOR, Role.EDITOR, Role.OWNER

ROUTES = {
    ("letters.index", "GET"): Row(ALL, Policy.PAGE),
    ("letters.show", "GET"): Row(ALL, Policy.PAGE),
    ("names.index", "GET"): Row(ALL, Policy.PAGE),
    ("names.comments", "GET"): Row(ALL, Policy.PAGE),
    ("names.line", "GET"): Row(ALL, Policy.PAGE),
    ("revisions.index", "GET"): Row(ALL, Policy.PAGE),
    ("revisions.show", "GET"): Row(ALL, Policy.PAGE),
    ("revisions.text", "GET"): Row(ALL, Policy.PAGE),
    ("composition.show", "GET"): Row(ALL, Policy.PAGE),
    ("composition.numbers", "GET"): Row(ALL, Policy.COUNT),
    ("signing.sign", "POST"): Row(ALL, Policy.NOTHING),
    ("signing.puzzle", "GET"): Row(ALL, Policy.NOTHING),
    ("signing.back_to_form", "GET"): Row(ALL, Policy.NOTHING),
    ("signing.back_to_code", "GET"): Row(ALL, Policy.NOTHING),
    ("signing.thanks", "GET"): Row(ALL, Policy.NOTHING),
    ("signing.code", "POST"): Row(ALL, Policy.NOTHING),
    ("signing.signed", "GET"): Row(ALL, Policy.NOTHING),
    ("signing.disowned", "GET"): Row(ALL, Policy.PAGE),
    ("signing.withdrawn", "GET"): Row(ALL, Policy.PAGE),
    ("signing.confirm", "GET"): Row(ALL, Policy.NOTHING),
    ("signing.decide", "POST"): Row(ALL, Policy.NOTHING),
    ("own.show", "GET"): Row(ALL, Policy.NOTHING),
    ("own.change", "POST"): Row(ALL, Policy.NOTHING),
    ("own.download", "GET"): Row(ALL, Policy.NOTHING),
    ("signing.erased", "GET"): Row(ALL, Policy.PAGE),
    ("reports.ask", "GET"): Row(ALL, Policy.NOTHING),
    ("reports.send", "POST"): Row(ALL, Policy.NOTHING),
    ("reports.sent", "GET"): Row(ALL, Policy.PAGE),
    ("own_link.ask", "GET"): Row(ALL, Policy.PAGE),
    ("own_link.send", "POST"): Row(ALL, Policy.NOTHING),
    ("own_link.sent", "GET"): Row(ALL, Policy.PAGE),
    ("first.show", "GET"): Row(ALL, Policy.NOTHING),
    ("first.answer", "POST"): Row(ALL, Policy.NOTHING),
    ("sharing.card", "GET"): Row(ALL, Policy.ASSET),
    ("sharing.poster", "GET"): Row(ALL, Policy.PAGE),
    ("sharing.copy", "GET"): Row(ALL, Policy.PAGE),
    ("feed.show", "GET"): Row(ALL, Policy.PAGE),
    ("element.count", "GET"): Row(ALL, Policy.COUNT, framed=True),
    ("element.card", "GET"): Row(ALL, Policy.COUNT, framed=True),
    ("element.script", "GET"): Row(ALL, Policy.SCRIPT, framed=True),
    ("element.pinned", "GET"): Row(ALL, Policy.ASSET, framed=True),
    ("oembed.show", "GET"): Row(ALL, Policy.PAGE),
    ("count_frame.show", "GET"): Row(ALL, Policy.COUNT, framed=True),
    ("count_frame.colour", "GET"): Row(ALL, Policy.STILL, framed=True),
    ("form_frame.show", "GET"): Row(ALL, Policy.PAGE, framed=True),
    ("form_frame.back", "GET"): Row(ALL, Policy.NOTHING),
    ("form_frame.sign", "POST"): Row(ALL, Policy.NOTHING),
    ("form_frame.code", "POST"): Row(ALL, Policy.NOTHING),
    ("guide.show", "GET"): Row(ALL, Policy.PAGE),
    ("badge.picture", "GET"): Row(ALL, Policy.COUNT, framed=True),
    ("badge.shields", "GET"): Row(ALL, Policy.COUNT, framed=True),
    ("health.alive", "GET"): Row(ALL, Policy.NOTHING),
    ("health.ready", "GET"): Row(ALL, Policy.NOTHING),
    ("mailbox.inbox", "GET"): Row(ALL, Policy.NOTHING),
    ("mailbox.mail", "GET"): Row(ALL, Policy.NOTHING),
    ("static", "GET"): Row(ALL, Policy.STILL),
    ("sign_in.ask", "GET"): Row(ALL, Policy.NOTHING),
    ("sign_in.link", "GET"): Row(ALL, Policy.NOTHING),
    ("sign_in.enter", "POST"): Row(ALL, Policy.NOTHING),
    ("sign_in.send", "POST"): Row(ALL, Policy.NOTHING),
    ("sign_in.code", "GET"): Row(ALL, Policy.NOTHING),
    ("sign_in.enter_code", "POST"): Row(ALL, Policy.NOTHING),
    ("sign_in.challenge", "POST"): Row(ALL, Policy.NOTHING),
    ("sign_in.passkey", "POST"): Row(ALL, Policy.NOTHING),
    ("sign_in.out", "POST"): Row(SELF, Policy.NOTHING),
    ("sign_in.out_everywhere", "POST"): Row(SELF, Policy.NOTHING),
    ("invitations.show", "GET"): Row(ALL, Policy.NOTHING),
    ("invitations.accept", "POST"): Row(ALL, Policy.NOTHING),
    ("proof.ask", "GET"): Row(SELF, Policy.NOTHING),
    ("proof.send", "POST"): Row(SELF, Policy.NOTHING),
    ("proof.code", "POST"): Row(SELF, Policy.NOTHING),
    ("proof.challenge", "POST"): Row(SELF, Policy.NOTHING),
    ("proof.passkey", "POST"): Row(SELF, Policy.NOTHING),
    ("account.show", "GET"): Row(SELF, Policy.NOTHING),
    ("account.rename", "POST"): Row(SELF, Policy.NOTHING),
    ("account.ask_address", "POST"): Row(SELF, Policy.NOTHING, proof=True),
    ("account.address", "GET"): Row(SELF, Policy.NOTHING),
    ("account.change_address", "POST"): Row(SELF, Policy.NOTHING),
    ("account.end", "POST"): Row(SELF, Policy.NOTHING),
    ("passkeys.needed", "GET"): Row(SELF, Policy.NOTHING),
    ("passkeys.make", "GET"): Row(SELF, Policy.NOTHING, proof=True),
    ("passkeys.challenge", "POST"): Row(SELF, Policy.NOTHING, proof=True),
    ("passkeys.register", "POST"): Row(SELF, Policy.NOTHING, proof=True),
    ("passkeys.rename", "POST"): Row(SELF, Policy.NOTHING),
    ("passkeys.remove", "POST"): Row(SELF, Policy.NOTHING, proof=True),
    ("teams.index", "GET"): Row(SELF, Policy.NOTHING),
    ("teams.create", "POST"): Row(SELF, Policy.NOTHING),
    ("teams.show", "GET"): Row(VIEWER, Policy.NOTHING),
    ("teams.leave", "POST"): Row(VIEWER, Policy.NOTHING, proof=True),
    ("teams.rename", "POST"): Row(OWNER, Policy.NOTHING),
    ("teams.require_passkeys", "POST"): Row(OWNER, Policy.NOTHING, proof=True),
    ("teams.invite", "POST"): Row(OWNER, Policy.NOTHING, proof=True),
    ("teams.resend", "POST"): Row(OWNER, Policy.NOTHING, proof=True),
    ("teams.revoke", "POST"): Row(OWNER, Policy.NOTHING),
    ("teams.change_role", "POST"): Row(OWNER, Policy.NOTHING, proof=True),
    ("teams.remove", "POST"): Row(OWNER, Policy.NOTHING, proof=True),
    ("reasons.index", "GET"): Row(VIEWER, Policy.NOTHING),
    ("reasons.new", "GET"): Row(EDITOR, Policy.NOTHING),
    ("reasons.add", "POST"): Row(EDITOR, Policy.NOTHING),
    ("reasons.edit", "GET"): Row(EDITOR, Policy.NOTHING),
    ("reasons.save", "POST"): Row(EDITOR, Policy.NOTHING),
    ("reasons.up", "POST"): Row(EDITOR, Policy.NOTHING),
    ("reasons.retire", "POST"): Row(EDITOR, Policy.NOTHING),
    ("reasons.offer", "POST"): Row(EDITOR, Policy.NOTHING),
    ("organize.home", "GET"): Row(SELF, Policy.NOTHING),
    ("organize.letter", "GET"): Row(VIEWER, Policy.NOTHING),
    ("writing.new", "GET"): Row(SELF, Policy.NOTHING),
    ("writing.begin", "POST"): Row(SELF, Policy.NOTHING),
    ("writing.edit", "GET"): Row(VIEWER, Policy.NOTHING),
    ("writing.save", "POST"): Row(EDITOR, Policy.NOTHING),
    ("writing.bring_back", "POST"): Row(EDITOR, Policy.NOTHING),
    ("writing.preview", "POST"): Row(EDITOR, Policy.NOTHING),
    ("writing.look", "GET"): Row(EDITOR, Policy.NOTHING),
    ("writing.publish", "POST"): Row(EDITOR, Policy.NOTHING),
    ("writing.translate", "POST"): Row(EDITOR, Policy.NOTHING),
    ("writing.discard", "POST"): Row(EDITOR, Policy.NOTHING),
    ("writing.rename", "POST"): Row(EDITOR, Policy.NOTHING),
    ("settings.edit", "GET"): Row(VIEWER, Policy.NOTHING),
    ("settings.save", "POST"): Row(EDITOR, Policy.NOTHING),
    ("settings.new_question", "GET"): Row(EDITOR, Policy.NOTHING),
    ("settings.ask", "POST"): Row(EDITOR, Policy.NOTHING),
    ("settings.question", "GET"): Row(EDITOR, Policy.NOTHING),
    ("settings.reword", "POST"): Row(EDITOR, Policy.NOTHING),
    ("settings.retire", "POST"): Row(EDITOR, Policy.NOTHING),
    ("settings.ask_again", "POST"): Row(EDITOR, Policy.NOTHING),
    ("life.show", "GET"): Row(VIEWER, Policy.NOTHING),
    ("life.plan", "POST"): Row(EDITOR, Policy.NOTHING),
    ("life.open_now", "POST"): Row(EDITOR, Policy.NOTHING),
    ("life.close", "POST"): Row(EDITOR, Policy.NOTHING),
    ("life.tell_outcome", "POST"): Row(EDITOR, Policy.NOTHING),
    ("life.reopen", "POST"): Row(EDITOR, Policy.NOTHING),
    ("life.withdraw", "POST"): Row(OWNER, Policy.NOTHING, proof=True),
    ("life.bring_back", "POST"): Row(OWNER, Policy.NOTHING),
    ("life.move", "POST"): Row(OWNER, Policy.NOTHING, proof=True),
    ("life.delete", "POST"): Row(EDITOR, Policy.NOTHING, proof=True),
    ("life.restore", "POST"): Row(EDITOR, Policy.NOTHING),
    ("numbers.show", "GET"): Row(VIEWER, Policy.NOTHING),
    ("numbers.table", "GET"): Row(MODERATOR, Policy.NOTHING),
    ("record.of_letter", "GET"): Row(MODERATOR, Policy.NOTHING),
    ("record.export_of_letter", "POST"): Row(EDITOR, Policy.NOTHING, proof=True),
    ("record.of_team", "GET"): Row(OWNER, Policy.NOTHING),
    ("record.export_of_team", "POST"): Row(OWNER, Policy.NOTHING, proof=True),
    ("paper.show", "GET"): Row(VIEWER, Policy.NOTHING),
    ("paper.add", "POST"): Row(EDITOR, Policy.NOTHING),
    ("paper.remove", "POST"): Row(EDITOR, Policy.NOTHING),
    ("paper.restore", "POST"): Row(EDITOR, Policy.NOTHING),
    ("moderation.queue", "GET"): Row(VIEWER, Policy.NOTHING),
    ("moderation.former", "GET"): Row(VIEWER, Policy.NOTHING),
    ("moderation.find", "POST"): Row(VIEWER, Policy.NOTHING),
    ("moderation.signature", "GET"): Row(VIEWER, Policy.NOTHING),
    ("moderation.address", "POST"): Row(OWNER, Policy.NOTHING),
    ("moderation.publish", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.hold", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.verify", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.take_back", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.settle", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.reopen", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.allow", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.allow_address", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.disallow", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.reject", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("moderation.undo", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("sweeps.index", "GET"): Row(VIEWER, Policy.NOTHING),
    ("sweeps.ask", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("sweeps.show", "GET"): Row(VIEWER, Policy.NOTHING),
    ("sweeps.begin", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("sweeps.stop", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("sweeps.go_on", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("sweeps.discard", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("sweeps.undo", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("invalidations.show", "GET"): Row(VIEWER, Policy.NOTHING),
    ("invalidations.look", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("appeals.answer", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("appeals.grant", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("notes.write", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("notes.hand_over", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("notes.take_back", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("attention.look", "POST"): Row(VIEWER, Policy.NOTHING),
    ("rules.of_letter", "GET"): Row(VIEWER, Policy.NOTHING),
    ("rules.add_to_letter", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("rules.end_of_letter", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("rules.of_team", "GET"): Row(VIEWER, Policy.NOTHING),
    ("rules.add_to_team", "POST"): Row(EDITOR, Policy.NOTHING),
    ("rules.end_of_team", "POST"): Row(EDITOR, Policy.NOTHING),
    ("bursts.dismiss", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("bursts.take_up", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("switches.turn", "POST"): Row(MODERATOR, Policy.NOTHING),
    ("launch.people", "GET"): Row(VIEWER, Policy.NOTHING),
    ("launch.add", "POST"): Row(EDITOR, Policy.NOTHING),
    ("launch.look", "GET"): Row(EDITOR, Policy.NOTHING),
    ("launch.correct", "POST"): Row(EDITOR, Policy.NOTHING),
    ("launch.add_lines", "POST"): Row(EDITOR, Policy.NOTHING),
    ("launch.invite_all", "POST"): Row(EDITOR, Policy.NOTHING),
    ("launch.invite", "POST"): Row(EDITOR, Policy.NOTHING),
    ("launch.move", "POST"): Row(EDITOR, Policy.NOTHING),
    ("launch.remove", "POST"): Row(EDITOR, Policy.NOTHING),
    ("launch.restore", "POST"): Row(EDITOR, Policy.NOTHING),
    ("promotion.share", "GET"): Row(VIEWER, Policy.NOTHING),
    ("promotion.card", "GET"): Row(VIEWER, Policy.NOTHING),
    ("promotion.poster", "GET"): Row(VIEWER, Policy.NOTHING),
    ("embedding.show", "GET"): Row(VIEWER, Policy.NOTHING),
    ("embedding.sample", "GET"): Row(VIEWER, Policy.NOTHING),
    ("embedding.back", "GET"): Row(VIEWER, Policy.NOTHING),
    ("embedding.frame_on", "POST"): Row(EDITOR, Policy.NOTHING),
    ("embedding.say", "POST"): Row(EDITOR, Policy.NOTHING),
    ("embedding.end", "POST"): Row(EDITOR, Policy.NOTHING),
    ("export.show", "GET"): Row(VIEWER, Policy.NOTHING),
    ("export.deliver", "POST"): Row(EDITOR, Policy.NOTHING, proof=True),
    ("export.work", "POST"): Row(MODERATOR, Policy.NOTHING, proof=True),
    ("export.decisions", "POST"): Row(MODERATOR, Policy.NOTHING, proof=True),
}

EVERYBODYS = {
    "letters",
    "names",
    "revisions",
    "composition",
    "signing",
    "own",
    "own_link",
    "reports",
    "first",
    "sharing",
    "feed",
    "element",
    "form_frame",
    "health",
}
"""Blueprints whose pages are the same for everybody, and so carry no token."""
PANEL = [key for key, row in ROUTES.items() if row.who != ALL]
OF_A_TEAM = [key for key in PANEL if ROUTES[key].who != SELF]
OF_SOMEBODY_ELSE = [
    *OF_A_TEAM,
    ("account.end", "POST"),
    ("passkeys.rename", "POST"),
    ("passkeys.remove", "POST"),
]
FILLED = {
    "reason": "abuse",
    "role": "viewer",
    "email": "new@example.org",
    "name": "N",
    "label": "N",
    "words": "N",
    "to": "1",
}


ABOUT = "http://letters.example.org/letters/a-letter"
"""What a site asks about that shows something in the place of an address."""
LAST = {"teams.leave", "life.delete", "life.move"}
"""After these, what others are about is not there any more."""

FOR_A_CROWD = {
    "letters", "names", "revisions", "composition", "signing", "own", "own_link", "reports",
    "sharing", "feed", "element", "form_frame",
}  # fmt: skip


@pytest.fixture
def paths(app: Flask) -> dict[str, str]:
    """A path of each endpoint, of things that exist; the static file is a real one."""
    shown = make_signature(make_letter())
    found = make_letter(moderation=Moderation.BEFORE)
    signature = make_signature(found, state=State.HELD)
    token = tokens.make(Purpose.CONFIRM, signature.id)
    own = tokens.make(Purpose.SIGNATURE, signature.id)
    asked = make_signatory(found)
    member = make_member("member@example.org")
    invitation = make_invitation()
    values = {
        "slug": "a-letter",
        "team_id": found.letter.team_id,
        "organizer_id": member.id,
        "session_id": make_session(member).id,
        "passkey_id": make_passkey(member).id,
        "invitation_id": invitation.id,
        "signature_id": signature.id,
        "decision_id": 1,
        "report_id": 1,
        "network_id": 1,
        "rule_id": 1,
        "burst_id": 1,
        "switch": "hold",
        "batch_id": 1,
        "sweep_id": make_sweep(found).id,
        "number": 1,
        "release": 0,
        "signatory_id": asked.id,
        "tag": make_card(found).tag,
        "written": "csv",
        "filename": "icon.svg",
        "accent": "1d4f91",
        "former": "aside",
        "key": "none",
        "code": "abuse",
        "line": tokens.line(shown.id),
    }
    printed = organizers.add("member@example.org", None, TEAM)
    tokens_of = {
        "/signature/": own,
        "/first/": tokens.make(Purpose.FIRST, asked.id),
        "/organize/sign-in/": printed,
        "/organize/invitations/": tokens.make(Purpose.INVITATION, invitation.id),
    }
    adapter = app.url_map.bind("letters.example.org")
    return {
        rule.endpoint: adapter.build(
            rule.endpoint,
            {
                **{name: values[name] for name in rule.arguments if name in values},
                **(
                    {"token": tokens_of.get(rule.rule.partition("<")[0], token)}
                    if "token" in rule.arguments
                    else {}
                ),
                **({"url": ABOUT} if rule.endpoint == "oembed.show" else {}),
            },
        )
        for rule in app.url_map.iter_rules()
    }


def _rows_of(app: Flask) -> set[tuple[str, str]]:
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


@WHATEVER_KEEPS_IT
def test_every_route_has_a_row(app: Flask) -> None:
    demo = create_app(app.config["PETITION"], demo=True)
    assert _rows_of(demo) == set(ROUTES)


@WHATEVER_KEEPS_IT
def test_the_mailbox_exists_only_in_a_demonstration(app: Flask) -> None:
    assert "mailbox.inbox" not in {endpoint for endpoint, _ in _rows_of(app)}


TELLING_THE_TIME = {
    "element.count",
    "element.card",
    "guide.show",
    "sharing.copy",
    "composition.show",
    "composition.numbers",
}
LEADING_ON = {
    "signing.back_to_form", "signing.back_to_code", "form_frame.back", "sign_in.code",
}  # fmt: skip
PUBLIC_GETS = [
    endpoint
    for (endpoint, method), row in ROUTES.items()
    if method == "GET" and row.who == ALL and not endpoint.startswith("mailbox")
]


def test_it_is_cached_and_framed_as_promised(client: FlaskClient, paths: dict[str, str]) -> None:
    in_frames = set[str]()
    for endpoint in PUBLIC_GETS:
        row = ROUTES[endpoint, "GET"]
        response = client.get(paths[endpoint], buffered=True)
        assert response.status_code == (303 if endpoint in LEADING_ON else 200), endpoint
        assert response.headers.getlist("Cache-Control") == [row.policy], endpoint
        policy = response.headers["Content-Security-Policy"]
        assert ("frame-ancestors *" in policy) is row.framed, endpoint
        assert ("X-Frame-Options" in response.headers) is not row.framed, endpoint
        assert response.headers["X-Content-Type-Options"] == "nosniff", endpoint
        assert response.headers["Referrer-Policy"] == "same-origin", endpoint
        assert "Permissions-Policy" in response.headers, endpoint
        if row.framed and response.mimetype == "text/html":
            in_frames.add(endpoint.partition(".")[0])
        for never in ("'unsafe-inline'", "'unsafe-eval'", " data:"):
            assert never not in policy, endpoint
    assert in_frames == elsewhere.FRAMES


def test_former_addresses_of_a_letter_lead_on_and_are_kept_as_its_pages_are(
    client: FlaskClient, paths: dict[str, str]
) -> None:
    sign_in(client)
    assert client.post(paths["writing.rename"], data={"slug": "another"}).status_code == 303
    named = [e for e in PUBLIC_GETS if "/a-letter" in urlsplit(paths[e]).path]
    for endpoint in {*named} - LEADING_ON:
        moved = client.get(paths[endpoint])
        assert moved.status_code == 308, endpoint
        assert moved.location == paths[endpoint].replace("/a-letter", "/another"), endpoint
        assert moved.headers.getlist("Cache-Control") == [Policy.PAGE], endpoint
    panel = client.get(paths["organize.letter"])
    assert (panel.status_code, panel.headers["Cache-Control"]) == (308, Policy.NOTHING)


@WHATEVER_KEEPS_IT
@pytest.mark.parametrize("path", ["/", "/embed/", "/embed/a-letter", "/static/css/base.css"])
def test_a_policy_of_a_views_own_lets_nobody_frame_it(migrated_app: Flask, path: str) -> None:
    own = {"Content-Security-Policy": "default-src *; frame-ancestors *"}
    with migrated_app.test_request_context(path):
        told = headers.set_headers(Response("", headers=own)).headers
    (policy,) = told.getlist("Content-Security-Policy")
    assert policy.endswith("frame-ancestors 'none'")
    assert told["X-Frame-Options"] == "DENY"


@WHATEVER_KEEPS_IT
def test_what_is_public_is_the_same_for_everybody(
    client: FlaskClient, paths: dict[str, str]
) -> None:
    public = [e for e in PUBLIC_GETS if ROUTES[e, "GET"].policy.startswith("public")]
    plain = {endpoint: client.get(paths[endpoint], buffered=True).data for endpoint in public}
    sign_in(client)
    client.set_cookie("signed", "x")
    caching.recent.clear()  # it is made anew, for somebody else
    for endpoint in public:
        noise = "utm_source=x&via=share"
        other = client.get(
            paths[endpoint] + ("&" if "?" in paths[endpoint] else "?") + noise,
            buffered=True,
            headers={
                "Accept": "application/json",
                "Accept-Language": "fr",
                "Origin": "https://news.example",
                "Referer": f"{links.site()}/embed/a-letter/form?theme=dark&accent=1d4f91&lang=fr",
                "X-Forwarded-Host": "evil",
            },
        )
        assert other.headers.getlist("Set-Cookie") == [], endpoint
        assert "Cookie" not in other.headers.get("Vary", ""), endpoint
        if endpoint not in TELLING_THE_TIME:
            assert other.data == plain[endpoint], endpoint


@WHATEVER_KEEPS_IT
def test_strangers_are_shown_the_way_in(client: FlaskClient, paths: dict[str, str]) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    for endpoint, method in PANEL:
        response = client.open(paths[endpoint], method=method, buffered=True)
        assert response.status_code == 303, endpoint
        assert response.location == "/organize/sign-in", endpoint
        assert response.headers["Cache-Control"] == Policy.NOTHING, endpoint


def _answers(
    client: FlaskClient, paths: dict[str, str], keys: list[tuple[str, str]]
) -> dict[str, int]:
    """What each route answers to a form that is filled in."""
    return {
        endpoint: client.open(paths[endpoint], method=method, data=FILLED).status_code
        for endpoint, method in keys
    }


def test_another_teams_things_do_not_exist(client: FlaskClient, paths: dict[str, str]) -> None:
    sign_in(client, "other@example.org", Role.OWNER, team="Others")
    answers = _answers(client, paths, OF_SOMEBODY_ELSE)
    assert {endpoint: status for endpoint, status in answers.items() if status != 404} == {}


@WHATEVER_KEEPS_IT
@pytest.mark.parametrize("role", [role for role in Role if role is not OWNER])
def test_a_role_does_no_more_than_it_may(
    client: FlaskClient, paths: dict[str, str], role: Role
) -> None:
    sign_in(client, role=role)
    above = [key for key in OF_A_TEAM if not role.includes(Role(ROUTES[key].who))]
    answers = _answers(client, paths, above)
    assert {endpoint: status for endpoint, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize("role", Role)
def test_a_role_does_what_it_may(client: FlaskClient, paths: dict[str, str], role: Role) -> None:
    make_member("owner@example.org", Role.OWNER)  # another, so that one may go
    own = [key for key in OF_A_TEAM if ROUTES[key].who == role]
    sign_in(client, role=role)
    for key in sorted(own, key=lambda key: key[0] in LAST):
        assert is_in(client), key
        answers = _answers(client, paths, [key])
        assert not {403, 500} & set(answers.values()), answers


@WHATEVER_KEEPS_IT
def test_what_cannot_be_taken_back_needs_proof(
    client: FlaskClient, paths: dict[str, str], statements: list[str]
) -> None:
    sign_in(client)
    age_sessions(proved_at=sessions.PROOF_LASTS + timedelta(seconds=1))
    statements.clear()
    for endpoint, method in (key for key in PANEL if ROUTES[key].proof):
        response = client.open(paths[endpoint], method=method, data=FILLED)
        if method == "GET":
            assert response.location.startswith("/organize/proof?to=/organize/"), endpoint
        else:
            assert response.status_code == 403, endpoint
            assert "Is it you?" in response.text, endpoint
            assert "Next: " in response.text, endpoint
    assert _written(statements) == []


def _written(statements: list[str]) -> list[str]:
    # Anywhere in it: a write may begin with WITH, and to look takes no lock (FOR UPDATE) either.
    return [s for s in statements if re.search(r"\b(INSERT|UPDATE|DELETE)\b", s, re.IGNORECASE)]


@WHATEVER_KEEPS_IT
def test_a_team_that_requires_passkeys_is_closed_without_one(
    client: FlaskClient, paths: dict[str, str], statements: list[str]
) -> None:
    sign_in(client)
    with writing(db.session):
        db.session.query(Team).update({"passkey_required": True})
    statements.clear()
    ways_out = {"passkeys", "proof", "sign_in"}
    for endpoint, method in PANEL:
        if endpoint.partition(".")[0] not in ways_out:
            response = client.open(paths[endpoint], method=method)
            assert response.location == "/organize/passkeys/needed", endpoint
            if method == "POST":  # words are handed back, and do nothing
                filled = client.post(paths[endpoint], data=FILLED)
                assert filled.status_code == 403, endpoint
    assert _written(statements) == []


@WHATEVER_KEEPS_IT
def test_the_panel_demands_its_token(client: FlaskClient, paths: dict[str, str]) -> None:
    sign_in(client)
    client.application.config["WTF_CSRF_ENABLED"] = True
    posts = [k for k in ROUTES if k[1] == "POST" and k[0].partition(".")[0] not in EVERYBODYS]
    answers = _answers(client, paths, posts)
    assert {endpoint: status for endpoint, status in answers.items() if status != 400} == {}


@WHATEVER_KEEPS_IT
@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://letters.example.org"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://letters.example.org"}, False),
        ({}, False),
    ],
)
def test_posts_from_elsewhere_are_refused(
    client: FlaskClient, paths: dict[str, str], headers: dict[str, str], refused: bool
) -> None:
    sign_in(client)
    for endpoint, method in (key for key in ROUTES if key[1] == "POST"):
        response = client.open(
            paths[endpoint], method=method, headers=headers, data={"decision": "x"}
        )
        assert (response.status_code == 403) is refused, endpoint


@WHATEVER_KEEPS_IT
def test_what_a_crowd_sees_is_read_before_processes_share_the_memory(
    client: FlaskClient, paths: dict[str, str]
) -> None:
    read = client.application.jinja_env.cache
    assert read is not None
    read.clear()
    templating.warm(client.application)
    before = {name for _, name in read}
    for endpoint, method in ROUTES:
        if method == "GET" and endpoint.partition(".")[0] in FOR_A_CROWD:
            client.get(paths[endpoint])
    assert {name for _, name in read} == before


@WHATEVER_KEEPS_IT
@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Sec-Fetch-Site": "cross-site"}, 403), ({"Host": "evil.example"}, 400)],
)
def test_what_comes_from_elsewhere_reaches_nothing(
    client: FlaskClient,
    paths: dict[str, str],
    statements: list[str],
    headers: dict[str, str],
    status: int,
    signed_in: bool,
) -> None:
    """Neither a form's keeper of words nor the one that misses a token answers, nor a session."""
    if signed_in:
        sign_in(client)
    client.application.config["WTF_CSRF_ENABLED"] = True
    statements.clear()
    said = dict.fromkeys(("title", "addressee", "sender", "markdown", "email"), "planted-words")
    for path in (*paths.values(), "/organize/nowhere", "/nowhere"):
        answer = client.post(path, headers=headers, data=said)
        assert answer.status_code == status, path
        assert "Set-Cookie" not in answer.headers, path
        assert "planted-words" not in answer.text, path
        assert "evil.example" not in answer.text, path
    assert _written(statements) == []


def test_looking_changes_nothing(
    client: FlaskClient, paths: dict[str, str], statements: list[str]
) -> None:
    sign_in(client)
    for endpoint in (e for (e, m) in ROUTES if m == "GET" and not e.startswith("mailbox")):
        statements.clear()
        for method in ("GET", "HEAD", "OPTIONS"):
            client.open(paths[endpoint], method=method, buffered=True)
        assert _written(statements) == [], endpoint


@WHATEVER_KEEPS_IT
def test_a_file_named_with_its_content_is_kept_for_ever(client: FlaskClient) -> None:
    path = f"/static/icon.svg?v={assets.version('icon.svg')}"
    response = client.get(path, buffered=True)
    assert response.headers.getlist("Cache-Control") == [Policy.ASSET]
    for other, policy in (("", Policy.STILL), ("?v=0", Policy.NOTHING)):
        response = client.get(f"/static/icon.svg{other}", buffered=True)
        assert response.headers.getlist("Cache-Control") == [policy]


@WHATEVER_KEEPS_IT
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_no_method_looks_outside_the_folder_of_files(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    looked: list[Path] = []

    def read_bytes(path: Path) -> bytes:
        looked.append(path)
        return b""

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    outside = "../" * 12 + "etc/hostname"
    for path in (outside, "./icon.svg", "css/../icon.svg", "nothing.js", "/etc/hostname"):
        for named in ("", "?v=0123456789ab"):
            response = client.open(f"/static/{path}{named}", method=method, buffered=True)
            assert response.status_code != 500
    assert looked == []


@WHATEVER_KEEPS_IT
def test_a_foreign_host_name_is_refused(client: FlaskClient, paths: dict[str, str]) -> None:
    assert client.get(paths["letters.show"], headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
