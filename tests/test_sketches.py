"""Many sketches compared at once: equal to comparing each two, whatever the size of a slice."""

import struct
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive import sketches
from newsarchive.sketches import Sketched, find_resemblances

HEADLINES, CROWD, SHARE = 2, 3, 0.5
NUMBERS = st.lists(st.sampled_from([0, 1, 2, 3, 7, 1 << 16, (1 << 31) + 5, (1 << 32) - 1]), max_size=6)
TEXTS = st.lists(st.tuples(NUMBERS, st.sampled_from(["", "甲社", "乙社"]), st.sampled_from("子丑寅")), max_size=9)


def drawn(numbers):
    """Shingles as a sketch holds them."""
    return struct.pack(f">{len(numbers)}I", *numbers)


def plain(texts):
    """The same comparison, text by text."""
    beneath = {}
    for numbers, house, headline in texts:
        for number in numbers if house else ():
            beneath.setdefault((number, house), set()).add(headline)
    matter = {number for (number, _), headlines in beneath.items() if len(headlines) >= HEADLINES}
    own = [set(numbers) - matter for numbers, _, _ in texts]
    crowded = {number for number in set().union(*own) if sum(number in each for each in own) > CROWD}
    pairs = []
    for one, two in combinations(range(len(texts)), 2):
        shared = len(own[one] & own[two] - crowded)
        if shared and shared >= SHARE * min(len(own[one]), len(own[two])):
            pairs.append((one, two))
    return frozenset(matter), tuple(pairs)


@pytest.mark.parametrize("size", [1, 4, 1 << 22])
@given(texts=TEXTS)
def test_all_at_once_finds_what_each_two_do(size, texts):
    """In slices of any size: shingles and pairs are counted across them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketches, "SLICE", size)
        told = [Sketched(drawn(numbers), house, headline) for numbers, house, headline in texts]
        found = find_resemblances(told, HEADLINES, CROWD, SHARE)
    assert (found.house, found.pairs) == plain(texts)


def test_a_shingle_that_a_crowd_holds_leads_to_no_pairs():
    """Four of three allowed hold it."""
    told = [Sketched(drawn([9]), "", str(number)) for number in range(4)]
    assert find_resemblances(told[:3], HEADLINES, CROWD, SHARE).pairs == ((0, 1), (0, 2), (1, 2))
    assert find_resemblances(told, HEADLINES, CROWD, SHARE).pairs == ()
