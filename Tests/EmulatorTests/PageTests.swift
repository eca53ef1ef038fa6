import Bridge
import SlackEmulator
import Testing
import WebSockets

extension BrowserTests {
    @Suite("The workspace page")
    struct PageTests {
        fileprivate let hurtful = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>"
    }
}

extension BrowserTests.PageTests {
    @Test("a user is chosen, mentions the app with its completed name, and the app receives the mention")
    func asking() async throws {
        try await withPage { [hurtful] browser, emulator, app, sockets in
            let bot = try await app.connect(sockets)
            try await browser.open(emulator.pageURL)
            try await browser.choose("ben", in: ".me select")
            try #require(try await browser.sees("document.querySelector('.pane').dataset.person === 'ben'"))
            try await browser.choose("ana", in: ".me select")
            try #require(try await browser.sees("document.querySelector('.pane').dataset.person === 'ana'"))
            try await browser.click(".channel .composer textarea")
            try await browser.type("@om")
            #expect(try await browser.sees("Omni", in: ".palette li[aria-selected=true]"))
            try await browser.press("Enter")
            try await browser.type("first")
            try await browser.press("Enter", shift: true)
            try await browser.type("second \(hurtful)")
            try await browser.press("Enter")
            #expect(try await browser.sees("@omni first", in: ".channel .message .words"))
            #expect(try await browser.sees(hurtful, in: ".channel .message .words"))
            let heard = try #require(await bot.next("app_mention"))
            #expect(heard["payload"]?["event"]?["user"] == "U0ANA")
            #expect(heard["payload"]?["event"]?["text"]?.string?.hasPrefix("<@U0OMNI> first\nsecond") == true)
            #expect(try await browser.value("document.querySelectorAll('.list img, .list script').length") == 0)
            #expect(try await browser.value("window.hurt === undefined") == true)
            // ↑ recalls the last sent message.
            try await browser.press("ArrowUp")
            #expect(try await browser.sees("document.activeElement.value.startsWith('@omni first')"))
        }
    }

    @Test("a thread opens beside the channel, and blocks are rendered while text that looks like HTML stays text")
    func blocks() async throws {
        try await withPage { [hurtful] browser, emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "how are the *deploys*?")
            try await browser.open(emulator.pageURL + "?as=ana")
            let answer: JSONValue = [
                "channel": "C0OPS", "thread_ts": .string(root), "text": "an answer",
                "blocks": [
                    ["type": "header", "text": ["type": "plain_text", "text": .string(hurtful)]],
                    [
                        "type": "markdown",
                        "text": .string("# \(hurtful)\n\n- one\n  - below\n\n[docs](https://docs.example/a)"),
                    ],
                    ["type": "section", "text": ["type": "mrkdwn", "text": "for <@U0ANA> :white_check_mark: `<b>`"]],
                    ["type": "table", "rows": [[["type": "raw_text", "text": "<i>cell</i>"]]]],
                ],
            ]
            #expect(try await app.error("chat.postMessage", answer) == "ok")
            try await browser.click(".channel .summary")
            #expect(try await browser.sees("<i>cell</i>", in: ".thread th"))
            #expect(try await browser.sees("below", in: ".thread li li"))
            #expect(try await browser.sees("docs.example", in: ".thread a .host"))
            #expect(try await browser.sees("@ana", in: ".thread .mention.me"))
            #expect(try await browser.sees("deploys", in: ".thread .message strong"))
            #expect(try await browser.value("document.querySelectorAll('.list img, .list script').length") == 0)
            #expect(try await browser.value("window.hurt === undefined") == true)
        }
    }

    @Test("an image in a thread is shown with its title and its alternative text")
    func image() async throws {
        try await withPage { browser, emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "a chart, please")
            // A GIF of one pixel.
            let gif: [UInt8] =
                Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
                + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
            let step = try await app.address("c.gif", gif.count, "&alt_txt=two%20bars")
            #expect(try await app.upload(gif, to: step).status == 200)
            let complete: JSONValue = [
                "files": [["id": step["file_id"] ?? "", "title": "Chart"]], "channel_id": "C0OPS",
                "thread_ts": .string(root),
            ]
            #expect(try await app.error("files.completeUploadExternal", complete) == "ok")
            try await browser.open(emulator.pageURL + "?as=ana")
            try await browser.click(".channel .summary")
            #expect(try await browser.sees("Chart", in: ".thread .shared figcaption"))
            #expect(try await browser.sees("document.querySelector('.thread .shared img')?.alt === 'two bars'"))
            #expect(try await browser.sees("document.querySelector('.thread .shared img')?.naturalWidth === 1"))
        }
    }

    @Test("an open thread shows edits, streams, the status and deletions at once")
    func live() async throws {
        try await withPage { browser, emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "how are the deploys?")
            let answer: JSONValue = ["channel": "C0OPS", "thread_ts": .string(root), "text": "an answer"]
            let ts = try await app.call("chat.postMessage", answer).body["ts"] ?? ""
            try await browser.open(emulator.pageURL + "?as=ana")
            try await browser.click(".channel .summary")
            #expect(try await browser.sees("an answer", in: ".thread .message"))
            let update: JSONValue = ["channel": "C0OPS", "ts": ts, "text": "a better answer", "blocks": []]
            #expect(try await app.error("chat.update", update) == "ok")
            #expect(try await browser.sees("a better answer", in: ".thread .message"))
            #expect(try await browser.sees("(edited)", in: ".thread .edited"))
            let start: JSONValue = [
                "channel": "C0OPS", "thread_ts": .string(root), "recipient_user_id": "U0ANA",
                "recipient_team_id": "T0ACME", "chunks": [["type": "markdown_text", "text": "word"]],
            ]
            let stream = try await app.call("chat.startStream", start).body["ts"] ?? ""
            #expect(try await browser.sees("word", in: ".thread .message.streaming"))
            func card(_ status: JSONValue, _ output: JSONValue? = nil) -> JSONValue {
                var task: JSONObject = ["type": "task_update", "id": "1", "title": "shop.orders", "status": status]
                task["output"] = output
                return ["channel": "C0OPS", "ts": stream, "chunks": [.object(task)]]
            }
            #expect(try await app.error("chat.appendStream", card("in_progress")) == "ok")
            #expect(try await browser.sees("shop.orders", in: ".thread .streaming .task.in_progress .title"))
            #expect(try await app.error("chat.appendStream", card("complete", "0.8 s")) == "ok")
            #expect(try await browser.sees("0.8 s", in: ".thread .streaming .task.complete .output"))
            let words: JSONValue = ["type": "markdown_text", "text": " by **word**"]
            let more: JSONValue = ["channel": "C0OPS", "ts": stream, "chunks": [words]]
            #expect(try await app.error("chat.stopStream", more) == "ok")
            #expect(try await browser.sees("word by word", in: ".thread .message:not(.streaming)"))
            #expect(try await app.error("chat.delete", ["channel": "C0OPS", "ts": ts]) == "ok")
            #expect(try await browser.sees("!document.querySelector('.thread').innerText.includes('a better answer')"))
            let status: JSONValue = ["channel_id": "C0OPS", "thread_ts": .string(root), "status": "is thinking"]
            #expect(try await app.error("assistant.threads.setStatus", status) == "ok")
            #expect(try await browser.sees("Omni is thinking", in: ".thread > .status"))
            try await browser.click(".thread .composer textarea")
            try await browser.type("thank you")
            try await browser.press("Enter")
            #expect(await emulator.waitUntil { $0.thread("#ops", root).last?.text == "thank you" })
            // A reload restores the open thread.
            try await browser.call("Page.reload")
            #expect(try await browser.sees("thank you", in: ".thread .message"))
        }
    }

    @Test("two users side by side: each sees their own messages and unread counts")
    func sideBySide() async throws {
        try await withPage { browser, emulator, app, _ in
            try await browser.open(emulator.pageURL + "?as=ana,ben")
            let (ana, ben) = (".pane[data-person=ana]", ".pane[data-person=ben]")
            try await browser.click("\(ana) .channel .composer textarea")
            try await browser.type("who is on call?")
            try await browser.press("Enter")
            try await browser.click("\(ben) .channel .message")
            try await browser.click("\(ben) .icon-reply")
            try await browser.type("me too, who?")
            try await browser.press("Enter")
            // Ana started the thread, so that a reply is unread for her.
            #expect(try await browser.sees("1 new", in: "\(ana) .summary.fresh"))
            #expect(try await browser.sees("1", in: "\(ana) .side .count"))
            try await browser.click("\(ana) .summary")
            #expect(try await browser.sees("me too, who?", in: "\(ana) .thread .message"))
            #expect(try await browser.sees("!document.querySelector('\(ana) .side .count')"))
            let root = try #require(emulator.messages("#ops").first?.ts)
            let whisper: JSONValue = [
                "channel": "C0OPS", "user": "U0BEN", "thread_ts": .string(root), "text": "only for Ben",
            ]
            #expect(try await app.error("chat.postEphemeral", whisper) == "ok")
            let say: JSONValue = ["channel": "C0OPS", "thread_ts": .string(root), "text": "for both"]
            #expect(try await app.error("chat.postMessage", say) == "ok")
            #expect(try await browser.sees("for both", in: "\(ana) .thread"))
            #expect(try await browser.sees("for both", in: "\(ben) .thread"))
            #expect(try await browser.sees("Only visible to you", in: "\(ben) .thread .whisper"))
            #expect(try await browser.sees("only for Ben", in: "\(ben) .thread .whisper"))
            #expect(try await browser.value("document.body.innerText.split('only for Ben').length") == 2)
            #expect(
                try await browser.value("document.querySelector('\(ana)').innerText.includes('only for Ben')") == false)
            // A message in another channel is unread until the channel is opened.
            #expect(try await app.error("chat.postMessage", ["channel": "C0GENERAL", "text": "<@U0BEN> look"]) == "ok")
            #expect(try await browser.sees("1", in: "\(ben) [data-place=general] .count"))
            #expect(try await browser.sees("document.querySelector('\(ana) [data-place=general].fresh')"))
            try await browser.click("\(ben) [data-place=general]")
            #expect(try await browser.sees("@ben look", in: "\(ben) .channel .message"))
            #expect(try await browser.sees("!document.querySelector('\(ben) [data-place=general] .count')"))
        }
    }
}
