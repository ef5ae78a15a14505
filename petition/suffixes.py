"""The public suffix list: names below which strangers have theirs (https://publicsuffix.org)."""

from functools import cache
from importlib import import_module
from typing import Any


def is_icann_suffix(host: str) -> bool:
    """Whether a registry sells domains below this one, as below `com` or `co.uk`.

    Args:
        host: in ASCII (IDNA) and small letters.
    """
    return bool(_suffixes(only_icann=True).is_public(host))


def is_public_suffix(host: str) -> bool:
    """Whether strangers have their sites below this one, as below `co.uk` or `github.io`.

    Args:
        host: in ASCII (IDNA) and small letters.
    """
    return bool(_suffixes(only_icann=False).is_public(host))


def registrable_domain(host: str) -> str:
    """The part of a name that one owner has, with all below it: `news.co.uk` of `a.news.co.uk`.

    A public suffix, which nobody owns in this sense, is returned as it is.

    Args:
        host: in ASCII (IDNA) and small letters.
    """
    return _suffixes(only_icann=False).privatesuffix(host, accept_unknown=True) or host


@cache
def _suffixes(*, only_icann: bool) -> Any:
    # Each takes a megabyte, in each process that asks; most never do.
    known = import_module("publicsuffixlist").PublicSuffixList
    return known(accept_unknown=False, only_icann=only_icann)
