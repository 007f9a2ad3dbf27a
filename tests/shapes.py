"""Reads the problems whose answers have other shapes than a gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from problems import CASES, SHARED, declarations, latex_name

from mdiff_pandoc.calculus import Problem
from mdiff_pandoc.expr import Expr, Layout
from mdiff_pandoc.latex.reader import read_expression

FILES = [CASES / "shapes.txt", SHARED / "cases" / "shapes.txt"]
MATRICES = ("mbm", "vm", "mv")  # by vec on both sides


@dataclass(frozen=True)
class Shaped:
    """A function ``f`` to differentiate by one variable or two; ``answer`` or ``""``."""

    name: str
    kind: str
    f: str
    variables: tuple[str, ...]
    declarations: tuple[str, ...]
    answer: str

    @property
    def is_second(self) -> bool:
        return self.kind in ("hes", "hesm", "mix")

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms to ask for: as a map first, where there is one."""
        if self.kind == "hesm" or (self.kind == "mix" and self.variables[0].isupper()):
            return ("", "vec")
        return ("vec",) if self.kind in MATRICES else ("",)

    @property
    def request(self) -> str:
        below = " ".join(rf"\partial {latex_name(name)}" for name in self.variables)
        if self.kind == "hes" and self.variables == ("t",):
            head = r"\frac{\partial^2}{\partial t^2}"
        elif self.kind in ("hes", "hesm"):
            head = rf"\nabla_{{{latex_name(self.variables[0])}}}^2"
        elif self.kind == "mix":
            head = rf"\frac{{\partial^2}}{{{below}}}"
        else:
            head = rf"\frac{{\partial}}{{{below}}}"
        return rf"{head} \left( {self.f} \right) = ?"

    def read(self, latex: str, shape: tuple[object, object] | None = None) -> Expr:
        return read_expression(latex, list(self.declarations), shape=shape)[0]

    def problem(self, form: str = "", layout: Layout = Layout.NUMERATOR) -> Problem:
        f = self.read(self.f)
        known = {symbol.data.name: symbol for symbol in f.symbols}
        variables = tuple(known.get(v) or self.read(latex_name(v)) for v in self.variables)
        if self.kind in ("hes", "hesm"):
            variables *= 2
        return Problem(f, variables, layout=layout, form=form)


def shaped() -> Iterator[Shaped]:
    """All problems of `FILES`, in the format ``id | kind | f | variables | shapes | answer``."""
    for path in FILES:
        if not path.exists():
            continue
        for line in path.read_text("utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            fields = [part.strip() for part in (line.removesuffix("|") + " | ").split(" | ")]
            name, kind, f, variables, shapes, answer = fields[:6]
            names = tuple(variables.split(","))
            prefix = "" if path.parent == CASES else "shared "
            yield Shaped(prefix + name, kind, f, names, tuple(declarations(shapes)), answer)
