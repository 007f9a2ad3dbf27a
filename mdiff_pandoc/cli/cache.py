"""What ``mdiff cache`` says of the cache, and does to it."""

from __future__ import annotations

from typing import Annotated

import typer


def cache_command(
    *,
    info: Annotated[
        bool, typer.Option("--info", help="Say where it is and what is in it (the default).")
    ] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Let everything in it go.")] = False,
) -> None:
    """The answers and pages that earlier builds left for later ones.

    The folder is the one of the platform for caches, or `MDIFF_CACHE_DIR`. `MDIFF_CACHE_BYTES`
    bounds its size, and `MDIFF_CACHE=off` switches it off, as `cache: false` does in a document.

    Examples:

        mdiff cache

        mdiff cache --clear
    """
    from mdiff_pandoc.document.cache.shared import store

    found = store()
    if found is None:
        typer.echo("The cache is switched off by MDIFF_CACHE.")
        return
    if clear:
        found.clear()
        if found.usable:
            typer.echo(f"Emptied {found.file}.")
        else:
            typer.echo(f"mdiff: {found.file} cannot be used: {found.trouble}", err=True)
            raise typer.Exit(1)
    if info or not clear:
        for name, value in _lines():
            typer.echo(f"{name + ':':9} {value}")


def _lines() -> list[tuple[str, str]]:
    """What there is to say, each with its name."""
    from mdiff_pandoc import __version__
    from mdiff_pandoc.document.cache import place
    from mdiff_pandoc.document.cache.shared import store
    from mdiff_pandoc.document.cache.store import KINDS

    found = store()
    if found is None:
        return []
    counts = found.counts()
    lines = [("file", found.file)]
    if not found.usable:
        lines.append(("state", f"cannot be used: {found.trouble}"))
    for kind in KINDS:
        number, size = counts.get(kind, (0, 0))
        lines.append((f"{kind}s", f"{number} in {_size(size)}"))
    total = sum(size for _, size in counts.values())
    lines.append(("size", f"{_size(total)} of {_size(place.bound())}"))
    lines.append(("version", f"mdiff {__version__}, format {place.FORMAT}"))
    return lines


def _size(size: int) -> str:
    for unit, name in ((2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
