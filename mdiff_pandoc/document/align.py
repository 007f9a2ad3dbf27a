"""Two sequences in the same order, paired by what is equal in them (patience diff)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence


def align(wanted: Sequence[str], given: Sequence[str]) -> list[int | None]:
    """For each of ``wanted`` an index of ``given`` with the same text, in increasing order.

    Texts that stand once in both decide first, then again between those; repeated ones follow in
    order. None: nothing is left for it.
    """
    found: list[int | None] = [None] * len(wanted)
    ranges = [(range(len(wanted)), range(len(given)))]
    while ranges:
        here, there = ranges.pop()
        while here and there and wanted[here[0]] == given[there[0]]:
            found[here[0]] = there[0]
            here, there = here[1:], there[1:]
        while here and there and wanted[here[-1]] == given[there[-1]]:
            found[here[-1]] = there[-1]
            here, there = here[:-1], there[:-1]
        if not here or not there:
            continue
        pairs = _anchors(wanted, given, here, there)
        for index, place in pairs or _in_order(wanted, given, here, there):
            found[index] = place
        for index, place in pairs:
            ranges.append((range(here.start, index), range(there.start, place)))
            here, there = range(index + 1, here.stop), range(place + 1, there.stop)
        if pairs:
            ranges.append((here, there))
    return found


def _anchors(
    wanted: Sequence[str], given: Sequence[str], here: range, there: range
) -> list[tuple[int, int]]:
    """The longest increasing chain of pairs whose text stands once in either range."""
    ours = Counter(wanted[here.start : here.stop])
    theirs = Counter(given[there.start : there.stop])
    once = {given[place]: place for place in there if theirs[given[place]] == 1}
    pairs = [(i, once[wanted[i]]) for i in here if ours[wanted[i]] == 1 and wanted[i] in once]
    tops: list[int] = []  # the lowest last place of a chain of each length
    ends: list[int] = []
    links: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        links.append(ends[length - 1] if length else -1)
        tops[length : length + 1] = [place]
        ends[length : length + 1] = [number]
    chain: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = links[number]
    return chain[::-1]


def _in_order(
    wanted: Sequence[str], given: Sequence[str], here: range, there: range
) -> list[tuple[int, int]]:
    """Each takes the first one that is left after the one before it."""
    where: dict[str, list[int]] = defaultdict(list)
    for place in there:
        where[given[place]].append(place)
    pairs: list[tuple[int, int]] = []
    free = there.start
    for index in here:
        known = where.get(wanted[index], [])
        following = bisect_left(known, free)
        if following < len(known):
            pairs.append((index, known[following]))
            free = known[following] + 1
    return pairs
