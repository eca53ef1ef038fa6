import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// Scenarios with the release build that `make run` starts (`make test-release`), or with the debug build (`make
/// test-program`). They run alone, as other tests would distort their times.
@Suite(
    "The released program", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: ProcessInfo.processInfo.environment["OMNI_TEST_PROGRAM"] != nil))
struct ReleaseScenarios {
    private static let settings = """
        app: {port: 0}
        llm: {provider: anthropic, model: claude-sonnet-5-5}
        """

    private func open(
        _ backend: BotProcess.Backend, answerAfter delay: Double,
        _ body: @escaping @Sendable (BotProcess) async throws -> Void
    ) async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": "It is **well**.", "delay": .double(delay)]])
            let environment = ["ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url]
            try await BotProcess.open(
                backend, settings: Self.settings, mcps: "mcps: []\n", environment: environment, body)
        }
    }

    @Test(
        "ten questions in a channel have their answers 300 ms after the model's", arguments: BotProcess.Backend.allCases
    )
    func quick(_ backend: BotProcess.Backend) async throws {
        let model = 0.1
        try await open(backend, answerAfter: model) { process in
            let waits = LockedBox<[Double]>([])
            let outcome = try await process.run { pid in
                // The asker is looked up in Slack once; the first question does it.
                let first = try process.emulator.say(as: "ana", in: "#general", "@omni how are you?")
                #expect(await process.finalMessages("#general", first).count == 1)
                for number in 1...10 {
                    let asked = try process.emulator.say(as: "ana", in: "#ops", "@omni how is service \(number)?")
                    let answer = try #require(await process.finalMessages("#ops", asked).first)
                    let wait = try #require(Double(answer.editedTS ?? answer.ts)) - #require(Double(asked))
                    waits.update { $0.append(wait - model) }
                }
                kill(pid, SIGTERM)
            }
            #expect(outcome.status == 0, "\(outcome.errors.suffix(2_000))")
            let sorted = waits.value.sorted()
            #expect(sorted.count == 10)
            #expect((sorted[4] + sorted[5]) / 2 <= 0.3, "\(waits.value)")
            let rows = try await process.withStore { try await $0.recent() }
            #expect(rows.count == 11 && rows.allSatisfy { $0.status == .success })
        }
    }

    @Test(
        "killed with -9 in the middle of an answer, it answers once after its restart",
        arguments: BotProcess.Backend.allCases)
    func killed(_ backend: BotProcess.Backend) async throws {
        try await open(backend, answerAfter: 2) { process in
            let root = LockedBox("")
            let killed = try await process.run { pid in
                root.value = try process.emulator.say(as: "ana", in: "#ops", "@omni how is checkout?")
                let seen = await process.emulator.waitUntil(within: .seconds(60)) { snapshot in
                    snapshot.thread("#ops", root.value).contains { $0.text.hasPrefix(":hourglass_flowing_sand:") }
                }
                #expect(seen, "no progress message")
                kill(pid, SIGKILL)
            }
            #expect(killed.status == SIGKILL)
            let stopped = try await process.run { pid in
                let messages = await process.finalMessages("#ops", root.value)
                #expect(
                    messages.count == 1
                        && messages.first.map { process.emulator.messageText($0) }?.contains("well") == true)
                try await process.allSaid()
                kill(pid, SIGTERM)
            }
            #expect(stopped.status == 0, "\(stopped.errors.suffix(2_000))")
            #expect(try await process.withStore { try await $0.recent() }.map(\.status) == [.success])
        }
    }
}
