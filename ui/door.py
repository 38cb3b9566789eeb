"""Which calls come in: by the name they call the server by, and whom they come from.

A page of another site can be made to call this machine by a name of that site (DNS
rebinding): only the names of the :class:`Door` are answered. What a proxy says of its client
is believed only of the proxies of the settings; of others it is taken out of the call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from index.types import CorpusError
from rag.config import Settings

Networks = tuple[IPv4Network | IPv6Network, ...]

LOOPBACK: Networks = (ip_network("127.0.0.0/8"), ip_network("::1"))
IPV6_NETWORK_BITS = 64  # one household has as many addresses as it likes
WILDCARDS = ("", "0.0.0.0", "::")  # compared with, not listened on
FORWARDED = (
    *("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port"),
    *("x-forwarded-prefix", "x-forwarded-proto", "x-real-ip"),
)


@dataclass(frozen=True, slots=True)
class Client:
    """Whom a call comes from, as far as can be believed.

    ``address`` is empty for a Unix socket; ``here``: from this machine, through no proxy;
    ``https``: the browser speaks TLS; ``proxied``: what a trusted proxy says may be believed.
    """

    address: str
    here: bool
    https: bool
    proxied: bool


@dataclass(frozen=True)
class Door:
    """What ``settings`` say of it: ``hosts`` are names, without a port, in small letters."""

    hosts: frozenset[str] = frozenset()
    any_host: bool = False
    any_address: bool = False  # listening on all of them, any may be how a browser calls it
    proxies: Networks = LOOPBACK
    metrics_from: Networks = ()
    auth_header: str = ""

    def refuses_host(self, headers: Headers) -> str:
        """Return the name that a call may not call the server by, quoted; else nothing."""
        for header in ("host", "x-forwarded-host"):
            for given in headers.getlist(header):
                if not self._knows(host_in(given)):
                    return repr(given[:100])
        return "" if "host" in headers else "no name"

    def _knows(self, host: str) -> bool:
        if self.any_host or host in self.hosts or host == "localhost":
            return True
        if host.endswith(".localhost"):  # resolves to this machine and nowhere else, RFC 6761
            return True
        address = _address(host)  # an address cannot be rebound
        return address is not None and (address.is_loopback or self.any_address)

    def may_read_metrics(self, client: Client) -> bool:
        """Return whether ``/metrics`` is for this client."""
        return client.here or within(client.address, self.metrics_from)


ANYWHERE = Door(any_host=True)


def door_of(settings: Settings) -> Door:
    """Return the door of the settings. Raises :class:`CorpusError` for what is no network."""
    hosts = [host_in(host) for host in listed(settings.allowed_hosts)]
    return Door(
        hosts=frozenset([*hosts, settings.host.lower()]),
        any_host="*" in hosts,
        any_address=settings.host in WILDCARDS,
        proxies=networks("WENBAO_TRUSTED_PROXIES", settings.trusted_proxies),
        metrics_from=networks("WENBAO_METRICS_FROM", settings.metrics_from),
        auth_header=(settings.auth_header or "").lower(),
    )


def host_in(header: str) -> str:
    """Return the name of a ``Host`` header, without its port, brackets and closing dot."""
    host = header.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    if host.count(":") == 1:
        host = host.partition(":")[0]
    return host.removesuffix(".")


def listed(setting: str) -> list[str]:
    """Return the values of a setting with commas between."""
    return [value.strip() for value in setting.split(",") if value.strip()]


def networks(variable: str, setting: str) -> Networks:
    """Return the networks of a setting. Raises :class:`CorpusError` that names the variable."""
    try:
        return tuple(ip_network(value, strict=False) for value in listed(setting))
    except ValueError as error:
        raise CorpusError(
            f"{variable}={setting!r}: {error}; give addresses (10.0.0.5) or networks "
            "(10.0.0.0/8), with commas between"
        ) from None


def within(address: str, of: Networks) -> bool:
    """Return whether an address lies in one of the networks; what is no address does not."""
    found = _address(address)
    if found is None:
        return False
    return any(found.version == network.version and found in network for network in of)


def is_local(peer: str) -> bool:
    """Return whether a peer is this machine, by its own address or a Unix socket."""
    return _address(peer) is None or within(peer, LOOPBACK)


def network_of(address: str) -> str:
    """Return what one client has: of IPv6 its /64, of which it can take any address.

    What is no address, such as that of a Unix socket, stays as it is.
    """
    found = _address(address)
    if found is None:
        return address
    if found.version == 6:
        return str(ip_network((found, IPV6_NETWORK_BITS), strict=False))
    return str(found)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, one of IPv4 that is written as IPv6 as what it is; else None."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def came_in(scope: Scope, door: Door) -> tuple[Scope, Client]:
    """Return a call as it is to be seen, and whom it comes from.

    Its ``client`` and ``scheme`` are those that a trusted proxy tells, the last address that
    is not a trusted proxy's own, without the port that some write; where that is no address it
    is the proxy's. What others say of proxies, and who they say that has logged in there, is
    taken out.
    """
    peer = (scope.get("client") or ("", 0))[0]
    headers = Headers(scope=scope)
    told = [name for name in FORWARDED if name in headers]
    if not within(peer, door.proxies):
        names = {name.encode() for name in (*FORWARDED, door.auth_header)}
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in names]
        here = is_local(peer) and not told
        client = Client(peer, here, scope["scheme"] == "https", proxied=False)
        return {**scope, "headers": kept}, client
    hops = map(host_in, reversed(listed(",".join(headers.getlist("x-forwarded-for")))))
    address = next((hop for hop in hops if not within(hop, door.proxies)), peer)
    address = peer if _address(address) is None else address
    proto = headers.get("x-forwarded-proto", scope["scheme"]).partition(",")[0].strip().lower()
    scheme = "https" if proto in ("https", "wss") else "http"
    here = within(peer, LOOPBACK) and not told
    client = Client(address, here, scheme == "https", proxied=True)
    return {**scope, "client": (address, 0), "scheme": scheme}, client


# Before it is opened


def is_open(settings: Settings) -> bool:
    """Return whether other machines can reach the port."""
    host = settings.host.lower()
    return host != "localhost" and not within(host, LOOPBACK)


def has_login(settings: Settings) -> bool:
    """Return whether somebody has to log in, here or at a proxy."""
    return bool(settings.users or settings.auth_header)


def warnings_of(settings: Settings) -> Sequence[str]:
    """Return what whoever starts the server ought to know, a line each.

    Raises :class:`CorpusError` where anybody could change the corpus, and nothing says that
    this is meant.
    """
    if not is_open(settings) or has_login(settings):
        return ()
    close = "set WENBAO_USERS (docs/deployment.md), or listen on 127.0.0.1 behind a proxy"
    if settings.uploads and not settings.open_uploads:
        raise CorpusError(
            f"on {settings.host} with WENBAO_UPLOADS and without a login anybody could change the "
            f"corpus: {close}; if that is meant, set WENBAO_OPEN_UPLOADS=1"
        )
    can = "ask, read and change" if settings.uploads else "ask and read"
    return (
        f"open to every machine that reaches {settings.host} port {settings.port}, without a "
        f"login: anybody can {can} everything; to close it, {close}",
    )
