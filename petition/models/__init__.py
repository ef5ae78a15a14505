"""The tables. Importing this package makes all of them known to the metadata."""

from petition.models.base import Model
from petition.models.letter import Letter, Life, Moderation, Revision
from petition.models.mail import Delivery, Kind, OutgoingMail
from petition.models.signature import (
    Actor,
    Counts,
    Decision,
    Reason,
    Signature,
    State,
    Suppression,
    Tally,
)
from petition.models.team import Membership, Organizer, Role, SignInLink, Team

__all__ = [
    "Actor",
    "Counts",
    "Decision",
    "Delivery",
    "Kind",
    "Letter",
    "Life",
    "Membership",
    "Model",
    "Moderation",
    "Organizer",
    "OutgoingMail",
    "Reason",
    "Revision",
    "Role",
    "SignInLink",
    "Signature",
    "State",
    "Suppression",
    "Tally",
    "Team",
]
