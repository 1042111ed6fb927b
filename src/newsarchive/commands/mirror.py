"""Fetches the pictures that articles use into `media/`, politely, so that builds can show them without the network."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newsarchive import __version__, permalinks
from newsarchive.commands.fetching import Bounds, FetchFault, Received, fetch
from newsarchive.commands.renditions import can_resize, make_renditions
from newsarchive.errors import ManyErrors, NewsArchiveError, OutputError, SettingsError
from newsarchive.gathering import Progress, find_articles, silent
from newsarchive.knowledge import Knowledge
from newsarchive.media import is_whole, remote_addresses
from newsarchive.mirrored import FOLDER, MANIFEST, Copy, Record, manifest_bytes, read_manifest
from newsarchive.pictures import MEDIA_TYPES, Header, read_header
from newsarchive.settings import Settings, find_resource
from newsarchive.yamlfile import read_yaml

HOSTS = "data/picture-hosts.yaml"
"""What hosts want in the Referer header."""
WAYS = ("none", "page", "host")
"""Words for a referrer; anything else is an address."""
STRIKES = 5
"""Times in a row that a host may not answer before it is left for another run."""
SAVE_EVERY = 1.0
"""Seconds after which the manifest is saved again: what a killed run can lose."""
_TRY_AGAIN = {401, 403}
"""Statuses by which hosts refuse a referrer."""
_BUSY = {429, 503}
"""Statuses by which hosts ask to be left alone for a while."""
_DOWN = {"timeout", "unreachable"}


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about it."""

    limit: int | None = None
    """Most pictures asked for; None for all."""
    timeout: float = 30.0
    """Seconds for one picture, all of it."""
    delay: float = 1.0
    """Seconds between the end of one request to a host and the next to the same."""
    retry_failed: bool = False
    """Whether pictures that failed in an earlier run are asked for again."""
    loopback: bool = False
    """Whether hosts on this machine may be asked."""


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """What a run did."""

    wanted: int
    """Addresses of pictures that articles use."""
    fetched: tuple[Record, ...]
    """Those had in this run, in the order in which they came."""
    failed: tuple[Record, ...]
    """Those that could not be had in this run."""
    there: int
    """Those had before."""
    given_up: int
    """Those that failed before and were not asked for again."""
    left: int
    """Those left for another run: beyond the limit, or of a host that did not answer."""
    sized: bool
    """False where Pillow is not installed, so that smaller copies could not be made."""


@dataclass(frozen=True, slots=True)
class Referrers:
    """What hosts want in the Referer header."""

    default: tuple[str, ...]
    hosts: Mapping[str, tuple[str, ...]]

    def ways(self, host: str) -> tuple[str, ...]:
        """Give what to try with a host, in order: of the longest name that it stands under."""
        names = (host.split(".", number)[-1] for number in range(host.count(".") + 1))
        return next((self.hosts[name] for name in names if name in self.hosts), self.default)


def mirror(
    settings: Settings,
    knowledge: Knowledge,
    options: Options,
    progress: Progress = silent,
    clock: Callable[[], datetime] | None = None,
) -> MirrorReport:
    """Fetch what articles use and `media/` lacks; what fails is recorded and stops nothing.

    One host is asked one thing at a time; while one rests, another is asked. `clock` gives the time that is recorded.

    Raises:
        NewsArchiveError: settings, rules, the manifest or the list of hosts are broken, or `media/` cannot be written.
    """
    referrers = read_referrers(settings)
    records = read_manifest(settings.root)
    pages = find_pictures(settings, knowledge, progress)
    known = {url: records[url] for url in pages if url in records}
    there = {url for url, record in known.items() if record.copy and is_whole(settings.root, record.copy)}
    given_up = {url for url, record in known.items() if not record.copy and not options.retry_failed}
    wanted = [url for url in pages if url not in there and url not in given_up]
    with _open_ledger(settings.root, records) as ledger:
        for url in sorted(there):
            _resize_again(ledger, records[url])
        run = _Run(settings, options, referrers, pages, ledger, clock or _clock(settings), progress)
        results = [run.settle(url) for url in run.in_turn(wanted)]
    return MirrorReport(
        wanted=len(pages),
        fetched=tuple(record for record in results if record.copy),
        failed=tuple(record for record in results if not record.copy),
        there=len(there),
        given_up=len(given_up),
        left=len(wanted) - len(results),
        sized=can_resize(),
    )


def find_pictures(settings: Settings, knowledge: Knowledge, progress: Progress = silent) -> dict[str, str]:
    """Find the addresses of all pictures that kept blocks show: address → page of the first article that uses it.

    A page is empty where the article's own address is not known. The order is that of the content files.
    """
    pages: dict[str, str] = {}
    for article in find_articles(settings, knowledge, progress):
        page = article.url if article.url and article.url.startswith(("http://", "https://")) else ""
        for address in remote_addresses(article):
            pages[address] = pages.get(address) or page
    return pages


def read_referrers(settings: Settings) -> Referrers:
    """Read `data/picture-hosts.yaml`, the archive's or the package's.

    Raises:
        SettingsError: it is wrong; several faults come together as `ManyErrors`.
    """
    file = read_yaml(find_resource(settings.root, HOSTS), SettingsError, HOSTS)
    value = file.value if isinstance(file.value, dict) else {}
    faults: list[NewsArchiveError] = []
    remedy = f"write a list of {', '.join(WAYS)} or addresses"
    if not _is_list_of_ways(value.get("default")):
        faults.append(SettingsError(file.where("default"), "`default` names no referrers", remedy))
    hosts = value.get("hosts") or []
    for number, entry in enumerate(hosts if isinstance(hosts, list) else [None]):
        named = isinstance(entry, dict) and isinstance(entry.get("host"), str)
        if not named or not _is_list_of_ways(entry.get("referrer")):
            place = file.where("hosts", number)
            faults.append(SettingsError(place, "is no host with its referrers", f"write `host`; {remedy}"))
    if faults:
        raise ManyErrors(faults) if len(faults) > 1 else faults[0]
    return Referrers(tuple(value["default"]), {each["host"].lower(): tuple(each["referrer"]) for each in hosts})


def _is_list_of_ways(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(way, str) and _is_way(way) for way in value)


def _is_way(way: str) -> bool:
    return way in WAYS or way.startswith(("http://", "https://"))


def _clock(settings: Settings) -> Callable[[], datetime]:
    return lambda: datetime.now(ZoneInfo(settings.zone))


class _Ledger:
    """The manifest while it grows: saved whole, now and then, so that a run can be broken off at any time."""

    def __init__(self, root: Path, records: dict[str, Record]) -> None:
        self.folder = root / FOLDER
        self.path = root / MANIFEST
        self.records = records
        self.saved = monotonic()
        self.dirty = False
        self.resized: dict[str, tuple[Copy, ...]] = {}

    def add(self, record: Record) -> None:
        self.records[record.url] = record
        self.dirty = True
        if monotonic() - self.saved >= SAVE_EVERY:
            self.save()

    def save(self) -> None:
        if self.dirty:
            _write(self.path, manifest_bytes(self.records.values()))
        self.saved, self.dirty = monotonic(), False

    def store(self, data: bytes) -> Copy:
        """Keep a picture under its hash."""
        header = read_header(data) or Header("png", None, None)
        digest = sha256(data).hexdigest()
        name = permalinks.media_file(digest, header.kind).rpartition("/")[2]
        copy = Copy(name, digest, MEDIA_TYPES[header.kind], len(data), header.width, header.height)
        if not is_whole(self.folder.parent, copy):
            _write(self.folder / name, data)
        return copy

    def resize(self, data: bytes) -> tuple[Copy, ...] | None:
        """Keep the smaller copies of a picture, made once however many addresses it has; None without Pillow."""
        digest = sha256(data).hexdigest()
        if digest not in self.resized and can_resize():
            self.resized[digest] = tuple(map(self.store, make_renditions(data)))
        return self.resized.get(digest)


@contextmanager
def _open_ledger(root: Path, records: dict[str, Record]) -> Iterator[_Ledger]:
    """Give the manifest to be added to; it is saved at the end, also of a run that is interrupted."""
    ledger = _Ledger(root, records)
    try:
        yield ledger
    finally:
        ledger.save()


def _write(path: Path, data: bytes) -> None:
    """Write a file as a whole: whoever reads it finds the old one or the new one."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as fault:
        raise OutputError(str(path), fault.strerror or str(fault), "make room, or the folder writable") from fault


def _resize_again(ledger: _Ledger, record: Record) -> None:
    """Make the smaller copies of a picture that was fetched without Pillow, or whose copies are gone."""
    root = ledger.folder.parent
    if record.copy is None or record.animated or not can_resize():
        return
    if record.renditions is None or not all(is_whole(root, each) for each in record.renditions):
        ledger.add(replace(record, renditions=ledger.resize((ledger.folder / record.copy.file).read_bytes())))


@dataclass(slots=True)
class _Run:
    """One run: what it needs to know, and the hosts that did not answer."""

    settings: Settings
    options: Options
    referrers: Referrers
    pages: Mapping[str, str]
    ledger: _Ledger
    clock: Callable[[], datetime]
    progress: Progress

    def in_turn(self, wanted: Sequence[str]) -> Iterator[str]:
        """Give the addresses host by host in turn, each when its host has rested; a host that is down is left."""
        queues: dict[str, deque[str]] = {}
        for url in wanted:
            queues.setdefault(urlsplit(url).hostname or "", deque()).append(url)
        rested = dict.fromkeys(queues, 0.0)
        strikes: Counter[str] = Counter()
        total = min(len(wanted), self.options.limit or len(wanted))
        done = 0
        while queues and done < total:
            host = min(queues, key=lambda name: rested[name])
            sleep(max(rested[host] - monotonic(), 0))
            url = queues[host].popleft()
            self.progress("fetching pictures", done, total)
            yield url
            done += 1
            rested[host] = monotonic() + self.options.delay
            record = self.ledger.records[url]
            strikes[host] = strikes[host] + 1 if record.reason in _DOWN else 0
            if not queues[host] or strikes[host] >= STRIKES or record.code in _BUSY:
                del queues[host]

    def settle(self, url: str) -> Record:
        """Ask for one picture, and record what became of it."""
        try:
            record = self._kept(url, self._asked(url))
        except FetchFault as fault:
            record = Record(url, "failed", self._now(), reason=fault.reason, code=fault.code)
        self.ledger.add(record)
        return record

    def _asked(self, url: str) -> Received:
        """Ask with one referrer after the other while the host refuses."""
        agent = f"newsarchive/{__version__}" + (f" (+{self.settings.base_url})" if self.settings.base_url else "")
        bounds = Bounds(self.options.timeout, self.settings.limits.file_bytes, self.options.loopback)
        refusal = FetchFault("unreachable")
        for number, referrer in enumerate(self._ways(url)):
            sleep(self.options.delay if number else 0)
            try:
                return fetch(url, referrer, agent, bounds)
            except FetchFault as fault:
                if fault.code not in _TRY_AGAIN and fault.reason != "not-a-picture":
                    raise
                refusal = fault
        raise refusal

    def _ways(self, url: str) -> Iterable[str]:
        """Referrers to try, each once; none where the article's page is not known."""
        parts = urlsplit(url)
        known = {"none": "", "page": self.pages[url], "host": f"{parts.scheme}://{parts.netloc}/"}
        return dict.fromkeys(known.get(way, way) for way in self.referrers.ways((parts.hostname or "").lower()))

    def _kept(self, url: str, received: Received) -> Record:
        copy = self.ledger.store(received.data)
        renditions = () if received.header.animated else self.ledger.resize(received.data)
        return Record(
            url, "fetched", self._now(), copy, received.header.animated, received.declared, renditions
        )  # fmt: skip

    def _now(self) -> str:
        return self.clock().isoformat(timespec="seconds")
