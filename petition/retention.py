"""How long what is kept is kept: the terms that are the same on every site."""

from datetime import timedelta

UNCONFIRMED = timedelta(days=30)
"""What was typed and never confirmed."""
