"""Answers that an unmodified slack_bolt app streams with the SDK's own helpers; `add_to` adds the listeners."""

import threading

from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block, ContextActionsBlock
from slack_sdk.models.blocks.block_elements import FeedbackButtonObject, FeedbackButtonsElement, UrlSourceElement
from slack_sdk.models.messages.chunk import MarkdownTextChunk, PlanUpdateChunk, TaskUpdateChunk

FEEDBACK = ContextActionsBlock(
    elements=[
        FeedbackButtonsElement(
            action_id="rate",
            positive_button=FeedbackButtonObject(text="Good", value="good"),
            negative_button=FeedbackButtonObject(text="Bad", value="bad"),
        )
    ]
)


def says(word):
    return lambda event: word in event.get("text", "")


def is_direct(event):
    return event.get("channel_type") == "im" and "subtype" not in event


def add_to(app):
    streams = {}
    # A stream is used by one listener at a time: its buffer is emptied after the response to a call.
    lock = threading.Lock()

    @app.event("app_mention", matchers=[says("watch")])
    def watch(event, say_stream, set_status):
        with lock:
            set_status(status="is reading the log...", loading_messages=["Reading", "Still reading"])
            stream = streams[event["ts"]] = say_stream(buffer_size=16)
            stream.append(
                chunks=[TaskUpdateChunk(id="log", title="Reading the log", status="in_progress", details="run 811")]
            )
            for part in ["**Cau", "se**: the disk of `ci-4` ", "is fu"]:
                stream.append(markdown_text=part)

    @app.event("app_mention", matchers=[says("enough")])
    def enough(event, client):
        with lock:
            stream = streams.pop(event["thread_ts"])
            source = UrlSourceElement(url="https://ci.example/811", text="run 811")
            read = TaskUpdateChunk(
                id="log",
                title="Read the log",
                status="complete",
                details=" of ci-4",
                output="2 failures",
                sources=[source],
            )
            stream.append(chunks=[read])
            stopped = stream.stop(
                markdown_text="ll.\n",
                blocks=[FEEDBACK],
                metadata={"event_type": "answer", "event_payload": {"run": 811}},
                session_status="active",
            )
            words = f"{len(Block.parse_all(stopped['message']['blocks']))} blocks"
            client.files_upload_v2(
                channel=stopped["channel"],
                thread_ts=event["thread_ts"],
                content="disk full\n",
                filename="run-811.log",
                title="Log of run 811",
                initial_comment=f"The log behind {words}",
            )

    @app.event("app_mention", matchers=[says("everywhere")])
    def everywhere(client):
        files = [{"content": name, "filename": f"{name}.txt"} for name in ["one", "two"]]
        client.files_upload_v2(file_uploads=files, channels=["C0OPS", "C0GENERAL"])

    @app.event("app_mention", matchers=[says("rules")])
    def rules(event, say, say_stream, client):
        said = [f"{name}: {code}" for name, code in broken_rules(event, say_stream, client)]
        say(thread_ts=event["ts"], text="\n".join(said))

    @app.event("message", matchers=[is_direct])
    def direct(say_stream):
        stream = say_stream(task_display_mode="plan")
        stream.append(chunks=[PlanUpdateChunk(title="Two steps")])
        done = TaskUpdateChunk(id="a", title="Read", status="complete")
        stream.append(chunks=[done, TaskUpdateChunk(id="b", title="Repair", status="error", output="no rights")])
        stream.stop(markdown_text="Ask _Dana_.")

    @app.action("rate")
    def rate(ack, body, say):
        ack()
        action = body["actions"][0]
        thread = body["container"]["thread_ts"]
        say(thread_ts=thread, text=f"Rated {action['value']}" if action["block_id"] else "No block")


def code(call, **arguments):
    """What Slack answers: `ok` or the code of the error."""
    try:
        call(**arguments)
        return "ok"
    except SlackApiError as error:
        return error.response["error"]


def broken_rules(event, say_stream, client):
    """Breaks the rules of streams one by one, and yields what Slack answers."""
    channel, root, user = event["channel"], event["ts"], event["user"]
    place = {"channel": channel, "thread_ts": root}
    team = client.auth_test()["team_id"]
    start = client.chat_startStream
    yield "start for nobody", code(start, **place, recipient_team_id=team)
    yield "start without a team", code(start, **place, recipient_user_id=user)
    yield "start for an unknown user", code(start, **place, recipient_user_id="U0NOBODY", recipient_team_id=team)
    yield "start for another team", code(start, **place, recipient_user_id=user, recipient_team_id="T0NONE")
    nowhere = {"channel": channel, "thread_ts": "1.000000"}
    yield "start nowhere", code(start, **nowhere, recipient_user_id=user, recipient_team_id=team)

    first, second = say_stream(), say_stream()
    first.append(chunks=[MarkdownTextChunk(text="first")])
    yield "second start", code(second.append, chunks=[MarkdownTextChunk(text="second")])
    at = {"channel": channel, "ts": first.ts}
    append = client.chat_appendStream
    words = MarkdownTextChunk(text="words")
    yield "edit of an open stream", code(client.chat_update, **at, text="edited")
    yield "append of nothing", code(append, **at)
    yield "append of both", code(append, **at, markdown_text="words", chunks=[words])
    yield "append in another mode", code(append, **at, markdown_text="words")
    yield "append of 12,001 characters", code(append, **at, chunks=[MarkdownTextChunk(text="a" * 12_001)])
    title = TaskUpdateChunk(id="t", title="a" * 257, status="pending")
    yield "title of 257 characters", code(append, **at, chunks=[title])
    state = TaskUpdateChunk(id="t", title="a", status="completed")
    yield "unknown status", code(append, **at, chunks=[state])
    yield "append to a person's message", code(append, channel=channel, ts=root, chunks=[words])
    yield "stop with a wrong block", code(client.chat_stopStream, **at, blocks=[{"type": "input"}])

    first.stop()
    second.stop()
    yield "append after the stop", code(append, **at, chunks=[words])
    yield "second stop", code(client.chat_stopStream, **at)
    yield "edit after the stop", code(client.chat_update, **at, text="edited")
