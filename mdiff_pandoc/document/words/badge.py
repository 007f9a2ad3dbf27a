"""How a result was verified: in one line, and in one sentence for who wants to know more."""

from __future__ import annotations

from math import ceil, log10

from mdiff_pandoc.service import Answer

_MOST = 60  # digits that are claimed


def badge_texts(answer: Answer) -> tuple[str, str]:
    """The line and the sentence for a verified answer, in English, formulas between dollars.

    They say what ``Answer.verification`` holds; the sentence is empty where that is no more.
    """
    lines, points = (_count(answer, key) for key in ("lines", "points"))
    bound = answer.verification.get("error_bound")
    bound = float(bound) if isinstance(bound, int | float) else 1.0
    exact = answer.verification.get("method") == "exact"
    digits = _MOST if bound == 0 else min(_MOST, -ceil(log10(bound)))
    if not points or (bound >= 1 if exact else digits < 1):
        return "Verified.", ""
    if exact:
        power = f"10^{{{ceil(log10(bound))}}}" if bound else "10^{-15}"
        return _exact(lines, points, _place(answer, points), power)
    return _to_digits(lines, points, _place(answer, points), digits)


def _exact(lines: int, points: int, place: str, power: str) -> tuple[str, str]:
    if lines > 1:
        return (
            f"Verified, exact ({lines} lines, each at {points} random points).",
            f"Each of the {lines} lines, and the result, was evaluated over a finite field "
            f"{place}; a wrong formula passes with a probability below ${power}$.",
        )
    return (
        f"Verified, exact (at {points} random points).",
        f"The result was evaluated over a finite field {place}; "
        f"a wrong formula passes with a probability below ${power}$.",
    )


def _to_digits(lines: int, points: int, place: str, digits: int) -> tuple[str, str]:
    if lines > 1:
        return (
            f"Verified to {digits} digits ({lines} lines, each at {points} random points).",
            f"Both sides of each of the {lines} lines, and of the result, agree to {digits} digits "
            f"{place}.",
        )
    return (
        f"Verified to {digits} digits (at {points} random points).",
        f"Both sides of the result agree to {digits} digits {place}.",
    )


def _place(answer: Answer, points: int) -> str:
    shapes = _count(answer, "shapes")
    if shapes > 1:
        return f"at {points} random points, in {shapes} different shapes"
    return f"at {points} random points"


def _count(answer: Answer, key: str) -> int:
    value = answer.verification.get(key)
    return value if isinstance(value, int) else 0
