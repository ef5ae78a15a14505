"""A letter as a file: YAML front matter, then Markdown.

Every value is one plain piece of text, taken as it stands there: what YAML makes of `0123` (83)
or of `no` (false) is not what the writer means. A bare date in `opens` is the first moment of
that day, in `closes` the last, in UTC.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

import yaml
from babel import Locale, UnknownLocaleError

from petition.exceptions import LetterFileError
from petition.models.letter import (
    MOST_WATCHED,
    PARTY_LENGTH,
    SLUG_LENGTH,
    TITLE_LENGTH,
    Moderation,
)
from petition.models.signature import NAME_LENGTH, NOT_CHOSEN, Signal
from petition.text import has_web_address, tidy

LARGEST = 256 * 1024
"""Characters of the longest letter file; also its bytes, where it is read."""

# Tabs and line breaks apart; a database does not take the first of them. What turns the direction
# of text around is one too: it shows other words than stand there.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_UNSET = {"", "~", "null"}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KNOWN = (
    "title",
    "slug",
    "language",
    "to",
    "from",
    "goal",
    "opens",
    "closes",
    "moderation",
    "hold",
    "watch",
    "indexed",
)
_HOLDS = {signal.code: signal for signal in Signal if not signal & NOT_CHOSEN}
_REQUIRED = ("title", "slug", "language", "to", "from")


@dataclass(frozen=True)
class LetterFile:
    """What a letter file says."""

    title: str
    slug: str
    language: str
    to: str
    sender: str
    goal: int | None
    opens: datetime | None
    closes: datetime | None
    moderation: Moderation
    markdown: str
    indexed: bool | None = None
    """Nothing, where the file does not say."""
    hold: int | None = None
    """Signals that hold a signature, added up; nothing, where the file does not say."""
    watch: tuple[str, ...] | None = None
    """Names that are held until somebody has made sure; nothing, where the file does not say."""


def parse(content: str) -> LetterFile:
    """Read a letter file.

    Raises:
        LetterFileError: with the line, and what to do about it.
    """
    front, markdown, body_line = _split(content.replace("\r\n", "\n").removeprefix("\ufeff"))
    fields = _Fields(front)
    opens = fields.moment("opens")
    closes = fields.moment("closes", bare=timedelta(days=1))
    if opens and closes and closes <= opens:
        fields.fail("closes", "must be later than opens")
    if not markdown:
        raise LetterFileError(body_line, "the letter has no text; write it below the second ---")
    return LetterFile(
        title=fields.line("title", TITLE_LENGTH),
        slug=fields.slug(),
        language=fields.language(),
        to=fields.line("to", PARTY_LENGTH),
        sender=fields.line("from", PARTY_LENGTH),
        goal=fields.goal(),
        opens=opens,
        closes=closes,
        moderation=fields.moderation(),
        markdown=markdown,
        indexed=fields.yes_or_no("indexed"),
        hold=fields.hold(),
        watch=fields.watch(),
    )


def _split(content: str) -> tuple[str, str, int]:
    if len(content) > LARGEST:
        raise LetterFileError(1, f"the file is too large; at most {LARGEST} characters fit")
    if control := _CONTROL.search(content):
        number = content.count("\n", 0, control.start()) + 1
        raise LetterFileError(number, f"the control character {control[0]!r} cannot stand here")
    lines = content.split("\n")
    if lines[0].rstrip() != "---":
        raise LetterFileError(1, "the file must begin with a line of three dashes: ---")
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]).strip(), number + 2
    raise LetterFileError(len(lines), "the front matter does not end; close it with a line of ---")


class _Fields:
    """The front matter, with the line of every key."""

    def __init__(self, front: str) -> None:
        self._values: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        try:
            self._read(front)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 2 if error.problem_mark else 2
            raise LetterFileError(line, f"not YAML: {error.problem}") from None
        except yaml.reader.ReaderError as error:
            line = front.count("\n", 0, error.position) + 2
            raise LetterFileError(line, f"not YAML: {error.reason}") from None
        except yaml.YAMLError:
            raise LetterFileError(2, "not YAML") from None
        for key in self._lines:
            if key not in _KNOWN:
                self.fail(key, f"is not known here; known are {', '.join(_KNOWN)}")
        for key in _REQUIRED:
            if not self._values.get(key):
                self.fail(key, "is missing")

    def _read(self, front: str) -> None:
        """Take keys and values as the parser meets them, so that no depth and no alias unfolds."""
        key: str | None = None
        inside = False
        for event in yaml.parse(front, Loader=yaml.SafeLoader):
            line = event.start_mark.line + 2 if event.start_mark else 2
            if isinstance(event, yaml.MappingStartEvent) and not inside:
                inside = True
            elif isinstance(event, yaml.ScalarEvent) and inside and event.tag is None:
                if key is not None:
                    self._values[key], key = event.value, None
                    continue
                key = event.value
                if key in self._lines:
                    raise LetterFileError(line, f"{key} stands here a second time")
                self._lines[key] = line
            elif isinstance(event, yaml.NodeEvent):
                if key is not None:
                    self.fail(key, "must be one plain value, without a list, a tag or an alias")
                raise LetterFileError(line, "the front matter must be lines of `name: value`")
            elif isinstance(event, yaml.DocumentStartEvent) and inside:
                raise LetterFileError(line, "the front matter must be one YAML document")

    def fail(self, key: str, problem: str) -> NoReturn:
        raise LetterFileError(self._lines.get(key, 1), f"{key} {problem}")

    def line(self, key: str, length: int) -> str:
        value = tidy(self._values[key])
        if not value:
            self.fail(key, "is empty")
        if len(value) > length:
            self.fail(key, f"has {len(value)} characters; at most {length} fit")
        if has_web_address(value):
            self.fail(key, "must be without a web address: it goes into mails to strangers")
        return value

    def slug(self) -> str:
        value = self._values["slug"]
        if not _SLUG.fullmatch(value) or len(value) > SLUG_LENGTH:
            self.fail(
                "slug",
                "may have small letters a-z, digits and single hyphens, "
                f"and at most {SLUG_LENGTH} characters",
            )
        return value

    def language(self) -> str:
        value = self._values["language"]
        try:
            return str(Locale.parse(value, sep="-")).replace("_", "-")
        except (UnknownLocaleError, ValueError):
            self.fail("language", "must be a language tag such as en, fr or pt-BR")

    def _optional(self, key: str) -> str | None:
        value = self._values.get(key, "")
        return None if value in _UNSET else value

    def goal(self) -> int | None:
        value = self._optional("goal")
        if value is None:
            return None
        if not re.fullmatch(r"[0-9]{1,10}", value) or not 0 < int(value) < 2**31:
            self.fail("goal", "must be a whole number above 0")
        return int(value)

    def moment(self, key: str, *, bare: timedelta = timedelta()) -> datetime | None:
        """A moment; without a zone it is UTC, a bare date is its first moment and `bare` later."""
        value = self._optional(key)
        if value is None:
            return None
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                day = date.fromisoformat(value)
                return datetime(day.year, day.month, day.day, tzinfo=UTC) + bare
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(key, "must be a date such as 2026-09-01 or 2026-09-01T08:00:00Z")

    def moderation(self) -> Moderation:
        value = self._values.get("moderation", Moderation.AFTER.value)
        if value not in set(Moderation):
            self.fail("moderation", "must be after or before")
        return Moderation(value)

    def hold(self) -> int | None:
        value = self._optional("hold")
        if value is None:
            return None
        words = [word.strip() for word in value.split(",")]
        if not set(words) <= set(_HOLDS):
            self.fail("hold", f"may have, with commas between, {', '.join(_HOLDS)}")
        return sum(_HOLDS[word] for word in set(words))

    def watch(self) -> tuple[str, ...] | None:
        value = self._optional("watch")
        if value is None:
            return None
        names = tuple(dict.fromkeys(name for each in value.split(";") if (name := tidy(each))))
        if len(names) > MOST_WATCHED or max(map(len, names), default=0) > NAME_LENGTH:
            self.fail(
                "watch",
                f"may have at most {MOST_WATCHED} names, with semicolons between, "
                f"each of at most {NAME_LENGTH} characters",
            )
        return names

    def yes_or_no(self, key: str) -> bool | None:
        value = self._optional(key)
        if value is None:
            return None
        if value not in {"true", "false"}:
            self.fail(key, "must be true or false")
        return value == "true"
