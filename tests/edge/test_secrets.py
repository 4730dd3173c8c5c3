"""Secrets come from where the operator said, and from nowhere else do they come out."""

from __future__ import annotations

import os
import sys

import pytest

from bot.edge.secrets import SecretSource
from bot.errors import SecretUnavailable

CANARY = "canary-pässword-7391"


def program(text):
    return (sys.executable, "-c", text)


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "password"
    path.write_text(CANARY + "\n")
    path.chmod(0o600)
    return path


def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("REJOINDER_TEST_SECRET", CANARY)
    assert SecretSource(variable="REJOINDER_TEST_SECRET")() == CANARY


def test_from_a_private_file_without_its_line_end(secret_file):
    assert SecretSource(file=secret_file)() == CANARY
    secret_file.write_bytes(CANARY.encode() + b"\r\nuser: somebody\r\n")
    assert SecretSource(file=secret_file)() == CANARY


def test_from_a_program():
    assert SecretSource(command=program(f"print({CANARY!r})"))() == CANARY


def test_no_shell_reads_the_command():
    source = SecretSource(command=(*program("import sys; print(sys.argv[1])"), "$(echo no) `no` ; no"))
    assert source() == "$(echo no) `no` ; no"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620])
def test_a_file_that_others_can_touch_is_refused_with_the_remedy(secret_file, mode):
    secret_file.chmod(mode)
    with pytest.raises(SecretUnavailable, match=f"mode {mode:04o}.*chmod 600"):
        SecretSource(file=secret_file)()


def test_a_stricter_mode_is_fine(secret_file):
    secret_file.chmod(0o400)
    assert SecretSource(file=secret_file)() == CANARY


def test_a_file_of_another_user_is_refused(secret_file, monkeypatch):
    really = os.fstat

    def someone_elses(descriptor):
        status = list(really(descriptor))
        status[4] = os.geteuid() + 1  # st_uid
        return os.stat_result(status)

    monkeypatch.setattr(os, "fstat", someone_elses)
    with pytest.raises(SecretUnavailable, match="another user"):
        SecretSource(file=secret_file)()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (SecretSource(variable="REJOINDER_NOT_SET"), "REJOINDER_NOT_SET is not set"),
        (SecretSource(command=("/nowhere/at/all",)), "cannot be run: No such file"),
        (SecretSource(command=program("raise SystemExit(3)")), "ended with 3"),
        (SecretSource(command=program("")), "is empty"),
        (SecretSource(command=program("print()")), "is empty"),
        (SecretSource(command=program("print('a\\0b')")), "NUL"),
        (SecretSource(command=program("import os; os.write(1, b'\\xff')")), "not UTF-8"),
        (SecretSource(command=program("input()")), "ended with 1"),  # nobody is there to answer
        (SecretSource(command=program("import time; time.sleep(60)"), timeout=0.2), "longer than 0.2 s"),
    ],
)
def test_what_is_wrong_is_said(source, message):
    with pytest.raises(SecretUnavailable, match=message):
        source()


def test_a_missing_file_and_a_folder_are_said(tmp_path):
    with pytest.raises(SecretUnavailable, match="cannot be read: No such file"):
        SecretSource(file=tmp_path / "none")()
    with pytest.raises(SecretUnavailable, match="cannot be read"):
        SecretSource(file=tmp_path)()


def test_exactly_one_origin():
    for wrong in ({}, {"variable": "A", "command": ("b",)}, {"command": ()}):
        with pytest.raises(ValueError, match="secret"):
            SecretSource(**wrong)


def test_neither_repr_nor_errors_show_it(secret_file):
    """The program prints the canary and then fails, or hangs; neither way may it come out."""
    sources = [
        SecretSource(file=secret_file),
        SecretSource(command=program(f"print({CANARY!r}); raise SystemExit(1)")),
        SecretSource(
            command=program(f"import time; print({CANARY!r}, flush=True); time.sleep(60)"), timeout=0.3
        ),
    ]
    shown = "".join(repr(s) + str(s) for s in sources)
    for source in sources[1:]:
        with pytest.raises(SecretUnavailable) as caught:
            source()
        shown += repr(caught.value) + str(caught.value) + repr(caught.value.__cause__)
    assert CANARY not in shown


def test_whoever_hides_secrets_is_told(secret_file):
    told = {}
    SecretSource(file=secret_file, tell=told.__setitem__)()
    SecretSource(command=("printf", "other"), tell=told.__setitem__)()
    assert list(told) == [CANARY, "other"]
    assert len(set(told.values())) == 2  # by their sources
