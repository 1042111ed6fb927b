"""Every exception the package raises, each knowing the place, the finding and the remedy.

One class per thing a person would open to mend the fault, so that a caller can tell a broken
rule from a broken template without reading the message.
"""


class NewsArchiveError(Exception):
    """Something that stops a build: `place: finding; remedy`."""

    def __init__(self, place: str, finding: str, remedy: str = "") -> None:
        """Keep the three parts; `place` is a path, with line and column where they are known."""
        self.place = place
        self.finding = finding
        self.remedy = remedy
        super().__init__(f"{place}: {finding}" + (f"; {remedy}" if remedy else ""))


class SettingsError(NewsArchiveError):
    """`site.yaml`, a file in `data/` or a command-line value is wrong."""


class RuleError(NewsArchiveError):
    """A file in `rules/` is wrong."""


class ContentError(NewsArchiveError):
    """One content file or sidecar cannot be read; never stops a build by itself."""


class TemplateError(NewsArchiveError):
    """A template in `templates/` is wrong or fails while rendering."""


class OutputError(NewsArchiveError):
    """The output folder cannot be written, is not ours, or two pages claim one path."""


class StaleFile(OutputError):
    """A file that was to be kept is not as the published site lists it; `place` is its path."""


class ClusterError(NewsArchiveError):
    """The cluster that is to prepare articles cannot be reached, has no workers, or works on something else."""


class CommandError(NewsArchiveError):
    """A command was used in a way that cannot be carried out."""


class ManyErrors(NewsArchiveError):
    """Several faults of one kind, found together and reported together."""

    def __init__(self, errors: list[NewsArchiveError]) -> None:
        """Join the messages, one a line; `errors` is not empty."""
        self.errors = tuple(errors)
        Exception.__init__(self, "\n".join(str(error) for error in errors))
