"""What one declaration says."""

from __future__ import annotations

from msgspec import Struct, field

from mdiff_pandoc.errors import Span
from mdiff_pandoc.expr import Shape
from mdiff_pandoc.latex.names import Name


class Side(Struct, frozen=True):
    """One right-hand side of a definition and its offset in the fact."""

    text: str
    offset: int


class Fact(Struct, frozen=True):
    """One declaration or definition.

    ``shape`` is None unless the fact gives one; a ``kind`` (``scalar``, ``vector``, ``matrix``,
    ``square``, ``function``) comes without dimensions. ``sides`` are the right-hand sides of a
    definition, ``parameters`` the arguments of the function it defines. A ``strong`` definition
    was written as one, with ``:=`` or "let"; a plain equation may also state something else.
    Of a function that is declared and not defined, ``values`` is the shape of its values, and
    ``domain`` those of its arguments, where they are told. ``unread`` are words about the names
    that are not used.
    """

    source: str
    names: tuple[Name, ...]
    shape: Shape | None = None
    kind: str = ""
    assumptions: frozenset[str] = frozenset()
    sides: tuple[Side, ...] = ()
    parameters: tuple[Name, ...] = ()
    strong: bool = False
    domain: tuple[Shape, ...] = ()
    values: Shape | None = None
    unread: str = ""
    span: Span = field(default_factory=lambda: Span(0, 0))
