"""Doing. One file a verb; each function is one transaction."""
