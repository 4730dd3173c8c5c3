"""Everything outside the daemon: letters reach their addressees, answers and notices reach the inbox."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable
from datetime import datetime

from bot.demo.actors import Actor, Coming, Kind
from bot.demo.ledger import Ledger
from bot.demo.post import Posted, Seller, own_copy, posted
from bot.demo.servers import Mailbox, SandboxServers
from bot.demo.story import Story, Tone

_TONES = {
    Kind.NOTICE: Tone.WARN,
    Kind.FAKE: Tone.WARN,
    Kind.NOISE: Tone.QUIET,
    Kind.AUTOMATIC: Tone.QUIET,
    Kind.ANSWER: Tone.GOOD,
    Kind.AMAZON_ANSWER: Tone.GOOD,
    Kind.BOUNCE: Tone.WARN,
}


class World:
    """Delivers what is due and lets the actors react to what the SMTP server received."""

    def __init__(
        self,
        servers: SandboxServers,
        seller: Seller,
        actors: Iterable[Actor],
        opening: Iterable[Coming],
        *,
        story: Story,
        ledger: Ledger,
    ) -> None:
        self._servers = servers
        self._mailbox: Mailbox = servers.mailbox()
        self._seller = seller
        self._actors = tuple(actors)
        self._story = story
        self._ledger = ledger
        self._order = 0
        self._coming: list[tuple[datetime, int, Coming]] = []
        self.last_uid = 0  #: of the newest mail that we delivered into the inbox
        self._plan(opening)

    def next_event(self) -> datetime | None:
        """When the next mail will arrive, if nobody writes before."""
        return self._coming[0][0] if self._coming else None

    def at_rest(self, now: datetime) -> bool:
        """True when every accepted letter was passed on and nothing is due for delivery."""
        due = self.next_event()
        return self._servers.submission.waiting == 0 and (due is None or due > now)

    async def settle(self, now: datetime) -> bool:
        """Pass on what was accepted and deliver what is due; False when there was nothing to do."""
        if self.at_rest(now):
            return False
        letters = [posted(a.number, a.at, a.recipients, a.raw) for a in self._servers.submission.take()]
        # Letters of one moment have no order of their own: ours is the same in every run.
        for letter in sorted(letters, key=lambda letter: (letter.at, letter.subject)):
            self._tell_sent(letter)
            self._ledger.received(letter)
            self._plan(self._consequences(letter))
        while self._coming and self._coming[0][0] <= now:
            _, _, coming = heapq.heappop(self._coming)
            await self._deliver(coming, now)
        return True

    def close(self) -> None:
        """Let go of the mailbox."""
        self._mailbox.close()

    def _plan(self, comings: Iterable[Coming]) -> None:
        for coming in comings:
            self._order += 1
            heapq.heappush(self._coming, (coming.at, self._order, coming))

    def _consequences(self, letter: Posted) -> list[Coming]:
        comings = [
            coming for actor in self._actors if actor.concerns(letter) for coming in actor.react(letter)
        ]
        if self._seller.address in letter.recipients:
            comings.append(
                Coming(
                    at=letter.at,
                    kind=Kind.OWN_COPY,
                    who="",
                    line="",
                    write=lambda at: own_copy(self._seller, letter.raw, at),
                )
            )
        return comings

    async def _deliver(self, coming: Coming, now: datetime) -> None:
        self.last_uid = await asyncio.to_thread(self._mailbox.deliver, coming.write(now), now)
        self._ledger.delivered(coming)
        if coming.kind is not Kind.OWN_COPY:
            self._story.tell(now, coming.who, coming.line, _TONES[coming.kind])

    def _tell_sent(self, letter: Posted) -> None:
        kind = "reminder" if self._ledger.is_reminder(letter) else "inquiry"
        if letter.to_amazon:
            kind = "escalation"
        to = ", ".join(address.addr_spec for address in letter.to)
        copy = ", ".join(address.addr_spec for address in letter.cc)
        text = f"{kind} to {to}" + (f" (copy to {copy})" if copy else "") + f": {letter.subject}"
        self._story.tell(letter.at, "Sent", text, Tone.OURS)
