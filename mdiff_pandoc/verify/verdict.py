"""What the judge says of an equality."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """The three verdicts."""

    VERIFIED = "verified"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Verdict(Struct, frozen=True):
    """A verdict with what it rests on.

    ``method`` is ``exact`` (arithmetic over a prime field) or ``high precision``; ``points`` the
    number of random points, over at least two rectangular shapes where shapes are free; ``shapes``
    the number of different choices of the free sizes among them;
    ``error_bound`` an upper bound for the probability that a wrong formula passes (exact), or
    the largest relative difference seen (high precision); ``reason`` says why not verified.
    """

    status: Status
    method: str = ""
    points: int = 0
    error_bound: float = 1.0
    reason: str = ""
    shapes: int = 0
