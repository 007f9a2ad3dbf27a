r"""Sets and sizes in declarations: ``\mathbb{R}^{m \times n}``, ``\mathbb{S}_{++}^n``, ``m×n``."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.errors import DeclarationError, Span
from mdiff_pandoc.expr import ONE, SCALAR, Shape
from mdiff_pandoc.latex.names import scan_dim
from mdiff_pandoc.patterns import regex

SHAPES = (
    r"write a shape such as X \in \mathbb{R}^{m \times n}, x \in \mathbb{R}^n or t \in \mathbb{R}"
)
_SET = regex(
    r"\\(?:mathbb|mathbf|mathrm|mathcal|mathds|mathsf|operatorname)\s*(?:\{\s*(?P<braced>[A-Z]|Sym)\s*\}|(?P<bare>[A-Z])(?![A-Za-z]))"
    r"|\\(?P<macro>R|RR|Re|reals|Real|N|Z|C|Q)(?![A-Za-z])|(?P<plain>[RSℝℕℤℂ])(?![A-Za-z])"
    r"|\\\{(?P<choices>[^{}]*)\\\}|(?P<interval>[\[(][^\[\]()]*,[^\[\]()]*[\])])"
)
_SCRIPT = regex(
    r"\s*(?P<mark>[_^])\s*(?:\{(?P<group>(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}|(?P<bare>\\[A-Za-z]+|[\w+*]))"
)
_POSITIVE = regex(r"\s*(?:\+{1,2}|>\s*0?|\\(?:geq?|gt)\s*0|≥\s*0|\\geqslant\s*0)\s*")
_TIMES = regex(r"\\times(?![A-Za-z])|×|\sx\s|,|\\,x\\,")

_PLAIN_PAIR = regex(r"\s*(?:\d+|[A-Za-z])(?P<times>x)(?:\d+|[A-Za-z])\s*")


class FoundSet(Struct, frozen=True):
    """A set: the shape of its members, the property they share, and where its text ends."""

    shape: Shape
    words: str
    end: int


def scan_set(text: str, start: int, end: int) -> FoundSet | None:
    """The set that begins at ``start``, or None. Raises DeclarationError."""
    found = _SET.match(text, start, end)
    if found is None:
        return None
    letter = found["braced"] or found["bare"] or found["macro"] or found["plain"] or "R"
    letter = {"ℝ": "R", "RR": "R", "Re": "R", "reals": "R", "Real": "R", "Sym": "S"}.get(
        letter, letter
    )
    if letter in ("C", "ℂ"):
        raise DeclarationError("complex matrices are not supported", Span(*found.span()), SHAPES)
    position, exponent, positive = found.end(), None, False
    while script := _SCRIPT.match(text, position, end):
        part = script["group"] if script["group"] is not None else script["bare"]
        where = script.start("group") if script["group"] is not None else script.start("bare")
        if _POSITIVE.fullmatch(part):
            positive = positive or "++" in part or letter != "S"
        elif script["mark"] == "^" and exponent is None:
            exponent = (where, where + len(part))
        else:
            raise DeclarationError("this set is not understood", Span(*script.span()), SHAPES)
        position = script.end()
    words = "positive" if positive else ""
    if letter == "S":
        words = "pd" if positive else "symmetric"
    if found["choices"] is not None and found["choices"].replace(" ", "") == "0,1":
        words = "binary"
    shape = SCALAR if exponent is None else scan_shape(text, *exponent)
    if letter == "S" and shape[1] == ONE:
        if exponent is None:
            raise DeclarationError(
                "the set of symmetric matrices needs a size",
                Span(*found.span()),
                r"write \mathbb{S}^n",
            )
        shape = (shape[0], shape[0])
    return FoundSet(shape, words, position)


def scan_shape(text: str, start: int, end: int) -> Shape:
    """``m \\times n``, ``m × n`` or a single length."""
    pair = _PLAIN_PAIR.fullmatch(text, start, end)
    bounds = [start, *pair.span("times")] if pair else [start]
    for times in _TIMES.finditer(text, bounds[-1], end):
        bounds += [times.start(), times.end()]
    bounds.append(end)
    dims = [
        scan_dim(text, left, right) for left, right in zip(bounds[::2], bounds[1::2], strict=True)
    ]
    if len(dims) > 2:
        raise DeclarationError(
            "arrays with more than two dimensions are not supported", Span(start, end), SHAPES
        )
    return dims[0], dims[1] if len(dims) == 2 else ONE


_PRODUCT = regex(r"\s*(?:\\times(?![A-Za-z])|×|,)\s*")


def scan_mapping(
    text: str, start: int, arrow: tuple[int, int], end: int
) -> tuple[tuple[Shape, ...], Shape | None]:
    """The shapes of arguments and values in ``A × B → C``; none where a set is not understood."""
    shapes: list[Shape] = []
    try:
        values = scan_set(text, _after_space(text, arrow[1]), end)
        position = _after_space(text, start)
        while found := scan_set(text, position, arrow[0]):
            shapes.append(found.shape)
            product = _PRODUCT.match(text, found.end, arrow[0])
            position = product.end() if product else found.end
    except DeclarationError:
        return (), None
    if text[position : arrow[0]].strip():
        shapes = []
    return tuple(shapes), values.shape if values else None


def _after_space(text: str, start: int) -> int:
    while text[start : start + 1].isspace():
        start += 1
    return start
