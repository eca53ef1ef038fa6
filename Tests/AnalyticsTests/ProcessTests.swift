import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Processes and where they were asked", .timeLimit(.minutes(3)))
struct ProcessTests {
    @Test("the first process of all has no predecessor", arguments: Backend.allCases)
    func first(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            try await record.register(Samples.process)
            #expect(try await record.predecessor(of: Samples.process) == .nobody)
        }
    }

    @Test("a process that ended, or was followed by one of its name, is gone at once", arguments: Backend.allCases)
    func gone(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            try await record.register(Samples.other)
            try await record.remove(Samples.other)
            #expect(try await record.liveProcesses().isEmpty)
            #expect(try await record.heartbeat(Samples.other) == false)
            try await record.register(Samples.process)
            guard case .gone(let age) = try await record.predecessor(of: Samples.process) else {
                Issue.record("the ended process is not gone")
                return
            }
            #expect(age < .seconds(15))
            let again = ProcessRow(name: Samples.process.name, host: "localhost", pid: 7)
            try await record.register(again)
            #expect(try await record.liveProcesses() == [again])
            guard case .gone = try await record.predecessor(of: again) else {
                Issue.record("the process of the same name is not gone")
                return
            }
        }
    }

    @Test("another process lives for sure once it gave a sign after the start of this one", arguments: Backend.allCases)
    func live(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            try await record.register(Samples.other)
            // The store's clock counts milliseconds.
            try await Task.sleep(for: .milliseconds(5))
            try await record.register(Samples.process)
            #expect(try await record.predecessor(of: Samples.process) == .perhaps)
            try await Task.sleep(for: .milliseconds(5))
            #expect(try await record.heartbeat(Samples.other))
            #expect(try await record.predecessor(of: Samples.process) == .live)
            #expect(try await record.predecessor(of: Samples.process, window: .zero) != .live)
        }
    }

    @Test("a process that was taken for dead and gives a sign registers again", arguments: Backend.allCases)
    func revived(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            try await record.register(Samples.process)
            try await record.remove(Samples.process)
            #expect(try await record.heartbeat(Samples.process) == false)
            try await record.register(Samples.process)
            #expect(try await record.liveProcesses() == [Samples.process])
        }
    }

    @Test(
        "threads of questions are found, the latest first; keys that were taken in are known",
        arguments: Backend.allCases)
    func engagements(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            for (index, thread) in ["T1:C1:1.0", "T1:C1:2.0", "T1:C1:1.0"].enumerated() {
                let question = Samples.question(thread: thread)
                _ = try await record.accept(NewQuestion(question, originKey: "T1:C1:\(index)"))
                try await Task.sleep(for: .milliseconds(5))
            }
            let found = try await record.engagements(at: .slack, within: .seconds(60))
            #expect(found.map(\.threadKey) == ["T1:C1:1.0", "T1:C1:2.0"])
            #expect(found.allSatisfy { $0.channel == "C1" && !$0.isDirect })
            #expect(try await record.engagements(at: .slack, within: .seconds(60), limit: 1).count == 1)
            #expect(try await record.engagements(at: .http, within: .seconds(60)).isEmpty)
            #expect(try await record.engagements(at: .slack, within: .seconds(-60)).isEmpty)
            let keys = (0..<1_200).map { "T1:C1:\($0)" }
            #expect(try await record.knownOriginKeys(among: keys) == ["T1:C1:0", "T1:C1:1", "T1:C1:2"])
            #expect(try await record.knownOriginKeys(among: []).isEmpty)
        }
    }
}
