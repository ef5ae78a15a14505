"""Structured logs without personal data.

An event has a name and numbers. Of an exception, only its kind and the places it passed are
written: its message may quote what somebody typed.
"""

import sys
import traceback

import structlog
from structlog.typing import EventDict, WrappedLogger


def configure() -> None:
    """Write one JSON object a line to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _places_only,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _places_only(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        if error is not None:
            frames = traceback.extract_tb(error.__traceback__)[-12:]
            event["kind"] = type(error).__name__
            event["where"] = [f"{f.filename}:{f.lineno} {f.name}" for f in frames]
    return event
