"""Builds a browsable news archive, made of plain files, from a folder of collected articles."""

__version__ = "0.1.0"
"""Version of the package, after Semantic Versioning."""
