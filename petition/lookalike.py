"""Names that look the same, and what in a name looks wrong (Unicode Technical Standard #39)."""

import hashlib
import unicodedata


def skeleton(name: str) -> int:
    """The same number for all names that look the same: 64 bits, signed."""
    seen = unicodedata.normalize("NFKC", name).casefold()
    whole = hashlib.blake2b(seen.encode(), digest_size=8).digest()
    return int.from_bytes(whole, "big", signed=True)
