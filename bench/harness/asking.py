"""Asks questions at a steady rate, as many users in many channels, and collects answers and acknowledgements."""

import asyncio
import time
from dataclasses import dataclass

from .emulator import CHANNELS, PEOPLE, Acknowledgement, Emulator, Message

PROGRESS = ":hourglass"
"""The beginning of progress messages."""


@dataclass(frozen=True)
class Asked:
    number: int
    person: str
    """The asker's user id."""
    channel: str
    ts: str
    thread: str
    writes: bool = False
    """Whether the question asks to note its mark, with a tool that writes."""

    @property
    def mark(self) -> str:
        return f"nr-{self.number:06}"

    @property
    def at(self) -> float:
        return float(self.ts)


class Asker:
    """Asks in all channels in turn, and records the questions.

    With `threads` the questions are distributed in turn over this number of threads, whose first question is the root;
    without it each question is the root of a new thread. With `writing_every` one of this number asks for a note.
    """

    def __init__(
        self, emulator: Emulator, threads: int | None = None, channels: int = CHANNELS, writing_every: int | None = None
    ) -> None:
        self.emulator = emulator
        self.asked: list[Asked] = []
        self.worst_delay = 0.0
        """The largest delay of a question against its schedule in seconds; above 1 s the harness was too slow."""
        self._threads = threads
        self._channels = channels
        self._writing_every = writing_every
        self._roots: dict[int, str] = {}

    async def ask(self, number: int) -> Asked:
        place = number % self._threads if self._threads else number
        person, channel = place % PEOPLE + 1, f"C0L{place % self._channels + 1}"
        writes = self._writing_every is not None and number % self._writing_every == 1
        # The model distinguishes the two kinds by the word before the mark.
        text = f"@omni how are our services today? {'Please note ' if writes else ''}nr-{number:06}"
        root = self._roots.get(place)
        ts = await self.emulator.say(f"p{person}", channel, text, root)
        thread = self._roots.setdefault(place, ts)
        asked = Asked(number, f"U0P{person}", channel, ts, thread, writes)
        self.asked.append(asked)
        return asked

    async def ask_steadily(self, rate: float, seconds: float, first: int = 0) -> None:
        """Asks `rate` questions per second, with at most 64 concurrent requests to the workspace."""
        gate = asyncio.Semaphore(64)
        start = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for index in range(round(rate * seconds)):
                await asyncio.sleep(max(0, start + index / rate - time.monotonic()))
                await gate.acquire()
                self.worst_delay = max(self.worst_delay, time.monotonic() - start - index / rate)
                group.create_task(self._ask_through(gate, first + index))

    async def _ask_through(self, gate: asyncio.Semaphore, number: int) -> None:
        try:
            await self.ask(number)
        finally:
            gate.release()


class AcknowledgementBook:
    """Collects acknowledgements before the emulator's traffic log drops them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.entries: list[Acknowledgement] = []

    async def keep(self) -> None:
        """Reads every two seconds until it is cancelled."""
        while True:
            await self.read()
            await asyncio.sleep(2)

    async def read(self) -> None:
        self.entries += await self.emulator.acknowledgements()

    @property
    def of_questions(self) -> list[Acknowledgement]:
        return [entry for entry in self.entries if entry.kind == "app_mention"]


def answers(asked: list[Asked], messages: list[Message]) -> dict[int, Message]:
    """The first message with the mark of a question that is no progress message, by the question's number."""
    by_mark = {question.mark: question.number for question in asked}
    found: dict[int, Message] = {}
    for message in messages:
        if message.is_bot and not message.text.startswith(PROGRESS) and (at := message.text.find("nr-")) >= 0:
            number = by_mark.get(message.text[at:at + 9])
            if number is not None:
                found.setdefault(number, message)
    return found


async def answered(asked: list[Asked], emulator: Emulator, within: float) -> dict[int, Message]:
    """Waits until all questions are answered, at most `within` seconds. Returns the answers found."""
    end = time.monotonic() + within
    since = min((question.ts for question in asked), default="")
    while True:
        found = answers(asked, await emulator.messages(since))
        if len(found) == len(asked) or time.monotonic() > end:
            return found
        await asyncio.sleep(0.5)
