"""What language a document is in: as its metadata tell, or the preamble of its LaTeX source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mdiff_pandoc.document.settings import plain
from mdiff_pandoc.patterns import regex

_COMMENT = regex(r"(?<!\\)((?:\\\\)*)%.*")
_CLASS = regex(r"\\documentclass\s*\[([^\]]*)\]")
_BABEL = regex(r"\\usepackage\s*(?:\[([^\]]*)\])?\s*\{babel\}")
_POLYGLOSSIA = regex(r"\\set(?:main|default)language\s*(?:\[[^\]]*\])?\s*\{(\w+)\}")
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


def language_of(meta: Mapping[str, Any], otherwise: str = "") -> str:
    """The tag of the language that the metadata of pandoc tell, or else the other one."""
    return str(plain(meta["lang"])) if "lang" in meta else otherwise


def language_of_latex(source: str) -> str:
    """The tag of the main language that the preamble of a LaTeX source tells, or nothing.

    pandoc does not read what is given to the package babel.
    """
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
