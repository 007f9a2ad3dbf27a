"""What a request becomes: a function, the variables, and the author's words for them."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.expr import Expr, Layout
from mdiff_pandoc.latex.notation import Notation


class Request(Struct, frozen=True):
    r"""A derivative that is asked for.

    ``f`` is the function with definitions put in, except in the arguments of unspecified
    functions; ``named`` the same with all that have a name kept as NAMED nodes, None where none
    has. ``variables`` are the symbol to differentiate by,
    or two of them in the order of differentiation: :math:`\partial^2 f/\partial x\,\partial y^\top`
    and :math:`\frac{\partial}{\partial y} \frac{\partial f}{\partial x}` have x before y, and mean
    the matrix with the rows of x and the columns of y. ``layout`` and ``form`` are those that the
    notation fixes, if it does. ``transposed``: the answer is to be transposed. ``derivative`` is
    the left-hand side as written, ``operator`` the same for the bare function ``name``,
    ``f_latex`` the function as written. ``assumed`` are the shapes that no declaration gave,
    ``notes`` the readings an author must know of. ``declared_only``: a variable does not occur in
    ``f``.
    """

    f: Expr
    variables: tuple[Expr, ...]
    transposed: bool
    notation: Notation
    derivative: str
    operator: str
    name: str
    f_latex: str
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    declared_only: bool = False
    layout: Layout | None = None
    form: str = ""
    named: Expr | None = None

    @property
    def variable(self) -> Expr:
        """The variable, or the first of two."""
        return self.variables[0]
