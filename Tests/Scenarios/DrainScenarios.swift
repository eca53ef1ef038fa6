import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// Stops in the middle of questions that have written something.
@Suite("Stopped while it works", .timeLimit(.minutes(10)))
struct DrainScenarios {
    private static let settings = """
        app: {port: 0}
        llm: {provider: anthropic, model: claude-sonnet-5-5}
        shutdown: {drain_seconds: 1}
        """

    /// - Parameter delays: before each turn: the one that writes, the one that answers.
    private func play(
        _ backend: Office.Backend, delays: (Double, Double),
        _ body: @escaping @Sendable (Office, Notebook, ModelDouble) async throws -> Void
    ) async throws {
        try await ModelDouble.run { model in
            try await Notebook.run { notebook, url in
                let environment = ["ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url]
                let mcps = "mcps:\n  - {name: notes, protocol: http, url: \"\(url)\"}\n"
                try await Office.open(backend, settings: Self.settings, mcps: mcps, environment: environment) {
                    office in
                    try await model.scriptByTurn([
                        [
                            "calls": [["name": "notes__write_note", "input": ["text": "once"]]],
                            "delay": .double(delays.0),
                        ],
                        ["text": "It is **noted**.", "delay": .double(delays.1)],
                    ])
                    try await body(office, notebook, model)
                }
            }
        }
    }

    @Test(
        "what a drained question has written is not written again, and its first run is charged",
        arguments: Office.Backend.allCases)
    func drained(_ backend: Office.Backend) async throws {
        try await play(backend, delays: (0, 4)) { office, notebook, model in
            let root = NIOBox("")
            let first = try await office.run { pid in
                root.value = try office.emulator.say(as: "ana", in: "#ops", "@omni note this once")
                let end = ContinuousClock.now + .seconds(60)
                while notebook.notes.isEmpty, ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(20))
                }
                kill(pid, SIGTERM)
            }
            #expect(first.status == 0, "\(first.errors.suffix(2_000))")
            #expect(notebook.notes == ["once"])
            let second = try await office.run { pid in
                let messages = await office.finalMessages("#ops", root.value)
                #expect(messages.count == 1, "\(office.emulator.threadText("#ops", root.value))")
                try await office.allSaid()
                kill(pid, SIGTERM)
            }
            #expect(second.status == 0, "\(second.errors.suffix(2_000))")
            #expect(notebook.notes == ["once"])
            let rows = try await office.record { try await $0.recent() }
            #expect(rows.map(\.status) == [.success] && rows.first?.iterations == 2)
        }
    }
}
