import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Killed with -9", .timeLimit(.minutes(10)))
struct KillScenarios {
    private static let settings = """
        app: {port: 0}
        llm: {provider: anthropic, model: claude-sonnet-5-5}
        """

    private static func notes(_ url: String) -> String {
        "mcps:\n  - {name: notes, protocol: http, url: \"\(url)\"}\n"
    }

    /// One turn that writes, one that reads, one that answers.
    ///
    /// - Parameter delay: before the answer; an answer that is there at once has no progress message.
    private static func script(delay: Double = 0) -> [JSONValue] {
        [
            ["calls": [["name": "notes__write_note", "input": ["text": "once"]]]],
            ["calls": [["name": "notes__read_notes", "input": [:]]]],
            ["text": "It is **noted**.", "delay": .double(delay)],
        ]
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let point: FaultPoint
        let backend: Office.Backend
        let way: SlackQuestion.Way

        var testDescription: String { "\(point.rawValue), \(backend.rawValue), \(way.rawValue)" }

        static let all = FaultPoint.allCases.flatMap { point in
            Office.Backend.allCases.flatMap { backend in
                [SlackQuestion.Way.mention, .command].map { Case(point: point, backend: backend, way: $0) }
            }
        }

        /// Killed between the note that a call begins and its result nobody can know; the messages are sent beside the
        /// answer's making, so there it may be so or not.
        var isDoubtful: Bool? {
            switch point {
            case .callStored, .callMade: true
            case .postSent, .postRecorded: nil
            default: false
            }
        }
    }

    @Test(
        "at every step of a question: after the restart there is one answer, one audit row, and nothing was written twice",
        arguments: Case.all)
    func everywhere(_ test: Case) async throws {
        try await ModelDouble.run { model in
            try await Notebook.run { notebook, url in
                let environment = ["ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url]
                try await Office.open(
                    test.backend, settings: Self.settings, mcps: Self.notes(url), environment: environment
                ) { office in
                    // A command has its parent as a first message, at once.
                    let isProgress = test.way == .mention && [.postSent, .postRecorded].contains(test.point)
                    try await model.scriptByTurn(Self.script(delay: isProgress ? 3 : 0))
                    try await play(test, in: office, notebook)
                }
            }
        }
    }

    private func play(_ test: Case, in office: Office, _ notebook: Notebook) async throws {
        let emulator = office.emulator
        let mention = NIOBox<String?>(nil)
        let killed = try await office.run(["OMNI_FAULT_POINT": test.point.rawValue]) { pid in
            if test.way == .mention {
                mention.value = try emulator.say(as: "ana", in: "#ops", "@omni note this once")
            } else {
                // Killed before it acknowledges, it would be waited for until Slack's deadline.
                async let _ = emulator.command(as: "ana", in: "#ops", "/omni", "note this once")
                while isRunning(pid) { try await Task.sleep(for: .milliseconds(20)) }
            }
        }
        #expect(killed.status == SIGKILL, "it never came to \(test.point.rawValue): \(killed.errors.suffix(2_000))")
        let stopped = try await office.run { pid in
            let root = try await root(in: emulator, mention.value)
            let messages = await office.finalMessages("#ops", root)
            #expect(messages.count == 1, "\(emulator.threadText("#ops", root))")
            let text = messages.first.map { emulator.messageText($0) } ?? ""
            #expect(text.contains("noted"), "\(text)")
            if let isDoubtful = test.isDoubtful {
                #expect(text.contains("outcome is unknown") == isDoubtful, "\(text)")
            }
            #expect(
                emulator.messages("#ops").count { $0.botID != nil && $0.threadTS == nil }
                    == (test.way == .command ? 1 : 0))
            try await office.allSaid()
            kill(pid, SIGTERM)
        }
        #expect(stopped.status == 0, "\(stopped.errors.suffix(2_000))")
        try await check(test, office, notebook)
    }

    private func root(in emulator: Emulator, _ mention: String?) async throws -> String {
        if let mention { return mention }
        let parent = await emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.messages("#ops").first { $0.botID != nil && $0.threadTS == nil }?.ts
        }
        return try #require(parent, "the command has no parent message")
    }

    private func check(_ test: Case, _ office: Office, _ notebook: Notebook) async throws {
        try await office.record { record in
            let rows = try await record.recent()
            #expect(rows.count == 1)
            let row = try #require(rows.first)
            #expect(row.status == .success && row.userEmail == "ana@acme.example")
            #expect(row.iterations == 3)
            #expect(row.tokensInput > 0 && row.cost > .zero, "what the killed attempt used is charged")
            let id = try #require(row.questionID.flatMap { ULID($0) })
            let calls = try await record.toolCalls(of: id)
            #expect(calls.map(\.name.tool).sorted() == ["read_notes", "write_note"])
            let outcome = calls.first { $0.name.tool == "write_note" }?.outcome
            #expect(outcome == .succeeded || outcome == .unknown)
            if let isDoubtful = test.isDoubtful { #expect((outcome == .unknown) == isDoubtful) }
            #expect(outcome == .succeeded ? notebook.notes == ["once"] : notebook.notes.count <= 1)
            if test.point == .callStored { #expect(notebook.notes.isEmpty) }
            if test.point == .callMade { #expect(notebook.notes == ["once"]) }
            #expect(try await record.unfinished().isEmpty)
            #expect(try await record.posts(of: id).allSatisfy { $0.state == .sent && $0.ts != nil })
        }
    }

    @Test(
        "killed at the same step again and again, a question is given up and its thread told",
        arguments: Office.Backend.allCases)
    func givenUp(_ backend: Office.Backend) async throws {
        try await ModelDouble.run { model in
            try await Notebook.run { notebook, url in
                let environment = ["ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url]
                try await Office.open(
                    backend, settings: Self.settings, mcps: Self.notes(url), environment: environment
                ) { office in
                    try await model.scriptByTurn(Self.script())
                    let emulator = office.emulator
                    let root = NIOBox("")
                    for attempt in 1...2 {
                        // The second takes the question up at its start, and may be gone before it has connected.
                        let connections = attempt == 1 ? 2 : 0
                        let killed = try await office.run(
                            ["OMNI_FAULT_POINT": "answered"], connections: connections
                        ) { _ in
                            if attempt == 1 { root.value = try emulator.say(as: "ana", in: "#ops", "@omni note this") }
                        }
                        #expect(killed.status == SIGKILL)
                    }
                    _ = try await office.run { pid in
                        let messages = await office.finalMessages("#ops", root.value)
                        #expect(messages.map(\.text).joined().contains("stopped more than once"))
                        #expect(messages.count == 1)
                        try await office.allSaid()
                        kill(pid, SIGTERM)
                    }
                    #expect(notebook.notes == ["once"])
                    let rows = try await office.record { try await $0.recent() }
                    #expect(rows.map(\.status) == [.error])
                    #expect(rows.first?.iterations == 3, "every turn that was paid is charged")
                }
            }
        }
    }
}
