"""Slips of a finger in the domain of an e-mail address, and which domain was perhaps meant."""

from functools import lru_cache

_BY_USE = """
    gmail.com yahoo.com hotmail.com outlook.com icloud.com aol.com live.com msn.com me.com
    googlemail.com ymail.com rocketmail.com mail.com email.com gmx.com gmx.net
    proton.me protonmail.com protonmail.ch fastmail.com tutanota.com tuta.io zoho.com
    comcast.net verizon.net sbcglobal.net bellsouth.net
    hotmail.co.uk yahoo.co.uk live.co.uk btinternet.com virginmedia.com talktalk.net
    bigpond.com yahoo.ca hotmail.ca rogers.com sympatico.ca xtra.co.nz yahoo.co.in rediffmail.com
    gmx.de web.de t-online.de freenet.de posteo.de posteo.net mailbox.org arcor.de mail.de 1und1.de
    hotmail.de yahoo.de outlook.de live.de gmx.at gmx.ch bluewin.ch chello.at aon.at hispeed.ch
    orange.fr free.fr wanadoo.fr laposte.net sfr.fr neuf.fr bbox.fr hotmail.fr yahoo.fr outlook.fr
    live.fr gmx.fr skynet.be telenet.be hotmail.be
    maktoob.com hotmail.com.eg yahoo.com.eg emirates.net.ae link.net menara.ma topnet.tn
    yahoo.es hotmail.es yahoo.it hotmail.it libero.it mail.ru yandex.ru
"""
KNOWN = tuple(_BY_USE.split())
"""Domains that are right as they stand, and those that may be meant; the more common first."""

_SHORT, _LONG = 3, 5
"""Characters before the first dot from which one slip is forgiven, and from which two are."""


def meant(typed: str) -> str | None:
    """The address that somebody perhaps meant, whose domain is one or two slips from a known one.

    None, where its domain is known, or like none of them.
    """
    local, _, domain = typed.strip().rpartition("@")
    near = _nearest(domain.lower())
    return f"{local}@{near}" if local and near else None


@lru_cache(maxsize=1024)
def _nearest(domain: str) -> str | None:
    if domain in KNOWN:
        return None
    near = [each for each in KNOWN if _like(domain, each)]
    return min(near, key=lambda each: distance(domain, each), default=None)


def _like(domain: str, known: str) -> bool:
    label = known.index(".")
    forgiven = (label >= _SHORT) + (label >= _LONG)
    return abs(len(domain) - len(known)) <= forgiven and distance(domain, known) <= forgiven


def distance(one: str, other: str) -> int:
    """How many slips lie between two words.

    A letter too many, one missing, a wrong one, or two neighbours swapped: the distance known as
    "optimal string alignment".
    """
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            least = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != wanted))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], wanted):
                least = min(least, rows[-2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]
