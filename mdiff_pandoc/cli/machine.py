"""Requests as JSON lines: one object a line in, one a line out, in order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TextIO

from msgspec.structs import replace

from mdiff_pandoc.document.ask import ask
from mdiff_pandoc.document.report import moved
from mdiff_pandoc.errors import MdiffError, OptionError
from mdiff_pandoc.latex.request import find_request
from mdiff_pandoc.service import Answer, Options

_KEYS = ("id", "latex", "declare", "options")


def answer_request(latex: str, declare: Sequence[str], options: Mapping[str, object]) -> Answer:
    """The answer to ``latex``, a derivative with or without ``= ?``; spans count in ``latex``.

    OptionError: an option that the calculus does not know.
    """
    chosen = Options.from_mapping(options)
    request = find_request(latex, marked=True)
    if request is None:
        return ask(latex, declare, (), chosen)
    answer = ask(request.body, declare, (), chosen)
    if answer.error is None:
        return answer
    return replace(answer, error=moved(answer.error, request.offset))


def serve(
    requests: TextIO, answers: TextIO, declare: Sequence[str], options: Mapping[str, object]
) -> None:
    """Answer every line of ``requests``; ``declare`` and ``options`` hold for all of them."""
    for line in requests:
        if not line.strip():
            continue
        answers.write(json.dumps(_answer_line(line, declare, options), ensure_ascii=False) + "\n")
        answers.flush()


def _answer_line(
    line: str, declare: Sequence[str], options: Mapping[str, object]
) -> dict[str, object]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _failure(None, "json", f"the line is no JSON: {error}", "write one object a line")
    if not isinstance(request, dict):
        return _failure(None, "json", "the line is no JSON object", 'write {"latex": "…"}')
    name = request.get("id")
    try:
        latex, declared, chosen = _read(request)
        answer = answer_request(latex, [*declare, *declared], {**options, **chosen})
    except MdiffError as error:
        return _failure(name, error.code, error.message, error.hint)
    return {"id": name, **answer.as_json()}


def _read(request: Mapping[str, object]) -> tuple[str, list[str], Mapping[str, object]]:
    for key in request:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, 1, 0.5)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(_KEYS)}"
            raise OptionError(f"unknown key `{key}`", hint=hint)
    latex, declare = request.get("latex"), request.get("declare") or []
    options = request.get("options") or {}
    if not isinstance(latex, str):
        raise OptionError("`latex` must be a string", hint=r'write {"latex": "\\nabla_x x^T x"}')
    if not isinstance(declare, list) or not all(isinstance(fact, str) for fact in declare):
        raise OptionError("`declare` must be a list of strings")
    if not isinstance(options, dict):
        raise OptionError("`options` must be an object")
    return latex, declare, options


def _failure(name: object, code: str, message: str, hint: str = "") -> dict[str, object]:
    error = {"code": code, "message": message, "span": None, "hint": hint}
    return {"id": name, "status": "error", "error": error}
