"""Marks the differences of two texts, by phrase, as an edition with variants does.

Texts are cut into words and Han characters, each with the punctuation behind it, and these into clauses.
Equal clauses are aligned first, what stands between them letter by letter; what then agrees by chance only
counts as changed, so that a reader sees phrases rather than crumbs. Punctuation, width, case, paragraph breaks
and Traditional beside Simplified characters are no differences.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from typing import Literal

from newsarchive.hanzi import letters, simplify

LARGEST = 90_000
"""Words of one text times words of the other between two equal clauses beyond which they are not aligned.

Three hundred words on either side without a clause in common are other text, and aligning more would take seconds.
"""
ISLAND = 3
"""Letters that must agree between two changes to be kept as agreement."""
KEPT = 0.5
"""Share of a clause that must agree for its changes to be told one by one rather than the clause as a whole."""

Kind = Literal["same", "deleted", "inserted"]
"""Whether both texts hold a piece, only the old one, or only the new one."""
Standing = Literal["same", "changed", "deleted", "inserted"]
"""The same of a paragraph; `changed` where its pieces differ in kind."""

_OPENING = "“‘《〈（(「『【〔［[<"
_WORD = r"[A-Za-z0-9\u00c0-\u024f]+(?:[.,'’:/-][A-Za-z0-9\u00c0-\u024f]+)*"
_TOKEN = re.compile(rf"[{re.escape(_OPENING)}]*(?:{_WORD}|\w)[^\w{re.escape(_OPENING)}]*|[\W_]+")
_CLAUSE_END = re.compile(r"[，。！？；：、…!?;\n]|[,.](?:\s|$)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@lru_cache(maxsize=1 << 16)
def _letters(text: str) -> str:
    """Letters of a text in one script, so that a copy in the other script differs where its words do."""
    return simplify(letters(text))


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that both texts hold, or that one of them lacks."""

    old: str
    """As the old text prints it; empty where it is inserted."""
    new: str
    """As the new text prints it; empty where it is deleted."""

    @property
    def kind(self) -> Kind:
        """What became of it."""
        if self.old and self.new:
            return "same"
        return "deleted" if self.old else "inserted"

    @property
    def text(self) -> str:
        """As it is shown: in the old text's print where both hold it."""
        return self.old or self.new


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph of both texts merged."""

    pieces: tuple[Piece, ...]

    @property
    def standing(self) -> Standing:
        """What became of the paragraph."""
        kinds = {piece.kind for piece in self.pieces}
        return kinds.pop() if len(kinds) == 1 else "changed"

    def count(self, kind: Kind) -> int:
        """Letters of the pieces of one kind."""
        return sum(len(_letters(piece.text)) for piece in self.pieces if piece.kind == kind)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much two texts differ."""

    percent: int
    """Letters that both hold, of all letters of both; 100 only where nothing differs."""
    deletions: int
    """Places where the new text lacks something."""
    insertions: int
    """Places where it adds something."""
    replacements: int
    """Places where it says something else."""
    cut: int
    """Whole paragraphs that the new text lacks."""
    added: int
    """Whole paragraphs that it adds."""

    @property
    def places(self) -> int:
        """All places where the texts differ."""
        return self.deletions + self.insertions + self.replacements


def collate(old: str, new: str) -> tuple[Piece, ...]:
    """Mark what the new text lacks, adds and keeps of the old one.

    The pieces' `old` joined give the old text, their `new` the new one, to the character. Of two neighbours that
    differ, the deleted one comes first.
    """
    first, second = _TOKEN.findall(old), _TOKEN.findall(new)
    pairs = _without_crumbs(list(_align(first, second)), [first, second])
    return tuple(_joined(_pieces(pairs, first, second)))


def merge_paragraphs(pieces: Iterable[Piece]) -> tuple[Passage, ...]:
    """Lay the pieces out in paragraphs: those of the old text, and inserted ones as the new text has them."""
    passages = (tuple(group) for group in _paragraphs([*pieces]))
    return tuple(Passage(group) for group in passages if any(piece.text.strip() for piece in group))


def tally(pieces: Sequence[Piece]) -> Tally:
    """Count in how many places two texts differ, and how much of them is the same."""
    places = [
        {piece.kind for piece in group}
        for same, group in groupby(pieces, key=lambda piece: piece.kind == "same")
        if not same
    ]
    standings = [passage.standing for passage in merge_paragraphs(pieces)]
    return Tally(
        percent=_percent(pieces),
        deletions=places.count({"deleted"}),
        insertions=places.count({"inserted"}),
        replacements=places.count({"deleted", "inserted"}),
        cut=standings.count("deleted"),
        added=standings.count("inserted"),
    )


def _percent(pieces: Sequence[Piece]) -> int:
    sizes = {kind: sum(len(_letters(p.text)) for p in pieces if p.kind == kind) for kind in _KINDS}
    changed = sizes["deleted"] + sizes["inserted"]
    if not changed:
        return 100
    return min(99, 200 * sizes["same"] // (2 * sizes["same"] + changed))


_KINDS: tuple[Kind, ...] = ("same", "deleted", "inserted")


def _align(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Numbers of the tokens that both texts hold, in order."""
    old, new = _clauses(first), _clauses(second)
    matcher = SequenceMatcher(None, _keys(first, old), _keys(second, new), autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag not in ("equal", "replace"):
            continue
        one, two = (old[a][0], old[b - 1][1]), (new[c][0], new[d - 1][1])
        if tag == "equal":
            yield from zip(range(*one), range(*two), strict=True)
        elif (one[1] - one[0]) * (two[1] - two[0]) <= LARGEST:
            yield from _align_tokens(first, second, one, two)


def _keys(tokens: Sequence[str], clauses: Iterable[tuple[int, int]]) -> list[tuple[str, ...]]:
    """What the clauses are compared by."""
    return [tuple(map(_letters, tokens[start:stop])) for start, stop in clauses]


def _align_tokens(
    first: Sequence[str], second: Sequence[str], one: tuple[int, int], two: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    old, new = list(map(_letters, first[slice(*one)])), list(map(_letters, second[slice(*two)]))
    for a, b, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        yield from zip(range(one[0] + a, one[0] + a + size), range(two[0] + b, two[0] + b + size), strict=True)


def _clauses(tokens: Sequence[str]) -> list[tuple[int, int]]:
    """First token of each clause, and the one behind its last."""
    ends = [number for number, token in enumerate(tokens, 1) if _CLAUSE_END.search(token)]
    if tokens and ends[-1:] != [len(tokens)]:
        ends.append(len(tokens))
    return list(pairwise([0, *ends]))


def _without_crumbs(pairs: Sequence[tuple[int, int]], texts: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Leave out agreement that is too little to be read as such: in clauses mostly changed, and between changes."""
    kept = list(pairs)
    for side, tokens in enumerate(texts):
        lost = _lost_clauses({pair[side] for pair in kept}, tokens)
        kept = [pair for run in _runs(kept) if not _is_within(run, side, lost) for pair in run]
    return [pair for run in _runs(kept) if not _is_crumb(run, texts) for pair in run]


def _is_within(run: Sequence[tuple[int, int]], side: int, clauses: Mapping[int, int]) -> bool:
    """True where a run of agreement goes beyond none of the clauses."""
    first, last = clauses.get(run[0][side]), clauses.get(run[-1][side])
    return first is not None and first == last


def _lost_clauses(agreed: Collection[int], tokens: Sequence[str]) -> dict[int, int]:
    """Tokens of the clauses that mostly changed, each with the number of its clause."""
    sizes = [0, *accumulate(len(_letters(token)) for token in tokens)]
    lost: dict[int, int] = {}
    for number, (start, stop) in enumerate(_clauses(tokens)):
        same = sum(sizes[token + 1] - sizes[token] for token in range(start, stop) if token in agreed)
        if same < KEPT * (sizes[stop] - sizes[start]):
            lost |= dict.fromkeys(range(start, stop), number)
    return lost


def _runs(pairs: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Pairs that stand side by side in both texts."""
    run: list[tuple[int, int]] = []
    for pair in pairs:
        if run and pair != (run[-1][0] + 1, run[-1][1] + 1):
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _is_crumb(run: Sequence[tuple[int, int]], texts: Sequence[Sequence[str]]) -> bool:
    """True for a few letters between two changes; at either end of both texts they are no crumb."""
    first, second = texts
    at_edge = run[0] == (0, 0) or run[-1] == (len(first) - 1, len(second) - 1)
    return not at_edge and sum(len(_letters(first[pair[0]])) for pair in run) < ISLAND


def _pieces(pairs: Sequence[tuple[int, int]], first: Sequence[str], second: Sequence[str]) -> Iterator[Piece]:
    """Pieces between and of the pairs, none empty."""
    old, new = 0, 0
    for a, b in (*pairs, (len(first), len(second))):
        deleted, inserted = "".join(first[old:a]), "".join(second[new:b])
        if deleted and inserted and _letters(deleted) == _letters(inserted):
            yield Piece(deleted, inserted)
        else:
            yield from (piece for piece in (Piece(deleted, ""), Piece("", inserted)) if piece.text)
        if a < len(first):
            yield Piece(first[a], second[b])
        old, new = a + 1, b + 1


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one piece."""
    for _, group in groupby(pieces, key=lambda piece: piece.kind):
        held = list(group)
        yield Piece("".join(piece.old for piece in held), "".join(piece.new for piece in held))


def _paragraphs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Cut pieces behind their line breaks; a break waits where what follows belongs to the same paragraph."""
    passage: list[Piece] = []
    for number, piece in enumerate(pieces):
        *lines, last = _lines(piece)
        for line in lines:
            yield [*passage, line]
            passage = []
        passage.append(last)
        if _ends(last, pieces[number + 1 : number + 2]):
            yield passage
            passage = []
    yield passage


def _lines(piece: Piece) -> list[Piece]:
    """A piece cut behind the line breaks that show; one that both texts hold is told in the old one's print."""
    lines = _LINE.findall(piece.text)
    if piece.kind == "same":
        return [Piece(line, line) for line in lines[:-1]] + [Piece(lines[-1], piece.new[-1:])]
    return [Piece(line, "") if piece.old else Piece("", line) for line in lines]


def _ends(line: Piece, following: Sequence[Piece]) -> bool:
    """True where a paragraph ends behind a piece.

    What is inserted behind it stays in its paragraph where the new text has it there.
    """
    if not following or following[0].kind != "inserted":
        return line.text.endswith("\n")
    if line.kind == "same":
        return line.new.endswith("\n")
    return line.text.endswith("\n") and "\n" in following[0].new.rstrip("\n")
