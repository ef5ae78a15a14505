"""Whose turn it is: the order in which transactions take what others want too.

Whoever takes several of these takes them in this order, so that nobody waits for each other in a
circle:

1. addresses, by `queue_for` or `place`; several of them sorted by their digests
2. a letter, by `altering.hold`, and those who are asked to sign it first; then a team
3. bursts of a letter, sorted by their kind and their key; a sweep, by `swept.held`; then
   signatures, by `move.locked`; several of them sorted by their ids
4. what stands beside signatures: mails, decisions, reports, verifications, words of the search
5. the tally of their letter, its states sorted and in one statement; then its removals, sorted
6. the list of addresses that get no mail
7. how far the decisions are counted (`Bookmark`); then what is counted by the hour, its keys
   sorted

A transaction may begin anywhere in it, and leave out what it does not touch. SQLite has one
writer at a time, for whom any order does.
"""

from petition.database import Lock, take_in_turn
from petition.extensions import db


def queue_for(digest: bytes) -> None:
    """Let one transaction at a time decide about an address, across all letters.

    So the daily number of mails holds, and "never again" is never overtaken, whatever races.
    """
    take_in_turn(db.session, place(digest))


def place(digest: bytes) -> Lock:
    """An address's place in that queue."""
    return Lock(int.from_bytes(digest[:8], "big", signed=True))
