"""A letter as a file: YAML front matter, then Markdown."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NoReturn

import yaml
from babel import Locale, UnknownLocaleError

from petition.exceptions import LetterFileError
from petition.models.letter import (
    PARTY_LENGTH,
    SLUG_LENGTH,
    TITLE_LENGTH,
    Moderation,
)
from petition.text import tidy

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KNOWN = ("title", "slug", "language", "to", "from", "goal", "opens", "closes", "moderation")
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


def parse(content: str) -> LetterFile:
    """Read a letter file.

    Raises:
        LetterFileError: with the line, and what to do about it.
    """
    front, markdown, body_line = _split(content.replace("\r\n", "\n").removeprefix("\ufeff"))
    fields = _Fields(front)
    opens, closes = fields.moment("opens"), fields.moment("closes")
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
    )


def _split(content: str) -> tuple[str, str, int]:
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
        self._values: dict[str, Any] = {}
        self._lines: dict[str, int] = {}
        self._read(front)
        for key in self._lines:
            if key not in _KNOWN:
                self.fail(key, f"is not known here; known are {', '.join(_KNOWN)}")
        for key in _REQUIRED:
            if self._values.get(key) in (None, ""):
                self.fail(key, "is missing")

    def _read(self, front: str) -> None:
        try:
            node = yaml.compose(front, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 2 if error.problem_mark else 2
            raise LetterFileError(line, f"not YAML: {error.problem}") from None
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            raise LetterFileError(2, "the front matter must be lines of `name: value`")
        loader = yaml.SafeLoader("")
        for key, value in node.value:
            name = str(key.value)
            if name in self._lines:
                raise LetterFileError(key.start_mark.line + 2, f"{name} stands here a second time")
            self._lines[name] = key.start_mark.line + 2
            try:
                self._values[name] = loader.construct_object(value, deep=True)
            except (yaml.YAMLError, ValueError) as error:
                self.fail(name, f"cannot be read: {error}")

    def fail(self, key: str, problem: str) -> NoReturn:
        raise LetterFileError(self._lines.get(key, 1), f"{key} {problem}")

    def line(self, key: str, length: int) -> str:
        value = tidy(str(self._values[key]))
        if not value:
            self.fail(key, "is empty")
        if len(value) > length:
            self.fail(key, f"has {len(value)} characters; at most {length} fit")
        return value

    def slug(self) -> str:
        value = str(self._values["slug"])
        if not _SLUG.fullmatch(value) or len(value) > SLUG_LENGTH:
            self.fail(
                "slug",
                "may have small letters a-z, digits and single hyphens, "
                f"and at most {SLUG_LENGTH} characters",
            )
        return value

    def language(self) -> str:
        value = str(self._values["language"])
        try:
            return str(Locale.parse(value, sep="-")).replace("_", "-")
        except (UnknownLocaleError, ValueError):
            self.fail("language", "must be a language tag such as en, fr or pt-BR")

    def goal(self) -> int | None:
        value = self._values.get("goal")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
            self.fail("goal", "must be a whole number above 0")
        return value

    def moment(self, key: str) -> datetime | None:
        """A moment; without a zone it is UTC, a bare date is its first moment."""
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        if not isinstance(value, date):
            self.fail(key, "must be a date such as 2026-09-01 or 2026-09-01T08:00:00Z")
        return datetime(value.year, value.month, value.day, tzinfo=UTC)

    def moderation(self) -> Moderation:
        value = self._values.get("moderation", Moderation.AFTER.value)
        if value not in set(Moderation):
            self.fail("moderation", "must be after or before")
        return Moderation(value)
