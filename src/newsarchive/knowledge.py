"""What an editor laid down, read and checked before any work is done: rules and data."""

from dataclasses import dataclass

from newsarchive.archive import Edition
from newsarchive.entities import load_editions
from newsarchive.rulefiles import load_rules
from newsarchive.rules import RuleBook
from newsarchive.settings import Settings


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What an editor laid down, checked: the same for all articles."""

    rules: RuleBook
    editions: tuple[Edition, ...]


def load_knowledge(settings: Settings) -> Knowledge:
    """Read rules and data.

    Raises:
        NewsArchiveError: one of them is broken.
    """
    return Knowledge(load_rules(settings), tuple(load_editions(settings)))
