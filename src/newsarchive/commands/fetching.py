"""Asks one host for one picture, within bounds of time, size and place.

Nothing that an article names is trusted: an address may lead into a private network, an answer may be
endless, compressed a thousandfold, or something else than it says.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Timer
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from newsarchive.mirrored import web_address
from newsarchive.pictures import MEDIA_TYPES, Header, is_whole, kind_of, read_header

REDIRECTS = 5
"""How often one address may be sent on."""
PIXELS = 80_000_000
"""Largest picture that is kept, width times height: what a browser shows without harm."""
ACCEPT = "image/webp,image/png,image/jpeg,image/gif;q=0.9,image/*;q=0.1"
"""What is asked for: types that every browser shows."""
_CHUNK = 65_536
_MOVED = {301, 302, 303, 307, 308}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SAFE = "/%:=&?~+!$,;'@()*[]|"
"""Characters that an address keeps; others, Chinese ones among them, are percent-encoded."""
_FAULTS = (OSError, http.client.HTTPException, zlib.error)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one picture may take."""

    seconds: float
    """For the whole of it, redirects included."""
    bytes: int
    """Of the picture, unpacked."""
    loopback: bool = False
    """Whether this machine itself may be asked; other private networks never are."""


@dataclass(frozen=True, slots=True)
class Received:
    """A picture as received."""

    data: bytes
    header: Header
    declared: str | None
    """Media type that the host told, where the bytes are another."""


class FetchFault(Exception):
    """A picture was not had."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        """Keep one of `mirrored.REASONS`, and the status that the host answered where that is it."""
        self.reason = reason
        self.code = code
        super().__init__(f"{reason} {code or ''}".strip())


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, whoever answers."""

    headers: dict[str, str]
    bounds: Bounds
    deadline: float


def fetch(url: str, referrer: str, agent: str, bounds: Bounds) -> Received:
    """Ask for a picture, following where it was moved to; `referrer` and `agent` are sent, an empty one is not.

    Raises:
        FetchFault: it was not had; the reason is told.
    """
    headers = {"User-Agent": agent, "Accept": ACCEPT, "Accept-Encoding": "identity", "Connection": "close"}
    question = _Question(
        headers | ({"Referer": _encoded(referrer)} if referrer else {}), bounds, monotonic() + bounds.seconds
    )
    seen: set[str] = set()
    while url not in seen and len(seen) <= REDIRECTS:
        seen.add(url)
        answer = _ask(url, question)
        if isinstance(answer, Received):
            return answer
        url = answer
    raise FetchFault("redirects")


def _ask(url: str, question: _Question) -> Received | str:
    """Give the picture, or the address that it was moved to."""
    try:
        with _asked(_parts(url), question) as response:
            if response.status in _MOVED and response.getheader("Location"):
                return _moved(url, str(response.getheader("Location")))
            if response.status != http.client.OK:
                raise FetchFault("status", response.status)
            return _received(response, _body(response, question))
    except _FAULTS as fault:
        if monotonic() >= question.deadline or isinstance(fault, TimeoutError):
            raise FetchFault("timeout") from fault
        raise FetchFault("cut-off" if isinstance(fault, _BROKEN) else "unreachable") from fault


_BROKEN = (http.client.HTTPException, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, zlib.error)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(_encoded(url))
        host = (parts.hostname or "").encode("idna").decode("ascii")
        _ = parts.port
    except ValueError:
        raise FetchFault("address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchFault("address")
    return parts


def _encoded(url: str) -> str:
    """Write an address in ASCII without white space or control characters."""
    parts = urlsplit(re.sub(r"[\x00-\x20\x7f]+", "%20", url.strip()))
    host = parts.netloc.rpartition("@")[2]
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise FetchFault("address") from None
    path, query = (quote(text, safe=_SAFE) for text in (parts.path or "/", parts.query))
    return parts._replace(netloc=name, path=path, query=query, fragment="").geturl()


def _moved(url: str, location: str) -> str:
    try:
        target = web_address(urljoin(url, location.encode("latin-1").decode("utf-8", "replace")))
    except ValueError:
        target = ""
    if not target:
        raise FetchFault("address")
    return target


@contextmanager
def _asked(parts: SplitResult, question: _Question) -> Iterator[http.client.HTTPResponse]:
    """Connect, ask, and give the answer's head; whatever the host does, all is over at the deadline."""
    sock = _connected(parts, question)
    # The socket's own time-out begins anew with every byte, so that a host could drip them for hours.
    watch = Timer(max(question.deadline - monotonic(), 0), lambda: _shut(sock))
    watch.daemon = True
    watch.start()
    connection = http.client.HTTPConnection(str(parts.hostname))
    connection.sock = sock
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Host": parts.netloc, **question.headers})
        with connection.getresponse() as response:
            yield response
    finally:
        watch.cancel()
        connection.close()


def _shut(sock: socket.socket) -> None:
    """Wake whoever waits for the socket; of an encrypted one it is the socket below that is shut."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


def _connected(parts: SplitResult, question: _Question) -> socket.socket:
    """Connect to an address that was checked, not to a name that could lead elsewhere a moment later."""
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    seconds = question.deadline - monotonic()
    if seconds <= 0:
        raise FetchFault("timeout")
    addresses = _resolved(host, port)
    if not all(_may_ask(address, loopback=question.bounds.loopback) for address in addresses):
        raise FetchFault("refused")
    sock = socket.create_connection((str(addresses[0]), port), seconds)
    if parts.scheme == "http":
        return sock
    try:
        return _tls().wrap_socket(sock, server_hostname=host)
    except OSError:
        sock.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _resolved(host: str, port: int) -> list[Address]:
    """Addresses of a host, IPv4 first: many machines have no way to the others."""
    found = {ipaddress.ip_address(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not found:
        raise FetchFault("unreachable")
    return sorted(found, key=lambda address: (address.version, int(address)))


def _may_ask(address: Address, *, loopback: bool) -> bool:
    """Tell whether an address is one of the internet, also where it hides one of another kind."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return _may_ask(inner, loopback=loopback)
    return (address.is_global and not address.is_multicast) or (loopback and address.is_loopback)


def _body(response: http.client.HTTPResponse, question: _Question) -> bytes:
    """Read a body that is a picture; one that is none is not read to its end."""
    most = question.bounds.bytes
    length = response.getheader("Content-Length", "")
    if length.isdecimal() and int(length) > most:
        raise FetchFault("too-large")
    packed = response.getheader("Content-Encoding", "identity").lower() in ("gzip", "x-gzip", "deflate")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed else None
    data = bytearray()
    received = 0
    while chunk := response.read(_CHUNK):
        received += len(chunk)
        data += unpack.decompress(chunk, most + 1 - len(data)) if unpack else chunk
        if len(data) > most or received > most:
            raise FetchFault("too-large")
        if len(data) >= 16 and kind_of(bytes(data[:16])) is None:
            raise FetchFault("not-a-picture")
    if monotonic() >= question.deadline:  # the watch ends what it interrupts without a fault
        raise FetchFault("timeout")
    told = length.isdecimal() or response.chunked
    if (length.isdecimal() and received < int(length)) or not (told or is_whole(bytes(data))):
        raise FetchFault("cut-off")
    return bytes(data)


def _received(response: http.client.HTTPResponse, data: bytes) -> Received:
    header = read_header(data)
    if header is None or header.width is None or header.height is None:
        raise FetchFault("not-a-picture")
    if header.width * header.height > PIXELS:
        raise FetchFault("too-large")
    said = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
    told = said.replace("image/jpg", "image/jpeg")
    return Received(data, header, said[:100] or None if told != MEDIA_TYPES[header.kind] else None)
