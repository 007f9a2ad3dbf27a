"""Facts that hold in a part of a document, and where a formula states one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from mdiff_pandoc.document.formula import read_formula
from mdiff_pandoc.document.letters import DRESS, GREEK, LETTER, lettered
from mdiff_pandoc.document.properties import unread
from mdiff_pandoc.latex.chains import RANGE
from mdiff_pandoc.latex.declarations import is_fact
from mdiff_pandoc.latex.totals import stated_total
from mdiff_pandoc.patterns import regex

_STYLED = rf"(?:{LETTER}|{DRESS}\s*(?:{LETTER}|\{{\s*{LETTER}\s*\}}))"
_DRESSED = rf"(?:{LETTER}|{DRESS}\s*(?:{_STYLED}|\{{\s*{_STYLED}\s*\}}))"
SYMBOL = rf"{_DRESSED}(?:\s*_\s*(?:[A-Za-z0-9]|\{{[A-Za-z0-9, ]+\}}))?"
_SYMBOL = lettered(SYMBOL)
MEMBER = lettered(rf"({SYMBOL}(?:\s*,\s*{SYMBOL})*)\s*\\in(?![A-Za-z])\s*(.+)", re.S)
_SET = regex(
    r"\\(?:mathbb|mathbf|mathrm|mathds)\s*(?:\{\s*([RS])\s*\}|([RS])\b)|\\(?:R|Re|reals)\b"
    r"|\\(?:mathbb|mathbf|mathds)\s*(?:\{\s*[NZ]\s*\}|[NZ]\b)(?=[^^]*\^)"
    r"|(?:\\\{[^{}]*\\\}|[\[(][^\[\]()]*,[^\[\]()]*[\])])(?=\s*\^)"
    r"|[\[(]\s*-?[\d.]+\s*,\s*(?:[\d.]+|\+?\\infty)\s*[\])]"
)
# of matrices: orthogonal ones, and invertible ones
_MEMBERSHIP = regex(r"\\in(?![A-Za-z])")
_GROUP = regex(
    r"(?:\\(?:operatorname|mathrm|mathbb|mathbf|mathcal|mathsf|text|rm)\s*)?\{?\s*(S?O|[SG]L)\s*\}?\s*"
    r"(?:_\s*)?[({]\s*([^(){},]+?)\s*(?:,[^()]*)?[)}]"
)
_DISCRETE = regex(r"\\math[a-z]+\s*\{?\s*[NZQ]|\\?\{|\[|\(")
_CAPITAL = regex(r"(?<![A-Za-z\\])[A-Z]|\\[A-Z]")
_BINARY = regex(r"\\\{\s*0\s*,\s*1\s*\\\}")
SIZE = regex(r"\^\s*(\{[^{}]*\}|\w)")
_SIGN = regex(r"_\s*(?:\{\s*(\+\+?|>\s*0)\s*\}|(\+\+?))")
_ABOVE = regex(r"(?:>|\\succ)\s*0")
_COMPARED = lettered(rf"({SYMBOL})\s*(>|\\succ)\s*0\s*", re.S)
_SELF_TRANSPOSE = lettered(rf"({SYMBOL})\s*=\s*({SYMBOL})\s*(?:\^.*(?:T|top|intercal)\W*|')", re.S)
_TRANSPOSE = r"\s*\^\s*\{?\s*(?:\\(?:top|intercal)|T|\\math(?:sf|rm)\s*\{?T\}?)\s*\}?"
_ORTHOGONAL = lettered(
    rf"({SYMBOL}){_TRANSPOSE}\s*\1\s*=\s*(?:\\mathbf\s*)?\{{?I\}}?(?:_\w)?\s*", re.S
)
PROPERTY = lettered(rf"({SYMBOL})\s+[a-z][a-z ]*", re.S)
_WORD = r"\\(?:operatorname\*?|mathrm|mathsf|text(?:rm|sf)?)\s*\{\s*\w+\s*\}"
DEFINITION = lettered(
    rf"(?:let\s+)?((?:{SYMBOL}|{_WORD})(?:\s*\([^()]*\))?)\s*(?::=|\\coloneqq|=)", re.S
)
_SPLIT = regex(
    r"\\begin\s*\{[^{}]*\}|\\end\s*\{[^{}]*\}|\\left\b|\\right\b|"
    r"\\(?:text|mbox|mathrm)\s*\{\s*(?:and|where|with|for|,|;)\s*\}|\\(?:qquad|quad|implies)\b|"
    r"\\[A-Za-z]+|\\.|[][(){},;]|\\|:=|=",
    re.S,
)
_DERIVED = regex(r"\\(?:nabla|partial)(?![A-Za-z])")
_EQUAL_MEMBER = lettered(rf"(({SYMBOL})\s*=[^=]*?)\\in(?![A-Za-z])\s*(.+)", re.S)
_COMPOUND = frozenset("(|^+")  # what no lone symbol has
_KNOWN_GRADIENT = lettered(
    rf"(?:{SYMBOL}\s*:?=\s*)?(?:\\[dt]?frac\s*\{{\s*\\partial\s*({SYMBOL})\s*\}}"
    rf"\s*\{{\s*\\partial\s*({SYMBOL})\s*\}}"
    rf"|\\nabla\s*_\s*\{{?\s*({_DRESSED})\s*\}}?\s*({SYMBOL}))\s*"
    r"(?:\\in(?![A-Za-z]).+)?",
    re.S,
)
_COMMAND_WORDS = regex(
    r"\\(?:operatorname\*?|text|mathrm|mbox|math(?:op|sf))\s*\{[^{}]*\}|"
    rf"\\(?!(?:{'|'.join(GREEK)}|{DRESS[2:]})(?![A-Za-z]))[A-Za-z]+"
)
_DRESSED_LETTERS = regex(rf"({DRESS})\s*\{{([^{{}}]*)\}}")
_HEADS = regex(r"(?<![\\A-Za-z])(?:tr|Tr|trace|diag|Diag|det|log|ln|exp|vec)(?![A-Za-z])")
_LETTERS = lettered(LETTER)
_TRANSPOSED = regex(_TRANSPOSE)
_LEADING_NAMES = regex(r"(.+?)(?:\\in(?![A-Za-z])|:?=|$)", re.S)
_COMMAS = regex(r",(?![^{]*\})")
_UNIT = lettered(
    rf"(?:\\(?:\||[lr]?Vert)|\|)\s*({SYMBOL})\s*(?:\\(?:\||[lr]?Vert)|\|)"
    r"\s*(?:_\s*\{?2\}?)?\s*(?:\^\s*\{?2\}?)?\s*=\s*1\s*"
    rf"|({SYMBOL}){_TRANSPOSE}\s*\2\s*=\s*1\s*",
    re.S,
)
SIZES = regex(r"sizes ([A-Za-z](?: = [A-Za-z])+) = (\d+)")
_DEFINED_CALL = lettered(rf"let\s+({SYMBOL}\s*\([^()]*\))\s*=")
_PRIMED = lettered(rf"({SYMBOL})\s*(?:'|\^\s*\{{?\s*\\prime\s*\}}?)")
_SCRIPT = regex(r"\^\s*(?:\{[^{}]*\}|\\[A-Za-z]+|\w)|'")
_LONGEST = 4000
_SHORT = 24  # letters of a lone name
_STATES = regex(r"[=>:∈≻]|\\(?:in|succ|gt|coloneqq|triangleq|ge)(?![A-Za-z])")
_CONSTANT = regex(r"\bconstants?\s*\}\s*\Z")
KINDS = ("vector", "matrix", "square")
FREE = "free"  # told of the symbols of a product that a sentence speaks of anew
ANEW = "anew"  # told of a symbol that a sentence introduces again
HELD = "for "  # before a property that holds until the text speaks of all cases
UNREAD = lettered(rf'(?P<name>{SYMBOL}) unread "[^"]*"(?P<others>.*)', re.S)
_EDGES = regex(r"^(?:\\[,;:! ]|~|\s)+|(?:\\[,;:! ]|~|[.,;\s])+$")


def symbol(latex: str) -> str | None:
    """The key under which a lone symbol is known, or None when ``latex`` is no symbol."""
    latex = latex.strip()
    return key_of(latex) if _SYMBOL.fullmatch(latex) else None


def formula_facts(latex: str, strong: bool = False) -> Iterator[str]:
    """The declarations and definitions that the formula ``latex`` states, in order.

    With ``strong`` the prose introduced the definitions on purpose ("let", "where").
    """
    if len(latex) > _LONGEST or not _STATES.search(latex):
        return
    for statement in read_formula(RANGE.sub(" ", latex)).statements:
        pending = ""
        for piece in pieces_of(statement.text):
            if _SYMBOL.fullmatch(piece):
                pending += piece + ", "
                continue
            # beside a row it says why the row holds, and nothing of what follows
            if not (r"\\" in latex and _CONSTANT.search(piece)):
                yield from _piece_facts(pending + piece, strong)
            pending = ""


class Subject(Struct, frozen=True):
    """Names that one statement of a formula begins with.

    ``stated``: the formula says something of them itself; ``size`` is the size of the set that
    it puts them in (empty for scalars), None where it names none.
    """

    names: tuple[str, ...]
    stated: bool = False
    size: str | None = None

    @property
    def square(self) -> bool:
        """May a property of square matrices be told of it?"""
        return self.size is None or r"\times" in self.size


def formula_subjects(latex: str) -> list[Subject]:
    """The lone symbols that the statements of a formula begin with; none when the first is none."""
    subjects: list[Subject] = []
    pending: tuple[str, ...] = ()
    for piece in pieces_of(latex):
        if _SYMBOL.fullmatch(piece):
            pending += (piece,)
            continue
        lead = _LEADING_NAMES.match(piece)
        names = tuple(name.strip() for name in _COMMAS.split(lead[1])) if lead else ()
        if names and all(_SYMBOL.fullmatch(name) for name in names):
            member = MEMBER.fullmatch(piece)
            space = _SET.match(member[2]) if member else None
            found = SIZE.search(member[2], space.end()) if member and space else None
            size = found[1] if found else "" if space else None
            if space and "S" in (space[1], space[2]):
                size = r"\times"
            subjects.append(Subject(pending + names, True, size))
        elif not subjects:
            return []
        pending = ()
    return [*subjects, Subject(pending)] if pending else subjects


def defined_by_derivative(definition: str) -> bool:
    """Is it the definition of a name as a derivative, such as that of an upstream gradient?"""
    return _DERIVED.search(definition.partition("=")[2]) is not None


def turned(definition: str, latex: str) -> bool:
    """Does a definition come from the end of a chain, as in ``tr(A) = … = H(A)``, ``… =: d``?"""
    defined = DEFINITION.match(definition)
    if defined and re.search(rf"=\s*:\s*&?\s*{re.escape(defined[1].strip())}(?![\w_^(])", latex):
        return True
    called = _DEFINED_CALL.match(definition)
    return called is not None and latex.strip(" .,;\n").endswith(called[1])


def primed(latex: str) -> str | None:
    """The letter of a formula that is nothing but a letter with a prime."""
    found = _PRIMED.fullmatch(latex.strip())
    return found[1] if found else None


def product_of(latex: str) -> tuple[str, ...]:
    """The symbols of a product such as ``ABA^\\top C``; none where the formula is anything else."""
    bare = _SCRIPT.sub(" ", latex)
    symbols = [found[0] for found in _SYMBOL.finditer(bare)]
    others = _SYMBOL.sub("", bare).strip(" ()[]{}")
    return tuple(dict.fromkeys(symbols)) if len(symbols) > 1 and not others else ()


def pieces_of(text: str) -> list[str]:
    """Split at commas and wide spaces outside brackets; a chain keeps its first equality."""
    pieces, depth, start, equals, cut = [], 0, 0, 0, -1
    for match in _SPLIT.finditer(text):
        token = match[0]
        if token in ("(", "[", "{", r"\{") or token.startswith(r"\begin"):
            depth += 1
        elif token in (")", "]", "}", r"\}") or token.startswith(r"\end"):
            depth -= 1
        elif depth == 0 and token in ("=", ":="):
            equals += 1
            cut = match.start() if equals == 2 else cut
        elif depth == 0 and (
            token in (",", ";") or token.startswith(("\\q", "\\t", "\\i", "\\mb"))
        ):
            if token.startswith("\\") and not _separates(token):
                continue
            pieces.append(text[start : cut if cut >= 0 else match.start()])
            start, equals, cut = match.end(), 0, -1
    pieces.append(text[start : cut if cut >= 0 else len(text)])
    trimmed = (_EDGES.sub("", _EDGES.sub("", piece)) for piece in pieces)
    return [piece for piece in trimmed if piece]


def _separates(token: str) -> bool:
    return token in (r"\quad", r"\qquad", r"\implies") or "{" in token


def _piece_facts(piece: str, strong: bool = False) -> Iterator[str]:
    head, member, _ = piece.partition(r"\in")
    if member and (match := MEMBER.fullmatch(piece)):
        yield from _membership(match[1], match[2])
    elif member and (match := _EQUAL_MEMBER.fullmatch(piece)) and _SET.match(match[3]):
        yield from _piece_facts(match[1].strip(), strong=True)
        yield from _membership(match[2], match[3])
    elif (
        _DERIVED.search(head)
        and _COMPOUND.isdisjoint(head)
        and (match := _KNOWN_GRADIENT.fullmatch(piece))
    ):
        function, variable = match[1] or match[4], match[2] or match[3]
        yield rf"\frac{{\partial {function}}}{{\partial {variable}}}"
    elif _ABOVE.search(piece) and (match := _COMPARED.fullmatch(piece)):
        yield f"{match[1].strip()} positive" + (" definite" if match[2] == r"\succ" else "")
    elif "=" in piece and "I" in piece and (match := _ORTHOGONAL.fullmatch(piece)):
        yield f"{match[1].strip()} orthonormal columns"
    elif piece.endswith("1") and (match := _UNIT.fullmatch(piece)):
        yield f"{(match[1] or match[2]).strip()} unit"
    elif (
        _SYMBOL.fullmatch(piece.partition("=")[0].strip())
        and (match := _SELF_TRANSPOSE.fullmatch(piece))
        and key_of(match[1]) == key_of(match[2])
    ):
        yield f"{match[1].strip()} symmetric"
    elif total := stated_total(piece):
        if strong:  # else it is claimed
            yield " ".join(total)
    elif is_fact(piece) and not _DERIVED.search(piece) and not _of_itself(piece):
        yield f"let {piece}" if strong and DEFINITION.match(piece) else piece


def _of_itself(piece: str) -> bool:
    """Does the left side of an equation stand on its right too, as in ``w = w - \\eta g``?"""
    defined = DEFINITION.match(piece)
    if not defined:
        return False
    name = defined[1].split("(")[0].strip()
    right = _HEADS.sub(" ", _COMMAND_WORDS.sub(" ", piece[defined.end() :]))
    right = _DRESSED_LETTERS.sub(_letter_by_letter, right)
    if re.fullmatch(rf"\s*{re.escape(name)}\s*\([^()=]*\)\s*", right) and "(" not in defined[1]:
        return False
    return any(key_of(found[0]) == key_of(name) for found in _SYMBOL.finditer(right))


def _letter_by_letter(found: re.Match[str]) -> str:
    """``\\mathbf{AX}`` as ``\\mathbf{A} \\mathbf{X}``."""
    letters = _LETTERS.findall(found[2])
    return " ".join(f"{found[1]}{{{letter}}}" for letter in letters)


def relevant(facts: Sequence[str], text: str) -> tuple[str, ...]:
    """The facts that say something of the letters in ``text``, or of those that these lead to."""
    waiting = [(fact, *_atoms(fact)) for fact in facts]
    letters = _letters(text)
    chosen: set[str] = set()
    while True:
        found = [item for item in waiting if not item[1].isdisjoint(letters)]
        if not found:
            return tuple(fact for fact in facts if fact in chosen)
        chosen.update(fact for fact, _, _ in found)
        letters = letters.union(*(inside for _, _, inside in found))
        waiting = [item for item in waiting if item[0] not in chosen]


@lru_cache(maxsize=4096)
def _atoms(fact: str) -> tuple[frozenset[str], frozenset[str]]:
    """The letters that a fact speaks of, and all that stand in it."""
    fact = fact.removeprefix("let ").removeprefix(HELD)
    if found := UNREAD.fullmatch(fact):
        return _letters(found["name"]), _letters(found["name"] + found["others"])
    head, _, tail = fact.partition("=")
    head = re.split(r"\\in(?![A-Za-z])|:| ", head.strip(), maxsplit=1)[0] if not tail else head
    told = head if len(tail) > _SHORT else head + tail  # f(C) = y tells y
    return _letters(told), _letters(fact)


def symbols_in(text: str) -> list[str]:
    """The symbols of a formula, each once; not the identity."""
    bare = _TRANSPOSED.sub(" ", _COMMAND_WORDS.sub(" ", text))
    return [name for name in dict.fromkeys(_SYMBOL.findall(bare)) if name not in ("I", "e")]


def _letters(text: str) -> frozenset[str]:
    """The letters of symbols in a text, not those of words and of transposes."""
    return frozenset(_LETTERS.findall(_TRANSPOSED.sub(" ", _COMMAND_WORDS.sub(" ", text))))


def member_of(fact: str) -> str:
    """The name that a declaration gives a shape; empty for other facts."""
    member = MEMBER.fullmatch(fact)
    return member[1].strip() if member else ""


def _membership(names: str, space: str) -> Iterator[str]:
    kind = _SET.match(space)
    listed = [name for name in re.split(r"\s*,\s*(?![^{]*\})", names.strip()) if name]
    if not kind:
        for name in listed if _CAPITAL.search(names) and not _DISCRETE.match(space) else ():
            yield from _in_group(name, space)
        return
    size = SIZE.search(space, kind.end())
    exponent = size[1].strip("{} ") if size else ""
    sign = _SIGN.search(space, kind.end())
    symmetric = "S" in (kind[1], kind[2])
    if symmetric and not exponent:
        return
    if symmetric and not sign and not _CAPITAL.search(names):  # a sphere
        for name in listed if exponent.endswith("-1") else ():
            yield membership(name, exponent.removesuffix("-1").strip())
            yield f"{name} unit"
        return
    if symmetric and r"\times" not in exponent:
        exponent = rf"{exponent} \times {exponent}"
    for name in listed:
        yield membership(name, exponent)
        if _BINARY.match(space):
            yield f"{name} binary"
        if symmetric:
            yield f"{name} positive definite" if sign else f"{name} symmetric"
        elif sign:
            yield f"{name} positive"


def claimed_properties(latex: str) -> frozenset[str]:
    """The properties that the equations of a formula state, as in ``Q^T Q = I``."""
    if "=" not in latex:
        return frozenset()
    told = (piece for piece in pieces_of(latex) if "=" in piece and not _MEMBERSHIP.search(piece))
    return frozenset(fact for piece in told for fact in _piece_facts(piece) if "=" not in fact)


def _in_group(name: str, space: str) -> Iterator[str]:
    """What the membership in a set that is no space of matrices says, such as in SO(n)."""
    group = _GROUP.match(space)
    if group:
        yield membership(name, rf"{group[2].strip()} \times {group[2].strip()}")
        yield f"{name} {'orthogonal' if group[1].endswith('O') else 'invertible'}"
    if not group or group[1].startswith("S"):
        yield unread(name, f"in {space}")


def membership(name: str, exponent: str) -> str:
    """The declaration of ``name`` with the dimensions ``exponent`` (empty for a scalar)."""
    return rf"{name} \in \mathbb{{R}}" + (f"^{{{exponent}}}" if exponent else "")


def key_of(latex: str) -> str:
    """The key under which a name is known, however it is spaced and braced."""
    return re.sub(r"[\s{}]", "", latex)
