"""What only the database can do: survive, refuse a bad file, say what is wrong, stay fast."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.case import events as e
from bot.case.model import Case, State
from bot.edge.store import open_store, schema
from bot.edge.store.sql import SqlStore
from bot.errors import Conflict, NotPossible, SchemaTooNew, StoreDamaged, StoreError, StoreFull
from bot.ports import Change, Cursor
from tests.samples import DAY, NOW, sample_case, sample_letter, sample_mail, sample_party, sample_track

ROOT = Path(__file__).parents[3]


def execute(store: SqlStore, statement: str) -> None:
    with store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(statement)


class TestOpening:
    def test_what_was_written_is_there_when_opened_again(self, tmp_path: Path) -> None:
        path = tmp_path / "state" / "rejoinder.db"
        store = open_store(path)
        store.record(Change(cases=(sample_case(),), letters=(sample_letter(),)), NOW)
        case, letter = store.case("K7QW2M"), store.letter("L1")
        store.close()
        again = open_store(f"sqlite:///{path}")
        assert (again.case("K7QW2M"), again.letter("L1")) == (case, letter)
        again.close()

    def test_the_file_is_for_its_owner_only(self, tmp_path: Path) -> None:
        path = tmp_path / "state" / "rejoinder.db"
        open_store(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_a_path_that_cannot_be_is_said_so(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match=r"file/rejoinder\.db cannot be opened.*check the path"):
            open_store(tmp_path / "file" / "rejoinder.db")

    def test_a_newer_schema_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "rejoinder.db"
        store = open_store(path)
        execute(store, f"UPDATE schema_version SET version = {schema.SCHEMA_VERSION + 1}")
        store.close()
        before = path.read_bytes()
        with pytest.raises(
            SchemaTooNew, match=f"schema {schema.SCHEMA_VERSION + 1}, this one knows {schema.SCHEMA_VERSION}"
        ):
            open_store(path)
        assert path.read_bytes() == before

    def test_a_database_of_another_program_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE recipes (name)")
        with pytest.raises(StoreError, match=r"other\.db is a database of another program"):
            open_store(path)

    def test_a_file_that_is_no_database_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "rejoinder.db"
        path.write_bytes(b"Dear diary, " * 1000)
        with pytest.raises(StoreDamaged, match=r"rejoinder\.db is damaged.*last backup"):
            open_store(path)

    def test_a_damaged_database_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "rejoinder.db"
        store = open_store(path)
        store.record(Change(cases=tuple(sample_case(case_id=f"C{n}") for n in range(300))), NOW)
        store.close()
        with path.open("r+b") as file:  # page 1, the schema, stays sound
            file.seek(path.stat().st_size // 2)
            file.write(os.urandom(40_000))
        with pytest.raises(StoreDamaged, match="nothing will be read or sent"):
            open_store(path)

    def test_two_that_create_it_at_once_agree(self, tmp_path: Path) -> None:
        line = "import sys; from bot.edge.store import open_store; open_store(sys.argv[1]).close()"
        command = [sys.executable, "-c", line, str(tmp_path / "rejoinder.db")]
        running = [subprocess.Popen(command, stderr=subprocess.PIPE, cwd=ROOT) for _ in range(3)]
        assert [process.communicate(timeout=60)[1] for process in running] == [b"", b"", b""]
        store = open_store(tmp_path / "rejoinder.db")
        with store.engine.connect() as connection:
            assert connection.execute(text("SELECT version FROM schema_version")).all() == [
                (schema.SCHEMA_VERSION,)
            ]
        store.close()

    def test_sqlalchemy_waits_until_a_store_is_opened(self) -> None:
        line = "import sys; import bot.edge.store; sys.exit('sqlalchemy' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", line], check=False, cwd=ROOT).returncode == 0


class TestSchema:
    def test_every_table_carries_tenant_and_account(self) -> None:
        without = {
            table.name
            for table in schema.metadata.sorted_tables
            if not {"tenant_id", "account_id"} <= set(table.c.keys())
        }
        assert without == {"schema_version", "counter", "stopped_address"}

    def test_it_can_be_created_in_postgresql_too(self) -> None:
        from sqlalchemy.dialects import postgresql
        from sqlalchemy.schema import CreateIndex, CreateTable

        dialect = postgresql.dialect()
        for table in schema.metadata.sorted_tables:
            assert str(CreateTable(table).compile(dialect=dialect))
            for index in table.indexes:
                assert len(str(index.name)) <= 63
                assert str(CreateIndex(index).compile(dialect=dialect))

    def test_pragmas(self, sqlite_store: SqlStore) -> None:
        with sqlite_store.engine.connect() as connection:
            found = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "secure_delete")
            }
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "busy_timeout": 5000,
            "foreign_keys": 1,
            "secure_delete": 1,
        }

    def test_names_and_addresses_are_in_few_places(self, sqlite_store: SqlStore) -> None:
        line = ("K7QW2M", e.Opened(at=NOW, mail=1))
        sqlite_store.record(Change(cases=(sample_case(),), diary=(line,)), NOW)
        with sqlite_store.engine.connect() as connection:
            holding = {
                table.name
                for table in schema.metadata.sorted_tables
                if "muster" in str(connection.execute(table.select()).all()).lower().replace("p-muster", "")
            }
        assert holding == {"party", "party_address"}

    def test_links_across_accounts_are_refused_by_the_database_too(self, sqlite_store: SqlStore) -> None:
        sqlite_store.record(Change(cases=(sample_case(),), letters=(sample_letter(),)), NOW)
        with pytest.raises(Exception, match="FOREIGN KEY"):
            execute(sqlite_store, "UPDATE letter_case SET account_id = 'toys'")


class TestTenants:
    def test_a_tenant_sees_and_numbers_its_own_only(self, sqlite_store: SqlStore, tmp_path: Path) -> None:
        other = open_store(tmp_path / "rejoinder.db", tenant_id=2)
        sqlite_store.keep((sample_mail(),), Cursor(uidvalidity=7, last_uid=1), NOW)
        sqlite_store.record(Change(cases=(sample_case(),), letters=(sample_letter(),)), NOW)
        assert other.cases() == other.letters() == other.mails("lamps") == other.mailboxes() == ()
        assert other.next_due() is None
        with pytest.raises(NotPossible):
            other.case("K7QW2M")
        assert other.keep((sample_mail(),), None, NOW) == (1,)
        other.record(Change(cases=(sample_case(tenant_id=2),), letters=(sample_letter(tenant_id=2),)), NOW)
        assert sqlite_store.case("K7QW2M").tenant_id == 1
        assert sqlite_store.cases_of_mail("lamps", ("<rj.l1@lamps.example>",)) == sqlite_store.cases()
        other.close()


class TestDiary:
    @pytest.fixture
    def written(self, sqlite_store: SqlStore) -> SqlStore:
        lines = tuple(("K7QW2M", e.Opened(at=NOW, mail=n)) for n in (1, 2, 3))
        sqlite_store.record(Change(cases=(sample_case(),), diary=lines), NOW)
        assert sqlite_store.verify_chain("K7QW2M") == 3
        return sqlite_store

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE diary SET document = replace(document, '\"mail\":2', '\"mail\":9')",
            "UPDATE diary SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE sequence = 3",
            "DELETE FROM diary WHERE sequence = 1",
            "DELETE FROM diary WHERE sequence = 3",
            "DELETE FROM diary",
            "UPDATE diary SET sequence = 10 - sequence",
            "INSERT INTO diary SELECT tenant_id, account_id, case_id, 4, at, event, document, hash "
            "FROM diary WHERE sequence = 3",
        ],
    )
    def test_a_touched_diary_is_noticed(self, written: SqlStore, statement: str) -> None:
        execute(written, statement)
        with pytest.raises(StoreDamaged, match="diary of case K7QW2M"):
            written.verify_chain("K7QW2M")

    def test_a_line_number_is_used_once(self, written: SqlStore) -> None:
        with pytest.raises(Exception, match="UNIQUE"):
            execute(written, "INSERT INTO diary SELECT * FROM diary WHERE sequence = 3")


class TestTrouble:
    def test_a_full_disk_writes_nothing_and_says_what_to_do(self, sqlite_store: SqlStore) -> None:
        sqlite_store.record(Change(cases=(sample_case(),)), NOW)
        sqlite_store.engine.dispose()

        @event.listens_for(sqlite_store.engine, "connect")
        def _no_room(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA max_page_count = 1")  # as many pages as there are now

        many = tuple(sample_case(case_id=f"C{n}") for n in range(300))
        with pytest.raises(StoreFull, match=r"no room left.*rejoinder\.db; nothing was written\. Make room"):
            sqlite_store.record(Change(cases=many), NOW)
        assert len(sqlite_store.cases()) == 1

    def test_a_read_only_database(self, sqlite_store: SqlStore, tmp_path: Path) -> None:
        sqlite_store.record(Change(cases=(sample_case(),)), NOW)
        reader = open_store(f"sqlite:///file:{tmp_path / 'rejoinder.db'}?mode=ro&uri=true")
        assert len(reader.cases()) == 1
        with pytest.raises(StoreError, match="may only be read; nothing was written"):
            reader.record(Change(cases=(sample_case(case_id="B"),)), NOW)
        reader.close()

    def test_a_lock_held_too_long(
        self, sqlite_store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.edge.store.sqlite.BUSY_TIMEOUT", 50)
        waiting = open_store(tmp_path / "rejoinder.db")
        with _locked(tmp_path / "rejoinder.db"):
            with pytest.raises(StoreError, match=r"kept .* locked .*nothing was written"):
                waiting.record(Change(cases=(sample_case(),)), NOW)
            assert waiting.cases() == ()  # reading goes on
        waiting.record(Change(cases=(sample_case(),)), NOW)
        waiting.close()

    def test_damage_met_while_reading(self, sqlite_store: SqlStore) -> None:
        sqlite_store.record(Change(cases=(sample_case(),)), NOW)
        execute(sqlite_store, "UPDATE case_file SET document = '{\"mood\": 1}'")
        with pytest.raises(StoreDamaged, match="a stored Case cannot be read: Case has no field mood"):
            sqlite_store.case("K7QW2M")

    def test_two_writers_conflict_and_do_not_overwrite(self, sqlite_store: SqlStore, tmp_path: Path) -> None:
        sqlite_store.record(Change(cases=(sample_case(),)), NOW)
        other = open_store(tmp_path / "rejoinder.db")
        read = other.case("K7QW2M")
        sqlite_store.record(Change(cases=(read,)), NOW)
        with pytest.raises(Conflict):
            other.record(Change(cases=(read,)), NOW)
        other.close()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.execute("ROLLBACK")
    holder.close()


WRITE_FOR_EVER = """
import sys
from bot.case import events as e
from bot.edge.store import open_store
from bot.ports import Change
from tests.samples import NOW, sample_case
store = open_store(sys.argv[1])
for n in range(1_000_000):
    case = sample_case(case_id=f"C{n:06}")
    store.record(Change(cases=(case,), diary=((case.case_id, e.Opened(at=NOW, mail=n)),)), NOW)
    print(n, flush=True)
"""


def test_what_record_returned_for_survives_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "rejoinder.db"
    for stop in (1, 20):
        path.unlink(missing_ok=True)
        command = [sys.executable, "-c", WRITE_FOR_EVER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
            assert writer.stdout is not None
            told = -1
            while told < stop:
                told = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            told = max([told, *(int(line) for line in writer.stdout.read().splitlines())])
        store = open_store(path)
        found = {case.case_id for case in store.cases()}
        assert {f"C{n:06}" for n in range(told + 1)} <= found
        assert len(found) <= told + 2
        assert all(store.verify_chain(case_id) == 1 for case_id in found)
        store.close()


def _steps(store: SqlStore, query: str) -> str:
    with store.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    return " / ".join(str(row[-1]) for row in rows)


def test_what_is_asked_often_uses_an_index(sqlite_store: SqlStore) -> None:
    seen: list[str] = []

    @event.listens_for(sqlite_store.engine, "before_cursor_execute")
    def _note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(_filled(statement, parameters))

    due = sample_track(state=State.AWAITING, due_at=NOW)
    sqlite_store.record(Change(cases=(sample_case(tracks=(due,)),), letters=(sample_letter(),)), NOW)
    sqlite_store.keep((sample_mail(),), None, NOW)
    seen.clear()
    sqlite_store.due(NOW)
    sqlite_store.next_due()
    sqlite_store.next_due(("lamps",))
    sqlite_store.cases_of_address("lamps", "marken@muster.example")
    sqlite_store.cases_of_complaint("lamps", ("15234567890",))
    sqlite_store.cases_of_mail("lamps", ("<rj.l1@lamps.example>",))
    sqlite_store.opened_since("lamps", NOW)
    sqlite_store.accepted_since("lamps", NOW)
    sqlite_store.accepted_since("lamps", NOW, to="marken@muster.example")
    sqlite_store.seen_before(sqlite_store.mail(1), "<x@x.example>")
    assert len(seen) >= 12
    plans = [_steps(sqlite_store, query) for query in seen]
    assert [plan for plan in plans if "SCAN" in plan] == []
    # Nor may one be answered by walking through all cases of the account.
    walks = "account_id=?)"
    assert [plan for plan in plans if "case_file" in plan and walks in plan] == []


def _filled(statement: str, parameters: object) -> str:
    assert isinstance(parameters, tuple)
    for value in parameters:
        statement = statement.replace("?", repr(value) if isinstance(value, str) else str(value), 1)
    return statement


def test_reading_many_cases_asks_few_questions(sqlite_store: SqlStore) -> None:
    cases: list[Case] = [
        sample_case(
            case_id=f"C{n:05}",
            tracks=(sample_track(state=State.AWAITING, due_at=NOW + timedelta(minutes=n)),),
        )
        for n in range(2000)
    ]
    sqlite_store.record(Change(cases=tuple(cases)), NOW)
    counted: list[str] = []

    @event.listens_for(sqlite_store.engine, "before_cursor_execute")
    def _count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    assert len(sqlite_store.due(NOW + 2 * DAY, limit=100)) == 100
    assert len(counted) == 2  # the cases, their parties: not one query a case


def test_a_growing_number_of_cases_makes_few_statements(sqlite_store: SqlStore) -> None:
    """The driver keeps the last 128: one for each number of cases would be megabytes after a season."""
    asked: set[str] = set()

    @event.listens_for(sqlite_store.engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.add(statement)

    for number in range(1, 81):
        case = sample_case(case_id=f"K{number:05}", parties=(sample_party(),))
        sqlite_store.record(Change(cases=(case,)), NOW)
        found = sqlite_store.cases()
        assert len(found) == number
        assert all(len(one.parties) == 1 for one in found)
    several = [statement for statement in asked if " IN (?, ?" in statement]
    assert sorted(statement.count("?") for statement in several) == [5, 17, 65, 257]


def test_one_view_is_of_one_moment(sqlite_store: SqlStore) -> None:
    sqlite_store.record(Change(cases=(sample_case(),), letters=(sample_letter(),)), NOW)
    with sqlite_store.one_view(), sqlite_store.one_view():
        before = sqlite_store.case("K7QW2M")
        sqlite_store.record(Change(cases=(before,)), NOW)
        assert sqlite_store.case("K7QW2M") == before
        assert sqlite_store.cases() == (before,)
        with pytest.raises(Conflict):
            sqlite_store.record(Change(cases=(before,)), NOW)
    assert sqlite_store.case("K7QW2M").version == before.version + 1
