"""A counterexample as a reader of a terminal takes it in: small matrices side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

_MOST = 8
_GAP = "    "


def counterexample_lines(example: Mapping[str, object], width: int = 88) -> list[str]:
    """The lines that tell of a counterexample, none wider than ``width`` where that can be.

    ``example`` has the fields of ``Claim.counterexample``.
    """
    lines = [_heading(example)]
    functions = _mapping(example.get("functions"))
    lines += [f"  {name}: {body}" for name, body in functions.items()]
    values = _mapping(example.get("values"))
    blocks = [block(str(name), value) for name, value in values.items()]
    lines += ["  " + line for line in side_by_side(blocks, width - 2)]
    sides = [block(name, example[key]) for key, name in _SIDES if example.get(key) is not None]
    lines += ["  " + line for line in side_by_side(sides, width - 2)]
    if entry := _entry(example):
        lines.append("  " + entry)
    return lines


_SIDES = (("left", "left side"), ("right", "right side"))


def _heading(example: Mapping[str, object]) -> str:
    chosen = {**_mapping(example.get("sizes")), **_mapping(example.get("indices"))}
    if not chosen:
        return "counterexample:"
    listed = ", ".join(f"{name} = {value}" for name, value in chosen.items())
    return f"counterexample with {listed}:"


def _entry(example: Mapping[str, object]) -> str:
    """Which entry differs, where there are several to look at."""
    entry = example.get("entry")
    left, right = rows_of(example.get("left")), rows_of(example.get("right"))
    if not isinstance(entry, Sequence) or len(entry) != 2 or sum(map(len, left)) < 2:
        return ""
    row, column = (int(index) for index in entry)
    try:
        values = left[row - 1][column - 1], right[row - 1][column - 1]
    except IndexError:
        return ""
    return f"they differ in entry ({row}, {column}): {values[0]} is not {values[1]}"


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
