import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import Analytics
@testable import SlackBot

@Suite("A question that waits for its asker", .timeLimit(.minutes(10)))
struct AskBackScenarios {
    private static let answer = "It is fine."

    private static let script: [JSONValue] = [
        [
            "calls": [
                [
                    "name": "omni2_ask_back__choose",
                    "input": ["question": "Which one do you mean?", "choices": ["prod & eu", "test"]],
                ]
            ]
        ],
        ["text": .string(answer)],
    ]

    private static let settings = """
        app: {port: 0}
        llm: {provider: anthropic, model: claude-sonnet-5-5}
        question: {ask_back: true}
        shutdown: {drain_seconds: 5}
        """

    /// - Parameter replies: the model's replies in their order; nil: ``script``, by the turns of the conversation.
    private static func inProcess(
        _ replies: [JSONValue]? = nil, mcps: String = "",
        _ body: @escaping @Sendable (InProcessBot, ModelDouble) async throws -> Void
    ) async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.settings = settings
            plan.mcps = mcps
            if replies == nil { try await model.scriptByTurn(script) }
            try await InProcessBot.run(plan) { bot in
                for reply in replies ?? [] { try await model.script(reply, in: bot) }
                try await body(bot, model)
            }
        }
    }

    /// Runs `body` with a bot as a child process, which may be started several times.
    private static func restartable(
        _ backend: BotProcess.Backend, _ body: @escaping @Sendable (BotProcess, ModelDouble) async throws -> Void
    ) async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn(script)
            let environment = ["ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url]
            try await BotProcess.open(backend, settings: settings, mcps: "mcps: []\n", environment: environment) {
                try await body($0, model)
            }
        }
    }

    private static func hasChoices(_ message: EmulatedMessage) -> Bool {
        message.blocks.contains { $0["block_id"]?.string == ChoiceView.blockID }
    }

    /// The message with the choices, once it is in the thread.
    private static func choices(_ emulator: Emulator, _ root: String) async throws -> EmulatedMessage {
        let found = await emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.thread("#ops", root).first(where: hasChoices)
        }
        return try #require(found, "no choices in \(emulator.threadText("#ops", root))")
    }

    @discardableResult
    private static func press(
        _ index: String, _ message: EmulatedMessage, as user: String = "ana", _ emulator: Emulator
    ) async throws -> Bool {
        let result = try await emulator.press(as: user, in: "#ops", message.ts, action: "omni_choice_\(index)")
        return result.wasAcknowledged
    }

    private static func isWaiting(_ process: BotProcess) async throws -> Bool {
        try await process.withStore { store in
            let rows = try await store.unfinished()
            return rows.map(\.state) == [.waiting] && rows.first?.isUndelivered == false
        }
    }

    /// Checks that the question is answered once, and that the buttons are gone.
    private static func checkAnswer(_ process: BotProcess, _ root: String) async throws {
        let isAnswered = await process.emulator.waitUntil(within: .seconds(60)) { snapshot in
            snapshot.thread("#ops", root).contains { $0.text.contains(answer) }
        }
        #expect(isAnswered, "\(process.emulator.threadText("#ops", root))")
        try await process.allSaid()
        let messages = process.emulator.thread("#ops", root)
        #expect(messages.count { $0.text.contains(answer) } == 1)
        #expect(!messages.contains(where: hasChoices), "the buttons are gone")
        let rows = try await process.withStore { try await $0.recent() }
        #expect(rows.count == 1)
    }

    @Test("the asker chooses with a button; the thread shows what was chosen, and one answer")
    func chosen() async throws {
        try await Self.inProcess { bot, model in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
            let message = try await Self.choices(bot.emulator, root)
            #expect(message.text.contains("Which one do you mean?"))
            try await bot.until("nothing is held while it waits") {
                let rows = try await bot.store.unfinished()
                return rows.map(\.state) == [.waiting] && rows.first?.isUndelivered == false
                    && bot.omni.app.inFlight.count == 0
            }
            #expect(try await Self.press("0", message, bot.emulator))
            try await bot.until("the answer is there") {
                bot.emulator.threadText("#ops", root).contains(Self.answer)
            }
            try await bot.until("the choice is shown instead of the buttons") {
                let text = bot.emulator.threadText("#ops", root)
                return text.contains("prod & eu") && !text.contains("Cancel the question")
            }
            let requests = try await model.journal(in: bot)
            #expect(requests.count == 2, "the first turn is not paid twice")
            let row = try #require(try await bot.audit().first)
            #expect(row.iterations == 2 && row.status == .success)
        }
    }

    @Test("after a call of a private server only the asker reads the choices, and the answer after them")
    func privately() async throws {
        let call: JSONValue = ["calls": [["name": "charts__draw", "input": [:]]]]
        try await serveTools(ChartTools(), as: "charts") { url in
            let mcps = "mcps:\n  - {name: charts, protocol: http, url: \"\(url)\", visibility: private}\n"
            try await Self.inProcess([call] + Self.script, mcps: mcps) { bot, _ in
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
                let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                    (snapshot.ephemerals("ana") + snapshot.messages("#ops")).first(where: Self.hasChoices)
                }
                let message = try #require(found, "no choices in \(bot.emulator.threadText("#ops", root))")
                #expect(message.isEphemeral && message.text.contains("Which one do you mean?"))
                try await bot.until("it waits") {
                    let rows = try await bot.store.unfinished()
                    return rows.map(\.state) == [.waiting] && rows.first?.isUndelivered == false
                }
                #expect(!bot.emulator.threadText("#ops", root).contains("Which one"))
                #expect(try await Self.press("0", message, bot.emulator))
                try await bot.isTold("ana", Self.answer)
                try await bot.allSaid()
                try await bot.until("the buttons are gone") {
                    !bot.emulator.ephemerals("ana").contains(where: Self.hasChoices)
                }
                let shown = bot.emulator.threadText("#ops", root)
                #expect(!shown.contains("Which one") && !shown.contains("prod & eu") && !shown.contains(Self.answer))
            }
        }
    }

    @Test("nobody but the asker can choose, and the first choice counts")
    func others() async throws {
        try await Self.inProcess { bot, _ in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
            let message = try await Self.choices(bot.emulator, root)
            #expect(try await Self.press("0", message, as: "ben", bot.emulator))
            try await bot.until("ben is told") {
                bot.emulator.ephemerals("ben").contains { $0.text.contains("Only the person who asked") }
            }
            async let first = Self.press("0", message, bot.emulator)
            async let second = Self.press("1", message, bot.emulator)
            _ = try await (first, second)
            try await bot.until("the answer is there") {
                bot.emulator.threadText("#ops", root).contains(Self.answer)
            }
            try await bot.until("it is over") { try await bot.store.unfinished().isEmpty }
            #expect(try await bot.audit().count == 1)
            let row = try #require(try await bot.audit().first)
            #expect(row.iterations == 2)
        }
    }

    @Test("the asker cancels, and a later question of the thread is not held up by one that waits")
    func cancelled() async throws {
        try await Self.inProcess([Self.script[0], ["text": "Hello to you."]]) { bot, _ in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
            let message = try await Self.choices(bot.emulator, root)
            try bot.emulator.say(as: "ana", in: "#ops", "@omni hello", thread: root)
            try await bot.until("the later one is answered") {
                bot.emulator.threadText("#ops", root).contains("Hello to you.")
            }
            #expect(try await Self.press("cancel", message, bot.emulator))
            try await bot.until("both are over") { try await bot.store.unfinished().isEmpty }
            let states = try await bot.audit().map(\.status)
            #expect(states.count == 2 && states.contains(.success))
            #expect(bot.emulator.threadText("#ops", root).contains("Cancelled"))
        }
    }

    @Test(
        "the choices outlive the process, and another one goes on; killed while it goes on, there is one answer",
        arguments: BotProcess.Backend.allCases)
    func restarted(_ backend: BotProcess.Backend) async throws {
        try await Self.restartable(backend) { process, model in
            let asked = LockedBox<String?>(nil)
            _ = try await process.run { pid in
                let root = try process.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
                asked.value = root
                _ = try await Self.choices(process.emulator, root)
                try await eventually("it waits", within: .seconds(60)) { try await Self.isWaiting(process) }
                kill(pid, SIGKILL)
            }
            let root = try #require(asked.value)
            let message = try await Self.choices(process.emulator, root)
            // The second process dies when it goes on.
            _ = try await process.run(["OMNI_FAULT_POINT": "turn-ended"]) { _ in
                try await Self.press("1", message, process.emulator)
            }
            _ = try await process.run { pid in
                try await Self.checkAnswer(process, root)
                kill(pid, SIGTERM)
            }
            let requests = try await model.journal()
            #expect(requests.count == 2)
        }
    }

    @Test(
        "killed before the choices are sent, the next process sends them once",
        arguments: BotProcess.Backend.allCases)
    func killedBeforeTheyAreSent(_ backend: BotProcess.Backend) async throws {
        try await Self.restartable(backend) { process, _ in
            let asked = LockedBox<String?>(nil)
            _ = try await process.run(["OMNI_FAULT_POINT": "suspended"]) { _ in
                asked.value = try process.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
            }
            let root = try #require(asked.value)
            _ = try await process.run { pid in
                let message = try await Self.choices(process.emulator, root)
                try await eventually("it waits", within: .seconds(60)) { try await Self.isWaiting(process) }
                let all = process.emulator.thread("#ops", root).filter(Self.hasChoices)
                #expect(all.count == 1)
                try await Self.press("0", message, process.emulator)
                try await Self.checkAnswer(process, root)
                kill(pid, SIGTERM)
            }
        }
    }

    @Test("a wait that is over goes on without a choice", arguments: BotProcess.Backend.allCases)
    func expired(_ backend: BotProcess.Backend) async throws {
        try await Self.restartable(backend) { process, model in
            _ = try await process.run { pid in
                let root = try process.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
                _ = try await Self.choices(process.emulator, root)
                try await eventually("it waits", within: .seconds(60)) { try await Self.isWaiting(process) }
                _ = try await process.withStore { store in
                    try await store.database.write { connection in
                        try connection.execute("UPDATE questions SET wait_until = '2020-01-01T00:00:00.000Z'", [])
                    }
                }
                try await Self.checkAnswer(process, root)
                #expect(process.emulator.threadText("#ops", root).contains("Nobody chose in time"))
                kill(pid, SIGTERM)
            }
            let told = try await model.journal().last
            #expect("\(told ?? .null)".contains("has not chosen in time"))
        }
    }

    @Test("two processes: the choice is taken by one, and one of them goes on")
    func twoProcesses() async throws {
        // No second process may use an SQLite file.
        try await Self.restartable(.postgres) { process, model in
            let done = LockedBox(false)
            let root = LockedBox<String?>(nil)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await process.run(["OMNI_PROCESS": "one"]) { pid in
                        root.value = try process.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
                        try await eventually("the other is done", within: .seconds(120)) { done.value }
                        kill(pid, SIGTERM)
                    }
                }
                group.addTask {
                    try await eventually("the question is asked", within: .seconds(60)) { root.value != nil }
                    _ = try await process.run(["OMNI_PROCESS": "two"], connections: 4) { pid in
                        defer { done.value = true }
                        let root = try #require(root.value)
                        let message = try await Self.choices(process.emulator, root)
                        try await eventually("it waits", within: .seconds(60)) { try await Self.isWaiting(process) }
                        async let first = Self.press("0", message, process.emulator)
                        async let second = Self.press("0", message, process.emulator)
                        _ = try await (first, second)
                        try await Self.checkAnswer(process, root)
                        kill(pid, SIGTERM)
                    }
                }
                try await group.waitForAll()
            }
            let requests = try await model.journal()
            #expect(requests.count == 2)
        }
    }
}
