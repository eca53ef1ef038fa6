import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("An answer that appears while it is written", .timeLimit(.minutes(10)))
struct StreamScenarios {
    private static func words(_ count: Int, _ word: String = "steady") -> String {
        (1...count).map { "\(word) \($0)" }.joined(separator: " ") + "."
    }

    /// Runs a bot that streams, whose model gives these replies, and asks one question.
    ///
    /// - Parameter body: receives the ts of the question's message.
    private func ask(
        _ replies: JSONValue..., emulator: EmulatorOptions = EmulatorOptions(), faults: [APIFault] = [],
        lifetime: Duration = AnswerStream.lifetime,
        _ body: @escaping @Sendable (InProcessBot, _ root: String) async throws -> Void
    ) async throws {
        let replies = replies
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.mcps = SlackQuestionScenarios.ops
            plan.isStreaming = true
            plan.streamLifetime = lifetime
            plan.emulator = emulator
            try await InProcessBot.run(plan) { bot in
                try await model.scriptByTurn(replies)
                for fault in faults { bot.emulator.inject(fault) }
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how are the services?")
                try await body(bot, root)
                try await bot.allSaid()
                #expect(bot.emulator.thread("#ops", root).allSatisfy { !$0.isStreaming })
            }
        }
    }

    /// The message that is open, once it fulfils the condition.
    private func open(
        _ bot: InProcessBot, _ root: String, _ condition: @escaping @Sendable (String) -> Bool
    ) async throws -> EmulatedMessage {
        let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.thread("#ops", root).last { $0.isStreaming && condition(Self.text([$0])) }
        }
        return try #require(found, "\(bot.emulator.threadText("#ops", root))")
    }

    /// The Markdown of the messages, joined.
    private static func text(_ messages: [EmulatedMessage]) -> String {
        messages.flatMap(\.blocks).filter { $0["type"] == "markdown" }.compactMap { $0["text"]?.string }.joined()
    }

    /// A message may end or begin with the space between two words.
    private static func wordsShown(_ messages: [EmulatedMessage]) -> [Substring] {
        messages.map { text([$0]) }.joined(separator: " ").split(separator: " ")
    }

    private static func cards(_ message: EmulatedMessage) -> [String] {
        message.blocks.filter { $0["type"] == "task_card" }.map {
            "\($0["title"]?.string ?? ""): \($0["status"]?.string ?? "")"
        }
    }

    /// The messages of the answer, when all are sent.
    private func ended(_ bot: InProcessBot, _ root: String) async throws -> [EmulatedMessage] {
        _ = try await bot.answer(in: "#ops", root)
        try await bot.allSaid()
        return bot.answers("#ops", root)
    }

    @Test("two tools are cards with their results, and the text grows in the same message until it is whole")
    func cards() async throws {
        let text = Self.words(60)
        try await ask(
            ["calls": [["name": "ops__list_services", "input": [:]], ["name": "ops__list_incidents", "input": [:]]]],
            ["text": .string(text), "pause": 4, "after_events": 50, "delay": 1]
        ) { bot, root in
            let half = try await open(bot, root) { !$0.isEmpty }
            #expect(text.hasPrefix(Self.text([half])) && Self.text([half]).count < text.count)
            let messages = try await ended(bot, root)
            #expect(messages.map(\.ts) == [half.ts])
            #expect(Self.text(messages) == text)
            #expect(!messages[0].isEdited)
            #expect(
                Set(Self.cards(messages[0])) == [
                    "Thinking: complete", "ops.list_services: complete", "ops.list_incidents: complete",
                ])
            let below = messages[0].blocks.suffix(3).map { $0["type"] }
            #expect(below == ["context", "actions", "context_actions"], "diagnostics and buttons are below the text")
            #expect(bot.emulator.snapshot.calls("chat.postMessage").isEmpty)
        }
    }

    @Test("a tool that fails is a card that says so, and the answer follows")
    func failedTool() async throws {
        try await ask(
            ["calls": [["name": "ops__list_deploys", "input": ["service": "nowhere"]]]],
            ["delay": 3, "text": "There is no such **service**."]
        ) { bot, root in
            let messages = try await ended(bot, root)
            #expect(messages.flatMap(Self.cards) == ["Thinking: complete", "ops.list_deploys: error"])
            #expect(messages.flatMap(\.blocks).contains { $0.text().contains("failed after") })
            #expect(Self.text(messages) == "There is no such **service**.")
        }
    }

    @Test("a model that would ping everybody and hide where a link leads does neither, while it writes and in the end")
    func harmless() async throws {
        let trick = "\n\n<!channel> @here <@U0BEN>: pay at [bank.example](https://evil.example/x) now.\n\n"
        let text = Self.words(60) + trick + Self.words(60)
        try await ask(["text": .string(text), "pause": 4, "after_events": 150, "delay": 1]) { bot, root in
            let half = try await open(bot, root) { $0.contains("evil.example/x") }
            for message in [half] + (try await ended(bot, root)) {
                let shown = Self.text([message])
                #expect(
                    !["<!channel>", "@here", "<@U0BEN>"].contains { (shown + message.text).contains($0) }, "\(shown)")
                #expect(shown.contains("[bank.example (evil.example)](https://evil.example/x)"), "\(shown)")
            }
        }
    }

    /// With a long pause the second message is streamed too; else it is posted after the end of the first.
    @Test("a long answer goes on in a second message, and no word is lost or twice", arguments: [0, 12])
    func twoMessages(pause: Int) async throws {
        let text = Self.words(900)
        try await ask(
            ["text": .string(text), "pause": .int(Int64(pause)), "after_events": 1_350, "delay": 1]
        ) { bot, root in
            let messages = try await ended(bot, root)
            #expect(messages.count == 2)
            #expect(Self.wordsShown(messages) == text.split(separator: " "))
            #expect(bot.emulator.snapshot.calls("chat.startStream").count == (pause > 0 ? 2 : 1))
        }
    }

    @Test("an answer that takes longer than a stream goes on in the next one, also in the middle of a code block")
    func rotated() async throws {
        let code = (1...60).map { "SELECT \($0);" }.joined(separator: "\n")
        let text = Self.words(60) + "\n\n```sql\n\(code)\n```\n\n" + Self.words(20)
        try await ask(
            ["text": .string(text), "pause": 12, "after_events": 130, "delay": 1], lifetime: .seconds(3)
        ) { bot, root in
            let messages = try await ended(bot, root)
            #expect(messages.count > 1)
            let shown = messages.map { Self.text([$0]) }
            #expect(shown.allSatisfy { ($0.components(separatedBy: "```").count - 1).isMultiple(of: 2) }, "\(shown)")
            let fences: Set<Substring> = ["```sql", "```"]
            let words = shown.joined(separator: " ").split(whereSeparator: \.isWhitespace)
                .filter { !fences.contains($0) }
            #expect(words == text.split(whereSeparator: \.isWhitespace).filter { !fences.contains($0) })
        }
    }

    @Test(
        "where Slack refuses to stream, or takes no further stream now, a progress message is edited into the answer",
        arguments: [
            APIFault("chat.startStream", .error("unknown_method"), times: 5),
            APIFault("chat.startStream", .status(429, retryAfter: 60), times: 5),
        ])
    func refused(_ fault: APIFault) async throws {
        try await ask(["delay": 4, "text": "All **well**."], faults: [fault]) { bot, root in
            let progress = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                snapshot.thread("#ops", root).first { $0.text.hasPrefix(":hourglass") }
            }
            let ts = try #require(progress?.ts)
            let messages = try await ended(bot, root)
            #expect(messages.map(\.ts) == [ts])
            #expect(Self.text(messages) == "All **well**.")
        }
    }

    @Test(
        "calls that fail in the middle lose no text and repeat none",
        arguments: [
            APIFault("chat.appendStream", .status(429, retryAfter: 2), times: 2),
            APIFault("chat.appendStream", .lostReply),
            APIFault("chat.appendStream", .error("internal_error"), times: 2),
            APIFault("chat.appendStream", .error("invalid_chunks"), times: 50),
            APIFault("chat.startStream", .lostReply), APIFault("chat.startStream", .bareReply),
            APIFault("chat.stopStream", .lostReply), APIFault("chat.stopStream", .error("internal_error")),
            APIFault("chat.appendStream", .endStream, times: 2), APIFault("chat.stopStream", .endStream),
        ])
    func troubled(_ fault: APIFault) async throws {
        let text = Self.words(200)
        try await ask(
            ["text": .string(text), "pause": 5, "after_events": 120, "delay": 1], faults: [fault]
        ) { bot, root in
            let messages = try await ended(bot, root)
            #expect(Self.wordsShown(messages) == text.split(separator: " "), "\(bot.emulator.threadText("#ops", root))")
        }
    }

    @Test("an answer whose stream Slack has ended is whole in the end")
    func expired() async throws {
        let text = Self.words(200)
        var options = EmulatorOptions()
        options.timeouts.stream = .seconds(3)
        try await ask(
            ["text": .string(text), "pause": 6, "after_events": 100, "delay": 1], emulator: options
        ) { bot, root in
            let messages = try await ended(bot, root)
            #expect(Self.wordsShown(messages) == text.split(separator: " "), "\(bot.emulator.threadText("#ops", root))")
        }
    }

    @Test("text that the model takes back is not in the answer")
    func withdrawn() async throws {
        let narration = Self.words(60, "look")
        try await ask(
            [
                "text": .string(narration), "calls": [["name": "ops__list_services", "input": [:]]], "delay": 1,
                "pause": 4, "after_events": 60,
            ], ["text": "All **well**.", "delay": 3]
        ) { bot, root in
            _ = try await open(bot, root) { $0.contains("look 3") }
            let messages = try await ended(bot, root)
            #expect(messages.count == 1)
            #expect(Self.text(messages) == "All **well**.")
        }
    }

    @Test("an asker who stops the message in Slack cancels the question")
    func stopped() async throws {
        try await ask(
            ["calls": [["name": "ops__list_services", "input": [:]]], "delay": 3],
            ["text": "All **well**.", "delay": 60]
        ) { bot, root in
            let begun = try await open(bot, root) { _ in true }
            try bot.emulator.stopStream(as: "ana", in: "#ops", begun.ts)
            try await bot.allSaid()
            let rows = try await bot.audit()
            #expect(rows.map(\.errorCode) == ["cancelled"])
            let last = try #require(bot.answers("#ops", root).last)
            #expect(last.ts == begun.ts && bot.emulator.messageText(last).contains(UserMessages.cancelled))
        }
    }

    @Test("after kill -9 between two parts the message is edited into the one answer", arguments: BotProcess.database)
    func killed(_ backend: BotProcess.Backend) async throws {
        let text = Self.words(200)
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": .string(text), "pause": 5, "after_events": 120, "delay": 1]])
            let settings = "app: {port: 0}\nllm: {provider: anthropic, model: claude-sonnet-5-5}\n"
            let environment = [
                "ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url, "OMNI_PROCESS": "one",
            ]
            try await BotProcess.open(
                backend, settings: settings, mcps: "mcps: []\n", isStreaming: true, environment: environment
            ) { process in
                let root = LockedBox("")
                _ = try await process.run { pid in
                    root.value = try process.emulator.say(as: "ana", in: "#ops", "@omni how are they?")
                    let begun = await process.emulator.waitUntil(within: .seconds(60)) { snapshot in
                        snapshot.thread("#ops", root.value).contains { $0.isStreaming && !Self.text([$0]).isEmpty }
                    }
                    #expect(begun)
                    kill(pid, SIGKILL)
                }
                _ = try await process.run { pid in
                    try await eventually("the question has ended", within: .seconds(60)) {
                        try await process.withStore { store in
                            let isOver = try await store.unfinished().isEmpty
                            let count = try await store.count()
                            return isOver && count > 0
                        }
                    }
                    kill(pid, SIGTERM)
                }
                let messages = await process.finalMessages("#ops", root.value)
                #expect(messages.count == 1)
                #expect(Self.text(messages) == text)
            }
        }
    }
}
