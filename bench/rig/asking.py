"""Questions at a steady rate, from many people in many channels, and what became of them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from .emulator import CHANNELS, PEOPLE, Acknowledgement, Emulator, Message

PROGRESS = ":hourglass"
"""How a message begins that is no last word."""


@dataclass(frozen=True)
class Asked:
    number: int
    channel: str
    ts: str
    thread: str

    @property
    def mark(self) -> str:
        return f"nr-{self.number:06}"


def spread(number: int) -> tuple[str, str, str | None]:
    """Person, channel and thread of a question: each its own thread, channels in turn."""
    return f"p{number % PEOPLE + 1}", f"C0L{number % CHANNELS + 1}", None


class Asker:
    """Asks and keeps what was asked, whatever it is asked through."""

    def __init__(self, emulator: Emulator, place: Callable[[int], tuple[str, str, str | None]] = spread) -> None:
        self.emulator = emulator
        self.place = place
        self.asked: list[Asked] = []
        self.worst_delay = 0.0
        """How late, in seconds, a question was asked by its own timetable: beyond a second the harness was too slow."""

    async def ask(self, number: int) -> Asked:
        person, channel, thread = self.place(number)
        text = f"@omni how are our services today? nr-{number:06}"
        ts = await self.emulator.say(person, channel, text, thread)
        asked = Asked(number, channel, ts, thread or ts)
        self.asked.append(asked)
        return asked

    async def ask_steadily(self, rate: float, seconds: float, first: int = 0) -> None:
        """Asks `rate` times a second; at most 64 at the same time are on their way to the workspace."""
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
    """Collects acknowledgements before the workspace's journal forgets them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.entries: list[Acknowledgement] = []

    async def keep(self) -> None:
        """Until it is cancelled."""
        while True:
            await self.read()
            await asyncio.sleep(2)

    async def read(self) -> None:
        self.entries += await self.emulator.acknowledgements()

    @property
    def of_questions(self) -> list[Acknowledgement]:
        return [entry for entry in self.entries if entry.kind == "app_mention"]


def answers(asked: list[Asked], messages: list[Message]) -> dict[int, Message]:
    """The final message of each question that has one, by its number."""
    by_mark = {question.mark: question.number for question in asked}
    found: dict[int, Message] = {}
    for message in messages:
        if message.is_bot and not message.text.startswith(PROGRESS) and (at := message.text.find("nr-")) >= 0:
            number = by_mark.get(message.text[at:at + 9])
            if number is not None:
                found.setdefault(number, message)
    return found


async def answered(asked: list[Asked], emulator: Emulator, within: float) -> dict[int, Message]:
    """Waits until all are answered, at most that long; gives the answers that there are."""
    end = time.monotonic() + within
    while True:
        # Only what came after the first question that is looked for.
        since = min((question.ts for question in asked), default="")
        found = answers(asked, await emulator.messages(since))
        if len(found) == len(asked) or time.monotonic() > end:
            return found
        await asyncio.sleep(0.5)
