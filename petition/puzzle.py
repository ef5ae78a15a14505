"""The proof of work that a signer's browser does by itself (https://altcha.org, protocol 2)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Solution:
    """A proof of work that is right, for one letter, and not too old."""

    nonce: bytes
    expires_at: datetime
