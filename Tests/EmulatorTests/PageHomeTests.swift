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
            try await browser.click(".side [data-place=omni]")
            try await browser.click(".tabs [role=tab]:first-child")
            #expect(try await browser.sees("The app has published no Home for you.", in: ".home"))
            let opened = try #require(await bot.next("app_home_opened"))
            #expect(opened["payload"]?["event"]?["tab"] == "home")
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
}
