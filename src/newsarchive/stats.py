"""Tables of counts from the archive."""

from collections import Counter

from newsarchive.archive import Archive, all_captures


def count_archive(archive: Archive) -> dict[str, int]:
    """Count what the archive holds; captures of one article count one unless the name says otherwise."""
    shown = [entry.article for entry in archive.entries]
    kinds = Counter(article.kind for article in shown)
    rows = all_captures(archive)
    return {
        "files": archive.files,
        "captures": len(rows),
        "entries": len(shown),
        "articles": kinds["article"],
        "stubs": kinds["stub"],
        "lists": kinds["list"],
        "incomplete": sum(not article.complete for article in shown),
        "undated": len(archive.undated),
        "years": len(archive.years),
        "publishers": sum(bool(term.name) for term in archive.publishers),
        "publisher_unknown": sum(article.publisher is None for article in shown),
        "outlets": len(archive.outlets),
        "outlet_unknown": sum(article.outlet is None for article in shown),
        "characters": sum(article.characters for article in shown),
        "images": sum(len(article.images) for article in shown),
        "removed": sum(len(article.removed) for article in rows),
        "quarantined": sum(problem.action == "quarantined" for problem in archive.problems),
        "problems": len(archive.problems),
    }
