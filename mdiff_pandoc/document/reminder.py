"""What an earlier section said, told where a request fails for the lack of it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from mdiff_pandoc.document.ask import Question
from mdiff_pandoc.document.cache.results import result
from mdiff_pandoc.document.facts import relevant
from mdiff_pandoc.service import Answer

_MOST = 6  # facts that are tried


def reminder(question: Question, answer: Answer, ended: Sequence[str], *, cached: bool) -> str:
    """A hint at the facts that earlier sections told, if a request can be answered with them.

    ``ended`` are those facts; a request that is answered without them needs no hint.
    """
    if answer.status == "verified" or not ended:
        return ""
    spoken = " ".join((question.latex, *question.declare))
    near = relevant((*ended, *question.context), spoken)
    facts = tuple(fact for fact in ended if fact in near and fact not in question.context)
    for number in range(1, min(_MOST, len(facts)) + 1):
        latest = facts[-number:]  # what is older may speak of other things by the same names
        wider = replace(question, context=(*latest, *question.context))
        if result(wider, cached=cached).value.status == "verified":
            shown = ", ".join(f"${fact.removeprefix('let ')}$" for fact in latest)
            return (
                f"an earlier section says {shown}, and that ended with it: "
                "say it here again, or before the first heading of level 1"
            )
    return ""
