"""The Slack emulator as a process, and a client of its /_control routes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from .processes import Child

PEOPLE = 200
CHANNELS = 400


@dataclass(frozen=True)
class Message:
    """A message in its current version; times in seconds since 1970."""

    ts: str
    channel: str
    text: str
    is_bot: bool
    thread: str
    """The ts of the thread's root; the message's own ts outside threads."""
    edited: str | None
    only_for: str | None
    question: str | None
    """The question id in the message's metadata or, for a stream that is open, in the ids of its cards."""
    part: int
    markdown: str = ""
    """The Markdown in its blocks; `text` of an edited message has only the beginning."""
    is_streaming: bool = False
    """Whether it is a stream that is not ended."""
    is_streamed: bool = False
    """Whether it began as a stream."""
    is_edited: bool = False
    """Whether its text was replaced by an edit; a stream that grows is not edited."""
    has_running_card: bool = False

    @property
    def words(self) -> str:
        """What people read; empty for a stream that shows cards only."""
        return self.markdown or self.text

    @property
    def at(self) -> float:
        return float(self.ts)

    @property
    def settled_at(self) -> float:
        return float(self.edited or self.ts)

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Message":
        payload = (row["metadata"] or {}).get("event_payload") or {}
        question, part = payload.get("question"), payload.get("part")
        cards = row["task_cards"]
        if not question and cards and "-" in cards[0]["id"]:
            question, part = cards[0]["id"].split(".")[0].split("-")
        return cls(
            ts=row["ts"], channel=row["channel"], text=row["text"], is_bot=row["is_bot"],
            thread=row["thread_ts"] or row["ts"], edited=row["edited_ts"], only_for=row["only_for"],
            question=question, part=int(part or 0), markdown=row["markdown"], is_streaming=row["is_streaming"],
            is_streamed=row["is_streamed"], is_edited=row["is_edited"],
            has_running_card=any(card["status"] == "in_progress" for card in cards))


@dataclass(frozen=True)
class Call:
    """A call of the Web API that succeeded; `at` in seconds since 1970."""

    number: int
    method: str
    at: float
    arguments: str
    """As JSON."""


@dataclass(frozen=True)
class Acknowledgement:
    """The acknowledgement of an envelope, `seconds` after it was sent; `kind` is the event's type."""

    kind: str
    channel: str
    ts: str
    seconds: float


class Emulator:
    def __init__(self, child: Child, variables: dict[str, str]) -> None:
        self.child = child
        self.variables = variables
        """SLACK_API_URL and the two tokens."""
        self._base = variables["SLACK_API_URL"].removesuffix("api/") + "_control/"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        self._seen = 0

    @classmethod
    async def start(cls, omni: Path, folder: Path, tier_limits: bool = False) -> "Emulator":
        command = [str(omni), "emulator", "--port", "0", "--people", str(PEOPLE), "--channels", str(CHANNELS)]
        child = await Child.start("emulator", command + ["--tier-limits"] * tier_limits, folder)
        variables: dict[str, str] = {}
        while "SLACK_APP_TOKEN" not in variables:
            name, value = (await child.line()).split()
            variables[name] = value
        return cls(child, variables)

    async def stop(self) -> None:
        await self._session.close()
        await self.child.stop()

    async def _post(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(self._base + route, json=body) as response:
            answer = await response.json()
        if not answer["ok"]:
            raise RuntimeError(f"{route} {body}: {answer}")
        return answer

    async def _get(self, route: str) -> dict[str, Any]:
        async with self._session.get(self._base + route) as response:
            return await response.json()

    async def say(self, person: str, channel: str, text: str, thread: str | None) -> str:
        """Posts a message as a user; returns its ts."""
        body = {"do": "say", "as": person, "channel": channel, "text": text}
        return (await self._post("act", body if thread is None else body | {"thread_ts": thread}))["ts"]

    async def fault(self, **fault: Any) -> None:
        await self._post("faults", fault)

    async def inflict(self, **fault: Any) -> None:
        await self._post("sockets", fault)

    async def clear_faults(self) -> None:
        async with self._session.delete(self._base + "faults") as response:
            await response.read()

    async def live_connections(self) -> int:
        return (await self._get("state"))["live"]

    async def messages(self, after: str = "") -> list[Message]:
        return [Message.of(row) for row in (await self._get(f"messages?after={after}"))["messages"]]

    async def calls(self, after: int = 0) -> list[Call]:
        """The successful calls with a greater number than `after`, among the newest 20,000 entries of the log."""
        entries = (await self._get(f"journal?kind=call&after={after}"))["entries"]
        return [
            Call(entry["number"], entry["name"], float(entry["time"]), json.dumps(entry["detail"].get("arguments")))
            for entry in entries if entry["detail"].get("ok")]

    async def acknowledgements(self) -> list[Acknowledgement]:
        """The acknowledgements since the last call; to be called every few seconds, as the log holds 20,000 entries."""
        entries = (await self._get(f"journal?kind=received&after={self._seen}"))["entries"]
        self._seen = max([self._seen] + [entry["number"] for entry in entries])
        details = [entry["detail"] for entry in entries]
        return [
            Acknowledgement(
                detail["about"].get("type") or "", detail["about"].get("channel") or "",
                detail["about"].get("ts") or "", detail["microseconds"] / 1e6) for detail in details]
