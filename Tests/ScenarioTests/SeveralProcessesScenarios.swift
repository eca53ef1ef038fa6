import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Several processes on one PostgreSQL", .timeLimit(.minutes(10)))
struct SeveralProcessesScenarios {
    private static let settings = """
        app: {port: 0}
        llm: {provider: anthropic, model: claude-sonnet-5-5}
        """

    /// The model takes so long that each question is in flight when its process is stopped.
    private static let script: [JSONValue] = [
        ["calls": [["name": "notes__write_note", "input": ["text": "once"]]]],
        ["text": "It is **noted**.", "delay": 8],
    ]

    @Test("one of three is stopped past its lease and continued: no second answer, no write with an old epoch")
    func stopped() async throws {
        try await ModelDouble.run { model in
            try await NoteTools.run { noteTools, url in
                let environment = ["ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url]
                let mcps = "mcps:\n  - {name: notes, protocol: http, url: \"\(url)\"}\n"
                try await BotProcess.open(.postgres, settings: Self.settings, mcps: mcps, environment: environment) {
                    process in
                    try await model.scriptByTurn(Self.script)
                    try await play(process, noteTools)
                }
            }
        }
    }

    private func play(_ process: BotProcess, _ noteTools: NoteTools) async throws {
        let pids = LockedBox<[String: Int32]>([:])
        let isOver = LockedBox(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["one", "two", "three"] {
                group.addTask {
                    // Set also when process one fails before `stopAndRevive`, as the others wait for it.
                    defer { if name == "one" { isOver.value = true } }
                    let outcome = try await process.run(["OMNI_PROCESS": name], connections: 6) { pid in
                        pids.update { $0[name] = pid }
                        if name == "one" {
                            defer { isOver.value = true }
                            try await stopAndRevive(process, pids)
                        }
                        try await eventually("one is continued", within: .seconds(500)) { isOver.value }
                        kill(pid, SIGTERM)
                    }
                    #expect(outcome.status == 0, "\(name): \(outcome.errors.suffix(2_000))")
                }
            }
            try await group.waitForAll()
        }
        let rows = try await process.withStore { try await $0.recent(limit: 100) }
        #expect(rows.count == 13)
        for row in rows { #expect(row.status == .success, "\(row)") }
        // A call that was in flight when the process was stopped may have an unknown outcome, and is never repeated.
        #expect(noteTools.notes.count <= 13)
        try await process.withStore { store in
            let left = try await store.unfinished()
            #expect(left.isEmpty)
        }
    }

    private func stopAndRevive(_ process: BotProcess, _ pids: LockedBox<[String: Int32]>) async throws {
        let emulator = process.emulator
        let roots = try (0..<12).map { try emulator.say(as: "ana", in: "#ops", "@omni note number \($0)") }
        // The process stopped is one that works on a question.
        let victim = try await eventually("all twelve are under way", within: .seconds(60)) { () -> String? in
            let rows = try await process.withStore { try await $0.unfinished() }
            let processes = try await process.withStore { try await $0.liveProcesses() }
            let working = rows.filter { $0.state == .working }.compactMap(\.owner)
            let names = processes.filter { working.contains($0.id) }.map(\.name)
            return rows.count == 12 && working.count == 12 ? names.max() : nil
        }
        let pid = try #require(pids.value[victim])
        kill(pid, SIGSTOP)
        let isAnswered = await emulator.waitUntil(within: .seconds(90)) { snapshot in
            roots.allSatisfy { root in Self.answers(snapshot.thread("#ops", root)).count == 1 }
        }
        kill(pid, SIGCONT)
        #expect(isAnswered, "not all were answered while \(victim) stood still")
        // The continued process posts nothing: it learns by its next renewal that its questions have other owners.
        try await process.allSaid()
        let asked = try emulator.say(as: "ana", in: "#ops", "@omni and a last one?")
        #expect(await process.finalMessages("#ops", asked).count == 1)
        for root in roots {
            let messages = emulator.thread("#ops", root).filter { $0.botID != nil }
            #expect(messages.count == 1, "\(emulator.threadText("#ops", root))")
        }
    }

    @Test("a process stopped after it sent its message leaves it to the process that made it the answer")
    func adopted() async throws {
        try await ModelDouble.run { model in
            let environment = ["ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url]
            try await BotProcess.open(.postgres, settings: Self.settings, mcps: "mcps: []\n", environment: environment)
            {
                process in
                // An answer that comes at once has no progress message before it.
                try await model.scriptByTurn([["text": "It is **noted**.", "delay": 3]])
                let emulator = process.emulator
                let stop = ["OMNI_FAULT_POINT": "post-sent", "OMNI_FAULT_SIGNAL": "STOP"]
                let outcome = try await process.run(stop) { stopped in
                    let root = try emulator.say(as: "ana", in: "#ops", "@omni note this")
                    let sent = await emulator.waitFor(within: .seconds(60)) { snapshot in
                        snapshot.thread("#ops", root).first { $0.botID != nil }?.ts
                    }
                    try #require(sent != nil, "nothing was said")
                    let other = try await process.run(["OMNI_PROCESS": "other"], connections: 3) { pid in
                        #expect(await process.finalMessages("#ops", root).map(\.ts) == [sent])
                        kill(stopped, SIGCONT)
                        // Its shutdown waits for the write to the store that was in progress.
                        kill(stopped, SIGTERM)
                        try await eventually("the other has stopped", within: .seconds(60)) { !isRunning(stopped) }
                        kill(pid, SIGTERM)
                    }
                    #expect(other.status == 0, "\(other.errors.suffix(2_000))")
                    let messages = emulator.thread("#ops", root).filter { $0.botID != nil }
                    #expect(messages.map(\.ts) == [sent], "\(emulator.threadText("#ops", root))")
                }
                #expect(outcome.status == 0, "\(outcome.errors.suffix(2_000))")
            }
        }
    }

    private static func answers(_ thread: [EmulatedMessage]) -> [EmulatedMessage] {
        thread.filter { $0.botID != nil && !$0.text.hasPrefix(":hourglass_flowing_sand:") }
    }

    @Test("a second `omni run` of one name refuses with a reason, and takes no question from the first")
    func secondOfOneName() async throws {
        try await ModelDouble.run { model in
            let environment = [
                "ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url, "OMNI_PROCESS": "twin",
            ]
            try await BotProcess.open(.postgres, settings: Self.settings, mcps: "mcps: []\n", environment: environment)
            {
                process in
                // The answer takes longer than the second process checks for the first.
                try await model.scriptByTurn([["text": "It is **noted**.", "delay": 8]])
                let first = try await process.run { pid in
                    let root = try process.emulator.say(as: "ana", in: "#ops", "@omni note this")
                    try await eventually("it is under way", within: .seconds(60)) {
                        let open = try await process.withStore { try await $0.unfinished() }
                        return open.map(\.state) == [.working]
                    }
                    let second = try await Program.run(["run"], environment: process.environment)
                    #expect(second.status == 1)
                    #expect(second.errors.contains("another `omni run` of the name twin is running"))
                    #expect(second.errors.contains("(process \(pid) on "))
                    #expect(second.errors.contains("OMNI_PROCESS"))
                    #expect(await process.finalMessages("#ops", root).count == 1)
                    try await process.allSaid()
                    kill(pid, SIGTERM)
                }
                #expect(first.status == 0, "\(first.errors.suffix(2_000))")
                try await process.withStore { store in
                    let rows = try await store.recent()
                    #expect(rows.map(\.status) == [.success])
                    let id = try #require(rows.first?.questionID.flatMap { ULID($0) })
                    #expect(try await store.question(id)?.attempts == 1, "nobody took it away")
                }
            }
        }
    }

    @Test("a second `omni run` on the embedded store refuses with a reason")
    func secondOnSQLite() async throws {
        try await BotProcess.open(.sqlite, settings: "app: {port: 0}\nllm: {provider: offline}\n", mcps: "") {
            process in
            let first = try await process.run { pid in
                let second = try await process.run(connections: 0) { _ in }
                #expect(second.status == 1)
                #expect(second.errors.contains("another `omni run` (process \(pid)) already uses"))
                kill(pid, SIGTERM)
            }
            #expect(first.status == 0)
        }
    }
}
