"""How templates become Python: plain attributes, text escaped once, a block one list, kept while the process runs.

Jinja asks for an attribute through two calls, wraps each printed value in a string of its own kind, and hands each
piece up through every frame of inheritance. A page of ours prints some hundred values, so that this would cost more
than all the rest. What templates mean stays the same (tests fill them both ways), but that `x.y` is an attribute alone,
and `x['y']` an item.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from keyword import iskeyword
from types import CodeType
from typing import ClassVar

import jinja2
from jinja2 import nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame, MacroRef, optimizeconst
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup, escape

try:  # the part of `escape` that escapes, without the string of its own kind
    from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]
except ImportError:  # pragma: no cover  another release may name it otherwise

    def escape_text(text: str, /) -> str:
        """Escape a text."""
        return str(escape(text))


_LENIENT = frozenset({"defined", "undefined", "default", "d"})
"""Tests and filters that take what is missing."""


def printed(value: object) -> str:
    """Give a value as a page prints it: escaped, unless it is HTML already."""
    kind = type(value)
    if kind is str:
        return escape_text(value)  # type: ignore[arg-type]
    if kind is Markup:
        return value  # type: ignore[return-value]
    return str(value) if kind is int else escape(value)


class Quick(Macro):
    """A macro that is called with its arguments in their order, as nearly every call is."""

    def __call__(self, *args: object, **kwargs: object) -> str:
        """Fill the macro."""
        gap = self._argument_count - len(args)
        if kwargs or gap < 0 or self.caller or self.catch_kwargs or self.catch_varargs:
            return super().__call__(*args, **kwargs)
        return str.__new__(Markup, self._func(*args, *(missing,) * gap) if gap else self._func(*args))


class Kept(jinja2.Template):
    """A template whose macros are read once: what imports it never brings them variables of its own."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:  # noqa: ARG002
        return self._module or super()._get_default_module()


class Direct(CodeGenerator):
    """Writes the Python of a template; what may be missing is asked for as Jinja does."""

    _is_lenient = False

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """Begin with what the rest calls."""
        self.writeline(f"from {__name__} import Quick, escape_text, printed")
        super().visit_Template(node, frame)

    def blockvisit(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        """Collect what a block prints in one list, rather than hand it up piece by piece."""
        if frame.buffer is not None:
            super().blockvisit(body, frame)
            return
        self.buffer(frame)
        super().blockvisit(body, frame)
        self.writeline(f"yield concat({frame.buffer})")
        frame.buffer = None

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:  # noqa: ARG002
        """Make a macro that is quick to call."""
        names = tuple(each.name for each in macro_ref.node.args)
        takes = (macro_ref.accesses_kwargs, macro_ref.accesses_varargs, macro_ref.accesses_caller)
        name = getattr(macro_ref.node, "name", None)
        self.write(f"Quick(environment, macro, {name!r}, {names!r}, *{takes!r}, context.eval_ctx.autoescape)")

    @optimizeconst
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """Ask for an attribute as Python does."""
        if self._is_lenient or iskeyword(node.attr):
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    @optimizeconst
    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """Ask for an item as Python does."""
        if self._is_lenient or isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.visit(node.node, frame)
        self.write("[")
        self.visit(node.arg, frame)
        self.write("]")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802, FBT002
        """Call what is called; only calls with plain arguments, which pass on nothing of the context."""
        plain = not (node.dyn_args or node.dyn_kwargs or any(iskeyword(each.key) for each in node.kwargs))
        if forward_caller or self._is_lenient or not plain:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:  # noqa: N802
        """Test a value, which may be missing where that is what is asked."""
        with self._leniently(node.name):
            super().visit_Test(node, frame)

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:  # noqa: N802
        """Filter a value, which may be missing where another is given for it."""
        with self._leniently(node.name):
            super().visit_Filter(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
            return
        if isinstance(node, nodes.CondExpr) and node.expr2 is None:
            node.expr2 = nodes.Const("")
        self.write("(escape_text(value) if type(value := (")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write(")) is str else printed(value))")

    @contextmanager
    def _leniently(self, name: str) -> Iterator[None]:
        before = self._is_lenient
        self._is_lenient = before or name in _LENIENT
        yield
        self._is_lenient = before


class Shelved(jinja2.BytecodeCache):
    """Keeps compiled templates in memory by their text, so that what was checked is not compiled again.

    Never on disk: what is read from a cache must not be able to run.
    """

    _code: ClassVar[dict[tuple[str, str], CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket with what is kept for its template, if anything is."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the template of a bucket."""
        if bucket.code:
            self._code[bucket.key, bucket.checksum] = bucket.code
