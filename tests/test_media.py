import os

import pytest

from factory import make_article
from newsarchive.article import Block, Image
from newsarchive.errors import OutputError
from newsarchive.media import read_pictures, resolve_images

PNG = b"\x89PNG\r\n\x1a\n" + b"sample"


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024/a b.png").write_bytes(PNG)
    (tmp_path / "outside.png").write_bytes(PNG)
    return folder


def resolve(content, address, **fields):
    image = Image(address)
    block = Block("image", "", images=(image,))
    article = make_article(1, path="2024/a.md", images=(image,), blocks=(block,), **fields)
    return resolve_images(article, content)


@pytest.mark.parametrize("address", ["a b.png", "./a%20b.png", "../2024/a b.png", "a%20b.png?x=1#y", ".\\a b.png"])
def test_a_picture_beside_the_article_is_copied_under_its_hash(content, address):
    article, problems, (picture,) = resolve(content, address)
    assert problems == ()
    assert article.images[0].file == article.blocks[0].images[0].file == picture.path
    assert [(each.path, data) for each, data in read_pictures([picture, picture])] == [(picture.path, PNG)]
    assert picture.path.startswith("media/")
    assert picture.path.endswith(".png")


@pytest.mark.parametrize("address", ["../../outside.png", "/etc/passwd", "file:///etc/passwd", "..%2f..%2foutside.png"])
def test_an_address_that_leads_out_of_the_content_folder_is_refused(content, address):
    article, (problem,), pictures = resolve(content, address)
    assert "leads out" in problem.message
    assert pictures == ()
    assert article.images[0].file is None


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_that_leads_out_of_the_content_folder_is_refused(content):
    (content / "2024/link.png").symlink_to(content.parent / "outside.png")
    _, (problem,), pictures = resolve(content, "link.png")
    assert "leads out" in problem.message
    assert pictures == ()


@pytest.mark.parametrize("data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"", b"secret: x", b"xxxxxxxxWEBP"])
def test_what_is_no_picture_is_not_copied_whatever_its_name(content, data):
    (content / "2024/x.png").write_bytes(data)
    _, (problem,), pictures = resolve(content, "x.png")
    assert "no PNG" in problem.message
    assert pictures == ()


def test_a_picture_that_is_not_there_is_a_problem(content):
    _, (problem,), pictures = resolve(content, "missing.png")
    assert (problem.path, problem.action, pictures) == ("2024/a.md", "published without the picture", ())


def test_a_picture_that_is_not_there_is_looked_for_on_the_host_of_the_article(content):
    article, (problem,), _ = resolve(content, "img/x.png", url="https://example.org/news/1.html")
    assert article.images[0].url == "https://example.org/news/img/x.png"
    assert "web" in problem.action


def test_an_address_from_the_root_of_the_host_is_made_whole(content):
    article, problems, _ = resolve(content, "/img/x.png", url="https://example.org/news/1.html")
    assert article.images[0].url == "https://example.org/img/x.png"
    assert problems == ()


@pytest.mark.parametrize(
    ("url", "whole"),
    [(None, "https:"), ("https://example.org/news/1.html", "https:"), ("http://example.org/news/1.html", "http:")],
)
def test_an_address_without_scheme_has_that_of_the_article(content, url, whole):
    article, problems, _ = resolve(content, "//img.example.org/x.png", url=url)
    assert article.images[0].url == f"{whole}//img.example.org/x.png"
    assert problems == ()


@pytest.mark.parametrize("address", ["https://example.org/x.png", "data:image/png;base64,AA==", ""])
def test_other_addresses_are_left_alone(content, address):
    article, problems, pictures = resolve(content, address)
    assert (article.images[0], problems, pictures) == (Image(address), (), ())


def test_a_picture_that_changed_since_it_was_found_stops_the_build(content):
    _, _, pictures = resolve(content, "a b.png")
    (content / "2024/a b.png").write_bytes(PNG + b"more")
    with pytest.raises(OutputError, match="changed"):
        list(read_pictures(pictures))


def test_a_picture_larger_than_the_limit_is_left_out(content):
    article = make_article(1, path="2024/a.md", images=(Image("a b.png"),))
    _, (problem,), pictures = resolve_images(article, content, max_bytes=5)
    assert "larger" in problem.message
    assert pictures == ()
