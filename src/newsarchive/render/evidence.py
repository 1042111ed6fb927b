"""What an article's page says about where its values were found, and which claims contradict them."""

from collections.abc import Sequence

from newsarchive.article import Article, Claim, Moment, Origin, Value
from newsarchive.hanzi import letters
from newsarchive.sheets import Sheet


class Evidence(Value, frozen=True):
    """What the archive says about where a value was found; the words are the template's."""

    origin: str = ""
    """Where the winning claim stood, a credit line as `credit-tail` or `credit-head`; empty if it need not be said."""
    note: str = ""
    """Key of the archive's remark."""
    doubtful: bool = False


def evidence_of(article: Article, claims: Sequence[Claim], field: str, rivals: Sequence[Claim]) -> Evidence:
    """Tell where the value of a field was found; `claims` are the article's, `rivals` contradict the card."""
    shown = getattr(article, field)
    found = [claim for claim in claims if claim.field == field]
    winner = next((claim for claim in found if claim.value == shown), found[0] if found else None)
    return _told(article, field, winner.origin if winner and shown else None, rivals)


def evidence_of_outlet(article: Article, sheet: Sheet, rivals: Sequence[Claim]) -> Evidence:
    """Tell where the outlet was found, a credit line in the text by its place."""
    evidence = evidence_of(article, sheet.claims, "outlet", rivals)
    if evidence.origin != "body" or not sheet.credit:
        return evidence
    return Evidence(sheet.credit, evidence.note, evidence.doubtful)


def evidence_of_date(article: Article, rivals: Sequence[Claim]) -> Evidence:
    """Tell where the date was found; `article` is the capture that gave it."""
    return _told(article, "published", article.published_from, rivals)


def rival_claims(article: Article, claims: Sequence[Claim], zone: str) -> tuple[Claim, ...]:
    """Give the claims of the fields on the card that contradict what the card says, each value once."""
    shown = {"title": (article.title,), "publisher": (article.publisher or "",), "outlet": article.outlets}
    rivals: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        if claim.field == "published":
            agrees = _same_day(claim.value, article.published, zone)
        else:
            agrees = claim.field not in shown or any(_alike(claim.value, value) for value in shown[claim.field])
        if not agrees:
            rivals.setdefault((claim.field, claim.value), claim)
    return tuple(rivals.values())


def _told(article: Article, field: str, origin: Origin | None, rivals: Sequence[Claim]) -> Evidence:
    """What front matter says goes without saying, unless something contradicts it."""
    plain = origin == "front-matter" and not any(claim.field == field for claim in rivals)
    return Evidence("" if plain else origin or "", article.notes.get(field, ""), field in article.uncertain)


def _same_day(written: str, published: Moment | None, zone: str) -> bool:
    """True where a written date says less or more of the same as the one shown."""
    from newsarchive.dates import parse_moment  # noqa: PLC0415  its patterns take long, and few pages are made

    moment = parse_moment(written, zone)
    if moment is None or published is None:
        return False
    one, two = moment.iso[:10], published.iso[:10]
    return one.startswith(two) or two.startswith(one)


def _alike(one: str, two: str) -> bool:
    """True where a name or headline holds the other, whatever stands around it."""
    return one == two or letters(one) in letters(two) or letters(two) in letters(one)
