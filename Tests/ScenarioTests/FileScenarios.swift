import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Images of tool results in the thread", .timeLimit(.minutes(10)))
struct FileScenarios {
    private static let replies: [JSONValue] = [
        ["calls": [["name": "charts__draw", "input": [:]]]], ["text": "Here is the **chart**."],
    ]

    private static func mcps(_ url: String) -> String {
        "mcps:\n  - {name: charts, protocol: http, url: \"\(url)\"}\n"
    }

    /// Runs Omni with a model that calls the chart tool once and then answers.
    private func run(
        images: Int = 1, _ options: EmulatorOptions = EmulatorOptions(),
        progressDelay: Duration = EditedReply.progressDelay,
        _ body: @escaping @Sendable (InProcessBot, ModelDouble) async throws -> Void
    ) async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn(Self.replies)
            try await serveTools(ChartTools(images: images), as: "charts") { url in
                var plan = model.plan
                plan.emulator = options
                plan.progressDelay = progressDelay
                plan.mcps = Self.mcps(url)
                try await InProcessBot.run(plan) { bot in try await body(bot, model) }
            }
        }
    }

    /// Asks in a channel, with these faults injected, and returns Omni's messages in the thread.
    private func ask(
        _ bot: InProcessBot, _ faults: APIFault...
    ) async throws -> [EmulatedMessage] {
        for fault in faults { bot.emulator.inject(fault) }
        let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni draw the costs")
        #expect(try await bot.answer(in: "#ops", root).isEmpty == false)
        try await bot.allSaid()
        #expect(try await bot.audit().map(\.status) == [.success])
        return bot.emulator.thread("#ops", root).filter { $0.botID != nil }
    }

    private func names(_ messages: [EmulatedMessage]) -> [String] {
        messages.flatMap(\.files).compactMap { $0["name"]?.string }
    }

    @Test("an image for the user is attached after the answer with its alternative text, and no model receives it")
    func attached() async throws {
        try await run { bot, model in
            let messages = try await ask(bot)
            #expect(messages.count == 2)
            let file = try #require(messages.last?.files.first)
            #expect(file["alt_txt"]?.string == ChartTools.altText(1))
            #expect(file["title"]?.string == ChartTools.altText(1))
            #expect(file["mimetype"] == "image/png")
            let name = try #require(file["name"]?.string)
            #expect(name.hasPrefix("omni-") && name.hasSuffix("-1.png"))
            #expect(messages.last.map { bot.emulator.messageText($0) }?.contains("[file: \(name), Bars of") == true)
            let upload = bot.emulator.snapshot.calls("upload_url")
            #expect(upload.map { $0.detail["has_token"] } == [false])
            let requests = JSONValue.array(try await model.journal(in: bot)).text()
            #expect(requests.contains("The costs are drawn."))
            #expect(!requests.contains("iVBOR") && !requests.contains(ChartTools.altText(1)))
        }
    }

    @Test("more images than an answer may have are left out, and the answer says so")
    func tooMany() async throws {
        try await run(images: 7) { bot, _ in
            let messages = try await ask(bot)
            #expect(names(messages).count == 5)
            #expect(Set(names(messages)).count == 5)
            #expect(messages.first.map { bot.emulator.messageText($0) }?.contains("2 images are left out") == true)
        }
    }

    @Test(
        "a step of the upload that fails or whose response is lost leaves one image in the thread",
        arguments: [
            APIFault("files.getUploadURLExternal", .status(503)), APIFault("files.getUploadURLExternal", .lostReply),
            APIFault("upload_url", .status(503), times: 2), APIFault("upload_url", .lostReply),
            APIFault("files.completeUploadExternal", .status(429, retryAfter: 1), times: 2),
            APIFault("files.completeUploadExternal", .status(500)),
            APIFault("files.completeUploadExternal", .lostReply), APIFault("files.completeUploadExternal", .bareReply),
            APIFault("files.completeUploadExternal", .garbage),
        ])
    func faults(_ fault: APIFault) async throws {
        try await run { bot, _ in
            let messages = try await ask(bot, fault)
            #expect(messages.count == 2, "\(messages.map(\.text))")
            #expect(names(messages).count == 1)
        }
    }

    @Test("without the scope the answer stands, and the thread says once what is missing")
    func scope() async throws {
        var options = EmulatorOptions()
        options.scopes.remove("files:write")
        try await run(images: 3, options) { bot, _ in
            let messages = try await ask(bot)
            #expect(messages.count == 2)
            #expect(messages.first?.text.contains("chart") == true)
            #expect(messages.last?.text.contains("3 images of this answer could not be attached") == true)
            #expect(messages.last?.text.contains("`files:write`") == true)
        }
    }

    @Test(
        "a workspace or channel that refuses files leaves the answer, and the thread says why",
        arguments: [
            ("files.getUploadURLExternal", "file_uploads_disabled", "allows no uploads"),
            ("files.completeUploadExternal", "posting_to_channel_denied", "may not post files"),
            ("files.completeUploadExternal", "not_in_channel", "not in this channel"),
        ])
    func refused(method: String, code: String, reason: String) async throws {
        try await run { bot, _ in
            let messages = try await ask(bot, APIFault(method, .error(code)))
            #expect(messages.count == 2 && names(messages).isEmpty)
            #expect(messages.last?.text.contains(reason) == true, "\(messages.map(\.text))")
        }
    }

    @Test("an answer whose blocks Slack refuses keeps its image after its plain text")
    func plain() async throws {
        // The answer is an edit of the progress message.
        try await run(progressDelay: .zero) { bot, _ in
            let messages = try await ask(bot, APIFault("chat.update", .error("invalid_blocks")))
            #expect(messages.count == 2 && names(messages).count == 1)
            #expect(messages.first?.blocks.isEmpty == true && messages.last?.files.count == 1)
        }
    }

    @Test("where Omni is not in the channel, the asker gets the image in direct messages")
    func ephemeral() async throws {
        var options = EmulatorOptions()
        options.timeouts.acknowledgement = .seconds(30)
        try await run(options) { bot, _ in
            _ = try await bot.emulator.command(as: "ana", in: "#random", "/omni", "draw the costs")
            let said = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                snapshot.ephemerals("ana").first { $0.text.contains("chart") }
            }
            let message = try #require(said)
            #expect(bot.emulator.messageText(message).contains("1 image is in our direct messages"))
            try await bot.allSaid()
            #expect(names(bot.emulator.messages("@ana")).count == 1)
        }
    }

    @Test(
        "killed between the steps of an upload, a process leaves one image in the thread",
        arguments: [Failpoint.finished, .said, .fileUploaded, .fileShared])
    func killed(_ point: Failpoint) async throws {
        let settings = "app: {port: 0}\nllm: {provider: anthropic, model: claude-sonnet-5-5}\n"
        try await ModelDouble.run { model in
            try await model.scriptByTurn(Self.replies)
            let environment = [
                "ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url, "OMNI_PROCESS": "one",
            ]
            try await serveTools(ChartTools(), as: "charts") { url in
                try await BotProcess.open(
                    .sqlite, settings: settings, mcps: Self.mcps(url), environment: environment
                ) { process in try await interrupt(process, at: point) }
            }
        }
    }

    private func interrupt(_ process: BotProcess, at point: Failpoint) async throws {
        let asked = LockedBox<String?>(nil)
        let first = try await process.run(["OMNI_FAULT_POINT": point.rawValue]) { pid in
            asked.value = try process.emulator.say(as: "ana", in: "#ops", "@omni draw the costs")
            let end = ContinuousClock.now + .seconds(60)
            while isRunning(pid), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
        }
        #expect(first.status == SIGKILL, "\(first.errors.suffix(2_000))")
        let second = try await process.run { pid in
            try await process.allSaid()
            kill(pid, SIGTERM)
        }
        #expect(second.status == 0, "\(second.errors.suffix(2_000))")
        let root = try #require(asked.value)
        let messages = process.emulator.thread("#ops", root).filter { $0.botID != nil }
        #expect(messages.count == 2, "\(process.emulator.threadText("#ops", root))")
        #expect(names(messages).count == 1)
    }
}
