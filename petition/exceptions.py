"""What can go wrong, in the domain's words. `views/errors.py` gives each its HTTP face."""


class PetitionError(Exception):
    """Everything this application raises on purpose."""


class ConfigurationError(PetitionError):
    """The settings do not let us start. The message is one clear line for the operator."""


class NotFound(PetitionError):
    """There is no such thing, or it is not for this reader; the two are not told apart."""


class Moved(NotFound):
    """The letter has another slug now."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class Withdrawn(PetitionError):
    """The letter was taken from view by its team, who say why."""

    def __init__(self, titles: dict[str, str], reason: str, language: str) -> None:
        super().__init__("withdrawn from view")
        self.titles = titles
        """By the languages in which it could be read, its own first."""
        self.reason = reason
        self.language = language
        """Its own, in which the reason is written."""

    def read_in(self, wanted: str | None) -> str:
        """The language that is asked for, if it could be read in it, and else the first."""
        asked = (each for each in self.titles if each.lower() == (wanted or "").lower())
        return next(asked, next(iter(self.titles)))


class Forbidden(PetitionError):
    """The organizer is known and may look, but may not do this."""


class LetterClosed(PetitionError):
    """The letter takes no signatures any more."""


class LetterPaused(PetitionError):
    """The letter takes no signatures for a while."""


class NotFramedHere(PetitionError):
    """The letter is not signed in a frame on the site that asks."""


class NotOpenYet(PetitionError):
    """The letter does not take signatures yet, and is not public."""


class Overtaken(PetitionError):
    """A colleague has changed it since it was shown."""


class PromiseBroken(PetitionError):
    """Something would be shown that signers were promised would not be."""

    def __init__(self, what: set[str]) -> None:
        super().__init__(", ".join(sorted(what)))
        self.what = what
        """The names of what would be shown."""


class OtherLife(PetitionError):
    """The letter does not stand where this could be done: it has opened or closed meanwhile."""


class HasSignatures(PetitionError):
    """A letter that somebody signed is never deleted."""


class TooOften(PetitionError):
    """One network address asked more often than a person would."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} seconds")
        self.retry_after = retry_after
        """Whole seconds until another try is worth it."""


class LinkBroken(PetitionError):
    """The token of a mailed link was not made by us, or lost a part on its way."""


class LinkExpired(PetitionError):
    """The token was ours, and is too old."""

    def __init__(self, subject: int) -> None:
        super().__init__("expired")
        self.subject = subject
        """The id the token was made for; the signature on it was good."""


class LinkUsed(PetitionError):
    """A link that works once has worked."""


class OtherBrowser(PetitionError):
    """The link is good, but another browser asked for it. Nothing is spent."""


class PasskeyRefused(PetitionError):
    """A passkey is unknown, is not meant for us, or answers a challenge that was not ours."""


class PasskeyMissing(PetitionError):
    """Who asks others for a passkey has none: it would lock everybody out."""


class PasskeyNeeded(PetitionError):
    """The last passkey of somebody whose team asks for one stays."""

    def __init__(self, team: str) -> None:
        super().__init__("a team asks for it")
        self.team = team


class AddressTaken(PetitionError):
    """Another account has this address."""


class NameTaken(PetitionError):
    """Another team has this name."""


class AlreadyMember(PetitionError):
    """The address belongs to somebody who is in the team."""


class LastOwner(PetitionError):
    """A team would be left without an owner."""


class LastReason(PetitionError):
    """A team would be left without a reason to reject for."""


class CodeWrong(PetitionError):
    """The typed code does not fit, or was tried too often; which, is not told."""


class WordsChanged(PetitionError):
    """The code is right, but the signature was typed anew since its mail left."""

    def __init__(self, signature_id: int) -> None:
        super().__init__("typed anew")
        self.signature_id = signature_id


class ChangedTooOften(PetitionError):
    """A signer has changed what they agree to so often that nothing more is written down."""


class NoMoreAppeals(PetitionError):
    """What a signer wrote who was rejected waits to be read, or they have written often enough."""


class DecisionConflict(PetitionError):
    """Somebody else decided first: the signature is no longer in the state that was shown."""


class NotVerified(PetitionError):
    """A notable name is not published before somebody has noted how they made sure of it."""


class TextChanged(PetitionError):
    """A colleague saved or published meanwhile: the text is no longer what was shown."""


class SlugTaken(PetitionError):
    """Another letter has this slug, or had it once."""


class NotPublishable(PetitionError):
    """A text that cannot be published as it stands."""


class LetterFileError(PetitionError):
    """A letter file cannot be published."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.problem = problem
        self.line = line
        """Counted from 1, of the whole file."""


class AddressInvalid(PetitionError):
    """What was typed is not an e-mail address we can write to."""


class AddressOfAnother(PetitionError):
    """An address that is not the one a signature was made with."""


class PuzzleWrong(PetitionError):
    """A proof of work is forged, too old, or of another letter."""


class PuzzleUsed(PuzzleWrong):
    """A proof of work has been taken before."""


class PuzzleMissing(PuzzleWrong):
    """The letter takes no form without proof of work at the moment, and none came."""


class RuleInvalid(PetitionError):
    """What was typed is nothing that a rule can go by."""


class RuleTooWide(RuleInvalid):
    """A rule would be about strangers: a network too wide, or a domain below which all are."""


class RuleTooLong(PetitionError):
    """A rule would last for longer than what it goes by can be told."""


class TooManyRules(PetitionError):
    """A list has as many entries in force as it may."""


class NetworkInvalid(PetitionError):
    """What was typed is no network address and no network, or a network too wide."""


class FilterInvalid(PetitionError):
    """What is looked for among signatures cannot be understood."""

    def __init__(self, what: set[str]) -> None:
        super().__init__(", ".join(sorted(what)))
        self.what = what
        """What of it, by the names in the address."""


class SiteInvalid(PetitionError):
    """What was typed is not the name of a web site."""


class SiteTooWide(SiteInvalid):
    """What was typed is about the sites of strangers: a domain below which all are."""


class SiteCutShort(SiteInvalid):
    """What was typed is one word, of whose domain the rest is missing."""


class TooManySites(PetitionError):
    """The lists of sites of a letter are full."""
