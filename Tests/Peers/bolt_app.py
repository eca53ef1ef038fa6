"""An unmodified slack_bolt app on Socket Mode; only the Web API's base URL is pointed elsewhere.

argv: API URL, bot token, app token, and optionally "aiohttp" for slack_sdk's asyncio client.
"""

import asyncio
import json
import os
import sys
import threading

api_url, bot_token, app_token = sys.argv[1:4]
kind = sys.argv[4] if len(sys.argv) > 4 else "builtin"


def ready():
    print(json.dumps({"ready": True}), flush=True)


def end_with_input():
    """Ends with the standard input, so that it never outlives the test."""
    sys.stdin.read()
    os._exit(0)


def builtin():
    from slack_bolt import App
    from slack_bolt.adapter.socket_mode import SocketModeHandler
    from slack_sdk import WebClient

    import bolt_stream

    app = App(client=WebClient(token=bot_token, base_url=api_url))
    bolt_stream.add_to(app)

    @app.event("app_mention")
    def mention(event, say):
        say(
            thread_ts=event.get("thread_ts", event["ts"]),
            text="Shall I?",
            blocks=[
                {"type": "section", "text": {"type": "mrkdwn", "text": f"<@{event['user']}> shall I?"}},
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "action_id": "go",
                            "value": "42",
                            "text": {"type": "plain_text", "text": "Go"},
                        }
                    ],
                },
            ],
        )

    @app.event("message")
    def message(event):
        pass

    @app.event("app_home_opened")
    def home(event, client):
        if event["tab"] != "home":
            return
        words = "Welcome back" if "view" in event else "Welcome"
        client.views_publish(
            user_id=event["user"],
            view={
                "type": "home",
                "callback_id": "start",
                "blocks": [
                    {"type": "header", "text": {"type": "plain_text", "text": words}},
                    {"type": "section", "text": {"type": "mrkdwn", "text": f"<@{event['user']}>, *ask me*."}},
                ],
            },
        )

    @app.command("/omni")
    def command(ack, respond, command):
        ack()
        respond(f"You asked: {command['text']}")

    @app.action("go")
    def go(ack, body, client):
        ack()
        client.chat_update(
            channel=body["channel"]["id"],
            ts=body["container"]["message_ts"],
            text=f"Gone with {body['actions'][0]['value']}",
            blocks=[],
        )

    @app.message_shortcut("omni_ask_about")
    def shortcut(ack, shortcut, client):
        ack()
        field = {"type": "plain_text_input", "action_id": "words"}
        client.views_open(
            trigger_id=shortcut["trigger_id"],
            view={
                "type": "modal",
                "callback_id": "why",
                "private_metadata": json.dumps([shortcut["channel"]["id"], shortcut["message_ts"]]),
                "title": {"type": "plain_text", "text": "Why?"},
                "submit": {"type": "plain_text", "text": "Say"},
                "blocks": [
                    {
                        "type": "input",
                        "block_id": "why",
                        "label": {"type": "plain_text", "text": "Why?"},
                        "element": field,
                    }
                ],
            },
        )

    @app.view("why")
    def submitted(ack, body, view, client):
        words = view["state"]["values"]["why"]["words"]["value"]
        if not words:
            ack(response_action="errors", errors={"why": "Say why."})
            return
        ack()
        channel, ts = json.loads(view["private_metadata"])
        client.chat_postMessage(channel=channel, thread_ts=ts, text=f"{body['user']['name']} says: {words}")

    handler = SocketModeHandler(app, app_token)
    handler.connect()
    ready()
    threading.Event().wait()


async def asyncio_client():
    from slack_sdk.socket_mode.aiohttp import SocketModeClient
    from slack_sdk.socket_mode.response import SocketModeResponse
    from slack_sdk.web.async_client import AsyncWebClient

    web = AsyncWebClient(token=bot_token, base_url=api_url)
    client = SocketModeClient(app_token=app_token, web_client=web)

    async def answer(client, request):
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        event = request.payload.get("event", {})
        if event.get("type") == "app_mention":
            await web.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="Here.")

    client.socket_mode_request_listeners.append(answer)
    await client.connect()
    ready()
    await asyncio.Event().wait()


threading.Thread(target=end_with_input, daemon=True).start()
if kind == "aiohttp":
    asyncio.run(asyncio_client())
else:
    builtin()
