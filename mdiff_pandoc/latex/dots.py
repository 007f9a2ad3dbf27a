r"""Matrices, vectors and sums written with dots, as sums over the index that the dots stand for.

From the written entries, such as :math:`X_{11}, X_{12}, X_{1n}, X_{m1}, X_{mn}`, follows the entry
:math:`X_{ij}`; the matrix is :math:`\sum_{ij} e_i X_{ij} e_j^\top`. Every written entry must fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from mdiff_pandoc.errors import ParseError, Span, UnsupportedError
from mdiff_pandoc.latex.indices import INDEXED, spare_letters
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.subscripts import numbered_entry
from mdiff_pandoc.latex.surface import Kind, Term, walk
from mdiff_pandoc.patterns import regex

UNIT = "unit"  # text of the EMPTY base of a unit vector
_NUMBERED = regex(r"(.+)_(\d+)")
_DIAGONAL = ("diag", "Diag")


def has_dots(term: Term) -> bool:
    """Does a row, a sum or the argument of a diag have dots?"""
    return any(node.kind is Kind.NAME and node.text == "dots" for node in walk(term))


def filled(whole: Term) -> Term:
    """The tree without dots. Raises UnsupportedError where they cannot be filled in."""
    if not has_dots(whole):
        return whole
    letters = spare_letters(whole, "ijklrs")

    def rewrite(node: Term, turned: bool = False) -> Term:
        node = _as_product(node)
        inner = node.kind is Kind.TRANSPOSE
        node = replace(node, args=tuple(rewrite(arg, inner) for arg in node.args))
        found: Term | None
        if node.kind is Kind.MATRIX:
            cells = [list(row.args) for row in node.args]
            if not any(_is_dots(cell) for row in cells for cell in row):
                return node
            found = _matrix(cells, node.span, (next(letters), next(letters)))
            if found is not None and node.latex == "(" and not turned:
                found = Term(Kind.TRANSPOSE, node.span, (found,))
        elif not any(map(_is_dots, node.args)):
            return node
        elif node.kind is Kind.SUM:
            found = _sum(node.args, next(letters))
        elif node.kind is Kind.APPLY and node.text in _DIAGONAL:
            letter = next(letters)
            vector = _matrix([[arg] for arg in node.args], node.span, (letter, letter))
            found = vector and replace(node, args=(vector,))
        else:
            return node
        if found is None:
            raise UnsupportedError(
                "the dots cannot be filled in",
                node.span,
                "write the first and the last entries, with indices from 1, as in x_1, …, x_n",
            )
        return found

    return rewrite(whole)


def _as_product(term: Term) -> Term:
    """A capital letter before a list with dots and a transpose: a matrix times a vector."""
    call = term.args[0] if term.kind is Kind.TRANSPOSE else term
    if call is term or call.kind is not Kind.CALL or not is_capital(call.text):
        return term
    if not any(map(_is_dots, call.args)):
        return term
    name = Term(Kind.NAME, call.span, (), call.text, call.latex, call.bold)
    row = Term(Kind.ROW_LIST, call.span, call.args)
    vector = replace(term, args=(Term(Kind.MATRIX, call.span, (row,), latex="("),))
    return Term(Kind.PRODUCT, term.span, (name, vector))


def refuse_dots(term: Term, source: str) -> None:
    """Raise ParseError for ``diag(a_1, …, a_n)``, with the vector to write instead."""
    if not any(map(_is_dots, term.args)):
        return
    last = term.args[-1]
    head = source[term.span.start : term.args[0].span.start].partition("(")[0]
    hint = "give it one argument"
    if last.kind is Kind.INDEX and len(last.args) == 2:
        base, size = (source[t.span.start : t.span.end] for t in last.args)
        hint = rf"write {head}({base}) and declare {base} \in \mathbb{{R}}^{size}"
    span = Span(term.span.start + len(head), term.span.end)
    raise ParseError(f"{term.latex or term.text} takes one argument", span, hint)


def _is_dots(term: Term) -> bool:
    return term.kind is Kind.NAME and term.text == "dots"


def _is_nothing(term: Term) -> bool:
    zero = term.kind in (Kind.NUMBER, Kind.NAME) and term.text == "0"
    return zero or term.kind is Kind.EMPTY or _is_dots(term)


def _sum(args: Sequence[Term], letter: str) -> Term | None:
    r""":math:`a_1 + \dots + a_n`; what stands behind it stays."""
    place = next(place for place, arg in enumerate(args) if _is_dots(arg))
    if place == 0 or place + 1 == len(args):
        return None
    start = 0
    for start in range(place):
        found = _entry(args[start], args[place + 1], letter)
        if found is not None:
            break
    else:
        return None
    body, upper = found
    for number, arg in enumerate(args[start:place], 1):
        if not _same(arg, _at(body, letter, _number(number, arg.span))):
            return None
    span = args[start].span.join(args[place + 1].span)
    summed = Term(Kind.INDEX_SUM, span, (body, Term(Kind.EMPTY, span), upper), letter)
    rest = (*args[:start], summed, *args[place + 2 :])
    if any(map(_is_dots, rest)):
        return None
    return rest[0] if len(rest) == 1 else Term(Kind.SUM, args[0].span.join(args[-1].span), rest)


def _matrix(cells: list[list[Term]], span: Span, letters: tuple[str, str]) -> Term | None:
    """The matrix of entries in symbolic indices that the written ones fit."""
    rows = [place for place, row in enumerate(cells) if not all(map(_is_dots, row))]
    if not rows or any(len(cells[place]) != len(cells[rows[0]]) for place in rows):
        return None
    diagonal = len(rows) > 1 and len(cells) == len(cells[0]) and _is_diagonal(cells)
    if diagonal:
        return _diagonal(cells, span, letters[0])
    columns = [
        place
        for place in range(len(cells[rows[0]]))
        if not all(_is_dots(cells[row][place]) for row in rows)
    ]
    if not columns:
        return None
    kept = [[cells[row][column] for column in columns] for row in rows]
    gaps = (_gap(rows, len(cells)), _gap(columns, len(cells[rows[0]])))
    if gaps == (0, 0) or -1 in gaps:
        return None
    return _general(kept, gaps, span, letters)


def _gap(kept: list[int], count: int) -> int:
    """How many lines stand before the dots: 0 without dots, -1 where no last line follows them."""
    if len(kept) == count:
        return 0
    before = next(place for place, line in enumerate([*kept, count]) if place != line)
    return before if before == len(kept) - 1 and kept[-1] == count - 1 else -1


def _general(
    kept: list[list[Term]], gaps: tuple[int, int], span: Span, letters: tuple[str, str]
) -> Term | None:
    body, uppers = kept[0][0], [Term(Kind.EMPTY, span)] * 2
    corners = (kept[-1][0], kept[0][-1])
    for way in (0, 1):
        if not gaps[way]:
            continue
        entry = _entry(kept[0][0], corners[way], letters[way])
        if entry is None:
            return None
        merged = _merged(body, entry[0], kept[0][0])
        if merged is None:
            return None
        body, uppers[way] = merged, entry[1]
    if (not gaps[0] and len(kept) > 1) or (not gaps[1] and len(kept[0]) > 1):
        return None  # several whole lines beside dots
    for row, cells in enumerate(kept):
        for column, cell in enumerate(cells):
            expected = body
            for way, place in enumerate((row, column)):
                if gaps[way]:
                    label = _number(place + 1, cell.span) if place < gaps[way] else uppers[way]
                    expected = _at(expected, letters[way], label)
            if not (_same(cell, expected) or _is_dots(cell)):
                return None
    kept_ways = [(letters[way], uppers[way]) if gaps[way] else None for way in (0, 1)]
    return _summed(body, kept_ways[0], kept_ways[1])


def of_entries(body: Term, letters: Sequence[str]) -> Term:
    """The matrix with the entries ``body`` in two indices, or the vector with those in one."""
    nothing = Term(Kind.EMPTY, body.span)
    ways = [(letter, nothing) for letter in letters]
    return _summed(body, ways[0], ways[1] if len(ways) > 1 else None)


def _summed(body: Term, row: tuple[str, Term] | None, column: tuple[str, Term] | None) -> Term:
    r"""The sum of :math:`e_i \cdot` body :math:`\cdot e_j^\top` over the indices of either way."""
    span = body.span
    if row is not None and column is not None and _is_block(body):
        place = _summed(_number(1, span), row, column)
        return _around(place, lambda unit: Term(Kind.KRON, span, (unit, body)))
    factors = [body]
    if row is not None:
        factors.insert(0, _unit(row[0], span))
    if column is not None:
        factors.append(Term(Kind.TRANSPOSE, span, (_unit(column[0], span),)))
    found = Term(Kind.PRODUCT, span, tuple(factors))
    for way in (column, row):
        if way is not None:
            found = Term(Kind.INDEX_SUM, span, (found, Term(Kind.EMPTY, span), way[1]), way[0])
    return found


def _is_block(body: Term) -> bool:
    """Is it a multiple of a whole matrix, as :math:`a_{ij} B`?"""
    return body.kind is Kind.PRODUCT and any(
        arg.kind is Kind.NAME and is_capital(arg.text) for arg in body.args
    )


def _around(term: Term, made: Callable[[Term], Term]) -> Term:
    """The sums of ``term`` round what is ``made`` of their body."""
    if term.kind is Kind.INDEX_SUM:
        return replace(term, args=(_around(term.args[0], made), *term.args[1:]))
    return made(term)


def _is_diagonal(cells: list[list[Term]]) -> bool:
    size = len(cells)
    if any(len(row) != size for row in cells):
        return False
    off = all(
        _is_nothing(cell)
        for row, line in enumerate(cells)
        for column, cell in enumerate(line)
        if row != column
    )
    return off and not _is_nothing(cells[0][0]) and not _is_nothing(cells[-1][-1])


def _diagonal(cells: list[list[Term]], span: Span, letter: str) -> Term | None:
    """A diagonal matrix with the first and the last entries written."""
    line = [cells[place][place] for place in range(len(cells))]
    if not any(map(_is_dots, line)):
        return None
    vector = _matrix([[cell] for cell in line], span, (letter, letter))
    return vector and Term(Kind.APPLY, span, (vector,), "diag", r"\operatorname{diag}")


def _unit(letter: str, span: Span) -> Term:
    index = Term(Kind.NAME, span, (), letter, letter)
    return Term(Kind.INDEX, span, (Term(Kind.EMPTY, span, (), UNIT), index))


def _number(value: int, span: Span) -> Term:
    return Term(Kind.NUMBER, span, (), str(value), str(value))


def _entry(first: Term, last: Term, letter: str) -> tuple[Term, Term] | None:
    """The term with ``letter`` where ``first`` has the index 1 and ``last`` its last one."""
    uppers: list[Term] = []

    def generalised(left: Term, right: Term) -> Term | None:
        if _same(left, right):
            return left
        left, right = _as_entries(left, right)
        if left.kind is not right.kind or len(left.args) != len(right.args):
            return None
        if left.kind in INDEXED:
            if not _same(left.args[0], right.args[0]):
                base = generalised(left.args[0], right.args[0])
                if base is None:
                    return None
                left = replace(left, args=(base, *left.args[1:]))
            indices = []
            for one, other in zip(left.args[1:], right.args[1:], strict=True):
                if _same(one, other):
                    indices.append(one)
                elif one.kind is Kind.NUMBER and one.text == "1":
                    uppers.append(other)
                    indices.append(Term(Kind.NAME, one.span, (), letter, letter))
                else:
                    return None
            return _with_indices(left, tuple(indices))
        if left.text != right.text or left.bold != right.bold or not left.args:
            return None
        args = [generalised(a, b) for a, b in zip(left.args, right.args, strict=True)]
        kept = tuple(arg for arg in args if arg is not None)
        return replace(left, args=kept) if len(kept) == len(args) else None

    body = generalised(first, last)
    if body is None or not uppers or not all(_same(upper, uppers[0]) for upper in uppers):
        return None
    return body, uppers[0]


def _as_entries(left: Term, right: Term) -> tuple[Term, Term]:
    """``x_1`` beside ``x_n`` and ``X_{11}`` beside ``X_{1n}`` as entries with as many indices."""
    names = [_NUMBERED.fullmatch(term.text) for term in (left, right) if term.kind is Kind.NAME]
    digits = [found[2] for found in names if found]
    counts = [len(term.args) - 1 for term in (left, right) if term.kind in INDEXED]
    if not counts and (not digits or not digits[0].startswith("1")):
        return left, right
    count = max(counts, default=2 if digits and len(digits[0]) == 2 else 1)
    return _as_entry(left, count), _as_entry(right, count)


def _as_entry(term: Term, count: int) -> Term:
    """A numbered name, or an entry whose indices are run together, with ``count`` indices."""
    found = _NUMBERED.fullmatch(term.text) if term.kind is Kind.NAME else None
    if found is not None:
        return numbered_entry(term, found[1], (found[2],) if count == 1 else tuple(found[2]))
    if term.kind is Kind.INDEX and len(term.args) == 2 < count + 1:
        number = term.args[1]
        if number.kind is Kind.NUMBER and len(number.text) == count:
            places = tuple(_number(int(digit), number.span) for digit in number.text)
            return replace(term, args=(term.args[0], *places))
    return term


def _with_indices(term: Term, indices: tuple[Term, ...]) -> Term:
    if indices == term.args[1:]:
        return term
    base = term.args[0]
    text = "".join(index.text for index in indices)
    return replace(
        term,
        args=(base, *indices),
        text=f"{base.text}_{text}" if term.text else "",
        latex=f"{base.latex}_{{{text}}}" if term.latex else "",
    )


def _merged(body: Term, other: Term, first: Term) -> Term | None:
    """The term that has the changes of both from the ``first`` one."""
    if _same(body, first):
        return other
    if _same(other, first):
        return body
    first, body = _as_entries(first, body)
    first, other = _as_entries(first, other)
    if not (body.kind is other.kind is first.kind and len(body.args) == len(other.args)):
        return None
    args = []
    for one, two, old in zip(body.args, other.args, first.args, strict=True):
        merged = _merged(one, two, old)
        if merged is None:
            return None
        args.append(merged)
    if body.kind in INDEXED:
        return _with_indices(replace(body, args=(args[0], *body.args[1:])), tuple(args[1:]))
    return replace(body, args=tuple(args)) if args else None


def _at(term: Term, letter: str, place: Term) -> Term:
    """The term with an index at a place."""
    args = tuple(_at(arg, letter, place) for arg in term.args)
    if term.kind in INDEXED:
        indices = tuple(
            place if index.kind is Kind.NAME and index.text == letter else index
            for index in args[1:]
        )
        return _with_indices(replace(term, args=(args[0], *term.args[1:])), indices)
    return replace(term, args=args)


def _same(left: Term, right: Term) -> bool:
    """Do two terms say the same, wherever they stand?"""
    pair = {left.kind, right.kind}
    if pair <= {Kind.NAME, Kind.INDEX} and Kind.INDEX in pair:
        return _written(left) == _written(right)
    if left.kind is not right.kind or len(left.args) != len(right.args):
        return False
    if left.kind not in INDEXED and (left.text != right.text or left.bold != right.bold):
        return False
    return all(map(_same, left.args, right.args))


def _written(term: Term) -> tuple[object, ...]:
    """A name or an entry, told by its letters."""
    if term.kind is Kind.NAME:
        base, _, below = term.text.rpartition("_")
        return (base, term.bold, below) if base else (term.text, term.bold, "")
    base_term = term.args[0]
    below = "".join(node.text for index in term.args[1:] for node in walk(index))
    if base_term.kind is Kind.NAME:
        return base_term.text, base_term.bold, below
    return _key(base_term), False, below


def _key(term: Term) -> object:
    return term.kind, term.text, term.bold, tuple(map(_key, term.args))
