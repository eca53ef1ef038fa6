"""Wires the bot up and runs it until SIGTERM."""

import asyncio
import logging
import os
import re
import signal
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop
from anthropic import AsyncAnthropic
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from . import prompt
from .answering import Answering
from .replies import Reply
from .store import Store, Usage
from .tools import Tools


class Bot:
    def __init__(self, client: AsyncWebClient, store: Store, answering: Answering) -> None:
        self._client = client
        self._store = store
        self._answering = answering
        self._people: dict[str, dict[str, Any]] = {}
        self._channels: dict[str, dict[str, Any]] = {}

    async def accept(
        self, event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, next: Callable[[], Awaitable[None]]
    ) -> None:
        """Middleware: it ends before Bolt acknowledges, so that what is acknowledged is stored."""
        thread = event.get("thread_ts") or event["ts"]
        text = re.sub(r"<@[A-Z0-9]+>\s*", "", event["text"]).strip()
        team, channel = body["team_id"], event["channel"]
        context["text"] = text
        context["thread_key"] = f"{team}:{channel}:{thread}"
        context["question"] = await self._store.accept(
            f"{team}:{channel}:{event['ts']}", context["thread_key"], event["user"], text)
        await next()

    async def mentioned(self, event: dict[str, Any], context: AsyncBoltContext) -> None:
        question: uuid.UUID | None = context["question"]
        if question is None:
            return  # delivered before
        start = time.monotonic()
        person = await self._person(event["user"])
        await self._channel(event["channel"])
        thread = event.get("thread_ts") or event["ts"]
        usage = Usage()
        async with Reply.open(self._client, event["channel"], thread, question) as reply:
            earlier = await self._store.earlier(context["thread_key"], question)
            messages = prompt.messages(context["text"], person["real_name"], earlier)
            try:
                answer, status = await self._answering.answer(messages, usage, reply.tell), "answered"
            except Exception:
                logging.exception("question %s failed", question)
                answer, status = ":warning: Something broke while I worked on this. Please ask again.", "failed"
        seconds = time.monotonic() - start
        await self._store.finish(
            question, person["profile"].get("email", ""), context["text"], answer, status, usage, round(seconds * 1000))
        await reply.finish(answer, usage, seconds)

    async def _person(self, user: str) -> dict[str, Any]:
        if user not in self._people:
            self._people[user] = (await self._client.users_info(user=user))["user"]
        return self._people[user]

    async def _channel(self, channel: str) -> dict[str, Any]:
        if channel not in self._channels:
            self._channels[channel] = (await self._client.conversations_info(channel=channel))["channel"]
        return self._channels[channel]


async def ignore() -> None:
    """A mention in a channel arrives as a message as well."""


async def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    store = await Store.open(os.environ["DATABASE_URL"])
    async with Tools.open("ops", os.environ["OMNI_EXECUTABLE"], ["demo-mcp"]) as tools:
        bot = Bot(client, store, Answering(AsyncAnthropic(), tools))
        app = AsyncApp(client=client)
        app.event("app_mention", middleware=[bot.accept])(bot.mentioned)
        app.event("message")(ignore)
        handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
        await handler.connect_async()
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        await stopped.wait()
        await handler.close_async()
    await store.close()


if __name__ == "__main__":
    uvloop.run(main())
