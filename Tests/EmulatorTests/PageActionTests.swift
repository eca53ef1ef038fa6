import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing
import WebSockets

extension BrowserTests {
    @Suite("Actions on the workspace page")
    struct PageActionTests {}
}

extension BrowserTests.PageActionTests {
    /// Short timeouts for missing acknowledgements, still long enough for a slow browser and an app that
    /// acknowledges.
    private var hasty: EmulatorOptions {
        var options = EmulatorOptions.patient
        options.timeouts.acknowledgement = .seconds(6)
        return options
    }

    private static let button: JSONValue = [
        "channel": "C0OPS", "text": "shall I?",
        "blocks": [
            [
                "type": "actions",
                "elements": [
                    ["type": "button", "action_id": "go", "value": "42", "text": ["type": "plain_text", "text": "Go"]]
                ],
            ]
        ],
    ]

    @Test("typing / shows the commands with hints; one that is not acknowledged fails as in Slack")
    func commands() async throws {
        try await withPage(hasty) { browser, emulator, app, sockets in
            let bot = try await app.connect(sockets)
            try await browser.open(emulator.pageURL + "?as=ana")
            try await browser.click(".channel .composer textarea")
            try await browser.type("/omni")
            #expect(try await browser.sees("[question]", in: ".palette li[aria-selected=true] .hint"))
            #expect(try await browser.sees("Servers, model, store", in: ".palette .about"))
            #expect(try await browser.sees("/omni-help", in: ".palette strong"))
            try await browser.press("Tab")
            #expect(try await browser.sees("Ask a question", in: ".usage"))
            try await browser.type("why is it slow?")
            try await browser.press("Enter")
            let asked = try #require(await bot.next("slash_commands"))
            #expect(asked["payload"]?["command"] == "/omni")
            #expect(asked["payload"]?["text"] == "why is it slow?")
            try await bot.acknowledge(asked, payload: ["text": "It is *not*."])
            #expect(try await browser.sees("It is not.", in: ".message.whisper"))
            try await browser.type("/omni-status")
            try await browser.press("Enter")
            #expect(try await browser.sees("Running /omni-status", in: ".usage"))
            #expect(
                try await browser.sees(#"/omni-status failed with the error "operation_timeout""#, in: ".notice .words")
            )
            try await browser.type("/nothing")
            try await browser.press("Enter")
            #expect(try await browser.sees("/nothing is not a valid command", in: ".toast"))
            #expect(try await browser.sees("document.activeElement.value === '/nothing'"))
        }
    }

    @Test("a pressed button reaches the app and its answer shows; a missing acknowledgement shows as a failure")
    func buttons() async throws {
        try await withPage(hasty) { browser, emulator, app, sockets in
            let bot = try await app.connect(sockets)
            let posted = try await app.call("chat.postMessage", Self.button).body
            try await browser.open(emulator.pageURL + "?as=ana")
            try await browser.click(".message .actions button")
            #expect(try await browser.sees("document.querySelector('.message .actions button').ariaBusy === 'true'"))
            #expect(try await browser.sees("operation_timeout", in: ".message .actions .failed"))
            _ = await bot.next("interactive")
            try await browser.click(".message .actions button")
            let pressed = try #require(await bot.next("interactive"))
            #expect(pressed["payload"]?["actions"]?[0]?["value"] == "42")
            #expect(pressed["payload"]?["user"]?["id"] == "U0ANA")
            try await bot.acknowledge(pressed)
            let done: JSONValue = ["channel": "C0OPS", "ts": posted["ts"] ?? "", "text": "Gone", "blocks": []]
            #expect(try await app.error("chat.update", done) == "ok")
            #expect(try await browser.sees("Gone", in: ".message"))
            #expect(try await browser.sees("!document.querySelector('.message .actions')"))
        }
    }

    @Test("a user attaches a file, removes another, and sends them without a word; the page shows name, size and image")
    func files() async throws {
        try await withPage { browser, emulator, app, sockets in
            let bot = try await app.connect(sockets)
            try await browser.open(emulator.pageURL + "?as=ana")
            #expect(try await browser.sees("document.querySelector('.channel .composer .icon-attach') !== null"))
            // DevTools choose files by their path only, which a browser in a sandbox may not read.
            let choose = """
                (() => {
                  const [files, input] = [new DataTransfer(), document.querySelector('.channel .composer [type=file]')];
                  files.items.add(new File(['a;1'], 'may.csv'));
                  files.items.add(new File(['no'], 'other.txt'));
                  files.items.add(new File([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10])], 'shot.png'));
                  input.files = files.files;
                  input.dispatchEvent(new Event('change'));
                  return true;
                })()
                """
            #expect(try await browser.value(choose) == true)
            #expect(try await browser.sees("may.csv", in: ".channel .attached li"))
            try await browser.click(".channel .attached [aria-label='Remove other.txt']")
            #expect(try await browser.sees("document.querySelectorAll('.channel .attached li').length === 2"))
            try await browser.click(".channel .composer textarea")
            try await browser.press("Enter")
            let event = try #require(await bot.next("message"))["payload"]?["event"]
            #expect(event?["files"]?.array?.map { $0["name"]?.string } == ["may.csv", "shot.png"])
            #expect(event?["files"]?.array?.map { $0["size"]?.int } == [3, 8])
            #expect(try await browser.sees("3 B", in: ".channel .message .file .size"))
            #expect(try await browser.sees("document.querySelector('.channel .message .shared img') !== null"))
            #expect(try await browser.sees("document.querySelector('.channel .attached').hidden"))
        }
    }

    @Test("a modal shows for its user, keeps errors at their fields, and closes when it is accepted")
    func modal() async throws {
        try await withPage(.patient, width: 1500) { browser, emulator, app, sockets in
            let bot = try await app.connect(sockets)
            _ = try await app.call("chat.postMessage", Self.button)
            try await browser.open(emulator.pageURL + "?as=ana,ben")
            try await browser.click("[data-person=ana] .message .actions button")
            let pressed = try #require(await bot.next("interactive"))
            try await bot.acknowledge(pressed)
            let input: JSONValue = [
                "type": "input", "block_id": "why", "label": ["type": "plain_text", "text": "Why?"],
                "element": ["type": "plain_text_input", "action_id": "words"],
            ]
            let view: JSONValue = [
                "type": "modal", "title": ["type": "plain_text", "text": "Really"], "blocks": [input],
                "submit": ["type": "plain_text", "text": "Do it"],
            ]
            let open: JSONValue = ["trigger_id": pressed["payload"]?["trigger_id"] ?? "", "view": view]
            #expect(try await app.error("views.open", open) == "ok")
            #expect(try await browser.sees("Why?", in: "[data-person=ana] .modal label"))
            #expect(try await browser.value("document.querySelectorAll('.modal').length") == 1)
            try await browser.click(".modal input")
            try await browser.type("because")
            try await browser.press("Enter")
            let first = try #require(await bot.next("interactive"))
            #expect(first["payload"]?["view"]?["state"]?["values"]?["why"]?["words"]?["value"] == "because")
            try await bot.acknowledge(
                first, payload: ["response_action": "errors", "errors": ["why": "That is no reason."]])
            #expect(try await browser.sees("That is no reason.", in: ".modal [data-block=why] .failed"))
            try await browser.click(".modal footer button.primary")
            let second = try #require(await bot.next("interactive"))
            #expect(second["payload"]?["type"] == "view_submission")
            try await bot.acknowledge(second)
            #expect(try await browser.sees("!document.querySelector('.modal')"))
        }
    }

    @Test("the menu of a message has the app's shortcut, which reaches the app")
    func shortcut() async throws {
        try await withPage(.patient) { browser, emulator, app, sockets in
            let bot = try await app.connect(sockets)
            let ts = try emulator.say(as: "ben", in: "#ops", "it is down")
            try await browser.open(emulator.pageURL + "?as=ana")
            // The tools of a message show while the pointer is on it.
            try await browser.click(".message .content")
            try await browser.click(".message .more summary")
            try await browser.click(".message .more button")
            let chosen = try #require(await bot.next("interactive"))
            #expect(chosen["payload"]?["type"] == "message_action" && chosen["payload"]?["message_ts"] == .string(ts))
            try await bot.acknowledge(chosen)
            #expect(try await browser.sees("!document.querySelector('.more[open]')"))
        }
    }

    @Test("the inspector shows calls and acknowledgements, and drops connections")
    func inspector() async throws {
        try await withPage(.patient) { browser, emulator, app, sockets in
            let bot = try await app.connect(sockets)
            try await browser.open(emulator.pageURL + "?as=ana")
            try await browser.click("#inspect")
            #expect(try await browser.sees("live", in: "#inspector .sockets li.live"))
            let root = try emulator.say(as: "ana", in: "#ops", "@omni hello")
            let heard = try #require(await bot.next("app_mention"))
            try await bot.acknowledge(heard)
            #expect(try await browser.sees("ack ", in: "#inspector .line .outcome"))
            let post: JSONValue = ["channel": "C0OPS", "thread_ts": .string(root), "text": "hello"]
            try await browser.click("#inspector .faults [title*='rate limited']")
            #expect(try await browser.sees("chat.postMessage: HTTP 429", in: "#inspector .waiting"))
            #expect(try await app.call("chat.postMessage", post).status == 429)
            #expect(try await browser.sees("429 ratelimited", in: "#inspector .line.bad .outcome"))
            #expect(try await app.error("chat.postMessage", post) == "ok")
            #expect(try await app.error("chat.postMessage", ["channel": "C0OPS", "text": "elsewhere"]) == "ok")
            #expect(try await browser.sees("elsewhere", in: "#inspector .line .about"))
            try await browser.click(".channel .summary")
            try await browser.click("#inspector .filters input[type=checkbox]")
            #expect(
                try await browser.sees(
                    "![...document.querySelectorAll('.line')].some((e) => e.innerText.includes('elsewhere'))"))
            #expect(try await browser.sees("hello", in: "#inspector .line .about"))
            try await browser.click("#inspector .faults [title='Reset every connection']")
            #expect(await emulator.waitUntil { $0.connections.open == 0 })
            #expect(try await browser.sees("The app has no connection.", in: "#inspector .sockets"))
            #expect(try await browser.sees("App not connected", in: "#link"))
        }
    }

    @Test("the page reconnects to a restarted workspace on the same port, and keeps a draft")
    func restart() async throws {
        try await withPage { browser, _, _, _ in
            var options = EmulatorOptions()
            options.httpPort = try StablePort.choose()
            try await withEmulator(options) { emulator in
                try emulator.say(as: "ana", in: "#ops", "before")
                try await browser.open(emulator.pageURL + "?as=ana")
                #expect(try await browser.sees("before", in: ".message"))
                try await browser.click(".channel .composer textarea")
                try await browser.type("half a thought")
            }
            #expect(try await browser.sees("Connection lost, retrying", in: "#banner"))
            try await withEmulator(options) { emulator in
                #expect(try await browser.sees("The workspace was restarted", in: "#banner"))
                #expect(try await browser.sees("document.querySelectorAll('.message').length === 0"))
                try emulator.say(as: "ben", in: "#ops", "after")
                #expect(try await browser.sees("after", in: ".message"))
                #expect(
                    try await browser.value("document.querySelector('.channel textarea').value") == "half a thought")
                try await browser.press("Enter")
                #expect(await emulator.waitUntil { $0.messages("#ops").last?.text == "half a thought" })
            }
        }
    }
}
