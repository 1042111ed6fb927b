"""Gathers the rival claims for a document's fields, and forms the identity of its articles."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from newsarchive.article import Claim, Document, Origin
from newsarchive.cleaner import Cleaned
from newsarchive.hanzi import clean_text
from newsarchive.selection import Probe

TRACKING = re.compile(
    r"^(?:utm_.*|spm|scm|from|isappinstalled|chksm|scene|subscene|sessionid|clicktime|enterid|ascene|devicetype|version|"
    r"nettype|abtest_cookie|lang|pass_ticket|wx_header|exportkey|key|uin|poc_token|sharer_.*|share.*|fbclid|gclid|"
    r"srcid|mpshare|appinstall|tn|wfr|for)$"
)
"""Parameters that tell how a reader came to a page, never which page it is."""
WECHAT_KEYS = ("__biz", "mid", "idx")
"""Parameters of a WeChat address that say which article it is: account, message, position in it."""
FRONT_KEYS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "published": ("date", "published", "pubDate"),
    "publisher": ("publisher", "source", "author"),
    "url": ("url", "link"),
    "outlet": ("outlet",),
    "lang": ("lang", "language"),
}
"""Field → the front matter's keys that claim it, the more telling first."""


def gather_claims(document: Document, found: Sequence[tuple[Probe, str]], cleaned: Cleaned) -> Iterator[Claim]:
    """Give every claim: of the sidecar, the front matter, the markup, the removed lines, the folders above.

    The order within a field is that of the origins, and within one origin that of the document.
    """
    yield from _plain_claims(document.sidecar, "sidecar")
    has_publisher = any(listed(document.front.get(name)) for name in ("publisher", "source"))
    for key, names in FRONT_KEYS.items():
        for name in names:
            if document.front.get(name) is None:
                continue
            told = "author" if name == "author" and has_publisher else key
            for text in listed(document.front.get(name)):
                yield Claim(told, clean_text(text), "front-matter", f"{name}: {text}")
    for probe, value in found:
        yield Claim(probe.field, value, "markup", probe.id)
    yield from cleaned.claims
    yield from _plain_claims(document.defaults, "folder")


def _plain_claims(fields: Mapping[str, object], origin: Origin) -> Iterator[Claim]:
    for key, value in fields.items():
        for text in listed(value):
            yield Claim(key, text, origin, f"{key}: {text}")


def first_claim(claims: Sequence[Claim], name: str, origins: Sequence[Origin]) -> str | None:
    """Give the value of the first claim of a field, by order of origins, then of claims."""
    for origin in origins:
        for claim in claims:
            if claim.field == name and claim.origin == origin:
                return claim.value
    return None


def listed(value: object) -> list[str]:
    """Give a field's value or values as texts; mappings, nothing and empty words give none."""
    values = value if isinstance(value, list | tuple) else [value]
    return [str(entry) for entry in values if isinstance(entry, str | int | float) and str(entry).strip()]


def identify(url: str | None, title: str, path: str, story: int) -> str:
    """Form an article's id: twelve digits of a SHA-256 over its address, title as received and number of the story."""
    key = "\n".join((canonical_address(url), title, str(story))) if url else "\n".join((path, str(story)))
    return hashlib.sha256(key.encode("utf-8")).hexdigest()[:12]


def canonical_address(url: str) -> str:
    """Reduce an address to what says which page it is.

    For WeChat that is account, message and position; elsewhere everything but the parameters that only track.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:  # brackets that hold no address of a machine
        return url.strip()
    if host.endswith("mp.weixin.qq.com"):
        query = _first_values(parts.query)
        if all(key in query for key in WECHAT_KEYS):
            return "weixin:" + ":".join(query[key] for key in WECHAT_KEYS)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = sorted((key, value) for key, value in pairs if not TRACKING.match(key))
    fragment = "" if parts.fragment in ("rd", "wechat_redirect") else parts.fragment
    return f"{host.lower()}{parts.path or '/'}?{urlencode(kept)}#{fragment}"


def _first_values(query: str) -> dict[str, str]:
    """The first value of each parameter that has any."""
    if "%" in query or "+" in query:
        return {key: values[0] for key, values in parse_qs(query).items()}
    pairs = (pair.partition("=") for pair in reversed(query.split("&")))
    return {key: value for key, _, value in pairs if value}
