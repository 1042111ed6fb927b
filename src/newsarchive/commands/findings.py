"""What `check` finds wrong: one place, one finding, one remedy."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that is wrong with a site."""

    path: str
    """Relative to the site's root, with the line behind a colon where there is one."""
    finding: str
    remedy: str

    def __str__(self) -> str:
        """Give it as a line: `path: finding; remedy`."""
        return f"{self.path}: {self.finding}; {self.remedy}"


AGAIN = "build the site again"
"""Remedy for what only a build can mend."""
COPY = "copy the site again"
"""Remedy for what was lost or changed since the build."""
REPORT = "this is a fault of the program or of a template: report it"
"""Remedy for what no build should have written."""
