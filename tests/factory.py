"""Articles for tests: complete, and different only in what a test names."""

from msgspec.structs import replace

from newsarchive.article import Article, Body, Document, Moment
from newsarchive.stories import tally_removed

PRECISIONS = {4: "year", 7: "month", 10: "day", 16: "minute"}


def moment(iso):
    return Moment(iso, PRECISIONS.get(len(iso), "second")) if iso else None


def make_article(number=1, **fields):
    """Article `number`, published on a day of its own; `published` and the rest may be named."""
    identity = f"{number:012x}"
    published = moment(fields.pop("published", "2024-11-20"))
    values = {
        "id": identity,
        "path": f"{identity}.md",
        "story": 1,
        "permalink": "",
        "kind": "article",
        "complete": True,
        "title": f"样文 {number}",
        "published": published,
        "published_from": "front-matter" if published else None,
        "publisher": "乌镇样报",
        "platform": "web",
        "outlets": (),
        "byline": (),
        "uncertain": (),
        "editions": (),
        "url": None,
        "retrieved": None,
        "lang": "zh-Hans",
        "characters": 4,
        "summary": "一段样文。",
        "images": (),
        "sha256": "0" * 64,
    }
    held = {name: fields.pop(name) for name in Body.__struct_fields__ if name in fields}
    body = Body(**({"text": "一段样文。"} | held))
    counted = {"words": len(body.text.split()), "removals": len(body.removed), "body": body}
    counted["tallies"] = tally_removed(body.removed)
    return Article(**(values | counted | fields))


def with_text(article, text):
    """The article with another text."""
    return replace(article, body=replace(article.body, text=text))


STORY = """乌镇样报讯，第{number}场样例论坛今天在水乡开幕，来自各地的样例代表围绕互联网治理交换了意见。

主持人说，样例论坛每年举行一次，今年的议题是样本数据怎样保存，到场的样例机构共有{number}家。

论坛将持续三天，闭幕时发布一份样例倡议，全文会在样例网站上公布，供各地样例读者查阅。
"""


def markdown(number=1, date="2024-11-20", extra=""):
    """A content file in Markdown behind front matter, its text different for each number."""
    head = f"title: 第{number}场样例论坛开幕\ndate: {date}\nsource: 乌镇样报\nurl: https://example.org/news/{number}.html\n"
    return f"---\n{head}{extra}---\n\n{STORY.format(number=number)}"


def make_folder(root, files, site="title: 样例档案\n"):
    """An archive's folder: `site.yaml`, and content files by path, as text or bytes."""
    (root / "content").mkdir(parents=True, exist_ok=True)
    (root / "site.yaml").write_text(site, "utf-8")
    for path, data in files.items():
        file = root / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return root


def tree(folder):
    """Every file below a folder: path → bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make_document(body, shape="markdown", path="a.md", **fields):
    """A document that holds nothing but its body, unless a test names more."""
    return Document(path, "0" * 64, shape, "utf-8", body=body, **fields)
