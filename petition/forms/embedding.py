"""What is to stand on another site, and what is said of other sites."""

from collections.abc import Iterable

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation

from petition import colours, sites
from petition.exceptions import SiteCutShort, SiteInvalid, SiteTooWide
from petition.forms.fields import AtMost, lines, one_line
from petition.forms.panel import PanelForm
from petition.languages import autonym
from petition.models import Framing, SiteStanding

_LONGEST = 1_500
"""Characters of the addresses that are typed at once, and of the names in them: those go along with
the way back, in a cookie."""
MOST_AT_ONCE = 20
"""Sites; what was done with each is said on the next page."""

_NO_SITE = lazy_gettext("Write the name of a site, such as news.example.")


def _choices(choices: dict[str, object]) -> list[SelectChoice]:
    return [SelectChoice(value, words) for value, words in choices.items()]


_KINDS: dict[str, object] = {
    "element": lazy_gettext("element, kept up to date by a script"),
    "frame": lazy_gettext("frame, without a script"),
    "badge": lazy_gettext("badge, a small picture"),
    "link": lazy_gettext("plain link"),
    "oembed": lazy_gettext("WordPress, Discourse (oEmbed)"),
    "count": lazy_gettext("numbers for a program"),
    "shields": lazy_gettext("numbers for shields.io"),
    "feed": lazy_gettext("news of the letter (Atom)"),
}
_VIEWS: dict[str, object] = {
    "card": lazy_gettext("card with title and names"),
    "progress": lazy_gettext("count and progress"),
    "count": lazy_gettext("count alone"),
    "form": lazy_gettext("form to sign on the spot"),
}
_THEMES: dict[str, object] = {
    "auto": lazy_gettext("follows the reader’s setting"),
    "light": lazy_gettext("light"),
    "dark": lazy_gettext("dark"),
}
_SIZES: dict[str, object] = {"small": lazy_gettext("small"), "large": lazy_gettext("large")}
_STYLES: dict[str, object] = {
    "flat": lazy_gettext("round corners"),
    "flat-square": lazy_gettext("square corners"),
}
_GROUNDS = {"light": colours.LIGHT, "dark": colours.DARK}


class ChoiceForm(FlaskForm):
    """What is to stand on another site. It changes nothing, and carries no token."""

    class Meta:
        csrf = False

    kind = SelectField(lazy_gettext("What"), choices=_choices(_KINDS))
    view = SelectField(lazy_gettext("What it shows"), choices=_choices(_VIEWS))
    lang = SelectField(lazy_gettext("Language"))
    theme = SelectField(lazy_gettext("Background"), choices=_choices(_THEMES))
    accent = StringField(lazy_gettext("Colour of buttons and progress"), filters=[one_line])
    size = SelectField(lazy_gettext("Size"), choices=_choices(_SIZES))
    style = SelectField(lazy_gettext("Shape"), choices=_choices(_STYLES))

    def __init__(self, languages: Iterable[str], **kwargs: object) -> None:
        """Take what an address says; what it does not know of is left as it usually is.

        Args:
            languages: of the letter, its own first.
        """
        super().__init__(**kwargs)
        _settle(self.kind)
        own, *others = languages
        if self.kind.data == "element":  # nothing else knows the page
            first, named = gettext("as the page around it"), [own, *others]
        else:
            first, named = autonym(own), others
        self.lang.choices = _choices({"": first} | {tag: autonym(tag) for tag in named})
        for field in self:
            if isinstance(field, SelectField):
                _settle(field)

    def validate_accent(self, field: Field) -> None:
        """Refuse a colour in which nobody could read, and keep one that was understood."""
        if not field.data:
            return
        colour = colours.understood(field.data)
        if colour is None:
            raise StopValidation(gettext("Write a colour in six digits, such as #1d4f91."))
        if not self._can_be_read(colour):
            raise StopValidation(self._advice(colour))
        field.data = f"#{colour}"

    def _can_be_read(self, colour: str) -> bool:
        grounds = colours.grounds(colour)
        return (
            _GROUNDS[self.theme.data] in grounds if self.theme.data in _GROUNDS else bool(grounds)
        )

    def _advice(self, colour: str) -> str:
        ground = _GROUNDS.get(self.theme.data)
        if ground is None:
            return str(
                gettext(
                    "It cannot be read on light or dark backgrounds. Take a darker or lighter one."
                )
            )
        told = {"ratio": f"{colours.contrast(colour, ground):.1f}", "least": colours.ENOUGH}
        if ground == colours.LIGHT:
            words = gettext(
                "Too pale on a light background: its contrast is %(ratio)s, and %(least)s is "
                "needed. Take a darker one.",
                **told,
            )
        else:
            words = gettext(
                "Too dark on a dark background: its contrast is %(ratio)s, and %(least)s is "
                "needed. Take a lighter one.",
                **told,
            )
        return str(words)

    def unusual(self, name: str) -> str | None:
        """What was chosen in a field, if it is not what is usual."""
        field = self[name]
        chosen: str = field.data
        return None if chosen == field.choices[0].value else chosen

    @property
    def colour(self) -> str | None:
        """The colour that was chosen, if it can be used: `1d4f91`."""
        return None if self.accent.errors else colours.understood(self.accent.data or "")

    @property
    def ground_without(self) -> str | None:
        """The ground on which the colour cannot be read, so that ours stands in its place."""
        if self.colour is None or self.theme.data in _GROUNDS:
            return None
        able = colours.grounds(self.colour)
        return next((name for name, ground in _GROUNDS.items() if ground not in able), None)

    @property
    def asked(self) -> dict[str, str]:
        """What was chosen, as an address says it."""
        return {field.name: field.data for field in self if field.data and not field.errors}


def _settle(field: SelectField) -> None:
    values = [choice.value for choice in field.choices]
    field.data = field.data if field.data in values else values[0]


class FramingForm(PanelForm):
    """On which sites a letter can be signed."""

    framing = RadioField(
        lazy_gettext("On which sites can people sign?"),
        choices=[
            SelectChoice(Framing.ANYWHERE.value, lazy_gettext("on all that show the form")),
            SelectChoice(Framing.LISTED.value, lazy_gettext("only on those that you list")),
        ],
        validators=[DataRequired(lazy_gettext("Choose where people can sign."))],
    )

    @property
    def chosen(self) -> Framing:
        """Where it can be signed."""
        return Framing(self.framing.data)


class SiteForm(PanelForm):
    """What is said of a site, or of several."""

    site = TextAreaField(
        lazy_gettext("Sites"),
        filters=[lines],
        validators=[AtMost(_LONGEST), DataRequired(_NO_SITE)],
    )
    standing = SelectField(
        lazy_gettext("What applies there"),
        choices=[
            SelectChoice(SiteStanding.LISTED.value, lazy_gettext("people can sign there")),
            SelectChoice(SiteStanding.BLOCKED.value, lazy_gettext("blocked, only a link")),
        ],
    )
    names: list[str]
    """The sites, understood."""

    def validate_site(self, field: Field) -> None:
        """Understand all of them, and keep them understood; or refuse all for the first that is
        wrong."""
        typed = sites.apart(field.data)
        if not typed:
            raise StopValidation(_NO_SITE)
        if len(typed) > MOST_AT_ONCE:
            raise StopValidation(gettext("Write at most %(most)s at once.", most=MOST_AT_ONCE))
        found: dict[str, None] = {}
        for each in typed:
            try:
                found[self._understood(each)] = None
            except StopValidation as wrong:
                if len(typed) == 1:
                    raise
                raise StopValidation(
                    gettext("“%(site)s”: %(advice)s", site=each, advice=str(wrong))
                ) from None
        if len(" ".join(found)) > _LONGEST:
            raise StopValidation(gettext("These are long names: write fewer of them at once."))
        self.names = list(found)

    def _understood(self, typed: str) -> str:
        try:
            name = sites.understood(typed)
        except SiteCutShort:
            advice = gettext("Write the whole name, such as news.example.")
        except SiteTooWide:
            advice = gettext("That would be about the sites of strangers. Name one of them.")
        except SiteInvalid:
            advice = gettext("Write the name of a site as in its address, such as news.example.")
        else:
            advice = self._of_our_own(name)
        if advice:
            raise StopValidation(advice)
        return name

    def _of_our_own(self, name: str) -> str:
        """What to do instead, where it would be about this site."""
        blocked = self.standing.data == SiteStanding.BLOCKED
        if blocked and sites.is_own(name):
            words = gettext("That is this site. To stop signing here, pause or close the letter.")
        elif sites.is_own(name):
            words = gettext("That is this site, where people can sign in any case.")
        elif blocked and sites.covers(name, sites.own()):
            words = gettext("This site is a part of it. Name the others there that you mean.")
        else:
            words = ""
        return str(words)

    @property
    def chosen(self) -> SiteStanding:
        """What applies there."""
        return SiteStanding(self.standing.data)
