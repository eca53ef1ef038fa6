import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics
@testable import SlackBot

@Suite("Background jobs of several processes", .timeLimit(.minutes(10)))
struct BackgroundJobScenarios {
    private static let settings = "app: {port: 0}\nllm: {provider: offline}\n"

    /// The process that holds the job, if its lease runs.
    private static func holder(of job: String, _ process: BotProcess) async throws -> Int32? {
        try await process.withStore { store in
            try await store.database.read { connection in
                let sql = """
                    SELECT processes.pid FROM job_leases JOIN processes ON processes.id = job_leases.owner
                    WHERE job = $1 AND lease_until >= \(connection.dialect.now)
                    """
                return try connection.query(sql, [.text(job)]).first?.int("pid").flatMap { Int32(exactly: $0) }
            }
        }
    }

    /// The audit log gets a row, and is sealed.
    private static func recordAndSeal(_ process: BotProcess) async throws {
        let asker = Principal(
            email: "ana@acme.example", name: "Ana", role: "dba",
            source: RuleSource(file: "users.yaml", line: 3, key: "ana"))
        let question = Question(
            asker: asker, text: "why?", place: Place(entryPoint: .slack, channel: "C0OPS", channelName: "ops"),
            threadKey: ULID().text, askedAt: Date())
        let row = FinishedQuestion(
            question, outcome: .answered(Answer(text: "Because.", usage: Usage())), finishedAt: Date())
        try await process.withStore { try await $0.record([row]) }
        try await eventually("it is sealed", within: .seconds(90)) {
            try await process.withStore { store in
                try await store.database.read { connection in
                    try connection.query("SELECT id FROM audit_logs WHERE seq IS NULL", []).isEmpty
                }
            }
        }
    }

    @Test("when the process that seals the audit log is killed with -9, the other goes on with it")
    func killed() async throws {
        let key = ["OMNI_AUDIT_KEY": Data(repeating: 7, count: 32).base64EncodedString()]
        try await BotProcess.open(.postgres, settings: Self.settings, mcps: "mcps: []\n", environment: key) { process in
            let (pids, victim) = (LockedBox<[Int32]>([]), LockedBox<Int32?>(nil))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in ["one", "two"] {
                    group.addTask {
                        let outcome = try await process.run(["OMNI_PROCESS": name], connections: 4) { pid in
                            pids.update { $0.append(pid) }
                            try await eventually("both run", within: .seconds(60)) { pids.value.count == 2 }
                            try await eventually("one is to be killed", within: .seconds(120)) { victim.value != nil }
                            guard victim.value != pid else { return }
                            try await Self.recordAndSeal(process)
                            #expect(try await Self.holder(of: "sealing", process) == pid)
                            kill(pid, SIGTERM)
                        }
                        #expect([0, SIGKILL].contains(outcome.status), "\(name): \(outcome.errors.suffix(2_000))")
                    }
                }
                group.addTask {
                    try await eventually("both run", within: .seconds(90)) { pids.value.count == 2 }
                    try await Self.recordAndSeal(process)
                    let holder = try await eventually("one holds the job", within: .seconds(60)) {
                        try await Self.holder(of: "sealing", process)
                    }
                    kill(holder, SIGKILL)
                    victim.value = holder
                }
                try await group.waitForAll()
            }
        }
    }
}
