"""One page of every kind of a built site, for whoever looks at all of them: tests, the gallery, Lighthouse."""

import json

FIXED = {
    "home": "index.html",
    "publishers": "publishers/index.html",
    "outlets": "outlets/index.html",
    "undated": "undated/index.html",
    "editions": "editions/index.html",
    "timeline": "timeline.html",
    "statistics": "statistics.html",
    "rules": "rules.html",
    "about": "about.html",
    "404": "404.html",
    "empty search": "search.html",
    "search": "search.html?q=%E4%BA%92%E8%81%94%E7%BD%91",
}
"""Pages whose address every site shares, each by its kind; `search` asks for 互联网."""
KINDS = (
    *FIXED,
    *("year", "publisher in a year", "publisher", "outlet", "edition", "compare"),
    *("article", "pictures", "copy", "story of a page", "stub", "undated article"),
)
"""All kinds; the sample site has a page of each."""


def pages_of(site):
    """Address within the site of one page of each of its kinds, by its kind; of several the one with most to show."""
    rows = [json.loads(line) for line in (site / "data" / "articles.jsonl").read_text("utf-8").splitlines()]
    whole = [row for row in rows if row["kind"] == "article" and row["published"]]
    year = largest(site.glob("[12][0-9][0-9][0-9]/index.html"))
    found = {
        "year": year,
        "publisher in a year": largest(year.parent.glob("[a-z]*-*.html")) if year else None,
        "publisher": largest(site.glob("publishers/*-*.html")),
        "outlet": largest(site.glob("outlets/*-*.html")),
        "edition": largest(site.glob("editions/[12]*.html")),
        "compare": largest(site.glob("compare/*.html")),
        "article": largest(site / row["permalink"] for row in whole),
        "pictures": largest(site / row["permalink"] for row in whole if any(image["file"] for image in row["images"])),
        "copy": largest(site / row["permalink"] for row in whole if row["copies"]),
        "story of a page": largest(site / row["permalink"] for row in rows if row["story"] > 1),
        "stub": largest(site / row["permalink"] for row in rows if row["kind"] == "stub"),
        "undated article": largest(path for path in site.glob("undated/*.html") if path.name != "index.html"),
    }
    return FIXED | {kind: path.relative_to(site).as_posix() for kind, path in found.items() if path}


def largest(paths):
    """The largest file, of equal ones the last by name; None where there is none."""
    return max(paths, key=lambda path: (path.stat().st_size, path.name), default=None)
