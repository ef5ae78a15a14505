"""The `petition` command: each subcommand is thin and calls one action."""

import multiprocessing
import shutil
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from types import FrameType

import click
import limits
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from petition import config, create_app, letterfile, links, schema, serving
from petition.actions import daily, organizers, publish, recount, seed
from petition.actions.daily import Work
from petition.actions.publish import ForeignLetter, Outcome
from petition.config import Config
from petition.exceptions import (
    AddressInvalid,
    ConfigurationError,
    LastOwner,
    LetterFileError,
    NotFound,
)
from petition.extensions import db
from petition.letterfile import LetterFile
from petition.mail.transports import HandOverFailed, Smtp
from petition.models import Role
from petition.queries import health, letters, mails
from petition.serving import Site

DEMO_SIGNERS = 384
DEMO_TRANSLATIONS = ("ar", "de", "fr")
DEFAULT_TEAM = "Organizers"
PORT = click.IntRange(1, 65535)


class OneClearLine(click.ClickException):
    """What is wrong, in one line, and exit status 2."""

    exit_code = 2


class Commands(click.Group):
    """Turns our own failures into one clear line."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            raise OneClearLine(str(error)) from None
        except limits.errors.ConfigurationError as error:
            raise OneClearLine(f"PETITION_RATELIMIT_STORAGE: {_first_line(error)}") from None
        except SQLAlchemyError as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            raise OneClearLine(f"the database: {_first_line(cause)}") from None


def _first_line(error: BaseException) -> str:
    """What an error says, without the lines below, where databases quote rows."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].strip()


@click.group(cls=Commands)
@click.version_option(package_name="petition")
def main() -> None:
    """Publish an open letter, let people sign it, and show the world how many did."""


@contextmanager
def _application(settings: Config | None = None) -> Iterator[None]:
    """The application for one command, which leaves no connection to the database behind.

    A process that is forked with one open believes in SQLite's locks of its parent, which are
    not its own; what it writes is lost where another process holds them truly.
    """
    app = create_app(settings)
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _site(settings: Config | None = None) -> Iterator[None]:
    """The application for one command, on a database that has the right schema."""
    with _application(settings):
        problem = health.problem()
        if problem:
            raise ConfigurationError(problem)
        yield


def _migrate(settings: Config) -> None:
    with _application(settings):
        schema.upgrade()


def _migrate_apart(settings: Config) -> None:
    """Migrate in a process that ends with it, and takes along what it had to load."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as process:
        process.submit(_migrate, settings).result()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, type=PORT, show_default=True, envvar="PORT")
def demo(host: str, port: int) -> None:
    """Serve a fresh demonstration: its letter, its invented signers, and its mails at /mailbox."""
    settings = config.read()
    settings = replace(
        settings,
        data_dir=settings.data_dir / f"demo-{port}",  # another may be running at another port
        site_url=settings.site_url or config.site_url(f"http://localhost:{port}"),
    )
    with _kept(host, port):
        _must_be_empty(settings)
        shutil.rmtree(settings.data_dir, ignore_errors=True)
        _migrate_apart(settings)
        with _site(settings):
            file = _demonstration("demonstration.md")
            publish.publish(file, DEFAULT_TEAM)
            for language in DEMO_TRANSLATIONS:
                publish.translate(_demonstration(f"demonstration.{language}.md"), DEFAULT_TEAM)
            found = letters.public_by_slug(file.slug)
            for _ in seed.seed(found.letter, found.revision, DEMO_SIGNERS):
                pass
            token = organizers.add("organizer@example.org", Role.OWNER, DEFAULT_TEAM)
            _say_where(settings, file.slug, token)
    Site(settings, host, port, demo=settings.mail_url is None).serve()


def _demonstration(name: str) -> LetterFile:
    return letterfile.parse(files("petition").joinpath(name).read_text("utf-8"))


@contextmanager
def _kept(host: str, port: int) -> Iterator[None]:
    """Keep a port from everybody else until it is served: web servers share one without a word."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        keeper = socket.socket(family, kind)
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(address)
        keeper.listen()
    except OSError as error:
        raise ConfigurationError(
            f"port {port} of {host} cannot be used: {error.strerror}. "
            "Choose another with --port, or make run PORT=8001"
        ) from None
    with keeper:
        yield


def _must_be_empty(settings: Config) -> None:
    """The demonstration makes a database afresh; one that holds something is not ours to empty."""
    if settings.database_url is None:
        return
    with _application(settings):
        if inspect(db.engine).get_table_names():
            raise ConfigurationError(
                "PETITION_DATABASE_URL names a database that is in use; "
                "a demonstration begins with an empty one, or with the variable unset"
            )


def _say_where(settings: Config, slug: str, token: str) -> None:
    click.echo("\nThe demonstration is ready.\n")
    click.echo(f"  The letter          {links.absolute('letters.show', slug=slug)}")
    click.echo(f"  Its count           {links.absolute('element.count', slug=slug)}")
    if settings.mail_url is None:
        click.echo(f"  The mails           {links.site()}/mailbox")
    click.echo(f"  Moderation          {links.absolute('moderation.queue', slug=slug)}")
    click.echo(f"  Sign in, once       {links.absolute('sign_in.link', token=token)}")
    click.echo("\nCtrl-C stops it; the next start begins afresh.\n")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, type=PORT, show_default=True, envvar="PORT")
@click.option("--workers", default=1, show_default=True, help="Web processes.")
@click.option("--no-worker", is_flag=True, help="Leave mail and chores to `petition worker`.")
def serve(host: str, port: int, workers: int, no_worker: bool) -> None:
    """Serve the site, with a worker beside it; without a mail server it does only the chores."""
    settings = config.read()
    config.refuse_half_configured(settings)
    config.prepare_data_dir(settings)
    with _kept(host, port):
        if settings.embedded:
            _migrate_apart(settings)
        with _site(settings):
            pass
    for line in _warnings(settings, workers, wants_mail=not no_worker):
        click.secho(f"petition: {line}", fg="yellow", err=True)
    click.echo(f"petition: serving {settings.public_url} on {host}:{port}", err=True)
    Site(settings, host, port, workers, worker=not no_worker).serve()


def _warnings(settings: Config, workers: int, *, wants_mail: bool) -> Iterator[str]:
    if not settings.ratelimit_enabled:
        yield "EVERY LIMIT IS OFF (PETITION_RATELIMIT_ENABLED=0). For load tests only."
    elif workers > 1 and settings.ratelimit_storage.startswith("memory"):
        yield (
            f"each of {workers} web processes counts tries by itself; "
            "set PETITION_RATELIMIT_STORAGE to share the limits"
        )
    if wants_mail and settings.mail_url is None:
        yield "PETITION_MAIL_URL is not set: mails wait in the queue until it is"


@main.command()
def worker() -> None:
    """Hand over the mail that waits, until told to stop."""
    settings = config.read()
    config.refuse_half_configured(settings)
    if settings.mail_url is None:
        raise ConfigurationError(
            "PETITION_MAIL_URL is not set: there is no server to hand the mail to"
        )
    with _site(settings):
        pass
    serving.work(settings)


@main.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    settings = config.read()
    config.prepare_data_dir(settings)
    _migrate(settings)
    click.echo("The database has the schema of this version.")


@main.group()
def organizer() -> None:
    """Organizers: who may moderate."""


@organizer.command("add")
@click.argument("email")
@click.option(
    "--role",
    type=click.Choice([r.value for r in Role]),
    help="Unset: the role that the organizer has; owner for a new one.",
)
@click.option("--team", default=DEFAULT_TEAM, show_default=True)
@click.option("--forget-passkeys", is_flag=True, help="For who has lost them.")
def add_organizer(email: str, role: str | None, team: str, forget_passkeys: bool) -> None:
    """Make sure of an organizer, and print a sign-in link that works once, within a day."""
    with _site(), _about_organizer(email):
        token = organizers.add(email, Role(role) if role else None, team)
        if forget_passkeys:
            organizers.forget_passkeys(email)
        click.echo(links.absolute("sign_in.link", token=token))


@organizer.command("remove")
@click.argument("email")
@click.option("--team", help="Unset: all teams. Who is in no team cannot sign in.")
def remove_organizer(email: str, team: str | None) -> None:
    """Take an organizer out of a team, or out of all, and sign them out everywhere."""
    with _site(), _about_organizer(email):
        for left in organizers.remove(email, team):
            click.echo(f"{email} is no longer in {left}")


@contextmanager
def _about_organizer(email: str) -> Iterator[None]:
    try:
        yield
    except AddressInvalid:
        raise OneClearLine(f"{email} is not an e-mail address") from None
    except NotFound:
        raise OneClearLine(f"there is no such organizer: {email}") from None
    except LastOwner:
        raise OneClearLine(
            f"{email} is the only owner of a team; make somebody else an owner first"
        ) from None


@main.group()
def letter() -> None:
    """Letters."""


@letter.command("publish")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--team", default=DEFAULT_TEAM, show_default=True)
@click.option("--translation", is_flag=True, help="Of a letter that is public already.")
def publish_letter(files: tuple[Path, ...], team: str, translation: bool) -> None:
    """Publish letters, or bring them up to their files; the same again changes nothing."""
    documents = [(file, _read(file)) for file in files]
    with _site():
        for file, document in documents:
            _publish(file, document, team, translation)


def _publish(file: Path, document: LetterFile, team: str, translation: bool) -> None:
    bring = publish.translate if translation else publish.publish
    try:
        outcome, number = bring(document, team)
    except ForeignLetter:
        raise OneClearLine(f"{file}: the slug {document.slug} is another team's") from None
    except NotFound:
        raise OneClearLine(
            f"{file}: no public letter {document.slug} is there to be translated into "
            f"{document.language}"
        ) from None
    said = {
        Outcome.PUBLISHED: "published, revision 1",
        Outcome.REVISED: f"revision {number} published",
        Outcome.CHANGED: f"updated; the text is still revision {number}",
        Outcome.UNCHANGED: f"unchanged, revision {number}",
    }
    lang = document.language if translation else None
    address = links.absolute("letters.show", slug=document.slug, lang=lang)
    click.echo(f"{address}: {said[outcome]}")


def _read(file: Path) -> LetterFile:
    with file.open("rb") as stream:
        content = stream.read(letterfile.LARGEST + 1)
    if len(content) > letterfile.LARGEST:
        raise OneClearLine(f"{file}: too large; at most {letterfile.LARGEST} bytes fit")
    try:
        return letterfile.parse(content.decode("utf-8"))
    except LetterFileError as error:
        raise OneClearLine(f"{file}:{error.line}: {error.problem}") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise OneClearLine(f"{file}:{line}: this is not UTF-8 text") from None


@letter.command("seed")
@click.argument("slug")
@click.option("--signatures", type=click.IntRange(1), required=True)
def seed_letter(slug: str, signatures: int) -> None:
    """Put invented signers under a letter, each marked as invented."""
    with _site():
        try:
            found = letters.public_by_slug(slug)
        except NotFound:
            raise OneClearLine(f"there is no public letter {slug}") from None
        with click.progressbar(length=signatures, label="Inventing signers") as bar:
            for written in seed.seed(found.letter, found.revision, signatures):
                bar.update(written)


@main.command("recount")
@click.option("--repair", is_flag=True, help="Correct the numbers that drifted.")
def recount_tallies(repair: bool) -> None:
    """Compare the kept numbers with the rows; exit status 1 where they differ and stay so."""
    with _site():
        found = recount.repair() if repair else recount.find()
        for each in found:
            click.echo(
                f"letter {each.letter_id}, {each.what}: kept {each.kept}, rows {each.rows}"
                + (" (repaired)" if repair else "")
            )
        if not found:
            click.echo("No drift: every number agrees with its rows.")
    if found and not repair:
        sys.exit(1)


@main.command("forget")
def forget_what_is_due() -> None:
    """Forget what was kept for long enough; a worker does so daily. Stopped, it can be repeated."""
    done: Counter[Work] = Counter()
    with _site(), _until_told_to_stop() as stop:
        with click.progressbar(length=daily.length(), label="Looking") as bar:
            for part in daily.run():
                if part.work is not None:
                    done[part.work] += part.number
                bar.update(part.passed)
                if stop.is_set():
                    break
        for work in Work:
            if done[work]:
                click.echo(f"{done[work]:,} {work}")
        if not done.total():
            click.echo("Nothing was due.")
    if stop.is_set():
        raise OneClearLine("stopped before the end; the next run does the rest")


@contextmanager
def _until_told_to_stop() -> Iterator[threading.Event]:
    """Let SIGTERM wait for the part in hand."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)


@main.command()
def doctor() -> None:
    """Look at the whole installation; exit status 1 where something needs a hand."""
    settings = config.read()
    bad = 0
    with _application(settings):
        for what, problem in _examine(settings):
            bad += problem is not None
            mark = click.style("ok", fg="green") if problem is None else click.style("!!", fg="red")
            click.echo(f"  {mark}  {what}" + (f": {problem}" if problem else ""))
    sys.exit(1 if bad else 0)


def _examine(settings: Config) -> Iterator[tuple[str, str | None]]:
    try:
        config.refuse_half_configured(settings)
        yield "settings", None
    except ConfigurationError as error:
        yield "settings", str(error)
    behind_proxy = (settings.site_url or "").startswith("https:")
    if behind_proxy and not settings.proxy_hops:
        yield "proxy", "PETITION_PROXY_HOPS is 0 behind https: all visitors seem to be one"
    problem = health.problem()
    yield "database", problem
    if problem is None:
        drifted = len(recount.find())
        yield "tallies", f"{drifted} differ; run `petition recount --repair`" if drifted else None
        queue = mails.standing()
        yield f"mail queue ({queue.waiting} waiting)", queue.problem
    if settings.mail_url is None:
        yield "mail server", "PETITION_MAIL_URL is not set"
        return
    server = Smtp(settings.mail_url)
    try:
        server.open()
        yield "mail server", None
    except HandOverFailed as failure:
        yield "mail server", f"{failure.error} ({failure.fault.value})"
    finally:
        server.close()
