"""The tables. Importing this package makes all of them known to the metadata."""

from petition.models.account import Errand, Method, OrganizerSession, Passkey, SignIn
from petition.models.asking import Asked, Asking, Demand, Question, Shape
from petition.models.base import Model
from petition.models.card import Card
from petition.models.guard import AllowedNetwork, DailySalt, UsedPuzzle
from petition.models.letter import (
    Change,
    Draft,
    FormerSlug,
    Letter,
    Life,
    Listing,
    Moderation,
    Outcome,
    Revision,
)
from petition.models.listing import Grouping, NameGroup, NameWord
from petition.models.mail import Delivery, Kind, OutgoingMail
from petition.models.paper import PaperBatch
from petition.models.signatory import Signatory
from petition.models.signature import (
    STANDING,
    Actor,
    Cause,
    Consent,
    Counts,
    Decision,
    Reason,
    Report,
    Signal,
    Signature,
    State,
    Suppression,
    Tally,
    Verification,
    is_held,
)
from petition.models.team import Invitation, Membership, Organizer, Role, Team

__all__ = [
    "STANDING",
    "Actor",
    "AllowedNetwork",
    "Asked",
    "Asking",
    "Card",
    "Cause",
    "Change",
    "Consent",
    "Counts",
    "DailySalt",
    "Decision",
    "Delivery",
    "Demand",
    "Draft",
    "Errand",
    "FormerSlug",
    "Grouping",
    "Invitation",
    "Kind",
    "Letter",
    "Life",
    "Listing",
    "Membership",
    "Method",
    "Model",
    "Moderation",
    "NameGroup",
    "NameWord",
    "Organizer",
    "OrganizerSession",
    "Outcome",
    "OutgoingMail",
    "PaperBatch",
    "Passkey",
    "Question",
    "Reason",
    "Report",
    "Revision",
    "Role",
    "Shape",
    "SignIn",
    "Signal",
    "Signatory",
    "Signature",
    "State",
    "Suppression",
    "Tally",
    "Team",
    "UsedPuzzle",
    "Verification",
    "is_held",
]
