import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Answers that only their askers see", .timeLimit(.minutes(10)))
struct PrivateAnswerScenarios {
    private static let replies: [JSONValue] = [
        ["calls": [["name": "charts__draw", "input": [:]]]], ["text": "Here is the **chart**."],
    ]

    private static func mcps(_ url: String) -> String {
        "mcps:\n  - {name: charts, protocol: http, url: \"\(url)\", visibility: private}\n"
    }

    /// Has Ana ask in a channel for two charts of a private server, with these faults injected, and waits for the end.
    private func ask(
        _ options: EmulatorOptions = EmulatorOptions(), _ faults: APIFault...,
        then body: @escaping @Sendable (InProcessBot, String) async throws -> Void
    ) async throws {
        let faults = faults
        try await ModelDouble.run { model in
            try await model.scriptByTurn(Self.replies)
            try await serveTools(ChartTools(images: 2), as: "charts") { url in
                var plan = model.plan
                plan.emulator = options
                plan.progressDelay = .zero
                plan.mcps = Self.mcps(url)
                try await InProcessBot.run(plan) { bot in
                    for fault in faults { bot.emulator.inject(fault) }
                    let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni draw the costs")
                    _ = try await bot.ephemeral(to: "ana")
                    try await bot.allSaid()
                    #expect(try await bot.audit().map(\.status) == [.success])
                    try await body(bot, root)
                }
            }
        }
    }

    private static func names(_ messages: [EmulatedMessage]) -> [String] {
        messages.flatMap(\.files).compactMap { $0["name"]?.string }
    }

    @Test("the images of the answer are in the asker's direct messages, once each, and not in the channel")
    func images() async throws {
        try await ask { bot, root in
            let answer = bot.emulator.ephemerals("ana").map { bot.emulator.messageText($0) }
            #expect(answer.count == 1 && answer[0].contains("2 images are in our direct messages"), "\(answer)")
            #expect(Self.names(bot.emulator.thread("#ops", root)).isEmpty)
            let direct = bot.emulator.messages("@ana")
            #expect(direct.count == 2 && Set(Self.names(direct)).count == 2)
            #expect(direct.allSatisfy { $0.text.contains("which only you can see") && $0.threadTS == nil })
        }
    }

    @Test(
        "a step on the way of an image that fails or whose response is lost leaves one of each",
        arguments: [
            APIFault("conversations.open", .lostReply), APIFault("conversations.open", .status(503)),
            APIFault("files.completeUploadExternal", .lostReply), APIFault("files.completeUploadExternal", .garbage),
        ])
    func faults(_ fault: APIFault) async throws {
        try await ask(EmulatorOptions(), fault) { bot, _ in
            let direct = bot.emulator.messages("@ana")
            #expect(direct.count == 2 && Set(Self.names(direct)).count == 2, "\(direct.map(\.text))")
        }
    }

    @Test("an app that may not open direct messages says so to the asker alone")
    func scope() async throws {
        var options = EmulatorOptions()
        options.scopes.remove("im:write")
        try await ask(options) { bot, root in
            let direct = bot.emulator.messages("@ana")
            #expect(direct.count == 1 && direct[0].text.contains("`im:write`"), "\(direct.map(\.text))")
            #expect(bot.emulator.thread("#ops", root).allSatisfy { !$0.text.contains("image") })
        }
    }

    @Test(
        "where Slack refuses the blocks of the line in the thread, and its text too, the answer stays with its asker",
        arguments: [1, 2])
    func refusedLine(times: Int) async throws {
        let fault = APIFault("chat.update", .error("invalid_blocks"), times: times)
        try await ask(EmulatorOptions(), fault) { bot, root in
            let thread = bot.emulator.thread("#ops", root).filter { $0.botID != nil }
            let line = times == 1 ? [UserMessages.answeredPrivately] : []
            #expect(thread.map(\.text) == line, "the progress message does not stay without the line")
            let own = bot.emulator.ephemerals("ana").map { bot.emulator.messageText($0) }
            #expect(own.count == 1 && own[0].contains("chart"), "\(own)")
            #expect(Self.names(bot.emulator.messages("@ana")).count == 2)
        }
    }

    @Test(
        "killed on the way of an image, a process leaves one in the asker's direct messages",
        arguments: [Failpoint.fileUploaded, .fileShared])
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
                ) { process in
                    let first = try await process.run(["OMNI_FAULT_POINT": point.rawValue]) { pid in
                        try process.emulator.say(as: "ana", in: "#ops", "@omni draw the costs")
                        try await eventually("the process is killed", within: .seconds(60)) { !isRunning(pid) }
                    }
                    #expect(first.status == SIGKILL, "\(first.errors.suffix(2_000))")
                    let second = try await process.run { pid in
                        try await process.allSaid()
                        kill(pid, SIGTERM)
                    }
                    #expect(second.status == 0, "\(second.errors.suffix(2_000))")
                    #expect(Self.names(process.emulator.messages("@ana")).count == 1)
                }
            }
        }
    }
}
