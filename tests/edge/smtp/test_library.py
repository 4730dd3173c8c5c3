"""Fails when aiosmtplib changes under the names that are not promised to us."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

import bot.edge.smtp
from bot.edge.smtp.line import Body

#: Every underscored attribute that the library's source gives its protocol or its client.
PRIVATE_OF_LIBRARY = {
    node.attr
    for module in (aiosmtplib.protocol, aiosmtplib.smtp)
    for node in ast.walk(ast.parse(Path(module.__file__).read_text()))
    if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__")
}


class Wire(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self, written):
        super().__init__()
        self._written = written

    def write(self, data):
        self._written.append(data)

    def is_closing(self):
        return False


def test_the_private_names_exist_and_mean_what_we_think():
    """Between answers the library throws away what comes; with the flag up it keeps what comes."""

    async def go():
        protocol = SMTPProtocol(loop=asyncio.get_running_loop())
        written = []
        protocol.connection_made(Wire(written))
        protocol.data_received(b"220 hello\r\n")
        await protocol.read_response(timeout=1)

        protocol.data_received(b"250 unasked\r\n")
        assert not Body.unread(protocol)

        Body.write(protocol, b"the body\r\n.\r\n")
        assert written == [b"the body\r\n.\r\n"]
        protocol.data_received(b"250 queued\r\n250 and one more\r\n")
        assert (await protocol.read_response(timeout=1)).message == "queued"
        assert Body.unread(protocol)
        assert all(hasattr(protocol, name) for name in Body.PRIVATE_NAMES)

    asyncio.run(go())


def test_no_other_class_uses_a_private_name_of_the_library():
    """The names are spelt out in the class Body and nowhere else in the package."""
    spelt = {
        (path.name, getattr(top, "name", "?"), node.attr)
        for path in Path(bot.edge.smtp.__file__).parent.glob("*.py")
        for top in ast.parse(path.read_text()).body
        for node in ast.walk(top)
        if isinstance(node, ast.Attribute) and node.attr in PRIVATE_OF_LIBRARY
    }
    assert spelt == {("line.py", "Body", name) for name in Body.PRIVATE_NAMES}
