"""Who is let in: what the environment says, checked before anything is served."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import NamedTuple

from spikedash.params import InputError
from spikedash.web import secret

Network = IPv4Network | IPv6Network
SHORTEST_TOKEN = 16
AUTO = "auto"
HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class Rules(NamedTuple):
    """Who may come, and how they are told apart."""

    host: str = "127.0.0.1"  # the address that is listened on
    token: str = ""  # whoever shows it is let in; "" lets only this machine in; "auto" makes one
    user_header: str = ""  # in which a proxy says who asks
    proxies: tuple[Network, ...] = ()  # whose word about that is taken
    hosts: tuple[str, ...] = ()  # names under which the page is reached, beside those of this machine
    everybody: bool = False  # the override: anybody who reaches it is let in
    one: bool = False  # all browsers are the same person, to whom every run belongs
    https: bool = False  # cookies are sent by https only
    made: bool = False  # the token was made for the store, and so is told at the start


def from_environment(environ: Mapping[str, str], host: str) -> Rules:
    """SPIKEDASH_TOKEN, _USER_HEADER, _PROXIES, _HOSTS, _OPEN, _PEOPLE and _HTTPS.

    Raises:
        InputError: one of them makes no sense, or strangers could come in.
    """
    rules = Rules(
        host=host,
        token=environ.get("SPIKEDASH_TOKEN", "").strip(),
        user_header=environ.get("SPIKEDASH_USER_HEADER", "").strip(),
        proxies=_networks(environ.get("SPIKEDASH_PROXIES", "")),
        hosts=_names(environ.get("SPIKEDASH_HOSTS", "")),
        everybody=_flag(environ, "SPIKEDASH_OPEN"),
        one=_choice(environ, "SPIKEDASH_PEOPLE", {"": False, "each": False, "one": True}),
        https=_flag(environ, "SPIKEDASH_HTTPS"),
    )
    _check(rules)
    return rules


def ready(rules: Rules, folder: Path) -> Rules:
    """The rules with the token that is kept in the store's folder, where it is to be made; InputError if that cannot be."""
    return rules._replace(token=secret.token(folder), made=True) if rules.token == AUTO else rules


def _check(rules: Rules) -> None:
    if rules.token and rules.token != AUTO and (len(rules.token) < SHORTEST_TOKEN or not re.fullmatch(r"[\w.~-]+", rules.token)):
        raise InputError(
            f"SPIKEDASH_TOKEN must have at least {SHORTEST_TOKEN} letters, digits, - or _; or let SPIKEDASH_TOKEN=auto make one."
        )
    if bool(rules.user_header) != bool(rules.proxies):
        raise InputError(
            "SPIKEDASH_USER_HEADER and SPIKEDASH_PROXIES belong together: the header that names the user, and the addresses of "
            "the proxies that may send it, such as SPIKEDASH_PROXIES=127.0.0.1."
        )
    if rules.user_header and not HEADER.fullmatch(rules.user_header):
        raise InputError(f"SPIKEDASH_USER_HEADER is {rules.user_header!r}; it must be the name of a header: X-Remote-User, say.")
    if not loopback(rules.host) and not (rules.token or rules.user_header or rules.everybody):
        raise InputError(
            f"Not serving on {rules.host}, where others could reach it, without a token: set SPIKEDASH_TOKEN=auto to be given a "
            "link, SPIKEDASH_USER_HEADER behind a proxy that knows its users, or SPIKEDASH_OPEN=1 to let everybody in."
        )


def loopback(host: str) -> bool:
    """Whether an address or name means this machine only."""
    found = address(host)
    return found.is_loopback if found else host.lower() == "localhost"


def address(text: str) -> IPv4Address | IPv6Address | None:
    """An IP address, without brackets and as IPv4 where it is one; None for names."""
    try:
        found = ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found


def known_host(rules: Rules, name: str) -> bool:
    """Whether a name in a request's Host header is one of this server's, so that no foreign name can be pointed at it."""
    name = name.lower().removesuffix(".")
    if loopback(name) or name in rules.hosts:
        return True
    if loopback(rules.host):
        return False
    bound, asked = address(rules.host), address(name)
    if asked is not None:  # a number cannot be pointed elsewhere
        return bound is None or bound.is_unspecified or asked == bound
    return name in (rules.host.lower(), socket.gethostname().lower())


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part, strict=False) for part in _parts(text))
    except ValueError:
        raise InputError(
            f"SPIKEDASH_PROXIES is {text!r}; it must be addresses or networks: 127.0.0.1,10.0.0.0/24, say."
        ) from None


def _names(text: str) -> tuple[str, ...]:
    names = tuple(part.lower() for part in _parts(text))
    if odd := next((name for name in names if not NAME.fullmatch(name)), None):
        raise InputError(f"SPIKEDASH_HOSTS has {odd!r}; it must be names without port or slash: lab.example.org, say.")
    return names


def _parts(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _flag(environ: Mapping[str, str], name: str) -> bool:
    return _choice(environ, name, {"": False, "0": False, "1": True})


def _choice(environ: Mapping[str, str], name: str, meanings: Mapping[str, bool]) -> bool:
    given = environ.get(name, "").strip().lower()
    if given not in meanings:
        raise InputError(f"{name} is {given!r}; it must be {' or '.join(word for word in meanings if word)}.")
    return meanings[given]
