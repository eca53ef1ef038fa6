"""Builds the bot and runs it until SIGTERM."""

import asyncio
import logging
import os
import re
import signal
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

import asyncpg
import uvloop
from anthropic import AsyncAnthropic
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from . import prompt
from .answering import Answering
from .journal import Journal
from .question import Question, Usage
from .replies import Reply, footer
from .store import Store, TakenOver
from .tools import Tools


TIDYING = 10
"""Seconds between two renewals of the leases, which last 30 s."""


class Bot:
    def __init__(self, client: AsyncWebClient, store: Store, answering: Answering) -> None:
        self._client = client
        self._store = store
        self._answering = answering
        self._channels: dict[str, dict[str, Any]] = {}
        self._working: set[uuid.UUID] = set()
        self._threads: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def accept(
        self, event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, next: Callable[[], Awaitable[None]]
    ) -> None:
        """Middleware. Stores the question before Bolt acknowledges the envelope."""
        text = re.sub(r"<@[A-Z0-9]+>\s*", "", event["text"]).strip()
        context["question"] = await self._store.accept(
            body["team_id"], event["channel"], event["ts"], event.get("thread_ts") or event["ts"], event["user"], text)
        await next()

    async def mentioned(self, context: AsyncBoltContext) -> None:
        question: Question | None = context["question"]
        if question is not None:  # None: a redelivery of a stored question
            await self._in_order(question, fresh=True)

    async def _in_order(self, question: Question, fresh: bool) -> None:
        """Answers the questions of a thread one after the other."""
        self._working.add(question.id)
        turn = self._threads.setdefault(question.thread_key, asyncio.Lock())
        try:
            async with turn:
                await self._answer(question, fresh)
        except TakenOver:
            logging.warning("question %s was taken over by another process", question.id)
        finally:
            self._working.discard(question.id)

    async def _answer(self, question: Question, fresh: bool) -> None:
        start = time.monotonic()
        person = await self._person(question.asker)
        if not person["is_active"]:
            await self._store.finish(question, person["email"], "", "blocked", Usage(), 0)
            return
        await self._channel(question.channel)
        usage, journal = Usage(), Journal(self._store, question)
        async with Reply.open(self._client, self._store, question, fresh) as reply:
            messages = prompt.messages(question.text, person["name"], await self._store.earlier(question))
            try:
                if not fresh:
                    await journal.resume(messages, usage)
                answer, status = await self._answering.answer(messages, usage, journal, reply.tell), "answered"
            except TakenOver:
                raise
            except Exception:
                logging.exception("question %s failed", question.id)
                answer, status = ":warning: Something broke while I worked on this. Please ask again.", "failed"
        seconds = time.monotonic() - start
        await self._store.finish(question, person["email"], answer, status, usage, round(seconds * 1000))
        await reply.finish(answer, footer(usage, seconds))

    async def _person(self, slack_id: str) -> asyncpg.Record:
        """The asker's row; read for every question, because another process may have changed the role."""
        if known := await self._store.user(slack_id):
            return known
        user = (await self._client.users_info(user=slack_id))["user"]
        return await self._store.add_user(slack_id, user["real_name"], user["profile"].get("email", ""))

    async def _channel(self, channel: str) -> dict[str, Any]:
        if channel not in self._channels:
            self._channels[channel] = (await self._client.conversations_info(channel=channel))["channel"]
        return self._channels[channel]

    async def keep_claims(self) -> None:
        """Renews leases, takes over questions with expired leases, and posts answers that were not posted."""
        async with asyncio.TaskGroup() as taken_over:
            while True:
                try:
                    await self._store.renew(list(self._working))
                    for question in await self._store.claim_abandoned():
                        taken_over.create_task(self._in_order(question, fresh=False))
                    for question, answer in await self._store.unsaid():
                        async with Reply.open(self._client, self._store, question, fresh=False) as reply:
                            await reply.finish(answer, "")
                except (OSError, asyncpg.PostgresError, SlackApiError):
                    logging.exception("claims could not be kept")
                await asyncio.sleep(TIDYING)


async def ignore() -> None:
    """Acknowledges `message` events: a mention in a channel is delivered as `app_mention` and as `message`."""


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
        keeping = asyncio.create_task(bot.keep_claims())
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        await stopped.wait()
        keeping.cancel()
        await handler.close_async()
    await store.close()


if __name__ == "__main__":
    uvloop.run(main())
