"""What makes a long list of names easy to look through."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import BigKey, Model
from petition.models.signature import AFFILIATION_LENGTH


class NameWord(Model):
    """A word of a name or affiliation, folded, and whose it is; or the domain of their address.

    A word of somebody who is not public has a sign before it, and a domain has another: whoever
    looks for public names asks for neither.
    """

    __tablename__ = "name_word"
    # It is its own index, and nothing else.
    __table_args__ = ({"sqlite_with_rowid": False},)

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    # By its bytes, so that all words with one beginning stand beside each other.
    word: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"), primary_key=True
    )
    signature_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("signature.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Grouping(StrEnum):
    """By what public names are grouped."""

    AFFILIATION = "affiliation"
    COUNTRY = "country"


class NameGroup(Model):
    """How many public names share an affiliation or a country, as last counted."""

    __tablename__ = "name_group"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    grouping: Mapped[str] = mapped_column(String(12), primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The affiliation's, as it stands with its signatures; a country's letters as a number."""
    label: Mapped[str] = mapped_column(String(AFFILIATION_LENGTH))
    """The spelling that most use; of a country, its two letters."""
    number: Mapped[int]
