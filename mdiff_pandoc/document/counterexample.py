"""A counterexample in lines of text: small matrices side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from mdiff_pandoc.patterns import regex

_MOST = 8
_SMALL, _FEW = 3, 4  # rows, columns and symbols of a counterexample that a sentence takes
_GAP = "    "
_SIDES = (("left", "left side"), ("right", "right side"))
_TYPEFACE = regex(r"\\(?:mathbf|boldsymbol|bm|mathbb|mathcal|mathsf|mathrm)\s*\{(\w+)\}")


def counterexample_lines(example: Mapping[str, object], width: int = 88) -> list[str]:
    """The lines that tell of a counterexample, none wider than ``width`` where that can be.

    ``example`` has the fields of ``Claim.counterexample``.
    """
    values = _mapping(example.get("values"))
    functions = _mapping(example.get("functions"))
    short = _short_names([*values, *functions])
    lines = [_heading(example)]
    lines += [f"  {short[name]}: {body}" for name, body in functions.items()]
    blocks = [block(short[name], value) for name, value in values.items()]
    lines += ["  " + line for line in side_by_side(blocks, width - 2)]
    sides = [block(name, example[key]) for key, name in _SIDES if example.get(key) is not None]
    lines += ["  " + line for line in side_by_side(sides, width - 2)]
    if differing := _differing(example):
        row, column, left, right = differing
        lines.append(f"  they differ in entry ({row}, {column}): {left} is not {right}")
    return lines


def counterexample_sentence(example: Mapping[str, object]) -> str:
    """A small counterexample in one sentence, formulas as ``$…$``; nothing of a larger one."""
    values = {name: rows_of(value) for name, value in _mapping(example.get("values")).items()}
    functions = _mapping(example.get("functions"))
    differing = _differing(example)
    left, right = rows_of(example.get("left")), rows_of(example.get("right"))
    large = any(len(rows) > _SMALL or len(rows[0]) > _SMALL for rows in values.values() if rows)
    if large or not 0 < len(values) + len(functions) <= _FEW:
        return ""
    chosen = [f"${name} = {_written(rows)}$" for name, rows in values.items() if rows]
    chosen += (f"${name}: {body}$" for name, body in functions.items())
    chosen += (f"${name} = {k}$" for name, k in _mapping(example.get("indices")).items())
    given = ", ".join(chosen[:-1]) + (" and " if len(chosen) > 1 else "") + chosen[-1]
    if differing:
        row, column, one, other = differing
        return f"for {given}, entry ({row}, {column}) is {one} on the left and {other} on the right"
    if [len(side) for side in (left, right)] == [1, 1]:
        return f"for {given}, the left side is {left[0][0]} and the right side {right[0][0]}"
    return ""


def _written(rows: Sequence[Sequence[str]]) -> str:
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\left(\begin{{smallmatrix}} {body} \end{{smallmatrix}}\right)"


def tells_all(example: Mapping[str, object], reason: str) -> bool:
    """Does the reason say no more than where the sides of the counterexample differ?"""
    differing = _differing(example)
    if differing is None:
        sides = [rows_of(example.get(key)) for key, _ in _SIDES]
        if [len(side) for side in sides] != [1, 1]:
            return False
        values = [side[0][0] for side in sides]
    else:
        values = list(differing[2:])
    words = re.findall(r"[^\s,;]+", reason)
    return all(value in words for value in values)


def _short_names(names: Iterable[str]) -> dict[str, str]:
    """The names without commands for typefaces, where that leaves them apart."""
    plain = {name: _TYPEFACE.sub(r"\1", name) for name in names}
    return plain if len(set(plain.values())) == len(plain) else {name: name for name in plain}


def _heading(example: Mapping[str, object]) -> str:
    chosen = {**_mapping(example.get("sizes")), **_mapping(example.get("indices"))}
    if not chosen:
        return "counterexample:"
    listed = ", ".join(f"{name} = {value}" for name, value in chosen.items())
    return f"counterexample with {listed}:"


def _differing(example: Mapping[str, object]) -> tuple[int, int, str, str] | None:
    """Row, column and both values of the entry that differs, where there are several entries."""
    entry = example.get("entry")
    left, right = rows_of(example.get("left")), rows_of(example.get("right"))
    if not isinstance(entry, Sequence) or len(entry) != 2 or sum(map(len, left)) < 2:
        return None
    row, column = (int(index) for index in entry)
    try:
        return row, column, left[row - 1][column - 1], right[row - 1][column - 1]
    except IndexError:
        return None


def rows_of(value: object) -> list[list[str]]:
    """A value as rows of texts; a number alone is one row of one."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [] if value is None else [[str(value)]]
    return [
        [str(cell) for cell in row]
        if isinstance(row, Sequence) and not isinstance(row, str)
        else [str(row)]
        for row in value
    ]


def block(name: str, value: object) -> list[str]:
    """The lines of ``name = value``: a matrix in brackets, its columns aligned on the right."""
    rows = rows_of(value)
    if len(rows) == 1 and len(rows[0]) == 1:
        return [f"{name} = {rows[0][0]}"]
    cut = [row[:_MOST] + ["…"] * (len(row) > _MOST) for row in rows[:_MOST]]
    if len(rows) > _MOST:
        cut.append(["…"] * max(map(len, cut)))
    widths = [max(map(len, column)) for column in zip_longest(*cut, fillvalue="")]
    head = f"{name} = "
    return [
        (head if number == 0 else " " * len(head))
        + "["
        + " ".join(cell.rjust(size) for cell, size in zip(row, widths, strict=False))
        + "]"
        for number, row in enumerate(cut)
    ]


def side_by_side(blocks: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Lines that hold the blocks beside one another, in as few bands as fit into ``width``."""
    band: list[Sequence[str]] = []
    for one in blocks:
        if band and sum(map(_wide, [*band, one])) + len(_GAP) * len(band) > width:
            yield from _joined(band)
            band = []
        band.append(one)
    yield from _joined(band)


def _joined(band: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [_wide(one) for one in band]
    for cells in zip_longest(*band, fillvalue=""):
        padded = (cell.ljust(size) for cell, size in zip(cells, widths, strict=True))
        yield _GAP.join(padded).rstrip()


def _wide(one: Sequence[str]) -> int:
    return max(map(len, one))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
