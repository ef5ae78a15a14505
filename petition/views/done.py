"""Telling on the next page what was done on this one, and how to take it back."""

from typing import Any

from flask import Flask, session


def register(app: Flask) -> None:
    """Let the panel's pages say what was just done."""
    app.add_template_global(_told, "just_told")


def tell(words: str, undo: str = "", label: str = "", **fields: Any) -> None:
    """Say what was done; a button that takes it back posts these fields to an address."""
    session["done"] = {"words": words, "undo": undo, "label": label, "fields": fields}


def _told() -> dict[str, Any] | None:
    told: dict[str, Any] | None = session.pop("done", None)
    return told
