"""From LaTeX to the surface tree: `parse`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from msgspec.structs import replace

from mdiff_pandoc.errors import LimitError, ParseError, Span
from mdiff_pandoc.latex.ambiguities import has_open_argument
from mdiff_pandoc.latex.grammar import Lexeme, Type, parse_tree
from mdiff_pandoc.latex.surface import Kind, Term, closed
from mdiff_pandoc.latex.token_fold import fold
from mdiff_pandoc.latex.token_pairs import MAX_DEPTH, pair, tidy
from mdiff_pandoc.latex.tokens import tokenize


def parse(latex: str) -> Term:
    """The surface tree of a whole formula; several statements come as a LIST.

    Raises ParseError, UnknownCommandError, UnsupportedError or LimitError, each with a span in
    ``latex`` and a hint.
    """
    try:
        paired = tidy(pair(tokenize(latex), latex))
        terms = fold(paired, latex, tree_of)
    except RecursionError:
        raise LimitError(
            "the formula is nested too deep",
            Span(0, len(latex)),
            "give inner parts names of their own",
        ) from None
    if len(terms) == 1:
        return terms[0]
    return Term(Kind.LIST, terms[0].span.join(terms[-1].span), tuple(terms))


def tree_of(lexemes: list[Lexeme], end: int) -> Term:
    """The surface tree of one statement, given as lexemes of the grammar."""
    return _visit(parse_tree(lexemes, end))


def _visit(node: Any) -> Term:
    rules = _rules()
    while True:
        children = getattr(node, "children", None)
        if children is None:
            return _atom(node.symbol)
        if len(children) > 1:
            return rules[node.getRuleIndex()](node, children)
        node = children[0]


def _atom(lexeme: Lexeme) -> Term:
    assert lexeme.term is not None  # every SYMBOL and NUMBER is made with its term
    return lexeme.term


def _span(node: Any) -> Span:
    return Span(node.start.start, node.stop.end)


@cache
def _rules() -> dict[int, Callable[[Any, list[Any]], Term]]:
    from gen.PSParser import PSParser

    return {
        PSParser.RULE_relation: _relation,
        PSParser.RULE_additive: _sum,
        PSParser.RULE_mp: _product,
        PSParser.RULE_unary: _juxtaposition,
        PSParser.RULE_postfix: _postfix,
        PSParser.RULE_exp: _power,
        PSParser.RULE_group: _group,
        PSParser.RULE_abs_group: _bracket,
        PSParser.RULE_floor_group: _bracket,
        PSParser.RULE_func: _construct,
        PSParser.RULE_det: _construct,
        PSParser.RULE_frac: _fraction,
        PSParser.RULE_matrix: _matrix,
    }


def _chain(node: Any) -> tuple[list[Any], list[Lexeme]]:
    """Operands and operators of a left-deep tree, without recursion."""
    rule = node.getRuleIndex()
    operands, operators = [], []
    while node.getRuleIndex() == rule and len(node.children) == 3:
        left, operator, right = node.children
        operands.append(right)
        operators.append(operator.symbol)
        node = left
    operands.append(node)
    return operands[::-1], operators[::-1]


def _relation(node: Any, children: list[Any]) -> Term:
    sides, signs = _chain(node)
    text = " ".join(sign.text for sign in signs)
    return Term(Kind.RELATION, _span(node), tuple(map(_visit, sides)), text)


def _sum(node: Any, children: list[Any]) -> Term:
    operands, signs = _chain(node)
    terms = [_visit(operands[0])]
    for sign, operand in zip(signs, operands[1:], strict=True):
        term = _visit(operand)
        if sign.type == Type.SUB:
            term = Term(Kind.NEG, Span(sign.start, term.span.end), (term,))
        terms.append(term)
    return Term(Kind.SUM, _span(node), tuple(terms))


_LEVELS = (  # from the loosest operator to the tightest
    (":", Kind.INNER),
    ("\\odot \\oslash", Kind.HADAMARD),
    ("\\otimes", Kind.KRON),
)


def _product(node: Any, children: list[Any]) -> Term:
    operands, operators = _chain(node)
    terms = [_visit(operands[0])]
    signs: list[Lexeme] = []
    for operator, operand in zip(operators, operands[1:], strict=True):
        term = _visit(operand)
        signs.append(operator)
        if operator.text == "/" and _is_row(operand):
            first, rest = _denominator(terms[-1], term, operator)
            terms.append(first)
            if rest is not None:
                terms.append(rest)
                signs.append(replace(operator, text=""))
        else:
            terms.append(term)
    return _associate(terms, signs, 0)


def _is_row(node: Any) -> bool:
    """Is it several factors next to each other, without brackets round them?"""
    children = getattr(node, "children", None)
    while children is not None and len(children) == 1:
        node = children[0]
        children = getattr(node, "children", None)
    return children is not None and _rules().get(node.getRuleIndex()) is _juxtaposition


def _denominator(numerator: Term, term: Term, slash: Lexeme) -> tuple[Term, Term | None]:
    """What a slash before several factors divides by, and the factors left over.

    ``1/2 x^T x`` and ``1/n \\sum`` are coefficients, ``x^T A x/x^T x`` is one quotient. Raises
    ParseError where both readings are usual.
    """
    if term.kind is not Kind.PRODUCT:
        return term, None
    first, *others = term.args
    rest = _flat(Kind.PRODUCT, list(others))
    apart = first.span.end < others[0].span.start
    scalars = (Kind.INDEX_SUM, Kind.NORM, Kind.POWER, Kind.BARS, Kind.DERIVATIVE, Kind.APPLY)
    if _numeric(numerator) and (
        (_numeric(first) and (apart or others[0].kind not in (Kind.NAME, Kind.NUMBER)))
        or others[0].kind is Kind.INDEX_SUM
        or (apart and others[0].kind in scalars)
    ):
        return first, rest
    if not _numeric(numerator) and first.kind is Kind.TRANSPOSE:
        return term, None
    raise ParseError(
        "does the slash divide by the first factor or by all of them?",
        Span(slash.start, term.span.end),
        "write \\frac{…}{…}, or brackets round the denominator",
    )


def _associate(terms: list[Term], operators: list[Lexeme], level: int) -> Term:
    """A flat chain of operators, grouped by precedence; equal ones group from the left."""
    if not operators:
        return terms[0]
    if level == len(_LEVELS):
        return _times(terms, operators)
    for late in operators[MAX_DEPTH:]:
        if late.text in ("/", "\\oslash", ":"):
            place = Span(late.start, late.end)
            raise LimitError("too many quotients in a row", place, "put brackets round some")
    texts, kind = _LEVELS[level]
    marks = texts.split()
    parts: list[Term] = []
    signs: list[str] = []
    begin = 0
    for index, operator in enumerate([*operators, None]):
        if operator is None or operator.text in marks:
            parts.append(_associate(terms[begin : index + 1], operators[begin:index], level + 1))
            begin = index + 1
            if operator is not None:
                signs.append(operator.text)
    result = [parts[0]]
    for sign, part in zip(signs, parts[1:], strict=True):
        if sign == "\\oslash":
            left = _flat(kind, result)
            result = [Term(Kind.OSLASH, left.span.join(part.span), (left, part))]
        elif kind is Kind.INNER:
            result = [Term(kind, result[0].span.join(part.span), (result[0], part))]
        else:
            result.append(part)
    return _flat(kind, result)


def _flat(kind: Kind, terms: list[Term]) -> Term:
    if len(terms) == 1:
        return terms[0]
    return Term(kind, terms[0].span.join(terms[-1].span), tuple(terms))


def _times(terms: list[Term], operators: list[Lexeme]) -> Term:
    kind = {"\\cdot": Kind.DOT, "\\times": Kind.CROSS}.get(operators[0].text)
    if len(terms) == 2 and kind is not None and not any(map(_numeric, terms)):
        return Term(kind, terms[0].span.join(terms[1].span), tuple(terms))
    factors = list(_factors(terms[0]))
    for operator, term in zip(operators, terms[1:], strict=True):
        if operator.text == "/":
            if has_open_argument(factors[-1]):
                raise ParseError(
                    f"does the slash divide {factors[-1].latex} or its argument?",
                    Span(factors[-1].span.start, term.span.end),
                    "write \\frac{…}{…}, or brackets round the argument",
                )
            left = _flat(Kind.PRODUCT, factors)
            factors = [Term(Kind.DIVIDE, left.span.join(term.span), (left, term), "/")]
        else:
            factors.extend(_factors(term))
    return _flat(Kind.PRODUCT, factors)


def _numeric(term: Term) -> bool:
    if term.kind in (Kind.NEG, Kind.DIVIDE):
        return all(map(_numeric, term.args))
    return term.kind is Kind.NUMBER


def _factors(term: Term) -> tuple[Term, ...]:
    return term.args if term.kind is Kind.PRODUCT else (term,)


def _juxtaposition(node: Any, children: list[Any]) -> Term:
    sign = getattr(children[0], "symbol", None)
    if sign is None:
        return Term(Kind.PRODUCT, _span(node), tuple(map(_visit, children)))
    term = _visit(children[1])
    if sign.type == Type.ADD:
        return term
    return Term(Kind.NEG, Span(sign.start, term.span.end), (term,))


def _postfix(node: Any, children: list[Any]) -> Term:
    term = _visit(children[0])
    for child in children[1:]:
        mark = child.start
        term = mark.build([term], Span(node.start.start, mark.end))
    return term


def _power(node: Any, children: list[Any]) -> Term:
    base, caret, _, exponent, closer = children
    span = Span(node.start.start, closer.symbol.end)
    term: Term = caret.symbol.build([_visit(base), _visit(exponent)], span)
    return term


def _group(node: Any, children: list[Any]) -> Term:
    opener = children[0].symbol
    inner = _visit(children[1])
    if opener.build is None:
        return closed(inner)
    term: Term = opener.build([inner], Span(opener.start, children[2].symbol.end))
    return term


def _bracket(node: Any, children: list[Any]) -> Term:
    term: Term = children[2].symbol.build([_visit(children[1])], _span(node))
    return term


def _construct(node: Any, children: list[Any]) -> Term:
    """A head with arguments: ``\\sqrt{…}`` or a row of a determinant, as the grammar has it."""
    head = children[0].symbol
    arguments = children[1:]
    if node.getRuleIndex() == _det_rule():
        row = children[1]
        arguments = getattr(row, "children", [row])
    term: Term = head.build(
        [_visit(child) for child in arguments if not hasattr(child, "symbol")], _span(node)
    )
    return term


@cache
def _det_rule() -> int:
    from gen.PSParser import PSParser

    return int(PSParser.RULE_det)


def _fraction(node: Any, children: list[Any]) -> Term:
    inner = [_visit(child) for child in children if not hasattr(child, "symbol")]
    return Term(Kind.DIVIDE, _span(node), tuple(inner), "frac")


def _matrix(node: Any, children: list[Any]) -> Term:
    rows = []
    for child in children:
        if not hasattr(child, "symbol"):
            cells = [_visit(cell) for cell in child.children if not hasattr(cell, "symbol")]
            rows.append(Term(Kind.ROW_LIST, _span(child), tuple(cells)))
    opener = children[0].symbol
    term: Term = opener.build(rows, _span(node))
    return term
