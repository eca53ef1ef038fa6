"""One answer in its thread: a progress message that is edited at Slack's pace and becomes the answer."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from .store import Usage

PACE = 3
"""Slack advises at most one edit in three seconds."""


class Reply:
    def __init__(self, client: AsyncWebClient, channel: str, ts: str) -> None:
        self._client = client
        self._channel = channel
        self._ts = ts
        self._status = ""
        self._changed = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, client: AsyncWebClient, channel: str, thread: str, question: uuid.UUID
    ) -> AsyncIterator["Reply"]:
        """Says that the question was heard; shows progress until the end of the block."""
        text = _progress("is thinking")
        posted = await client.chat_postMessage(
            channel=channel, thread_ts=thread, text=text, blocks=_section(text), unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": "omni_answer", "event_payload": {"question": str(question), "part": 0}})
        reply = cls(client, posted["channel"], posted["ts"])
        showing = asyncio.create_task(reply._show())
        try:
            yield reply
        finally:
            showing.cancel()

    def tell(self, status: str) -> None:
        self._status = status
        self._changed.set()

    async def _show(self) -> None:
        shown = "is thinking"
        while True:
            await self._changed.wait()
            await asyncio.sleep(PACE)
            self._changed.clear()
            if self._status == shown:
                continue
            shown = self._status
            text = _progress(shown)
            try:
                await self._client.chat_update(channel=self._channel, ts=self._ts, text=text, blocks=_section(text))
            except SlackApiError:
                logging.debug("a progress message was not edited", exc_info=True)

    async def finish(self, answer: str, usage: Usage, seconds: float) -> None:
        tools = ", ".join(f"`{call.tool}`" for call in usage.calls)
        footer = f"🔧 {tools} · {usage.iterations} turns · {seconds:.1f} s"
        await self._client.chat_update(
            channel=self._channel, ts=self._ts, text=answer[:600], blocks=[
                {"type": "markdown", "text": answer},
                {"type": "context", "elements": [{"type": "mrkdwn", "text": footer, "verbatim": True}]}])


def _progress(status: str) -> str:
    return f":hourglass_flowing_sand: _Omni {status}…_"


def _section(text: str) -> list[dict]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}]
