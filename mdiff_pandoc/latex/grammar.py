"""Adapter to the grammar of latex2sympy2: our tokens in, its parse tree out.

Only the generated parser and its token types are used. Tokens come unambiguous (an opening bar
is not a closing bar, an operator's argument is bracketed), so that every decision of the parser
needs one token. A table says what each comes to; a test compares it with what the runtime finds.
"""

from __future__ import annotations

import sys
import typing
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any

from msgspec import Struct

from mdiff_pandoc.errors import LimitError, ParseError, Span
from mdiff_pandoc.latex.surface import Term

Builder = Callable[[list[Term], Span], Term]


class Type:
    """The token types of the grammar that are used, by what they carry here.

    The numbers are those of ``gen.PSParser``; a test compares them with `GRAMMAR_NAMES`.
    """

    EOF = -1
    POSTFIX = 44
    ADD = 47
    SUB = 48
    OPEN_GROUP = 51
    CLOSE_GROUP = 52
    OPEN = 55
    CLOSE = 56
    OPEN_BARS = 66
    CLOSE_BARS = 67
    OPEN_NORM = 70
    CLOSE_NORM = 71
    APPLY = 121
    TIMES = 147
    FRACTION = 150
    OPEN_MATRIX = 161
    CLOSE_MATRIX = 162
    OPEN_LIST = 163
    CLOSE_LIST = 164
    COLUMN = 165
    ROW = 166
    CARET = 168
    NUMBER = 179
    EQUAL = 183
    SYMBOL = 193


GRAMMAR_NAMES = {  # our name -> the grammar's
    "EOF": "EOF",
    "POSTFIX": "T__43",  # its transpose: transposes, inverses, indices
    "ADD": "ADD",
    "SUB": "SUB",
    "OPEN_GROUP": "L_PAREN",
    "CLOSE_GROUP": "R_PAREN",
    "OPEN": "L_BRACE",  # the argument of a command
    "CLOSE": "R_BRACE",
    "OPEN_BARS": "L_VERT",
    "CLOSE_BARS": "R_VERT",
    "OPEN_NORM": "L_FLOOR",  # has two sides, as its own norm has not
    "CLOSE_NORM": "R_FLOOR",
    "APPLY": "FUNC_SQRT",  # a head and its argument
    "TIMES": "CMD_TIMES",  # every operator between + and juxtaposition
    "FRACTION": "CMD_FRAC",
    "OPEN_MATRIX": "CMD_MATRIX_START",
    "CLOSE_MATRIX": "CMD_MATRIX_END",
    "OPEN_LIST": "CMD_DET_START",  # a head and several arguments
    "CLOSE_LIST": "CMD_DET_END",
    "COLUMN": "MATRIX_DEL_COL",
    "ROW": "MATRIX_DEL_ROW",
    "CARET": "CARET",
    "NUMBER": "NUMBER",
    "EQUAL": "EQUAL",
    "SYMBOL": "SYMBOL",
}


class Lexeme(Struct):
    """A token as the generated parser wants it.

    ``term`` is what an atom stands for; ``build`` makes the term of a construct from the terms of
    its parts.
    """

    type: int
    text: str
    start: int
    end: int
    term: Term | None = None
    build: Builder | None = None
    tokenIndex: int = 0
    line: int = 1
    column: int = 0
    channel: int = 0


_BEGINS = (
    Type.OPEN,
    Type.OPEN_GROUP,
    Type.OPEN_BARS,
    Type.OPEN_NORM,
    Type.APPLY,
    Type.FRACTION,
    Type.OPEN_MATRIX,
    Type.OPEN_LIST,
    Type.NUMBER,
    Type.SYMBOL,
)

# decision of the grammar -> its alternative by the next token; any other ends a loop, which is 2
_CHOICES: dict[int, dict[int, int]] = {
    5: {Type.ROW: 1},  # more rows of a matrix
    8: {},
    9: {Type.ROW: 1},
    12: {Type.EQUAL: 1},
    17: {Type.ADD: 1, Type.SUB: 1},
    18: {Type.TIMES: 1},
    20: dict.fromkeys(_BEGINS, 1),  # one more factor
    24: {Type.POSTFIX: 1},
    31: {},
    32: {Type.CARET: 1},
    36: dict(zip(_BEGINS, (1, 1, 3, 4, 6, 8, 10, 11, 7, 7), strict=True)),
    38: {Type.OPEN_GROUP: 1, Type.OPEN: 3},
    40: {},
    41: {Type.OPEN_NORM: 1},
    47: {Type.NUMBER: 3},
    84: {Type.APPLY: 6},
}
_BINARY = (12, 17, 18, 32)  # left recursion: it goes on where the operator binds tightly enough
_TIGHTNESS = 2  # of each of them, within its own rule


class _Choices:
    """Says what the parser's decisions come to, without the runtime's simulation of its grammar."""

    def __init__(self, parser: Any) -> None:
        self.parser = parser

    def reset(self) -> None:
        pass

    def adaptivePredict(self, stream: _Stream, decision: int, context: object) -> int:
        if decision in _BINARY and not self.parser.precpred(context, _TIGHTNESS):
            return 2
        return _CHOICES[decision].get(stream.LA(1), 2)


class _Stream:
    """The token stream that the parser reads, over a plain list."""

    tokenSource = None

    def __init__(self, lexemes: list[Lexeme], end: int) -> None:
        self.lexemes = [*lexemes, Lexeme(Type.EOF, "", end, end)]
        for position, lexeme in enumerate(self.lexemes):
            lexeme.tokenIndex = position
        self.types = [lexeme.type for lexeme in self.lexemes]
        self.last = len(lexemes)
        self.index = 0

    def LA(self, offset: int) -> int:
        index = self.index + offset - (offset > 0)
        return self.types[index] if index <= self.last else -1

    def LT(self, offset: int) -> Lexeme | None:
        index = self.index + offset - (offset > 0)
        if index < 0:
            return None
        return self.lexemes[min(index, self.last)]

    def get(self, index: int) -> Lexeme:
        return self.lexemes[index]

    def getText(self, interval: object = None) -> str:
        return " ".join(lexeme.text for lexeme in self.lexemes)

    def consume(self) -> None:
        self.index += 1

    def mark(self) -> int:
        return 0

    def release(self, marker: int) -> None:
        pass

    def seek(self, index: int) -> None:
        self.index = index


class _Later:
    """An attribute of a class that is made when somebody asks for it."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self._name, self._make = name, make

    def __get__(self, instance: object, owner: type) -> Any:
        made = self._make()
        setattr(owner, self._name, made)
        return made


def _generated() -> Any:
    """The generated parser, whose tables are made when they are used: `_Choices` needs none."""
    from antlr4.atn import ATNDeserializer
    from antlr4.dfa.DFA import DFA

    reader: Any = ATNDeserializer.ATNDeserializer
    made = reader.deserialize
    reader.deserialize = lambda *_: SimpleNamespace(decisionToState=())
    try:
        module: Any = import_module("gen.PSParser")
    finally:
        reader.deserialize = made
    parser = module.PSParser
    tables = {
        "atn": lambda: reader().deserialize(module.serializedATN()),
        "decisionsToDFA": lambda: list(map(DFA, parser.atn.decisionToState, count())),
    }
    for name, make in tables.items():
        setattr(parser, name, _Later(name, make))
    return parser


@cache
def _machinery() -> tuple[Any, Any, Any]:
    """The parser and what of its runtime is used, imported on first need."""
    if "typing.io" not in sys.modules:  # gone from Python 3.13, named by the old runtime
        shim = ModuleType("typing.io")
        shim.TextIO = typing.TextIO  # type: ignore[attr-defined]
        sys.modules["typing.io"] = shim
    tests = None if "unittest" in sys.modules else ModuleType("unittest")
    if tests is not None:  # the runtime's modules have tests in them, which nobody runs
        tests.TestCase = object  # type: ignore[attr-defined]
        sys.modules["unittest"] = tests
    with warnings.catch_warnings():  # on Python 3.11 and 3.12 typing.io is only deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        from antlr4.error.Errors import ParseCancellationException
        from antlr4.error.ErrorStrategy import BailErrorStrategy

        known: Any = sys.modules.get("gen.PSParser")
        generated: Any = known.PSParser if known else _generated()
    if tests is not None:
        del sys.modules["unittest"]

    class Strategy(BailErrorStrategy):
        def sync(self, recognizer: Any) -> None:
            pass

        def reportMatch(self, recognizer: Any) -> None:
            pass

    class Statements(generated):  # type: ignore[misc]
        def __init__(self, stream: _Stream) -> None:
            super(generated, self).__init__(stream)  # without the tables
            self.removeErrorListeners()
            self._errHandler = strategy
            self._interp = _Choices(self)

    made: Any = Strategy
    strategy = made()
    return Statements, generated, ParseCancellationException


def parse_tree(lexemes: list[Lexeme], end: int) -> Any:
    """The parse tree, a ``RelationContext``, of one statement that ends at offset ``end``.

    Raises ParseError at the token that cannot stand where it stands, LimitError when the tree is
    too deep for the interpreter's stack.
    """
    parser, _, cancelled = _machinery()
    stream = _Stream(lexemes, end)
    try:
        tree = parser(stream).relation(0)
    except cancelled as error:
        raise _syntax_error(stream, _offending(error, stream)) from None
    except RecursionError:
        raise LimitError(
            "the formula is nested too deep", Span(0, end), "give inner parts names of their own"
        ) from None
    if stream.index == stream.last:
        return tree
    raise _syntax_error(stream, stream.index)


def _offending(error: BaseException, stream: _Stream) -> int:
    cause = error.args[0] if error.args else None
    token = getattr(cause, "offendingToken", None)
    return token.tokenIndex if isinstance(token, Lexeme) else stream.index


def _syntax_error(stream: _Stream, failed: int) -> ParseError:
    index = min(failed, stream.last)
    token = stream.lexemes[index]
    before = stream.lexemes[index - 1] if index else None
    operators = (Type.ADD, Type.SUB, Type.TIMES)
    openers = (Type.OPEN, Type.OPEN_GROUP, Type.OPEN_BARS, Type.OPEN_NORM, Type.APPLY)
    leads = token.type == Type.TIMES and (before is None or before.type in openers)
    if before is not None and before.type in operators:
        token, before = before, None  # the operator is at fault, not what came instead of a term
    elif before is None and token.type == Type.EOF:
        return ParseError("the formula is empty", Span(0, token.end), "write a formula")
    if token.type in operators:
        side = "before" if leads else "after"
        message = f"a term is missing {side} {token.text}"
        return ParseError(message, _place(token), "write the term, or remove the operator")
    if before is None:
        message = f"a formula cannot begin with {token.text}"
        return ParseError(message, _place(token), "write the term before it")
    if before.type in openers:
        if token.type in (Type.CLOSE, Type.CLOSE_GROUP, Type.CLOSE_BARS, Type.CLOSE_NORM):
            place = Span(before.start, max(token.end, before.end))
            return ParseError("nothing stands here", place, "write what belongs between the two")
        message = f"{token.text} stands where a term should begin"
        return ParseError(message, _place(token), "write the term before it")
    if token.type == Type.EOF:
        return ParseError("the formula breaks off", _place(before), "write the rest of it")
    return ParseError(
        f"{token.text or 'this'} cannot stand here", _place(token), "check what stands before it"
    )


def _place(token: Lexeme) -> Span:
    return Span(token.start, max(token.end, token.start))
