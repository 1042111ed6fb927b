"""Frozen value types that travel the pipeline, from a content file to the article shown.

Document (one content file) → Story (one text printed in it, as blocks) → Article (that text
cleaned and described). Nothing here computes; the stages do.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

Shape = Literal["markdown", "fragment", "page", "text"]
"""What a content file holds: Markdown or an HTML fragment behind front matter, a whole saved page, plain text."""

ReadWith = Literal["fast", "reference", "text"]
"""How a body was read: by the fast engine, by the converter and the tree of elements, or line by line."""
BlockKind = Literal["paragraph", "heading", "item", "table", "code", "image", "media", "separator"]
"""What one block is; a list arrives as one block an item, a quotation as blocks whose `containers` say so."""

Precision = Literal["year", "month", "day", "minute", "second"]
"""How much of a date is known."""

Origin = Literal[
    "sidecar", "front-matter", "body", "markup", "dateline", "url", "file-name", "rules", "folder", "inferred"
]
"""Where a claim was found; the contract's names."""

Kind = Literal["article", "stub", "list"]
"""`article`; `stub`: a notice, a headline, a capture that holds no story; `list`: a page of links to stories."""

Role = Literal["author", "reporter", "contributor", "translator", "photographer", "editor"]
"""What a credited person did; `author` writes a signed piece and may be a team."""

BoundaryKind = Literal[
    "dateline", "byline", "label", "picture", "closing", "words", "continuation", "headline", "sidecar"
]
"""What shows where a story begins or goes on.

`closing`: the story above takes leave; `words`: they change; `continuation`: after a picture they go on; `headline`:
it stands at the end of the page.
"""

EditionPlace = Literal["sidecar", "title", "lead", "named", "series"]
"""What shows that an article is about an edition.

`title` and `lead` name it there; `named`: the text names it often; `series`: the text names only what all meetings
share, and appeared in the days of this one.
"""

Platform = Literal["wechat", "sina", "rsshub", "web", "print", "text"]
"""The system a copy sat on."""


class Value(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of the values: made and compared in C, since a document brings hundreds, and stored as plain lists."""


class Problem(Value, frozen=True):
    """Something a person should look at; one bad file makes problems, never a failed build."""

    path: str
    """Content file relative to its content folder, with `/`."""
    line: int | None
    """Line in that file, from 1; None where no line can be named."""
    column: int | None
    """Column in that line, from 1."""
    kind: str
    """What is wrong, in a word or two joined by `-`: `front-matter`, `date`, `encoding`, `rule-limit` …"""
    message: str
    """The finding, one sentence in English, without place."""
    action: str
    """What was done about it: `published with …`, `quarantined`."""


class Rendition(Value, frozen=True):
    """A smaller copy of a picture."""

    file: str
    """Path within the site."""
    width: int
    """Pixels."""
    height: int


class FetchFailure(Value, frozen=True):
    """Why a picture could not be fetched when it was last tried."""

    reason: str
    """One of `mirrored.REASONS`."""
    status: int | None
    """What its host answered, where that was the reason."""
    day: str
    """`YYYY-MM-DD`, in the site's time zone."""


class Image(Value, frozen=True):
    """One picture of a story, or the place of a film or a sound."""

    url: str
    """Address as received, absolute or relative to the content file; empty where the capture lost it."""
    file: str | None = None
    """Path of our copy within the site (`media/<hash>.<type>`); None where we have none."""
    alt: str = ""
    caption: str = ""
    """Printed caption, as text."""
    width: int | None = None
    """Pixels, where known."""
    height: int | None = None
    kind: Literal["image", "video", "audio"] = "image"
    """Films and sounds are not shown, only told of, with a link; `file` is then our copy of the cover."""
    cover: str = ""
    """Address of the still picture that stands for a film or a sound, if any."""
    renditions: tuple[Rendition, ...] = ()
    """Smaller copies, the smallest first."""
    failure: FetchFailure | None = None
    """Set where the picture was asked for and not given."""


class Block(Value, frozen=True):
    """One top-level piece of a document in reading order.

    A line break inside a paragraph parts it into two blocks, the later one with `continues`, so that a rule
    can take one line and leave its neighbour. Lists, quotations and other containers are flattened; their
    trace in `containers` lets `markup.to_html` put them together again.
    """

    kind: BlockKind
    text: str
    """Plain text, NFC, white space folded; table rows parted by newline, cells by tab; code as it stands."""
    html: str = ""
    """Inner markup as received, not sanitised; only `markup.to_html` may bring it to a page."""
    level: int = 0
    """Heading level 1 to 6; 0 for other kinds."""
    containers: tuple[str, ...] = ()
    """Open containers from the outside in, each `kind#number`: `quote#3`, `ul#7`, `ol#8`."""
    images: tuple[Image, ...] = ()
    marks: frozenset[str] = frozenset()
    """Ids of the selector rules whose selector took this block or an element around it."""
    hints: tuple[str, ...] = ()
    """Facts of the markup that rules and metadata may use: `bold`, `link`, `caption`, `in:noscript`."""
    href: str = ""
    """Target of the link that holds all of the text; empty where some of the text stands outside of links."""
    continues: bool = False
    """True where only a line break parts it from the block before."""


class Document(Value, frozen=True):
    """One content file, decoded and parted into front matter and body; nothing is interpreted yet."""

    path: str
    """Relative to its content folder, with `/`, NFC."""
    sha256: str
    """Of the file's bytes."""
    shape: Shape
    encoding: str
    """`utf-8`, `gb18030`, `big5`; a byte-order mark is not told."""
    front: Mapping[str, object] = msgspec.field(default_factory=dict)
    """Front matter as received: strings, numbers, lists of these; dates and booleans stay strings."""
    sidecar: Mapping[str, object] = msgspec.field(default_factory=dict)
    """Corrections from `<stem>.yaml` beside the file; they win over every claim."""
    defaults: Mapping[str, object] = msgspec.field(default_factory=dict)
    """Fields from `_defaults.yaml` of the folders above, the nearest winning; they lose to every claim."""
    body: str = ""
    """The rest of the file, line ends as `\\n`."""
    body_line: int = 1
    """Line of the file on which the body begins, from 1."""
    problems: tuple[Problem, ...] = ()
    front_places: Mapping[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    """Key of the front matter → line and column of its value in the file, from 1."""


class Boundary(Value, frozen=True):
    """One piece of evidence of where a story begins or goes on."""

    position: int
    """Number of the block in its document, from 1."""
    kind: BoundaryKind
    text: str
    """The words that show it, verbatim."""


class Story(Value, frozen=True):
    """One text printed in a document."""

    number: int
    """From 1, in order of the first blocks."""
    blocks: tuple[Block, ...]
    """In printed order, even where other stories stand between them."""
    positions: tuple[int, ...]
    """Number of each block in its document, from 1."""
    headline: tuple[int, ...] = ()
    """Positions of the lines that are its headline; told only where a document holds several stories."""
    boundaries: tuple[Boundary, ...] = ()
    uncertain: bool = False
    """True where it is doubtful whether all its blocks, and only these, belong to it."""
    fields: Mapping[str, object] = msgspec.field(default_factory=dict)
    """What the sidecar says of this story alone."""
    openings: tuple[Block, ...] = ()
    """First blocks of all stories of its document, where it holds several: what their page tells, such as the year."""


class Claim(Value, frozen=True):
    """One rival value for a field, with where it was found."""

    field: str
    """Name of the field: `title`, `published`, `publisher`, `outlet`, `byline` …"""
    value: str
    origin: Origin
    evidence: str = ""
    """The line or key it was read from, verbatim."""
    doubtful: bool = False
    """True where the claim was inferred rather than read."""


class Credit(Value, frozen=True):
    """One person or team credited by name."""

    name: str
    role: Role


class Moment(Value, frozen=True):
    """A point in time as well as it is known."""

    iso: str
    """ISO 8601 in the site's time zone, as long as `precision` says.

    `2024`, `2024-11`, `2024-11-20`, `2021-09-25T20:43:23+08:00`.
    """
    precision: Precision

    @property
    def year(self) -> int:
        """Calendar year in the site's time zone."""
        return int(self.iso[:4])

    @property
    def month(self) -> int | None:
        """Month from 1, None where only the year is known."""
        return int(self.iso[5:7]) if len(self.iso) >= 7 else None

    @property
    def day(self) -> int | None:
        """Day of the month from 1, None where it is not known."""
        return int(self.iso[8:10]) if len(self.iso) >= 10 else None


class EditionEvidence(Value, frozen=True):
    """Why an article is held to be about one edition."""

    key: str
    """Of the edition in `data/editions.yaml`."""
    place: EditionPlace
    name: str = ""
    """The name that was found, as `data/editions.yaml` spells it; empty where a sidecar says it."""
    times: int = 0
    """How often headline and text name it; for `series`, how often they name the series."""

    @property
    def doubtful(self) -> bool:
        """True where the text names no edition and only the day tells which one is meant."""
        return self.place == "series"


class RemovedBlock(Value, frozen=True):
    """Text that is not part of the article, in full, with the rule that took it."""

    rule: str
    """`<rule file>/<rule id>`, such as `wechat/credit-line`."""
    position: int
    """Number of the block in its document, from 1."""
    text: str
    """In full; an image without text is told by its address."""
    after: int
    """How many kept blocks stand before it."""
    field: str | None = None
    """Field that the text was moved to, None where it was only removed."""
    html_only: bool = False
    """True for what carries no text (an image, a ruler)."""


class Body(Value, frozen=True):
    """What an article's own page shows of it: too much to be held for all articles at once."""

    text: str = ""
    """The cleaned story, one paragraph a line."""
    blocks: tuple[Block, ...] = ()
    """The cleaned story; empty for a stub that holds no part of the story."""
    removed: tuple[RemovedBlock, ...] = ()
    claims: tuple[Claim, ...] = ()
    """Every claim found, winners first within a field."""


class Tally(Value, frozen=True):
    """How much one rule removed from an article."""

    rule: str
    blocks: int
    characters: int
    """Without white space."""
    fields: tuple[str, ...] = ()
    """Fields that its text was moved to, each once, sorted."""


class Shingles(Value, frozen=True):
    """What comparing an article with all others needs of its text."""

    letters: int
    """Letters of the text."""
    drawn: bytes
    """Runs of letters chosen from the text, each as a number of 32 bits in big-endian order, in printed order."""


class Terms(Value, frozen=True):
    """Terms that headline and text repeat."""

    numbers: bytes
    """Each as 64 bits in big-endian order: two Han characters, or a hash of a word."""
    counts: bytes
    """How often each stands there, as 16 bits in big-endian order."""


class Article(Value, frozen=True):
    """One story cleaned and described: the unit of the archive.

    The contract's `articles.jsonl` says what the fields hold.
    """

    id: str
    path: str
    story: int
    permalink: str
    """Filled by `archive.assemble` from the earliest date of its captures; empty before."""
    kind: Kind
    complete: bool
    title: str
    published: Moment | None
    published_from: Origin | None
    publisher: str | None
    platform: Platform
    outlets: tuple[str, ...]
    byline: tuple[Credit, ...]
    uncertain: tuple[str, ...]
    editions: tuple[str, ...]
    url: str | None
    retrieved: str | None
    """ISO 8601 as received, in the site's time zone where it carries a time."""
    lang: str
    """`zh-Hans`, `zh-Hant`, `en` …"""
    characters: int
    """Length of `text` without white space."""
    summary: str
    images: tuple[Image, ...]
    sha256: str
    words: int
    """Length of `text` in words, for languages written with spaces."""
    removals: int
    """Number of removed blocks."""
    notes: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Field name → the archive's remark on its evidence, as a key of the template's words (`front-matter-invalid`)."""
    problems: tuple[Problem, ...] = ()
    edition_evidence: tuple[EditionEvidence, ...] = ()
    """Why it is about each of its editions, in the order of `editions`."""
    stories: int = 1
    """How many stories its document holds; the evidence of their borders is in the claims of `story`."""
    read_by: ReadWith = "reference"
    """How its document was read; the site does not depend on it."""
    shingles: Shingles | None = None
    """None before they are drawn, for what is no article, and in an archive that reads them when they are needed."""
    terms: Terms | None = None
    """None as of `shingles`."""
    tallies: tuple[Tally, ...] | None = None
    """How much each rule removed, by rule; None in an archive that reads them when they are needed."""
    fingerprint: bytes = b""
    """Hash of all that the article was made of, rules and code among it; empty where nobody keeps it."""
    body: Body | None = None
    """None in an archive that reads the bodies when they are needed, and of each no more than that."""

    @property
    def text(self) -> str:
        """The cleaned story, one paragraph a line."""
        return self._body.text

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The cleaned story; empty for a stub that holds no part of the story."""
        return self._body.blocks

    @property
    def removed(self) -> tuple[RemovedBlock, ...]:
        """The removed blocks, in document order."""
        return self._body.removed

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim found, winners first within a field."""
        return self._body.claims

    @property
    def _body(self) -> Body:
        if self.body is None:
            raise ValueError(f"the body of {self.path} is not held")
        return self.body

    @property
    def outlet(self) -> str | None:
        """The first outlet named, None where none is."""
        return self.outlets[0] if self.outlets else None


class Prepared(Value, frozen=True):
    """What one content file gives."""

    articles: tuple[Article, ...] = ()
    """In the order of their stories; permalinks are still empty, pictures are as received."""
    problems: tuple[Problem, ...] = ()
    """Those of the file; the articles carry their own."""
