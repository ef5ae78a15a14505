"""Everything held about a signer, in plain names and values, for them to take along.

Of other people nothing is in it: not who decided or was asked to, who reported or who verified.
What is computed from it, so that it can be found or counted, is left out.

What organizers wrote for each other, their notes and how they made sure who somebody is, is about
the signer too, and theirs to ask for (GDPR, article 15). It is not handed out by itself: it may
speak of others, whose rights it must not harm (article 15 (4)), and somebody has to read it for
that first. The file says where to ask for it, and says so to everybody: from whether there are
notes nobody learns that they are being looked at.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from petition import address, config, links, reasons
from petition.clock import now
from petition.public import OwnSignature, PublicLetter
from petition.queries.holdings import Holdings
from petition.queries.signatures import SignatureInContext


def plain(
    found: SignatureInContext, own: OwnSignature, letter: PublicLetter, held: Holdings
) -> dict[str, Any]:
    """All of it; times in UTC (ISO 8601).

    Args:
        own: the signature as its signer sees it, whose state is the one that is told.
    """
    decisions = list(_decisions(found, held))
    return {
        "made_at": _moment(now()),
        "site": links.site(),
        "letter": {
            "title": letter.title,
            "address": letter.url,
            "revision_signed": letter.revision,
            "sha256_of_its_text": letter.sha256,
        },
        "signature": _signature(found, own, _published(decisions)),
        "agreements": [
            {
                "to": each.purpose,
                "given": each.given,
                "at": _moment(each.at),
                "revision": each.revision,
            }
            for each in own.agreements
        ],
        "decisions": decisions,
        "mails": [
            {
                "kind": each.kind,
                "written_at": _moment(each.created_at),
                "sent_at": _moment(each.sent_at),
                "state": each.delivery,
            }
            for each in held.mails
        ],
        "noticed": held.noticed,
        "reports": [
            {"at": _moment(each.created_at)} for each in held.reports if each.cause != "appeal"
        ],
        "appeals": [
            {
                "at": _moment(each.created_at),
                "words": each.words,
                "settled_at": _moment(each.settled_at),
                "answer": each.answer,
            }
            for each in held.reports
            if each.cause == "appeal"
        ],
        "on_request": {
            "what": [
                "what the team behind the letter has noted about the signature, if anything",
                "how they made sure who you are, if they did",
            ],
            "of": letter.responsible,
            "at": letter.contact or config.current().sender,
        },
        "verifications": [
            {"at": _moment(each.created_at), "ended_at": _moment(each.ended_at)}
            for each in held.verifications
        ],
        "asked_to_sign_first": _asked(held),
    }


def _published(decisions: list[dict[str, Any]]) -> str | None:
    """When it was last said to be published."""
    said = [each["at"] for each in decisions if each["to"] == "published" != each["from"]]
    return said[-1] if said else None


def _signature(
    found: SignatureInContext, own: OwnSignature, published_at: str | None
) -> dict[str, Any]:
    row = found.signature
    return {
        "number": row.id,
        "state": own.state,
        "name": row.name,
        "role": row.role,
        "affiliation": row.affiliation,
        "location": row.location,
        "country": row.country,
        "comment": row.comment,
        "answers": [{"question": each.question, "answer": each.words} for each in own.answers],
        "name_shown": row.show_name,
        "initials_only": row.initials,
        "updates": row.updates,
        "may_be_handed_to_the_addressee": row.pass_on,
        "email": row.email,
        "digest_of_the_email_kept": not address.is_nobodys(row.digest),
        "digest_of_the_network_kept": row.network is not None,
        "proof_of_work": row.solved,
        "came_from": row.source,
        "language": row.language,
        "times_signed": row.requests,
        "consented_at": _moment(row.consented_at),
        "created_at": _moment(row.created_at),
        "confirmed_at": _moment(row.confirmed_at),
        "published_at": published_at or _moment(row.published_at),
        "rejected_for": row.removed_for,
        "rejected_at": _moment(row.removed_at),
        "verified_at": _moment(row.verified_at),
        "place_among_the_first": row.position,
        "invented": row.invented,
    }


def _decisions(found: SignatureInContext, held: Holdings) -> Iterator[dict[str, Any]]:
    """What happened to it, as it was told then: to be set aside is, in these words, to stand."""
    after = "pending"
    for each in held.decisions:
        before = after if each.from_state == "quarantined" else each.from_state
        after = each.told or each.to_state
        if before == after and not each.before:
            continue
        yield {
            "from": before,
            "to": after,
            "by": each.actor,
            "reason": each.reason,
            "reason_in_words": each.reason and _public(each.reason, found, held),
            "at": _moment(each.created_at),
            "words_before": each.before,
        }


def _public(reason: str, found: SignatureInContext, held: Holdings) -> str:
    return reasons.wording(reason, held.reasons, found.signature.language)


def _asked(held: Holdings) -> dict[str, Any] | None:
    person = held.asked_first
    if person is None:
        return None
    return {
        "name": person.name,
        "title": person.title,
        "affiliation": person.affiliation,
        "email": person.email,
        "written_down_at": _moment(person.created_at),
        "invited_at": _moment(person.invited_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
