"""The mirror against a real server on this machine, which does everything that hosts of pictures do."""

import _socket
import contextlib
import gzip
import io
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from conftest import PROJECT
from factory import STORY, make_folder, tree
from newsarchive.article import Image as Shown
from newsarchive.cli import main
from newsarchive.commands import mirror as module
from newsarchive.commands.fetching import Bounds, FetchFault, fetch
from newsarchive.commands.mirror import Options, mirror, read_referrers
from newsarchive.commands.renditions import make_renditions
from newsarchive.errors import ManyErrors, SettingsError
from newsarchive.mirrored import manifest_bytes, read_manifest, shown_address
from newsarchive.pictures import read_header
from newsarchive.pipeline import build, read_knowledge
from newsarchive.settings import load_settings

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
QUICK = Options(timeout=2.0, delay=0.0, loopback=True)


def picture(size=(1000, 500), kind="JPEG", seed=1, **options):
    """A picture with something to see: flat ones are smaller than any copy."""
    noise = random.Random(seed)  # noqa: S311
    tile = Image.frombytes("RGB", (40, 20), noise.randbytes(40 * 20 * 3))
    data = io.BytesIO()
    tile.resize(size).save(data, kind, **options)
    return data.getvalue()


def moving():
    data = io.BytesIO()
    frames = [Image.new("RGB", (600, 40), (60 * number, 20, 90)) for number in range(3)]
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=90)
    return data.getvalue()


JPEG, PNG = picture(), picture((300, 200), "PNG", seed=2)
BOMB = gzip.compress(PNG + bytes(30_000_000), 1)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


class Handler(BaseHTTPRequestHandler):
    """Answers each path in a way of its own, and notes what was asked."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Referer"), self.headers["User-Agent"]))
        getattr(self, "answer_" + self.path.strip("/").partition(".")[0].partition("/")[0].replace("-", "_"))()

    def send(self, data, kind="image/jpeg", status=200, **headers):
        self.send_response(status)
        for name, value in {"Content_Type": kind, "Content_Length": str(len(data)), **headers}.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def answer_photo(self):
        self.send(JPEG)

    def answer_drawing(self):
        self.send(PNG, "image/png")

    def answer_lying(self):
        self.send(PNG, "text/html; charset=utf-8")

    def answer_film(self):
        self.send(moving(), "image/gif")

    def answer_guarded(self):
        fits = (self.headers.get("Referer") or "").startswith("https://example.org/news/")
        self.send(JPEG if fits else b"hot-linking", status=200 if fits else 403)

    def answer_shy(self):
        self.send(b"no referrer, please" if self.headers.get("Referer") else JPEG)

    def answer_vector(self):
        self.send(SVG, "image/svg+xml")

    def answer_page(self):
        self.send(b"<!DOCTYPE html><title>moved</title>" * 10, "image/jpeg")

    def answer_missing(self):
        self.send(b"", status=404)

    def answer_forbidden(self):
        self.send(b"", status=403)

    def answer_broken(self):
        self.send(b"", status=500)

    def answer_busy(self):
        self.send(b"", status=429)

    def answer_torn(self):
        self.send(JPEG[: len(JPEG) // 2], Content_Length=str(len(JPEG)))
        self.close_connection = True

    def answer_endless(self):
        self.send(JPEG[: len(JPEG) // 2], Content_Length=None)
        self.close_connection = True

    def answer_unsized(self):
        self.send(JPEG, Content_Length=None)
        self.close_connection = True

    def answer_circle(self):
        self.send(b"", status=302, Location="/circle/b" if self.path == "/circle/a" else "/circle/a")

    def answer_chain(self):
        number = int(self.path.rpartition("/")[2])
        self.send(b"", status=301, Location=f"/chain/{number + 1}")

    def answer_moved(self):
        self.send(b"", status=301, Location="/photo.jpg?from=moved")

    def answer_elsewhere(self):
        self.send(b"", status=302, Location="file:///etc/passwd")

    def answer_inside(self):
        self.send(b"", status=302, Location="http://10.0.0.1/photo.jpg")

    def answer_huge(self):
        self.send(JPEG, Content_Length=str(10**12))

    def answer_flood(self):
        self.send(JPEG, Content_Length=None)
        for _ in range(400):
            self.wfile.write(bytes(100_000))

    def answer_bomb(self):
        self.send(BOMB, Content_Encoding="gzip")

    def answer_packed(self):
        self.send(gzip.compress(PNG), "image/png", Content_Encoding="gzip")

    def answer_wide(self):
        self.send(picture((60, 30), "PNG")[:16] + (30_000).to_bytes(4, "big") * 2 + PNG[24:], "image/png")

    def answer_drip(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(JPEG)))
        self.end_headers()
        for byte in JPEG:
            if self.server.closing.wait(0.02):
                return
            self.wfile.write(bytes([byte]))

    def answer_mute(self):
        self.server.closing.wait(20)

    def handle(self):
        with contextlib.suppress(OSError):
            super().handle()


@pytest.fixture(autouse=True)
def _loopback(monkeypatch):
    """Let this file's tests connect to this machine, which all others may not."""

    def connect(self, address):
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            raise AssertionError(f"a test tried to connect to {address}")
        return _socket.socket.connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked, server.closing = [], threading.Event()
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def article(number, *addresses):
    pictures = "\n\n".join(f"![样图]({address})" for address in addresses)
    head = f"title: 第{number}场样例论坛开幕\ndate: 2024-11-20\nurl: https://example.org/news/{number}.html\n"
    first, _, rest = STORY.format(number=number).partition("\n\n")
    return f"---\n{head}---\n\n{first}\n\n{pictures}\n\n{rest}"


@pytest.fixture
def archive(tmp_path, server):
    """Makes an archive whose articles show pictures of the server by their paths; gives its settings."""

    def make(*paths, host="127.0.0.1", site="title: 样例档案\nworkers: 1\n"):
        addresses = [f"http://{host}:{server.server_port}/{path}" for path in paths]
        make_folder(tmp_path, {"a.md": article(1, *addresses)}, site)
        return load_settings(tmp_path / "site.yaml")

    return make


def run(settings, options=QUICK):
    return mirror(settings, knowledge(), options, clock=lambda: NOW)


def known(_settings, **_):
    return knowledge()


@cache
def knowledge():
    """Rules and data of the package, which all archives of this file share."""
    return read_knowledge(load_settings(PROJECT / "site.yaml"))


def record_of(settings, path):
    return next(record for url, record in read_manifest(settings.root).items() if url.endswith(path))


def test_pictures_are_kept_under_their_hash_with_what_is_known_of_them(archive):
    settings = archive("photo.jpg", "drawing.png#imgIndex=1")
    report = run(settings)
    assert (report.wanted, len(report.fetched), report.failed, report.left) == (2, 2, (), 0)
    record = record_of(settings, "photo.jpg")
    assert (settings.root / "media" / record.copy.file).read_bytes() == JPEG
    assert (record.copy.type, record.copy.bytes) == ("image/jpeg", len(JPEG))
    assert (record.copy.width, record.copy.height) == (1000, 500)
    assert record.fetched == "2026-03-01T09:30:00+00:00"
    assert not record_of(settings, "drawing.png").url.endswith("#imgIndex=1")


def test_a_second_run_asks_for_nothing(archive, server):
    settings = archive("photo.jpg", "missing.jpg")
    run(settings)
    before, asked = tree(settings.root / "media"), len(server.asked)
    report = run(settings)
    assert (report.there, report.given_up, report.fetched, report.failed) == (1, 1, (), ())
    assert len(server.asked) == asked
    assert tree(settings.root / "media") == before


def test_what_failed_is_asked_for_again_when_told_to(archive, server):
    settings = archive("missing.jpg")
    run(settings)
    report = run(settings, Options(timeout=2, delay=0, loopback=True, retry_failed=True))
    assert len(report.failed) == 1
    assert len(server.asked) == 2


def test_a_damaged_file_is_fetched_again(archive):
    settings = archive("photo.jpg")
    run(settings)
    file = settings.root / "media" / record_of(settings, "photo.jpg").copy.file
    file.write_bytes(JPEG[:100])
    assert len(run(settings).fetched) == 1
    assert file.read_bytes() == JPEG


def test_two_addresses_of_one_picture_share_a_file(archive):
    settings = archive("photo.jpg", "photo.jpg?again", "moved.jpg")
    run(settings)
    assert len({record.copy.file for record in read_manifest(settings.root).values()}) == 1


@pytest.mark.parametrize(
    ("path", "reason", "code"),
    [
        ("missing.jpg", "status", 404),
        ("forbidden.jpg", "status", 403),
        ("broken.jpg", "status", 500),
        ("torn.jpg", "cut-off", None),
        ("endless.jpg", "cut-off", None),
        ("vector.svg", "not-a-picture", None),
        ("page.jpg", "not-a-picture", None),
        ("circle/a", "redirects", None),
        ("chain/0", "redirects", None),
        ("elsewhere.jpg", "address", None),
        ("inside.jpg", "refused", None),
        ("huge.jpg", "too-large", None),
        ("flood.jpg", "too-large", None),
        ("bomb.png", "too-large", None),
        ("wide.png", "too-large", None),
    ],
)
def test_a_failure_is_recorded_with_its_reason_and_stops_nothing(archive, path, reason, code):
    settings = archive(path, "photo.jpg", site="title: 样例档案\nworkers: 1\nlimits: {file_bytes: 1000000}\n")
    report = run(settings)
    [failed] = report.failed
    assert (failed.reason, failed.code) == (reason, code)
    assert record_of(settings, path).status == "failed"
    assert [record.url.rpartition("/")[2] for record in report.fetched] == ["photo.jpg"]


@pytest.mark.parametrize("path", ["drip.jpg", "mute.jpg"])
def test_no_host_takes_longer_than_the_time_for_one_picture(archive, path):
    settings = archive(path)
    started = time.monotonic()
    [failed] = run(settings, Options(timeout=0.5, delay=0, loopback=True)).failed
    assert failed.reason == "timeout"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path", ["unsized.jpg", "packed.png", "moved.jpg"])
def test_what_is_sent_in_another_way_is_had_all_the_same(archive, path):
    assert len(run(archive(path)).fetched) == 1


def test_a_lie_about_the_type_is_told_and_the_bytes_count(archive):
    settings = archive("lying.html", "drawing.png")
    run(settings)
    record = record_of(settings, "lying.html")
    assert (record.declared, record.copy.type, record.copy.file[-4:]) == ("text/html", "image/png", ".png")
    assert record_of(settings, "drawing.png").declared is None


def test_a_host_that_refuses_hot_links_is_told_the_page(archive, server):
    settings = archive("guarded.jpg")
    assert len(run(settings).fetched) == 1
    assert [referrer for _, referrer, _ in server.asked] == [None, "https://example.org/news/1.html"]
    assert server.asked[0][2].startswith("newsarchive/")


def test_a_host_that_wants_no_referrer_gets_none(archive, server):
    settings = archive("shy.jpg")
    (settings.root / "data").mkdir()
    hosts = "default: [page]\nhosts:\n- host: 127.0.0.1\n  referrer: [host, none]\n"
    (settings.root / "data/picture-hosts.yaml").write_text(hosts, "utf-8")
    assert len(run(settings).fetched) == 1
    assert [referrer for _, referrer, _ in server.asked] == [f"http://127.0.0.1:{server.server_port}/", None]


def test_the_longest_name_settles_the_referrer():
    referrers = module.Referrers(("none",), {"example.org": ("page",), "img.example.org": ("host",)})
    hosts = ["img.example.org", "a.img.example.org", "www.example.org", "notexample.org", "org"]
    assert [referrers.ways(host)[0] for host in hosts] == ["host", "host", "page", "none", "none"]


def test_the_list_of_hosts_that_comes_with_the_package_is_right(archive):
    referrers = read_referrers(archive("photo.jpg"))
    assert referrers.ways("mmbiz.qpic.cn") == ("none",)
    assert referrers.ways("example.org") == ("none", "page")


@pytest.mark.parametrize(
    "text", ["default: page\n", "default: [maybe]\n", "hosts: []\n", "default: [none]\nhosts: [a]\n"]
)
def test_a_broken_list_of_hosts_is_told(archive, text):
    settings = archive("photo.jpg")
    (settings.root / "data").mkdir()
    (settings.root / "data/picture-hosts.yaml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="picture-hosts"):
        read_referrers(settings)


def test_only_pictures_of_the_story_are_fetched(archive, server):
    settings = archive("photo.jpg")
    file = settings.root / "content/a.md"
    code = f"\n\n长按二维码关注我们\n\n![二维码](http://127.0.0.1:{server.server_port}/drawing.png)\n"
    file.write_text(file.read_text("utf-8") + code, "utf-8")
    run(settings)
    assert {path for path, _, _ in server.asked} <= {"/photo.jpg", "/drawing.png"}
    assert set(read_manifest(settings.root)) == set(module.find_pictures(settings, knowledge()))


def test_a_run_stops_at_its_limit_and_the_next_goes_on(archive, server):
    settings = archive(*(f"photo.jpg?{number}" for number in range(5)))
    first = run(settings, Options(limit=2, timeout=2, delay=0, loopback=True))
    assert (len(first.fetched), first.left) == (2, 3)
    second = run(settings)
    assert (len(second.fetched), second.there, second.left) == (3, 2, 0)
    assert len(server.asked) == 5


def test_a_host_that_asks_for_rest_is_left_for_another_run(archive, server):
    settings = archive("busy.jpg", "photo.jpg", "drawing.png")
    report = run(settings)
    assert (len(report.failed), report.left, len(server.asked)) == (1, 2, 1)


def test_a_host_that_does_not_answer_is_left_after_a_few_times(archive):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings = archive("photo.jpg")
    addresses = (f"http://localhost:{port}/{number}.jpg" for number in range(9))
    (settings.root / "content/b.md").write_text(article(2, *addresses), "utf-8")
    report = run(settings)
    assert (len(report.fetched), len(report.failed), report.left) == (1, module.STRIKES, 9 - module.STRIKES)


def test_a_host_rests_between_two_pictures_while_another_is_asked(archive, server):
    settings = archive("photo.jpg?1", "photo.jpg?2", "photo.jpg?3")
    other = (f"http://localhost:{server.server_port}/drawing.png?{number}" for number in range(3))
    (settings.root / "content/b.md").write_text(article(2, *other), "utf-8")
    started = time.monotonic()
    run(settings, Options(timeout=2, delay=0.25, loopback=True))
    assert 0.5 <= time.monotonic() - started < 1.5 + 2 * 0.25
    kinds = [path.partition("?")[0] for path, _, _ in server.asked]
    assert kinds == ["/photo.jpg", "/drawing.png"] * 3


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.jpg",
        "http://localhost/a.jpg",
        "http://10.1.2.3/a.jpg",
        "http://192.168.1.1/a.jpg",
        "http://169.254.169.254/latest",
        "http://[::1]/a.jpg",
        "http://[::ffff:10.0.0.1]/a.jpg",
        "http://[64:ff9b::a00:1]/a.jpg",
        "http://0.0.0.0/a.jpg",
        "http://2130706433/a.jpg",
        "http://100.64.0.1/a.jpg",
    ],
)
def test_addresses_within_private_networks_are_never_asked(url):
    with pytest.raises(FetchFault, match="refused"):
        fetch(url, "", "test", Bounds(1, 1000))


def test_leave_for_this_machine_is_no_leave_for_its_network():
    with pytest.raises(FetchFault, match="refused"):
        fetch("http://192.168.1.1/a.jpg", "", "test", Bounds(1, 1000, loopback=True))


@pytest.mark.parametrize("url", ["ftp://example.org/a.jpg", "http://", "http://a..b/", "http://[", "http://x:99999/"])
def test_an_address_that_cannot_be_asked_for_is_told(url):
    with pytest.raises(FetchFault, match="address"):
        fetch(url, "", "test", Bounds(1, 1000))


def test_an_address_is_sent_in_ascii_without_secrets_or_line_ends(server):
    url = f"http://name:secret@127.0.0.1:{server.server_port}/photo.jpg?题=水 乡%20\r\nX: y"
    fetch(url, "https://example.org/水", "test", Bounds(2, 10**6, loopback=True))
    [(path, referrer, _)] = server.asked
    assert path == "/photo.jpg?%E9%A2%98=%E6%B0%B4%20%E4%B9%A1%20%20X:%20y"
    assert referrer == "https://example.org/%E6%B0%B4"


def test_smaller_copies_are_made_and_none_is_wider_than_the_picture(archive):
    settings = archive("photo.jpg", "drawing.png")
    run(settings)
    assert [copy.width for copy in record_of(settings, "photo.jpg").renditions] == [480, 960]
    assert record_of(settings, "drawing.png").renditions == ()
    for copy in record_of(settings, "photo.jpg").renditions:
        header = read_header((settings.root / "media" / copy.file).read_bytes())
        assert (header.kind, header.width, header.height) == ("webp", copy.width, copy.width // 2)
        assert copy.bytes < len(JPEG)


def test_a_picture_that_moves_is_kept_as_it_is(archive):
    settings = archive("film.gif")
    run(settings)
    record = record_of(settings, "film.gif")
    assert (record.animated, record.renditions) == (True, ())
    assert (settings.root / "media" / record.copy.file).read_bytes() == moving()


def test_copies_have_no_metadata_stand_upright_and_are_always_the_same():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where it was taken"
    photo = picture((1200, 600), exif=exif)
    copies = make_renditions(photo)
    assert copies == make_renditions(photo)
    assert [Image.open(io.BytesIO(copy)).size for copy in copies] == [(480, 960)]
    assert not any(b"where it was taken" in copy or b"EXIF" in copy for copy in copies)


@pytest.mark.parametrize("data", [JPEG[:3000], PNG[:60], b"RIFF\x10\0\0\0WEBPVP8 ", b"GIF89a" + bytes(20)])
def test_a_picture_that_cannot_be_decoded_has_no_copies(data):
    assert make_renditions(data) == ()


def test_copies_are_made_later_where_pillow_was_missing(archive, server, monkeypatch):
    settings = archive("photo.jpg")
    with monkeypatch.context() as without:
        without.setattr(module, "can_resize", lambda: False)
        assert not run(settings).sized
    assert record_of(settings, "photo.jpg").renditions is None
    assert run(settings).sized
    assert len(record_of(settings, "photo.jpg").renditions) == 2
    assert len(server.asked) == 1


def test_a_run_that_is_broken_off_leaves_a_manifest_to_go_on_from(archive):
    settings = archive(*(f"photo.jpg?{number}" for number in range(4)))
    clock = iter([NOW, NOW])

    def stopped():
        try:
            return next(clock)
        except StopIteration:
            raise KeyboardInterrupt from None

    with pytest.raises(KeyboardInterrupt):
        mirror(settings, knowledge(), QUICK, clock=stopped)
    assert len(read_manifest(settings.root)) == 2
    report = run(settings)
    assert (report.there, len(report.fetched)) == (2, 2)
    assert not [name for name in tree(settings.root / "media") if name.endswith(".new")]


def test_a_run_that_is_killed_leaves_what_the_next_goes_on_from(archive):
    settings = archive(*(f"photo.jpg?{number}" for number in range(400)))
    command = [sys.executable, "-m", "newsarchive", "mirror", "--config", settings.root / "site.yaml", "-q"]
    process = subprocess.Popen([*command, "--allow-loopback", "--delay", "0.02"], cwd=PROJECT / "src")
    deadline = time.monotonic() + 20
    while not (settings.root / "media/manifest.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    kept = read_manifest(settings.root)
    assert 0 < len(kept) < 400
    report = run(settings, Options(limit=5, timeout=2, delay=0, loopback=True))
    assert (report.there, len(report.fetched)) == (len(kept), 5)


def test_the_command_counts_and_exits_with_0(archive, capsys):
    settings = archive("photo.jpg", "lying.html", "missing.jpg")
    arguments = ["mirror", "--config", str(settings.root / "site.yaml"), "--delay", "0", "--allow-loopback"]
    assert main(arguments) == 0
    told = capsys.readouterr()
    assert "mirrored 2 pictures (1 failed, 0 already there, 0 failed before, 0 left)" in told.out
    assert "is image/png, not text/html as its host says" in told.err
    assert "not had: status 404" in told.err
    assert main([*arguments, "-q"]) == 0
    told = capsys.readouterr()
    assert "mirrored 0 pictures (0 failed, 2 already there, 1 failed before, 0 left)" in told.out
    assert told.err == ""


def test_many_failures_are_summed_up_unless_asked_for(archive, capsys):
    settings = archive(*(f"missing.jpg?{number}" for number in range(25)))
    arguments = ["mirror", "--config", str(settings.root / "site.yaml"), "--delay", "0", "--allow-loopback"]
    main(arguments)
    assert "in all: 25 status 404" in capsys.readouterr().err
    main([*arguments, "--retry-failed", "-v"])
    assert capsys.readouterr().err.count("not had: status 404") == 25


def test_without_leave_this_machine_is_not_asked(archive, capsys, server):
    settings = archive("photo.jpg")
    assert main(["mirror", "--config", str(settings.root / "site.yaml"), "--delay", "0"]) == 0
    assert "not had: refused" in capsys.readouterr().err
    assert server.asked == []


@pytest.mark.parametrize("arguments", [["--limit", "0"], ["--delay", "-1"], ["--timeout", "soon"], ["--limit", "x"]])
def test_wrong_options_are_wrong_usage(capsys, arguments):
    with pytest.raises(SystemExit) as status:
        main(["mirror", *arguments])
    assert status.value.code == 2
    assert f"{arguments[0]}: '{arguments[1]}' is no " in capsys.readouterr().err


def test_the_manifest_does_not_depend_on_the_order_in_which_pictures_came(archive):
    settings = archive("photo.jpg", "missing.jpg", "film.gif", "lying.html")
    run(settings)
    written = (settings.root / "media/manifest.jsonl").read_bytes()
    records = list(read_manifest(settings.root).values())
    for seed in range(5):
        random.Random(seed).shuffle(records)  # noqa: S311
        assert manifest_bytes(records) == written
    lines = written.decode().splitlines()
    assert [json.loads(line)["url"] for line in lines] == sorted(json.loads(line)["url"] for line in lines)


def test_a_manifest_can_be_put_together_in_any_order(archive):
    settings = archive("photo.jpg", "missing.jpg", "film.gif")
    run(settings)
    file = settings.root / "media/manifest.jsonl"
    records = read_manifest(settings.root)
    file.write_text("\n".join(reversed(file.read_text("utf-8").splitlines())) + "\n\n", "utf-8")
    assert read_manifest(settings.root) == records


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"url": "x"}', "null", "[" * 100_000, f'{{"url": "{"x" * 1_000_000}"}}'],
    ids=["cut", "list", "empty", "bare", "null", "deep", "long"],
)
def test_a_line_that_is_no_record_is_told_with_its_place(archive, line):
    settings = archive("photo.jpg")
    run(settings)
    file = settings.root / "media/manifest.jsonl"
    file.write_text(file.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(SettingsError, match=r"manifest\.jsonl:2: is no record"):
        build(settings, knowledge=known)


def test_an_address_that_no_host_takes_is_not_asked_for():
    """A line of the manifest would otherwise be longer than a line may be."""
    assert shown_address(Shown("https://example.org/" + "a" * 7_980)) != ""
    assert shown_address(Shown("https://example.org/" + "a" * 7_981)) == ""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("file", "../../etc/passwd.png"),
        ("file", "0123456789abcdef.svg"),
        ("sha256", "0" * 64),
        ("type", "image/svg+xml"),
        ("width", -1),
        ("url", "javascript:alert(1)"),
        ("status", "lost"),
        ("fetched", "yesterday"),
    ],
)
def test_a_record_that_leads_elsewhere_is_refused(archive, key, value):
    settings = archive("photo.jpg")
    run(settings)
    file = settings.root / "media/manifest.jsonl"
    line = json.dumps(json.loads(file.read_text("utf-8")) | {key: value})
    file.write_text(f"{line}\n{line}\n", "utf-8")
    with pytest.raises(ManyErrors, match="is no record"):
        read_manifest(settings.root)


def page_of(settings):
    [page] = [path for path in settings.output.glob("2024/*.html") if path.name.startswith("11-20")]
    return BeautifulSoup(page.read_text("utf-8"), "lxml")


def test_a_build_shows_the_mirrored_picture_in_its_sizes_and_copies_no_other(archive):
    settings = archive("photo.jpg")
    run(settings)
    (settings.root / "media/0000000000000000.png").write_bytes(PNG)
    report = build(settings, knowledge=known)
    assert report.problems == ()
    [img] = page_of(settings).select("figure img")
    record = record_of(settings, "photo.jpg")
    names = {copy.file for copy in (record.copy, *record.renditions)}
    assert {path.name for path in (settings.output / "media").iterdir()} == names
    assert img["src"] == f"../media/{record.copy.file}"
    assert (img["width"], img["height"]) == ("1000", "500")
    choices = [choice.split() for choice in img["srcset"].split(", ")]
    assert [width for _, width in choices] == ["480w", "960w", "1000w"]
    assert {(settings.output / "2024" / address).resolve().is_file() for address, _ in choices} == {True}


def test_a_picture_that_could_not_be_had_leaves_a_frame_that_says_so(archive):
    settings = archive("forbidden.jpg", "vector.svg")
    run(settings)
    build(settings, knowledge=known)
    page = page_of(settings)
    assert page.select("figure img") == []
    forbidden, vector = (frame.get_text() for frame in page.select("figure .absent"))
    assert "图未能取回" in forbidden
    assert "/forbidden.jpg" in forbidden
    assert "2026-03-01 返回403" in forbidden
    assert "2026-03-01 给的不是图" in vector
    assert "其中2图未取回" in page.select_one(".record").get_text()
    assert page.select("meta[property='og:image']") == []
    assert "forbidden.jpg" not in page.select_one("script[type='application/ld+json']").get_text()


def test_a_picture_that_nobody_fetched_is_shown_from_its_host(archive, server):
    settings = archive("photo.jpg")
    build(settings, knowledge=known)
    [img] = page_of(settings).select("figure img")
    assert img["src"] == f"http://127.0.0.1:{server.server_port}/photo.jpg"
    assert server.asked == []
    assert not (settings.output / "media").exists()


def test_a_mirrored_file_that_was_lost_is_a_problem_and_no_hole(archive):
    settings = archive("photo.jpg")
    run(settings)
    (settings.root / "media" / record_of(settings, "photo.jpg").copy.file).unlink()
    [problem] = build(settings, knowledge=known).problems
    assert "no whole copy" in problem.message
    [img] = page_of(settings).select("figure img")
    assert img["src"].startswith("http://127.0.0.1")


def test_the_cover_of_a_film_is_mirrored_too(archive, server):
    settings = archive("photo.jpg")
    file = settings.root / "content/a.md"
    cover = f"http://127.0.0.1:{server.server_port}/photo.jpg?cover"
    film = f'\n\n<iframe class="video_iframe" data-src="https://example.org/v?vid=1" data-cover="{cover}"></iframe>\n\n'
    file.write_text(file.read_text("utf-8").replace("\n\n主持人", film + "主持人"), "utf-8")
    assert len(run(settings).fetched) == 2
    build(settings, knowledge=known)
    page = page_of(settings)
    covers = [img for img in page.select("figure img") if img["alt"] == "视频封面"]
    assert [img["src"] for img in covers] == [f"../media/{record_of(settings, '?cover').copy.file}"]
    assert page.select_one("figure .absent a")["href"] == "https://example.org/v?vid=1"


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_folder_that_cannot_be_written_is_told(archive):
    settings = archive("photo.jpg")
    (settings.root / "media/manifest.jsonl").mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read"):
        run(settings)
    (settings.root / "media/manifest.jsonl").rename(settings.root / "away")
    (settings.root / "media").rmdir()
    (settings.root / "media").symlink_to(settings.root / "nowhere/media")
    with pytest.raises(module.OutputError, match="folder writable"):
        run(settings)
