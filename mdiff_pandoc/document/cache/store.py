"""Values by key in one SQLite file that many processes read and write at the same time."""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mdiff_pandoc.document.cache.place import FORMAT, NAME

# the kinds of entries, and the part of the bound that each may fill
ANSWER, BLOCK, PAGE, FORMULA = "answer", "block", "page", "formula"
_SHARES = {ANSWER: 0.5, BLOCK: 0.25, PAGE: 0.2, FORMULA: 0.05}
KINDS = tuple(_SHARES)
_ROOM = 0.8  # how full a share is after it was cleared
_WAIT = 10.0  # seconds for another process to finish writing
_STALE = 60.0  # seconds after which a claim is no longer believed
_RECENT = 3600  # seconds for which an entry counts as used just now
_ROW = 64  # bytes that an entry takes beside its value
_CHUNK = 400  # keys of one query
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS entries (
    key BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    used INTEGER NOT NULL,
    size INTEGER NOT NULL,
    made INTEGER NOT NULL,
    value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS age ON entries (kind, used, size);
CREATE TABLE IF NOT EXISTS claims (
    key BLOB PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    since REAL NOT NULL
);
PRAGMA user_version = {FORMAT};
COMMIT;
"""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)


class Store:
    """Values of several kinds by key, bounded, and claims on keys whose value somebody computes.

    ``room`` is the number of bytes that values may take. Nothing here raises: without a usable
    file there is nothing in the store and nothing stays in it, and ``trouble`` says why.
    ``warnings`` tell of a damaged file, which is kept under another name. A store belongs to the
    process that made it.
    """

    def __init__(self, folder: str, room: int) -> None:
        self.folder = folder
        self.file = os.path.join(folder, NAME)
        self.trouble = ""
        self.warnings: list[str] = []
        self._room = room
        self._used: set[bytes] = set()
        self._grown = 0  # bytes that came in since the bound was looked at
        self._identity: tuple[int, int] | None = None
        self._db: sqlite3.Connection | None = None
        self._begin(repair=True)

    @property
    def usable(self) -> bool:
        """Is there a file to keep values in?"""
        return self._db is not None

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        return self.get_all((key,)).get(key)

    def get_all(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that have one."""
        found: dict[bytes, bytes] = {}
        damaged: list[bytes] = []
        old = time.time() - _RECENT
        for start in range(0, len(keys), _CHUNK):
            for key, value, used in self._select(keys[start : start + _CHUNK]):
                try:
                    found[key] = zlib.decompress(value)
                    if used < old:
                        self._used.add(key)
                except (zlib.error, TypeError):
                    damaged.append(key)
        self.forget(damaged)
        return found

    def _select(self, keys: Sequence[bytes]) -> list[tuple[bytes, bytes, int]]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value, used FROM entries WHERE key IN ({marks})"
        return self._do(lambda db: db.execute(query, keys).fetchall()) or []

    def put(self, kind: str, values: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep values; what was claimed of them is done."""
        now = int(time.time())
        packed = ((key, zlib.compress(value, 1)) for key, value in values)
        rows = [(key, kind, now, len(value) + _ROW, value) for key, value in packed]

        def insert(db: sqlite3.Connection) -> None:
            db.executemany(
                "INSERT INTO entries (key, kind, used, size, made, value)"
                " VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (key) DO UPDATE SET used = excluded.used,"
                " size = excluded.size, made = made + 1, value = excluded.value",
                rows,
            )
            db.executemany("DELETE FROM claims WHERE key = ?", [(row[0],) for row in rows])

        if not rows:
            return
        self._write(insert)
        self._grown += sum(row[3] for row in rows)
        if self._grown > self._room * (1 - _ROOM):
            self._grown = 0
            self._write(self._shrink)

    def claim(self, keys: Iterable[bytes], most: int) -> tuple[list[bytes], list[bytes]]:
        """Up to ``most`` keys without a value that nobody else computes now; they are ours then.

        The second list has the keys on the way there that have a value. Without a usable file
        nobody else can be asked, and all keys are ours.
        """
        asked = list(keys)

        def take(db: sqlite3.Connection) -> tuple[list[bytes], list[bytes]]:
            taken: list[bytes] = []
            ready: list[bytes] = []
            for key in asked:
                if len(taken) == most:
                    break
                if db.execute("SELECT 1 FROM entries WHERE key = ?", (key,)).fetchone():
                    ready.append(key)
                    continue
                query = "SELECT host, pid, since FROM claims WHERE key = ?"
                held = db.execute(query, (key,)).fetchone()
                if held is None or not _alive(*held):
                    taken.append(key)
            mine = [(key, _host(), os.getpid(), time.time()) for key in taken]
            db.executemany("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?)", mine)
            return taken, ready

        found: tuple[list[bytes], list[bytes]] | None = self._write(take)
        return (asked[:most], []) if found is None else found

    def forget(self, keys: Iterable[bytes]) -> None:
        """Let values go that nobody can read, and claims that lead to no value."""
        rows = [(key,) for key in keys]

        def delete(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM entries WHERE key = ?", rows)
            db.executemany("DELETE FROM claims WHERE key = ?", rows)

        if rows:
            self._write(delete)

    def counts(self) -> dict[str, tuple[int, int]]:
        """How many entries of each kind there are, and their bytes."""
        query = "SELECT kind, count(*), sum(size) FROM entries GROUP BY kind"
        rows = self._do(lambda db: db.execute(query).fetchall()) or ()
        return {str(kind): (int(number), int(size)) for kind, number, size in rows}

    def clear(self) -> None:
        """Let all entries go, and what was set aside."""

        def delete(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM entries")
            db.execute("DELETE FROM claims")

        self._write(delete)
        self._do(lambda db: db.execute("VACUUM"))
        for name in os.listdir(self.folder) if os.path.isdir(self.folder) else ():
            if name.startswith(f"{NAME}.damaged"):
                _remove(os.path.join(self.folder, name))

    def close(self) -> None:
        """Write down what was used, let the least recently used entries go, and close the file."""
        if self._used:
            rows = [(int(time.time()), key) for key in self._used]
            self._used = set()
            touch = "UPDATE entries SET used = ? WHERE key = ?"
            self._write(lambda db: db.executemany(touch, rows))
        if self._grown:
            self._grown = 0
            self._write(self._shrink)
        self._drop()

    def _shrink(self, db: sqlite3.Connection) -> None:
        for kind, share in _SHARES.items():
            room = share * self._room
            query = "SELECT coalesce(sum(size), 0) FROM entries WHERE kind = ?"
            [total] = db.execute(query, (kind,)).fetchone()
            if total <= room:
                continue
            query = "SELECT key, size FROM entries WHERE kind = ? ORDER BY used, rowid"
            gone: list[tuple[bytes]] = []
            for key, size in db.execute(query, (kind,)):
                if total <= _ROOM * room:
                    break
                gone.append((key,))
                total -= size
            db.executemany("DELETE FROM entries WHERE key = ?", gone)

    def _write(self, action: Callable[[sqlite3.Connection], Any]) -> Any:
        """Carry out an action whole or not at all; None when it failed."""

        def whole(db: sqlite3.Connection) -> Any:
            db.execute("BEGIN IMMEDIATE")
            try:
                done = action(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            return done

        return self._do(whole)

    def _do(self, action: Callable[[sqlite3.Connection], Any]) -> Any:
        """Carry out an action; None when it failed. A damaged file is replaced by a new one."""
        if self._db is None:
            return None
        try:
            return action(self._db)
        except sqlite3.Error as error:
            self._failed(error, repair=True)
        return None

    def _begin(self, *, repair: bool) -> None:
        """Open the file, or make it."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            self._db = self._opened()
            found = os.stat(self.file)
            self._identity = found.st_dev, found.st_ino
        except OSError as error:
            self._drop()
            self.trouble = str(error)
        except sqlite3.Error as error:
            self._failed(error, repair=repair)

    def _opened(self) -> sqlite3.Connection:
        # one thread after the other uses it: a document that is nested deeply has its own
        db = sqlite3.connect(
            self.file, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )
        until = time.monotonic() + _WAIT
        while True:
            try:
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("BEGIN")  # both are to be of one moment
                [version] = db.execute("PRAGMA user_version").fetchone()
                [tables] = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                db.execute("COMMIT")
                if version != FORMAT:
                    if tables:
                        raise sqlite3.DatabaseError("a file of another program")
                    db.execute("PRAGMA journal_mode = WAL")
                    db.executescript(_SCHEMA)
                return db
            except sqlite3.OperationalError as error:
                # a change of the journal does not wait for others, whatever the timeout says
                if _code(error) not in _BUSY or time.monotonic() > until:
                    db.close()
                    raise
                if db.in_transaction:
                    db.execute("ROLLBACK")
                time.sleep(0.02)
            except sqlite3.Error:
                db.close()
                raise

    def _failed(self, error: sqlite3.Error, *, repair: bool) -> None:
        self._drop()
        self.trouble = str(error)
        code = _code(error)
        directory = os.path.isdir(self.file)
        damaged = directory or code in _DAMAGED or not isinstance(error, sqlite3.OperationalError)
        if not (damaged and repair):
            return
        try:
            self._set_aside()
        except OSError:
            return
        self.trouble = ""
        self._begin(repair=False)

    def _set_aside(self) -> None:
        """Give the damaged file another name, unless another process already did."""
        found = os.stat(self.file)
        if self._identity is not None and self._identity != (found.st_dev, found.st_ino):
            return
        aside = f"{self.file}.damaged"
        if os.path.isdir(aside) or os.path.isdir(self.file):
            aside = f"{aside}-{time.time_ns()}"
        os.replace(self.file, aside)
        for suffix in ("-wal", "-shm"):  # they would be read into the new file
            _remove(self.file + suffix)
        self.warnings.append(
            f"the cache was damaged ({self.trouble}); it is now {aside}, and a new one was begun"
        )

    def _drop(self) -> None:
        if self._db is not None:
            db, self._db = self._db, None
            try:
                db.close()
            except sqlite3.Error as error:
                self.trouble = str(error)


def _code(error: sqlite3.Error) -> int:
    """The primary error code of SQLite; 0 where there is none."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")


def _alive(host: str, pid: int, since: float) -> bool:
    """Does the process that holds a claim still run, as far as one can tell?"""
    if not 0 <= time.time() - since < _STALE:
        return False
    if host != _host() or os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove(path: str) -> None:
    import shutil

    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        try:
            os.remove(path)
        except OSError:  # somebody else did, or keeps it open
            return
