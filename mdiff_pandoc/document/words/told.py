"""What language a document is in: as its metadata tell, or the preamble of its LaTeX source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from mdiff_pandoc.document.settings import plain

if TYPE_CHECKING:
    from mdiff_pandoc.document.places import Places

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
_CLASS = re.compile(r"\\documentclass\s*\[([^\]]*)\]")
_BABEL = re.compile(r"\\usepackage\s*(?:\[([^\]]*)\])?\s*\{babel\}")
_POLYGLOSSIA = re.compile(r"\\set(?:main|default)language\s*(?:\[[^\]]*\])?\s*\{(\w+)\}")
# the names of babel and polyglossia, and the tags of BCP 47
_TAGS = {
    name: tag
    for tag, names in {
        "cs": "czech",
        "da": "danish",
        "de": "german ngerman germanb",
        "de-AT": "austrian naustrian",
        "de-CH": "swissgerman nswissgerman",
        "el": "greek",
        "en": "english american british USenglish UKenglish canadian australian",
        "es": "spanish",
        "fi": "finnish",
        "fr": "french acadian canadien",
        "hu": "hungarian magyar",
        "it": "italian",
        "nb": "norsk norwegian",
        "nl": "dutch",
        "nn": "nynorsk",
        "pl": "polish",
        "pt": "portuguese portuges",
        "pt-BR": "brazilian brazil",
        "ro": "romanian",
        "ru": "russian",
        "sk": "slovak",
        "sv": "swedish",
        "tr": "turkish",
        "uk": "ukrainian",
    }.items()
    for name in names.split()
}


def language_of(meta: Mapping[str, Any], places: Places | None, file: str) -> str:
    """The tag of the language, from the metadata of pandoc; empty where nothing tells it.

    pandoc does not read what a LaTeX source gives to the package babel, so that its ``file`` is
    looked at.
    """
    if "lang" in meta:
        return str(plain(meta["lang"]))
    if places is None or PurePath(file).suffix not in (".tex", ".latex", ".ltx"):
        return ""
    return "" if places.source is None else language_of_latex(places.source.text)


def language_of_latex(source: str) -> str:
    """The tag of the main language that the preamble of a LaTeX source tells, or nothing."""
    preamble = _COMMENT.sub(r"\1", source.partition(r"\begin{document}")[0])
    if babel := _BABEL.search(preamble):
        chosen = list(_chosen(babel[1] or ""))
        if not chosen and (options := _CLASS.search(preamble)):
            chosen = list(_chosen(options[1]))
        return chosen[-1] if chosen else ""
    polyglossia = _POLYGLOSSIA.search(preamble)
    return _TAGS.get(polyglossia[1], "") if polyglossia else ""


def _chosen(options: str) -> Iterator[str]:
    """The languages among options, the main one last."""
    main = ""
    for option in options.split(","):
        name, _, value = (part.strip() for part in option.partition("="))
        if name == "main":
            main = _TAGS.get(value, "")
        elif name in _TAGS:
            yield _TAGS[name]
    if main:
        yield main
