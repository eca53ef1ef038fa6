"""One answer in its thread: a progress message that is edited and finally replaced by the answer.

A post is recorded before and after the call, so that a process that takes over finds the message and does not post a
second one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from .question import Question, Usage
from .store import Store

PACE = 3
"""Seconds between two edits: Slack recommends at most one edit in three seconds."""


class Reply:
    def __init__(self, client: AsyncWebClient, store: Store, question: Question, channel: str, ts: str) -> None:
        self._client = client
        self._store = store
        self._question = question
        self._channel = channel
        self._ts = ts
        self._status = ""
        self._changed = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, client: AsyncWebClient, store: Store, question: Question, fresh: bool
    ) -> AsyncIterator["Reply"]:
        """Posts the progress message, or finds that of an earlier claim; shows progress until the end of the block."""
        ts = None if fresh else await _posted(client, store, question)
        if ts is None:
            await store.note_post(question, "sending", None)
            text = _progress("is thinking")
            posted = await client.chat_postMessage(
                channel=question.channel, thread_ts=question.thread, text=text, blocks=_section(text),
                unfurl_links=False, unfurl_media=False,
                metadata={"event_type": "omni_answer", "event_payload": {"question": str(question.id), "part": 0}})
            ts = posted["ts"]
            await store.note_post(question, "posted", ts)
        reply = cls(client, store, question, question.channel, ts)
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

    async def finish(self, answer: str, footer: str) -> None:
        blocks: list[dict] = [{"type": "markdown", "text": answer}]
        if footer:
            blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": footer, "verbatim": True}]})
        await self._client.chat_update(channel=self._channel, ts=self._ts, text=answer[:600], blocks=blocks)
        await self._store.note_post(self._question, "answered", self._ts)


def footer(usage: Usage, seconds: float) -> str:
    tools = ", ".join(f"`{call.tool}`" for call in usage.calls)
    return f"🔧 {tools} · {usage.iterations} turns · {seconds:.1f} s"


async def _posted(client: AsyncWebClient, store: Store, question: Question) -> str | None:
    """The ts of an earlier claim's message: from the store or, if it is not recorded there, from the thread."""
    known = await store.post(question)
    if known is None or known["ts"]:
        return known and known["ts"]
    found = await client.conversations_replies(
        channel=question.channel, ts=question.thread, include_all_metadata=True, limit=200)
    for message in found["messages"]:
        if message.get("metadata", {}).get("event_payload", {}).get("question") == str(question.id):
            await store.note_post(question, "posted", message["ts"])
            return message["ts"]
    return None


def _progress(status: str) -> str:
    return f":hourglass_flowing_sand: _Omni {status}…_"


def _section(text: str) -> list[dict]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}]
