import Bridge
import SlackEmulator
import Testing
import WebSockets

extension BrowserTests {
    @Suite("The Home on the workspace page")
    struct PageHomeTests {}
}

extension BrowserTests.PageHomeTests {
    @Test("a user opens the Home tab, sees the view as it changes, and follows a link in it to a thread")
    func home() async throws {
        try await withPage { browser, emulator, app, sockets in
            let bot = try await app.connect(sockets)
            let root = try emulator.say(as: "ana", in: "#ops", "@omni why?")
            try await browser.open(emulator.pageURL + "?as=ana")
            var tabs: [JSONValue?] = []
            for tab in [".side [data-place=omni]", ".tabs [role=tab]:first-child"] {
                try await browser.click(tab)
                let opened = try #require(await bot.next("app_home_opened"))
                try await bot.acknowledge(opened)
                tabs.append(opened["payload"]?["event"]?["tab"])
            }
            #expect(tabs == ["messages", "home"])
            #expect(try await browser.sees("The app has published no Home for you.", in: ".home"))
            let found = try await app.read("chat.getPermalink", "channel=C0OPS&message_ts=\(root)")["permalink"]?.string
            let link = try #require(found)
            let text = "<\(link)|why?> asked <!date^17280000^{date}|long ago>"
            let view: JSONValue = [
                "type": "home",
                "blocks": [
                    ["type": "header", "text": ["type": "plain_text", "text": "Your questions"]],
                    ["type": "section", "text": ["type": "mrkdwn", "text": .string(text)]],
                ],
            ]
            #expect(try await app.error("views.publish", ["user_id": "U0ANA", "view": view]) == "ok")
            #expect(try await browser.sees("Your questions", in: ".home h3"))
            #expect(try await browser.sees("1970", in: ".home .words"))
            #expect(try await browser.sees("!document.querySelector('.home .host')"))
            #expect(try await browser.sees("document.querySelector('.channel .writing').hidden"))
            try await browser.click(".home a")
            #expect(try await browser.sees("why?", in: ".thread .message"))
            #expect(try await browser.sees("!document.querySelector('.channel .writing').hidden"))
        }
    }

    @Test("a user presses a suggested prompt, and sees the thread's title and what the app does in it")
    func prompts() async throws {
        try await withPage { browser, emulator, app, _ in
            let prompts: JSONValue = [["title": "What is slow?", "message": "Which queries are slow?"]]
            let suggested: JSONValue = ["channel_id": "D0ANA", "prompts": prompts]
            #expect(try await app.error("assistant.threads.setSuggestedPrompts", suggested) == "ok")
            try await browser.open(emulator.pageURL + "?as=ana")
            try await browser.click(".side [data-place=omni]")
            #expect(try await browser.sees("What is slow?", in: ".prompts"))
            try await browser.click(".prompts button")
            let asked = try #require(await emulator.waitFor { $0.messages("@ana").first })
            #expect(asked.text == "Which queries are slow?" && asked.user == "U0ANA")
            try await browser.click(".channel .message")
            try await browser.click(".icon-reply")
            let thread = "channel_id=D0ANA&thread_ts=\(asked.ts)"
            #expect(try await app.read("assistant.threads.setTitle", "\(thread)&title=Slow")["ok"] == true)
            #expect(try await browser.sees("Slow", in: ".thread .bar"))
            let status: JSONValue = [
                "channel_id": "D0ANA", "thread_ts": .string(asked.ts), "status": "is reading…",
            ]
            #expect(try await app.error("assistant.threads.setStatus", status) == "ok")
            #expect(try await browser.sees("Omni is reading…", in: ".thread > .status"))
        }
    }
}
