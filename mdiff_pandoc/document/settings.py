"""What a document asks of mdiff: its metadata block ``mdiff:`` and attributes of its elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.document.facts import membership
from mdiff_pandoc.document.letters import GREEK
from mdiff_pandoc.errors import OptionError
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service import CALCULUS_OPTIONS, Options
from mdiff_pandoc.service.options import refused, unknown, values_of

_FLAGS = {
    "badge": False,
    "cache": True,
    "css": False,
    "incremental": True,
    "numbered": False,
    "quiet": False,
    "verbose": False,
}
_CHOICES = {
    "on-error": ("mark", "keep", "fail"),
    "requests": ("all", "marked"),
    "steps": ("open", "closed", "plain"),
}
_WRITE = {
    "check": "one of true, false, fail",
    "file": "write the name of the document",
    "rules": "write the address of a page",
    "width": "write width: 8.6cm, or 242pt",
}
_MAPS = {"symbols": "symbols: {A: m×n, x: n}", "phrases": "phrases: {cyclic property: …}"}
_KNOWN = (*sorted(CALCULUS_OPTIONS), *_FLAGS, *_CHOICES, *_WRITE, *_MAPS)
_LOCAL = frozenset(
    (*CALCULUS_OPTIONS, "badge", "check", "incremental", "numbered", "on-error", "steps")
)
_LENGTH = regex(r"\s*(\d+(?:\.\d+)?)\s*(pt|mm|cm|in|em|)\s*")
_POINTS = {"pt": 1.0, "mm": 2.845, "cm": 28.45, "in": 72.27, "em": 10.0, "": 1.0}
_HTML_ATTRIBUTES = regex(
    r"data-.*|aria-.*|lang|dir|title|role|tabindex|width|height|align|startFrom|key|label"
)
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_SIZE = regex(r"\s*(?:(\w+)\s*(?:×|x|\*|by|\\times)\s*(\w+)|(scalar)|([a-z]|\d+))(?:\s+|,|$)", re.I)
_PROPERTY_WORDS = regex(
    r"symmetric|positive[- ]definite|positive|diagonal|orthogonal|invertible|constant"
)


class Settings(Struct, frozen=True):
    """The options in force at a place of the document, and how it writes transposes.

    ``check`` is ``off``, ``mark`` (the author's own equations get marks) or ``fail`` (a refuted
    one stops the build as well). ``width`` is the room for a formula in points, 0 for the usual.
    ``language`` is the tag of the document's, ``rules`` the address of a page of rules, ``phrases``
    the author's own words for those of mdiff.
    """

    calculus: Mapping[str, object] = field(default_factory=dict)
    on_error: str = "mark"
    requests: str = "all"
    steps: str = "open"
    numbered: bool = False
    incremental: bool = True
    css: bool = False
    width: float = 0.0
    badge: bool = False
    check: str = "off"
    cache: bool = True
    quiet: bool = False
    verbose: bool = False
    file: str = "document"
    symbols: tuple[str, ...] = ()
    transpose: str = ""
    language: str = ""
    rules: str = ""
    phrases: tuple[tuple[str, str], ...] = ()

    def options(self) -> Options:
        """The options of the calculus. OptionError: a value that it does not know."""
        return replace(Options.from_mapping(self.calculus), transpose=self.transpose)


class Reading(Struct, frozen=True):
    """Settings with what was wrong or without effect in their source."""

    settings: Settings
    errors: tuple[OptionError, ...] = ()
    warnings: tuple[str, ...] = ()


def from_metadata(value: object, base: Settings) -> Reading:
    """Settings from the metadata block, given as plain Python values (see ``plain``)."""
    if value is None or value == "":
        return Reading(base)
    if not isinstance(value, Mapping):
        error = OptionError("`mdiff` in the metadata is no map", hint="write mdiff: {detail: full}")
        return Reading(base, (error,))
    return _read(value.items(), base, _KNOWN)


def from_attributes(attributes: Mapping[str, str], base: Settings) -> Reading:
    """Settings from the attributes of a Div, Span or code block of class ``mdiff`` and the like."""
    items = [
        (key.removeprefix("data-mdiff-"), value)
        for key, value in attributes.items()
        if not (_HTML_ATTRIBUTES.fullmatch(key) and not key.startswith("data-mdiff-"))
        and not (key == "style" and ":" in value)
    ]
    return _read(items, base, tuple(sorted(_LOCAL)))


def is_option(key: str, value: str) -> bool:
    """Is this attribute an option of mdiff rather than one of the output format?"""
    return key in _LOCAL and not (key == "style" and ":" in value)


def _read(items: Iterable[tuple[str, object]], base: Settings, known: tuple[str, ...]) -> Reading:
    errors: list[OptionError] = []
    warnings: list[str] = []
    settings = base
    for key, value in items:
        if key == "symbols" and key in known and isinstance(value, Mapping):
            facts, wrong = _symbols(value)
            settings = replace(settings, symbols=settings.symbols + facts)
            errors += wrong
            continue
        if key == "phrases" and key in known and isinstance(value, Mapping):
            wordless = [name for name, said in value.items() if not isinstance(said, str)]
            errors += [_refused_words(str(name)) for name in wordless]
            phrases = {str(name): said for name, said in value.items() if isinstance(said, str)}
            settings = replace(settings, phrases=(*settings.phrases, *phrases.items()))
            warnings += _unknown(phrases)
            continue
        try:
            settings = _apply(settings, key, value, known)
        except OptionError as error:
            error.key = key
            errors.append(error)
            continue
    return Reading(settings, tuple(errors), tuple(warnings))


def _apply(settings: Settings, key: str, value: object, known: tuple[str, ...]) -> Settings:
    if key not in known:
        raise unknown(key, known)
    if key in _MAPS:
        raise OptionError(f"`{key}` is no map", hint=f"write {_MAPS[key]}")
    if isinstance(value, list | Mapping):
        kind = "a map" if isinstance(value, Mapping) else "a list"
        raise OptionError(f"`{key}` cannot be {kind}", hint=_expected(key))
    if value is None or value == "":
        raise OptionError(f"`{key}` has no value", hint=_expected(key))
    if key in CALCULUS_OPTIONS:
        calculus = {**settings.calculus, key: value}
        Options.from_mapping(calculus)
        return replace(settings, calculus=calculus)
    if key in _FLAGS:
        return _with(settings, key, _flag(key, value))
    if key == "check":
        return replace(settings, check=_check(value))
    if key in _CHOICES:
        if value not in _CHOICES[key]:
            raise refused(key, value, _CHOICES[key])
        return _with(settings, key, value)
    if key == "width":
        return replace(settings, width=_width(value))
    if key == "rules":
        return replace(settings, rules=_address(value))
    return replace(settings, file=str(value))


def _expected(key: str) -> str:
    """What the values of an option are."""
    if key in _FLAGS:
        return "one of true, false"
    if key in CALCULUS_OPTIONS:
        return f"one of {', '.join(values_of(key))}"
    return f"one of {', '.join(_CHOICES[key])}" if key in _CHOICES else _WRITE[key]


def _refused(key: str, value: object) -> OptionError:
    return refused(key, value, expected=_expected(key))


def _with(settings: Settings, key: str, value: object) -> Settings:
    changes: dict[str, Any] = {key.replace("-", "_"): value}
    return replace(settings, **changes)


def _flag(key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    raise _refused(key, value)


def _width(value: object) -> float:
    match = _LENGTH.fullmatch(str(value))
    if match is None or float(match[1]) == 0:
        raise _refused("width", value)
    return float(match[1]) * _POINTS[match[2]]


def _check(value: object) -> str:
    if isinstance(value, str) and value.lower() == "fail":
        return "fail"
    return "mark" if _flag("check", value) else "off"


def _address(value: object) -> str:
    """The address of a page; nothing for ``false``."""
    address = str(value).strip()
    if value is False or address.lower() in _FALSE:
        return ""
    if value is True or not address or any(map(str.isspace, address)):
        raise _refused("rules", value)
    return address


def _unknown(phrases: Mapping[str, str]) -> list[str]:
    """Warnings for what mdiff never says."""
    from mdiff_pandoc.document.words import unknown_phrases

    return [
        f"mdiff has no phrase `{phrase}` to translate"
        + (f"; did you mean `{near}`?" if near else "")
        for phrase, near in unknown_phrases(phrases)
    ]


def _refused_words(phrase: str) -> OptionError:
    error = OptionError(
        f"the phrase `{phrase}` is given no words", hint=f"write {_MAPS['phrases']}"
    )
    error.key = phrase
    return error


def _symbols(value: Mapping[object, object]) -> tuple[tuple[str, ...], list[OptionError]]:
    """The declarations of the entries that can be read, and what is wrong with the others."""
    facts: list[str] = []
    errors: list[OptionError] = []
    for name, description in value.items():
        try:
            facts += symbol_facts(str(name), description)
        except OptionError as error:
            error.key = str(name)
            errors.append(error)
    return tuple(facts), errors


def symbol_facts(name: str, description: object) -> list[str]:
    """The declarations that ``name: description`` makes, e.g. ``A: m×n symmetric``.

    OptionError: the description names neither dimensions nor a property.
    """
    if isinstance(description, list | Mapping):
        raise _shapeless("a map" if isinstance(description, Mapping) else "a list", name)
    if isinstance(description, bool):  # YAML reads a bare n or y as a truth value
        description = "y" if description else "n"
    text = str(description).replace("$", " ").replace(r"\times", "×").strip()
    if re.match(r"[A-Za-z]{2,}", name) and re.split(r"_", name)[0] in GREEK:
        name = "\\" + name
    facts: list[str] = []
    size = _SIZE.match(text)
    rest = text
    if r"\in" in text or r"\mathbb" in text:
        space = str(description).replace("$", " ").split(r"\in", 1)[-1].strip()
        return [rf"{name} \in {space}"]
    if size:
        exponent = rf"{size[1]} \times {size[2]}" if size[1] else (size[4] or "")
        facts.append(membership(name, exponent))
        rest = text[size.end() :]
    properties = [match[0].replace("-", " ") for match in _PROPERTY_WORDS.finditer(rest)]
    leftover = _PROPERTY_WORDS.sub("", rest).replace(",", " ").replace(" and ", " ").strip()
    if leftover not in ("", "matrix", "vector", "entries", "scalar") or not (size or properties):
        raise _shapeless(f"`{text}`" if text else "nothing", name)
    return facts + [f"{name} {word}" for word in properties]


def _shapeless(given: str, name: str) -> OptionError:
    return OptionError(
        f"cannot read {given}, the shape of symbol `{name}`",
        hint="write e.g. `A: m×n`, `S: n×n symmetric`, `x: n`, `t: scalar`",
    )


def plain(meta: Any) -> object:
    """A value of pandoc's metadata (parsed JSON) as a plain Python value; formulas as ``$…$``."""
    kind, content = meta.get("t"), meta.get("c")
    if kind == "MetaMap":
        return {key: plain(value) for key, value in content.items()}
    if kind == "MetaList":
        return [plain(value) for value in content]
    if kind in ("MetaInlines", "MetaBlocks"):
        return _text(content).strip()
    return content


def _text(nodes: Any) -> str:
    parts = []
    for node in nodes:
        kind, content = node.get("t"), node.get("c")
        if kind == "Str":
            parts.append(content)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            parts.append(" ")
        elif kind == "Math":
            parts.append(f"${content[1]}$")
        elif kind in ("Code", "RawInline"):
            parts.append(content[1])
        elif kind in ("Link", "Image"):
            parts.append(_text(content[1]))
        elif isinstance(content, list):
            inner = content[-1] if content and isinstance(content[-1], list) else content
            parts.append(_text(item for item in inner if isinstance(item, dict)))
    return "".join(parts)
