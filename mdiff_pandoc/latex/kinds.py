"""Guesses: is an undeclared letter a scalar, a vector or a matrix?

Capital letters are matrices and bold small ones vectors. The others are scalar or vector,
whichever makes the formula conform; how the letter is used says which to try first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from heapq import heappop, heappush

from msgspec import Struct, field

from mdiff_pandoc.latex.notation import MEMBER
from mdiff_pandoc.latex.notations import ACCENTS, GREEK, PREFIX_FONTS
from mdiff_pandoc.latex.surface import Kind, Term

MAX_READINGS = 256
MEMBERS = MEMBER  # what the key of a family has after the name


class Sort(StrEnum):
    """What a letter may stand for; a family has members :math:`x_i` of its own shape."""

    SCALAR = "scalar"
    VECTOR = "vector"
    MATRIX = "matrix"
    SQUARE = "square"
    FAMILY_OF_VECTORS = "family of vectors"
    FAMILY_OF_MATRICES = "family of matrices"


class Uses(Struct):
    """How a letter is used: ``vector`` adds up the signs that it is a vector (positive) or a
    scalar (negative), ``member`` those that :math:`x_i` is a vector and no entry; ``most`` is
    the least scalar-like use; ``alone`` that it stands
    without indices somewhere; ``divisor`` that a number is divided by it."""

    bold: bool = False
    latex: str = ""
    vector: float = 0.0
    member: float = 0.0
    most: float = -100.0
    double_index: bool = False
    index: str = "i"
    alone: bool = False
    divisor: bool = False


_PREFIXES = tuple({*ACCENTS.values(), *PREFIX_FONTS.values()})
_GREEK_NAMES = frozenset(name[1:] for name in GREEK)
COUNTS = frozenset(("n", "m", "N", "M", "T", "i", "j", "k"))
NUMBERS = frozenset("nmNMKLTBS")  # letters for how many there are of something
_SCALAR_TERMS = frozenset((Kind.NORM, Kind.BARS, Kind.INDEX_SUM, Kind.INNER))
_SIZED = {"ones": 0, "zeros": 0, "unvec": 1}  # heads whose later arguments are dimensions
_SCALAR_HEADS = frozenset(("trace", "det", "logdet", "logsumexp", "eigenvalue", "singular_value"))


def base_of(name: str) -> str:
    """The letter of a plain name: of ``hat_y_1`` it is ``y``."""
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name.split("_")[0]


def is_capital(name: str) -> bool:
    """Is this a capital letter, Greek or Latin?"""
    return base_of(name)[:1].isupper()


class Usage(Struct):
    """Collects the uses of every letter of a formula.

    ``key`` gives a name and its style the key under which it is one symbol; ``named`` are the
    keys of what has a definition.
    """

    key: Callable[[str, bool], str]
    named: frozenset[str] = frozenset()
    uses: dict[str, Uses] = field(default_factory=dict)
    counts: set[str] = field(default_factory=set)

    def collect(self, term: Term, bound: frozenset[str] = frozenset(), weight: float = 0.0) -> None:
        """Walk over ``term``; ``weight`` is what its place says of a bare letter there."""
        match term.kind:
            case Kind.NAME:
                self._note(term, weight)
            case Kind.INDEX if term.args and term.args[0].kind is Kind.NAME:
                self._index(term, bound, weight)
            case Kind.INDEX_SUM:
                for limit in term.args[1:]:
                    self.counts |= {t.text for t in _names(limit)}
                self.collect(term.args[0], bound | {term.text})
            case Kind.PRODUCT:
                for place, factor in enumerate(term.args):
                    self.collect(factor, bound, _in_product(term.args, place) + min(0.0, weight))
            case Kind.DOT:
                for side, near in zip(term.args, (-1, 0), strict=True):
                    self._side_of_dot(side, near, bound)
            case Kind.POWER:
                # a root of a capital letter is one of a matrix, though none that can be read
                scalar = _is_whole(term.args[1]) or term.args[0].text in COUNTS
                self.collect(term.args[0], bound, -4.0 if scalar else -2.0)
                self.collect(term.args[1], bound, -5.0)
            case Kind.DIVIDE:
                self.collect(term.args[0], bound, min(0.0, weight))
                self.collect(term.args[1], bound, -4.0)
                self._divisors(term)
            case Kind.APPLY if term.text in _SIZED:
                sized = term.args[_SIZED[term.text] :]
                self.counts |= {name.text for size in sized for name in _names(size)}
                for arg in term.args[: _SIZED[term.text]]:
                    self.collect(arg, bound, 3.0)
            case Kind.SUM | Kind.NEG:
                for arg in term.args:
                    self.collect(arg, bound, max(0.0, weight))
            case Kind.MATRIX:
                entries = not any(is_capital(name.text) for name in _names(term))
                for arg in term.args:
                    self.collect(arg, bound, -4.0 if entries else 0.0)
            case Kind.ROW_LIST:
                for arg in term.args:
                    self.collect(arg, bound, weight)
            case Kind.TRANSPOSE if term.text == "'":
                self.collect(term.args[0], bound, 4.0)
            case _:
                inner = _PLACES.get(term.kind, 0.0)
                if term.kind is Kind.APPLY:
                    inner = 4.0 if term.text in ("diag", "Diag", "softmax", "logsumexp") else 0.0
                for arg in term.args:
                    self.collect(arg, bound, inner)

    def _divisors(self, quotient: Term) -> None:
        """Letters for numbers below a number, as in ``\\frac{1}{2N}``."""
        above, below = (list(_names(part)) for part in quotient.args)
        letters = [name for name in below if is_capital(name.text)]
        if all(map(_is_greek, above)) and all(base_of(n.text) in NUMBERS for n in letters):
            for name in letters:
                self._of(name.text, name).divisor = True

    def _side_of_dot(self, side: Term, near: int, bound: frozenset[str]) -> None:
        """One side of ``\\cdot``; of ``a w \\cdot x`` the factor beside the dot is the vector."""
        while side.kind is Kind.NEG:
            side = side.args[0]
        self.collect(side, bound, _PLACES[Kind.DOT])
        beside = side.args[near] if side.kind is Kind.PRODUCT else side
        if beside is not side and beside.kind in (Kind.NAME, Kind.INDEX):
            self.collect(beside, bound, _PLACES[Kind.DOT])

    def _of(self, text: str, term: Term) -> Uses:
        uses = self.uses.setdefault(self.key(text, term.bold), Uses(term.bold, term.latex or text))
        uses.bold = uses.bold or term.bold
        return uses

    def _note(self, term: Term, weight: float, text: str = "") -> None:
        uses = self._of(text or term.text, term)
        uses.alone = True
        uses.vector += weight
        uses.most = max(uses.most, weight)

    def _index(self, term: Term, bound: frozenset[str], weight: float) -> None:
        base, *indices = term.args
        sized = len(indices) == 1 or not any(is_bound(index, bound) for index in indices)
        if base.text == "I" and sized:  # an identity with its size
            self.counts |= {name.text for index in indices for name in _names(index)}
            return
        if not any(is_bound(index, bound) for index in indices):
            if self.key(base.text, base.bold) in self.named:
                return
            named = Term(Kind.NAME, term.span, (), term.text, term.latex, base.bold)
            self._note(named, weight)
            return
        if len(indices) == 1:
            key = self.key(base.text, base.bold) + MEMBERS
            uses = self.uses.setdefault(key, Uses(base.bold, base.latex or base.text))
            uses.member += weight if weight else -1.0
            uses.index = indices[0].latex or indices[0].text
        else:
            self._of(base.text, base).double_index = True


_PLACES = {
    Kind.TRANSPOSE: 5.0,
    Kind.NORM: 3.0,
    Kind.INNER: 3.0,
    Kind.DOT: 3.0,
    Kind.CROSS: 1.0,
    Kind.HADAMARD: 2.0,
    Kind.OSLASH: 2.0,
    Kind.KRON: 1.0,
}


def is_bound(index: Term, bound: frozenset[str]) -> bool:
    """Is this index a number, or one that a sum runs over?"""
    return index.kind is Kind.NUMBER or (index.kind is Kind.NAME and index.text in bound)


def _names(term: Term) -> Iterator[Term]:
    if term.kind is Kind.NAME:
        yield term
    for arg in term.args:
        yield from _names(arg)


def _in_product(factors: tuple[Term, ...], place: int) -> float:
    """What standing in a product says: coefficients stand in front, vectors at the end."""
    factor = factors[place]
    if factor.kind not in (Kind.NAME, Kind.INDEX, Kind.DIVIDE):
        return 0.0
    others = [f for f in factors if f is not factor]
    if any(_is_scalar(other) for other in others):
        return -3.0
    before = factors[:place]
    after = factors[place + 1] if place + 1 < len(factors) else None
    if any(not _is_number(f) and not _is_greek(f) for f in before):
        previous = factors[place - 1]
        if previous.kind is Kind.TRANSPOSE and len(factors) == 2:
            return 4.0  # an inner product, or a matrix times a vector
        return 2.0 if previous.kind is Kind.TRANSPOSE or _is_matrix(previous) else 0.0
    if after is not None and (after.kind is Kind.TRANSPOSE or _is_matrix(after)):
        return -3.0 if _is_greek(factor) else -1.5
    return 0.0


def _is_number(term: Term) -> bool:
    return term.kind is Kind.NUMBER or (
        term.kind in (Kind.DIVIDE, Kind.NEG, Kind.POWER) and all(map(_is_number, term.args))
    )


def _is_whole(exponent: Term) -> bool:
    while exponent.kind is Kind.NEG:
        exponent = exponent.args[0]
    return exponent.kind is not Kind.DIVIDE and "." not in exponent.text


def _is_scalar(term: Term) -> bool:
    if term.kind is Kind.POWER:
        return _is_scalar(term.args[0])
    return term.kind in _SCALAR_TERMS or (term.kind is Kind.APPLY and term.text in _SCALAR_HEADS)


def _is_greek(term: Term) -> bool:
    return (
        term.kind is Kind.NAME and base_of(term.text) in _GREEK_NAMES and not is_capital(term.text)
    )


def _is_matrix(term: Term) -> bool:
    while term.kind in (Kind.INVERSE, Kind.INVERSE_TRANSPOSE, Kind.TRANSPOSE):
        term = term.args[0]
    return term.kind is Kind.NAME and is_capital(term.text)


def options(
    name: str, uses: Uses, *, positive: bool = False, top: bool = False
) -> list[tuple[float, Sort]]:
    """What an undeclared letter may be, each with its cost; the first costs nothing.

    A small letter that is ``positive`` is rather a scalar, and so is one at the ``top`` of a
    chain rule, that is differentiated and nothing else.

    For the members of a family, VECTOR means that they are the entries of a vector.
    """
    if name.endswith(MEMBERS):
        if is_capital(name):
            return [(0.0, Sort.FAMILY_OF_MATRICES)]
        sorts = [Sort.FAMILY_OF_VECTORS, Sort.VECTOR]
        if uses.member <= 0:
            sorts.reverse()
        return [(0.0, sorts[0]), (max(abs(uses.member), 0.1), sorts[1])]
    if uses.double_index:
        return [(0.0, Sort.MATRIX)]
    if top and not uses.bold:
        return [(0.0, Sort.SCALAR), (2.0, Sort.MATRIX if is_capital(name) else Sort.VECTOR)]
    if is_capital(name):
        if uses.divisor and uses.most < 0.0:
            return [(0.0, Sort.SCALAR), (5.0, Sort.MATRIX)]
        found = [(0.0, Sort.MATRIX)]
        if uses.most <= -3.0 or base_of(name) in COUNTS:
            found.append((5.0, Sort.SCALAR))
        return found
    if uses.bold or uses.most >= _PLACES[Kind.TRANSPOSE]:
        return [(0.0, Sort.VECTOR)]
    base = base_of(name)
    default = -1.0 if base in COUNTS else -0.5 if base in _GREEK_NAMES else 1.0
    score = uses.vector + default - (3.0 if positive else 0.0)
    cost = max(abs(score), 0.1)
    if score > 0:
        return [(0.0, Sort.VECTOR), (cost, Sort.SCALAR)]
    return [(0.0, Sort.SCALAR), (cost, Sort.VECTOR)]


def assignments(choices: dict[str, list[tuple[float, Sort]]]) -> Iterator[dict[str, Sort]]:
    """The assignments of sorts to letters, the cheapest first, at most `MAX_READINGS`."""
    first = {name: found[0][1] for name, found in choices.items()}
    yield first
    flips = sorted(
        (cost, name, sort) for name, found in choices.items() for cost, sort in found[1:]
    )
    heap: list[tuple[float, tuple[int, ...]]] = []
    if flips:
        heappush(heap, (flips[0][0], (0,)))
    given = 1
    while heap and given < MAX_READINGS:
        total, chosen = heappop(heap)
        yield first | {flips[i][1]: flips[i][2] for i in chosen}
        given += 1
        last = chosen[-1]
        if last + 1 < len(flips):
            step = flips[last + 1][0]
            heappush(heap, (total + step, (*chosen, last + 1)))
            heappush(heap, (total - flips[last][0] + step, (*chosen[:-1], last + 1)))
