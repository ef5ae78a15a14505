"""Block and allow lists, and what guards a letter for a while."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import format_decimal, gettext, ngettext
from flask_login import current_user, login_required

from petition.actions import networks, roles, rules
from petition.actions.roles import Role
from petition.actions.rules import Owner, Rule, Wanted
from petition.exceptions import RuleInvalid, RuleTooLong, RuleTooWide, TooManyRules
from petition.forms.rules import PauseForm, RuleForm
from petition.queries import bursts, switches, teams
from petition.queries import rules as known
from petition.queries.letters import OwnLetter
from petition.queries.rules import Entries, Target, Tried
from petition.views import answers, done, queues
from petition.views.own_letter import own_letter

bp = Blueprint("rules", __name__, url_prefix="/organize")


@dataclass(frozen=True)
class _List:
    """A list, and the page that it stands on."""

    owner: Owner
    role: str
    template: str
    entries: Callable[[], Entries]
    address: str
    crowds: Callable[[set[str]], dict[str, int]]
    """Of networks known by their fingerprints: how many signatures a burst from there had."""
    context: dict[str, Any] = field(default_factory=dict)

    def tried(self, target: Target) -> list[Tried]:
        """What an entry would be about, letter by letter."""
        one = self.owner.letter
        letters = [one] if one is not None else known.letters_of(self.owner.team_id)
        return [known.tried(letter, target) for letter in letters]

    def named(self, values: Iterable[str]) -> Callable[[str], str]:
        """How networks are called of which nothing but a fingerprint is known."""
        crowds = self.crowds({each for each in values if known.is_fingerprint(each)})

        def name(value: str) -> str:
            if value not in crowds:
                return str(gettext("the network of a signature, told by its fingerprint"))
            said = ngettext(
                "the network of a burst, %(shown)s signature in an hour",
                "the network of a burst, %(shown)s signatures in an hour",
                crowds[value],
                shown=format_decimal(crowds[value]),
            )
            return str(said)

        return name


@bp.get("/letters/<slug:slug>/rules")
@login_required
def of_letter(slug: str) -> Response:
    """The lists of a letter, and its switches."""
    return _page(_letters(own_letter(slug)), _begun())


@bp.post("/letters/<slug:slug>/rules")
@login_required
def add_to_letter(slug: str) -> Response:
    """Try an entry on the letter's signatures; with the second press, put it on its list."""
    return _add(_letters(own_letter(slug)))


@bp.post("/letters/<slug:slug>/rules/<number:rule_id>/end")
@login_required
def end_of_letter(slug: str, rule_id: int) -> Response:
    """End an entry of a letter's list."""
    return _end(_letters(own_letter(slug)), rule_id)


@bp.get("/teams/<number:team_id>/rules")
@login_required
def of_team(team_id: int) -> Response:
    """The lists for all letters of a team."""
    return _page(_teams(team_id), _begun())


@bp.post("/teams/<number:team_id>/rules")
@login_required
def add_to_team(team_id: int) -> Response:
    """Try an entry on the signatures of the team's letters; then put it on its list."""
    return _add(_teams(team_id))


@bp.post("/teams/<number:team_id>/rules/<number:rule_id>/end")
@login_required
def end_of_team(team_id: int, rule_id: int) -> Response:
    """End an entry of a team's list."""
    return _end(_teams(team_id), rule_id)


def _letters(own: OwnLetter, pause: PauseForm | None = None) -> _List:
    letter = own.letter
    return _List(
        Owner(letter.team_id, letter),
        own.role,
        "rules/letter.html",
        lambda: known.of_letter(letter.id),
        url_for("rules.of_letter", slug=letter.slug),
        lambda values: bursts.numbers(letter.id, values),
        {
            **queues.frame(own, "rules.of_letter"),
            "team": own.team,
            "team_id": letter.team_id,
            "on": {each.switch.value: each for each in switches.on(letter)},
            "pause": pause or PauseForm(formdata=None, sentence=letter.paused_words),
        },
    )


def _teams(team_id: int) -> _List:
    own = teams.own(current_user.organizer_id, team_id)
    return _List(
        Owner(team_id),
        own.role,
        "rules/team.html",
        lambda: known.of_team(team_id),
        url_for("rules.of_team", team_id=team_id),
        lambda _: {},
        {"team": own.team},
    )


def _begun() -> RuleForm:
    """A form in which stands what a link has brought."""
    value = request.args.get("value", "")
    shortest = {"lasts": "day"} if known.is_fingerprint(value) else {}  # it is not told for longer
    return RuleForm(formdata=None, data={"value": value, **shortest})


def with_pause(own: OwnLetter, form: PauseForm) -> Response:
    """The page of a letter with a sentence that does not fit (422)."""
    return _page(_letters(own, form), RuleForm(formdata=None), 422)


def _page(listed: _List, form: RuleForm, status: int = 200) -> Response:
    entries = listed.entries()
    shown = [each.rule.value for each in (*entries.holding, *entries.over)]
    return answers.page(
        listed.template,
        status=status,
        form=form,
        entries=entries,
        network=listed.named([*shown, form.value.data or ""]),
        is_fingerprint=known.is_fingerprint,
        may_change=roles.may(listed.role, listed.owner.least),
        may_decide=roles.may(listed.role, Role.MODERATOR),
        **listed.context,
    )


def _add(listed: _List) -> Response:
    roles.must(listed.role, listed.owner.least)
    form = RuleForm()
    try:
        if form.validate():
            return _tried_or_added(listed, form)
    except RuleTooWide:
        form.value.errors = [
            gettext(
                "That would be about strangers. Name one domain, or a network no wider than /24 "
                "(of IPv6: /56)."
            )
        ]
    except RuleInvalid:
        form.value.errors = [
            gettext(
                "Write an e-mail address, a domain such as example.org, all below one as "
                "*.example.org, or a network such as 192.0.2.0/24."
            )
        ]
    except RuleTooLong:
        form.lasts.errors = [
            gettext("This fingerprint of a network can be told for a day only. Choose a day.")
        ]
    except TooManyRules:
        form.value.errors = [gettext("The list is full. End what is not needed any more.")]
    return _page(listed, form, 422)


def _tried_or_added(listed: _List, form: RuleForm) -> Response:
    target = known.understood(form.value.data)
    wanted = Wanted(form.chosen, target, form.reason.data, form.holds_for)
    rules.must_be_tellable(wanted)
    if not form.tried.data:
        return _trial(listed, form, target)
    rule = rules.add(listed.owner, listed.role, current_user.organizer_id, wanted)
    done.tell(_said(listed, rule), undo=f"{listed.address}/{rule.id}/end", label=gettext("Undo"))
    return answers.see(listed.address)


def _said(listed: _List, rule: Rule) -> str:
    value = _value(listed, rule)
    if rule.effect == "block":
        return str(gettext("Blocked from now on: %(value)s.", value=value))
    return str(gettext("Allowed from now on: %(value)s.", value=value))


def _value(listed: _List, rule: Rule) -> str:
    if known.is_fingerprint(rule.value):
        return listed.named([rule.value])(rule.value)
    return rule.value


def _trial(listed: _List, form: RuleForm, target: Target) -> Response:
    letter = listed.owner.letter
    same = known.by_the_same(listed.owner.team_id, letter.id if letter else None, target)
    return answers.page(
        "rules/tried.html",
        form=form,
        target=target,
        network=listed.named([target.value]),
        same=same,
        lasts=form.lasts_in_words,
        tried=[each for each in listed.tried(target) if each.numbers],
        most=known.MOST,
        looked_at=known.LOOKED_AT,
        letters=known.LETTERS,
        days=networks.SALTS_KEPT.days,
        address=listed.address,
        of_team=listed.owner.letter is None,
        **listed.context,
    )


def _end(listed: _List, rule_id: int) -> Response:
    if request.form.get("again") == "yes":
        return _hold_again(listed, rule_id)
    rule = rules.end(listed.owner, listed.role, current_user.organizer_id, rule_id)
    done.tell(
        gettext("It holds no more: %(value)s. What it did stays.", value=_value(listed, rule)),
        undo=f"{listed.address}/{rule.id}/end",
        label=gettext("Undo"),
        again="yes",
    )
    return answers.see(listed.address)


def _hold_again(listed: _List, rule_id: int) -> Response:
    try:
        rule = rules.hold_again(listed.owner, listed.role, current_user.organizer_id, rule_id)
    except TooManyRules:
        done.tell(gettext("The list is full. End what is not needed any more."))
    else:
        done.tell(_said(listed, rule))
    return answers.see(listed.address)
