"""Articles for tests: complete, and different only in what a test names."""

from newsarchive.article import Article, Moment

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
        "text": "一段样文。",
        "blocks": (),
        "removed": (),
        "claims": (),
    }
    return Article(**(values | fields))
