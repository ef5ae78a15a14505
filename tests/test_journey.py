"""A signature's whole way over HTTP and SMTP alone, through the processes an operator starts.

`petition migrate`, `petition serve --no-worker` and `petition worker` run as separate processes
beside a real SMTP server, on SQLite and on PostgreSQL.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import create_engine, update

from petition import clock, config
from petition.models import OutgoingMail
from tests import site as sites
from tests.conftest import DATABASES, NewDatabase
from tests.site import Site
from tests.smtp_server import SmtpServer
from tests.visitor import Answer, Visitor

pytestmark = pytest.mark.slow

OPEN, CHECKED = "open-letter", "checked-letter"
"""A letter whose confirmed signatures are published at once, and one where somebody looks first."""


@dataclass(frozen=True)
class Inbox:
    """The mails that an SMTP server took."""

    server: SmtpServer

    def to(self, address: str) -> list[EmailMessage]:
        """The mails that an address got, oldest first."""
        return [mail.message for mail in self.server.taken if mail.to == address]

    def wait(self, address: str, number: int = 1) -> EmailMessage:
        """The mail that was waited for: the `number`-th of an address."""
        deadline = time.monotonic() + sites.PATIENCE
        while len(self.to(address)) < number:
            assert time.monotonic() < deadline, f"mail {number} to {address} did not come"
            time.sleep(0.02)
        return self.to(address)[number - 1]


@dataclass(frozen=True)
class World:
    """A running site, its mail, and what a stranger can see of it."""

    site: Site
    inbox: Inbox
    database_url: str

    def visitor(self) -> Visitor:
        """Somebody new."""
        return Visitor(self.site.url)

    def sign(self, address: str, name: str, slug: str = OPEN, **typed: str) -> Answer:
        """Fill in the form under the letter, as it stands there, and send it."""
        reader = self.visitor()
        page = reader.get(f"/letters/{slug}")
        form = page.form("Your name")
        filled = {"name": name, "email": address, "show_name": "y", "consent": "y"} | typed
        return reader.press(page, form, **filled)

    def link(self, mail: EmailMessage, purpose: str) -> str:
        """The link of a mail's text that serves a purpose."""
        found = re.search(rf"{re.escape(self.site.url)}/{purpose}/\S+", text_of(mail))
        assert found, text_of(mail)
        return found[0]

    def confirmed(self, address: str, name: str, slug: str = OPEN, **typed: str) -> EmailMessage:
        """Sign, wait for the mail, and confirm by its link; the mail."""
        assert self.sign(address, name, slug, **typed).status == 303
        mail = self.inbox.wait(address)
        assert confirm(self.visitor(), self.link(mail, "confirm")).status == 303
        return mail

    def let_an_hour_pass(self) -> None:
        """Make every mail an hour older, so that the next may follow."""
        url = config.read({"PETITION_DATABASE_URL": self.database_url}).sqlalchemy_url
        engine = create_engine(url)
        with engine.begin() as connection:
            hour_ago = clock.now() - timedelta(hours=1)
            connection.execute(update(OutgoingMail).values(created_at=hour_ago))
        engine.dispose()

    def count(self, slug: str = OPEN) -> int:
        """The number that other sites get."""
        return int(self.numbers(slug)["count"])

    def numbers(self, slug: str = OPEN) -> dict[str, int]:
        """All numbers that other sites get."""
        answer = self.visitor().get(f"/embed/{slug}/count.json")
        assert answer.status == 200
        return dict(answer.json)

    def names(self, slug: str = OPEN) -> str:
        """The words of the list of names."""
        return self.visitor().get(f"/letters/{slug}/signatures").text

    def letter(self, slug: str = OPEN) -> str:
        """The words of the letter's page."""
        return self.visitor().get(f"/letters/{slug}").text


@pytest.fixture(
    scope="module",
    params=[pytest.param(kind, marks=pytest.mark.xdist_group("journey")) for kind in DATABASES],
)
def world(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: NewDatabase,
) -> Iterator[World]:
    """A site in production dress, with two letters, on each kind of database."""
    folder = tmp_path_factory.mktemp("journey")
    database_url = new_database(request.param, "journey")
    with (
        SmtpServer() as server,
        sites.served(
            folder, PETITION_DATABASE_URL=database_url, PETITION_MAIL_URL=server.url
        ) as site,
    ):
        for slug, moderation in ((OPEN, "after"), (CHECKED, "before")):
            file = sites.letter_file(folder, slug, moderation=moderation)
            site.run("letter", "publish", str(file))
        yield World(site, Inbox(server), database_url)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """One of a mail's two faces."""
    part = mail.get_body((kind,))
    assert part is not None, f"no {kind} part"
    return str(part.get_content())


def code_in(words: str) -> str:
    """The code of six digits, as it is written."""
    found = re.search(r"\b\d{3}\s?\d{3}\b", words)
    assert found, words
    return found[0]


def confirm(visitor: Visitor, link: str) -> Answer:
    """Open the link and press “Yes, I sign”."""
    page = visitor.get(link)
    return visitor.press(page, page.form("Yes, I sign"), decision="confirm")


def test_it_brings_the_same_link_and_code_as_text_and_as_html(world: World) -> None:
    sent = world.sign("two.faces@example.org", "Ann Lee")
    mail = world.inbox.wait("two.faces@example.org")
    code = code_in(text_of(mail))

    assert sent.status == 303
    assert sent.location == f"/letters/{OPEN}/thanks"
    assert world.visitor().get(sent.location).status == 200
    assert mail.get_content_type() == "multipart/alternative"
    assert not mail.defects
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Ann Lee" not in mail["Subject"]
    for kind in ("plain", "html"):
        assert world.link(mail, "confirm") in text_of(mail, kind)
        assert code_in(text_of(mail, kind)) == code


def test_it_changes_nothing_when_a_link_is_only_opened(world: World) -> None:
    world.sign("scanned@example.org", "Sam Scanned")
    link = world.link(world.inbox.wait("scanned@example.org"), "confirm")
    before = world.numbers()
    scanner = world.visitor()

    for _ in range(3):
        assert scanner.head(link).status == 200
        page = scanner.get(link, User_Agent="Mozilla/5.0 (SafeLinks)")
        assert page.status == 200
        assert "Sam Scanned" in page.text
    blind = scanner.press(page, page.form("Yes, I sign"))

    assert blind.status == 400
    assert scanner.cookies == {}
    assert world.numbers()["count"] == before["count"]
    assert "Sam Scanned" not in world.names()
    assert confirm(world.visitor(), link).status == 303, "the link must have survived all that"


def test_it_counts_and_shows_what_was_confirmed_by_the_link(world: World) -> None:
    before = world.count()
    world.sign("zoe.link@example.org", "Zoë Link", affiliation="Atelier Nord", location="Bergen")
    link = world.link(world.inbox.wait("zoe.link@example.org"), "confirm")
    assert world.count() == before
    signer = world.visitor()

    done = confirm(signer, link)
    again = signer.get(link)

    assert done.status == 303
    assert done.location == f"/letters/{OPEN}/signed"
    assert "Zoë Link" in signer.get(done.location).text
    assert "Zoë Link" not in world.visitor().get(done.location).text, "only its signer sees it"
    assert again.status == 200
    assert world.count() == before + 1
    assert re.search(rf"\b{before + 1}\b", world.letter())
    assert "Zoë Link" in world.letter()
    assert "Atelier Nord" in world.names()


def test_it_counts_once_however_often_it_is_confirmed(world: World) -> None:
    world.sign("often@example.org", "Olga Often")
    link = world.link(world.inbox.wait("often@example.org"), "confirm")
    before = world.count()
    page = world.visitor().get(link)
    form = page.form("Yes, I sign")

    pressed = [world.visitor().press(page, form, decision="confirm") for _ in range(3)]

    assert [answer.status for answer in pressed] == [303, 303, 303]
    assert world.count() == before + 1


def test_it_takes_the_code_instead_of_the_link(world: World) -> None:
    before = world.count()
    thanks = world.visitor().get(world.sign("code@example.org", "Cody Code").location)
    code = code_in(text_of(world.inbox.wait("code@example.org")))
    signer = world.visitor()

    wrong = code.translate(str.maketrans("0123456789", "1234567890"))
    refused = signer.press(thanks, thanks.form(), email="code@example.org", code=wrong)
    done = signer.press(thanks, thanks.form(), email="Code@Example.org", code=code)

    assert refused.status == 422
    assert done.status == 303
    assert done.location == f"/letters/{OPEN}/signed"
    assert world.count() == before + 1


def test_it_lets_signers_hide_and_show_their_name(world: World) -> None:
    mail = world.confirmed("hidden@example.org", "Hidde Hidden")
    own = world.link(mail, "signature")
    counted = world.count()
    signer = world.visitor()
    assert "Hidde Hidden" in world.names()

    page = signer.get(own)
    hidden = signer.press(page, page.form("Hide my name"), decision="hide")
    assert hidden.status == 303
    assert "Hidde Hidden" not in world.names() + world.letter()
    assert world.count() == counted, "who hides the name stays counted"

    page = signer.get(own)
    shown = signer.press(page, page.form("Show my name"), decision="show")
    assert shown.status == 303
    assert "Hidde Hidden" in world.names()


def test_it_lets_signers_withdraw(world: World) -> None:
    mail = world.confirmed("leaving@example.org", "Lea Leaving")
    counted = world.count()
    signer = world.visitor()
    page = signer.get(world.link(mail, "signature"))

    done = signer.press(page, page.form("Withdraw"), decision="withdraw")

    assert done.status == 303
    assert signer.get(done.location).status == 200
    assert world.count() == counted - 1
    assert "Lea Leaving" not in world.names() + world.letter()


def test_it_tells_a_second_signing_by_mail_alone(world: World) -> None:
    mailbox, spelled = "twice.signer@gmail.com", "twicesigner+again@gmail.com"
    first = world.sign(mailbox, "Tim Twice")
    confirm(world.visitor(), world.link(world.inbox.wait(mailbox), "confirm"))
    counted = world.count()
    world.let_an_hour_pass()

    second = world.sign(spelled, "Somebody Else")
    mail = world.inbox.wait(mailbox, 2)

    assert (second.status, second.location, second.body) == (303, first.location, first.body)
    assert "already signed" in mail["Subject"]
    for kind in ("plain", "html"):
        assert world.link(mail, "signature") in text_of(mail, kind)
        assert "/confirm/" not in text_of(mail, kind)
    assert world.inbox.to(spelled) == [], "only the mailbox that signed learns of it"
    assert world.count() == counted
    assert "Somebody Else" not in world.names()


def test_it_deletes_and_never_writes_again_when_it_was_not_me(world: World) -> None:
    world.sign("victim@example.org", "Vic Victim")
    link = world.link(world.inbox.wait("victim@example.org"), "confirm")
    before = world.count()
    owner = world.visitor()
    page = owner.get(link)

    done = owner.press(page, page.form("This was not me"), decision="not-me")
    assert done.status == 303
    assert owner.get(done.location).status == 200
    assert owner.get(link).status == 404
    assert world.sign("victim@example.org", "Vic Victim").status == 303
    assert world.sign("victim@example.org", "Vic Victim", CHECKED).status == 303
    world.sign("bystander@example.org", "Bea Bystander")
    world.inbox.wait("bystander@example.org")  # signed later, so its mail would be the later one

    assert len(world.inbox.to("victim@example.org")) == 1
    assert world.count() == before


def test_it_shows_organizers_what_waits_and_lets_them_decide_and_undo(world: World) -> None:
    queue = f"/organize/letters/{CHECKED}/moderation"
    printed = world.site.run("organizer", "add", "organizer@example.org")
    world.confirmed("held@example.org", "Hella Held", CHECKED)
    assert (world.numbers(CHECKED)["count"], world.numbers(CHECKED)["being_checked"]) == (0, 1)
    assert "Hella Held" not in world.names(CHECKED) + world.letter(CHECKED)

    organizer = sign_in(world, sites.sign_in_link(printed))
    page = organizer.get(queue)
    assert "Hella Held" in page.text

    assert press(organizer, page, "/publish").status == 303
    assert world.count(CHECKED) == 1
    assert "Hella Held" in world.names(CHECKED)

    assert press(organizer, organizer.get(queue), "/undo").status == 303
    assert world.count(CHECKED) == 0
    assert "Hella Held" not in world.names(CHECKED)

    page = organizer.get(queue)
    page = press(organizer, page, "/reject")
    assert page.status == 200, "a rejection needs a reason"
    assert press(organizer, page, "/reject").status == 422
    assert press(organizer, page, "/reject", reason="not-a-name").status == 303
    assert (world.numbers(CHECKED)["count"], world.numbers(CHECKED)["being_checked"]) == (0, 0)

    assert press(organizer, organizer.get(queue), "/undo").status == 303
    assert press(organizer, organizer.get(queue), "/publish").status == 303
    assert world.count(CHECKED) == 1


def sign_in(world: World, link: str) -> Visitor:
    """Open the one-time link, look at it twice, and press its button."""
    organizer = world.visitor()
    organizer.get(link)
    page = organizer.get(link)
    done = organizer.press(page, page.form("Sign in"))
    assert done.status == 303, "looking at the link must not spend it"
    assert done.location == "/organize/"
    return organizer


def press(organizer: Visitor, page: Answer, does: str, **chosen: str) -> Answer:
    """Press the first button of the queue that does this."""
    form = next(form for form in page.forms() if does in form.action)
    return organizer.press(page, form, **chosen)


def test_it_shows_the_queue_to_nobody_else(world: World) -> None:
    printed = world.site.run("organizer", "add", "once@example.org")
    link = sites.sign_in_link(printed)
    sign_in(world, link)
    stranger = world.visitor()

    assert stranger.get(f"/organize/letters/{CHECKED}/moderation").status in {302, 303, 401, 403}
    page = stranger.get(link)
    assert page.status == 410
    token = page.form("Send me a code").fields["csrf_token"]
    assert stranger.post(link, {"csrf_token": token}).status == 410


def test_it_keeps_tallies_that_agree_with_the_rows(world: World) -> None:
    world.confirmed("counted@example.org", "Conny Counted")

    assert "No drift" in world.site.run("recount")


def test_it_keeps_addresses_and_tokens_out_of_what_it_prints(world: World) -> None:
    mail = world.confirmed("private@example.org", "Pria Private")
    token = world.link(mail, "confirm").rsplit("/", 1)[1]

    said = world.site.said()

    assert "private@example.org" not in said
    assert "Pria Private" not in said
    assert token not in said
