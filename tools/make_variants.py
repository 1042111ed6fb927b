"""Makes data/variants.txt, by which search finds Simplified text by a Traditional query and the other way.

    python tools/make_variants.py TSCharacters.txt > data/variants.txt

`TSCharacters.txt` is OpenCC's table of characters, as the Python package opencc-python-reimplemented 0.1.7 carries it;
Apache-2.0, see data/variants.LICENSE.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

HEAD = """\
# A Simplified character, then the Traditional ones that are written with it: search takes all of a line for one.
# Made by tools/make_variants.py from TSCharacters.txt of OpenCC (https://github.com/BYVoid/OpenCC), Apache-2.0:
# see variants.LICENSE and variants.NOTICE. Pairs whose characters differ in length in UTF-16 are left out.
"""


def make_variants(lines: Iterable[str]) -> str:
    """Turn the table, a Traditional character and its Simplified ones a line, round: the commonest one alone counts."""
    simple = dict(_pairs(lines))
    groups: dict[str, set[str]] = defaultdict(set)
    for character in simple:
        groups[_last(character, simple)].add(character)
    rows = (plain + "".join(sorted(others - {plain})) for plain, others in sorted(groups.items()))
    return HEAD + "".join(f"{row}\n" for row in rows if len(row) > 1)


def _pairs(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        character, _, plain = line.strip().partition("\t")
        plain = plain.split(" ")[0]
        if plain and plain != character and _units(plain) == _units(character):
            yield character, plain


def _last(character: str, simple: dict[str, str]) -> str:
    """Follow the table to its end: some Simplified characters are Traditional ones of another line."""
    seen = {character}
    while (character := simple.get(character, character)) not in seen:
        seen.add(character)
    return character


def _units(text: str) -> int:
    return len(text.encode("utf-16-le"))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(make_variants(Path(sys.argv[1]).read_text(encoding="utf-8-sig").splitlines()))
