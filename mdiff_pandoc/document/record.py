"""The report on one build for programs: every request, every equality and every message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from mdiff_pandoc.document.message import Message
from mdiff_pandoc.document.places import Places
from mdiff_pandoc.document.report import Asked, Judged, Report
from mdiff_pandoc.errors import Span

_STATUSES = ("verified", "undecided", "error")
_VERDICTS = ("verified", "refuted", "undecided", "definition")


def record_of(report: Report, messages: Sequence[Message]) -> dict[str, object]:
    """The report as one object; a line or column of 0 is not known."""
    asked = [_request(item, report.places) for item in report.asked]
    found = Counter(item.answer.status for item in report.asked)
    counts = {
        "requests": {status: found[status] for status in _STATUSES},
        "claims": {verdict: report.judged[verdict] for verdict in _VERDICTS},
        "cached": sum(item.cached for item in report.asked),
    }
    return {
        "file": report.file,
        "requests": asked,
        "claims": [_claim(item, report.places) for item in report.claims],
        "messages": [message.as_json() for message in messages],
        "counts": counts,
        "stopped": report.stopped,
    }


def _request(item: Asked, places: Places | None) -> dict[str, object]:
    answer, end = item.answer, item.offset + max(1, len(item.latex))
    place = _place(places, item.equation, Span(item.offset, end), item.source)
    whole = answer.as_json()
    return {
        **place,
        "equation": item.equation,
        "latex": item.latex,
        "status": answer.status,
        "result": answer.result,
        "method": str(answer.verification.get("method", "")),
        "assumed": list(answer.assumed),
        "error": whole.get("error"),
        "seconds": round(item.seconds, 6),
        "cached": item.cached,
    }


def _claim(item: Judged, places: Places | None) -> dict[str, object]:
    claim = item.claim
    place = _place(places, item.equation, claim.span, item.source)
    return {
        **place,
        "equation": item.equation,
        "math": None if places is None else places.number(item.equation),
        **claim.as_json(),
    }


def _place(places: Places | None, equation: int, span: Span, source: str) -> Mapping[str, object]:
    found = None if places is None else places.range_of(equation, span, source)
    if places is None or found is None or places.source is None:
        return dict.fromkeys(("line", "column", "end_line", "end_column"), 0)
    (line, column), (end_line, end_column) = map(places.source.position, found)
    cell = places.source.cell(found[0])
    place = {"line": line, "column": column, "end_line": end_line, "end_column": end_column}
    return place if cell is None else {**place, "cell": cell}
