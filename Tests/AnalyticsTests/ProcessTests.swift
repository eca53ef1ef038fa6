import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("Processes, and the channels and threads of their questions", .timeLimit(.minutes(3)))
struct ProcessTests {
    @Test("the very first process has no previous process", arguments: Backend.allCases)
    func first(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.register(Samples.process)
            #expect(try await store.previousProcess(of: Samples.process) == .never)
        }
    }

    @Test("a process that ended, or was replaced by one of its name, is gone at once", arguments: Backend.allCases)
    func gone(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.register(Samples.other)
            try await store.remove(Samples.other)
            #expect(try await store.liveProcesses().isEmpty)
            #expect(try await store.heartbeat(Samples.other) == false)
            try await store.register(Samples.process)
            guard case .gone(let age) = try await store.previousProcess(of: Samples.process) else {
                Issue.record("the ended process is not gone")
                return
            }
            #expect(age < .seconds(15))
            let again = ProcessRow(name: Samples.process.name, host: "localhost", pid: 7)
            try await store.register(again)
            #expect(try await store.liveProcesses() == [again])
            guard case .gone = try await store.previousProcess(of: again) else {
                Issue.record("the process of the same name is not gone")
                return
            }
        }
    }

    /// Sends heartbeats for the duration of `body`, as the dispatcher does.
    private func living(_ process: ProcessRow, in store: Store, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    _ = try? await store.heartbeat(process)
                    try? await Task.sleep(for: .milliseconds(50))
                }
            }
            try await body()
            group.cancelAll()
        }
    }

    /// Sets the last heartbeat of a process back by `seconds`.
    private func silent(_ process: ProcessRow, for seconds: Int, in store: Store) async throws {
        _ = try await store.database.write { connection in
            let time = connection.dialect.now(plus: Int64(seconds) * -1_000)
            return try connection.execute(
                "UPDATE processes SET heartbeat_at = \(time) WHERE id = $1", [.text(process.id)])
        }
    }

    private static let first = ProcessRow(name: "twin", host: "here", pid: 1)
    private static let elsewhere = ProcessRow(name: "twin", host: "there", pid: 1)

    @Test(
        "a second process of one name does not start and frees no claim of the first, on the same or another machine",
        arguments: [ProcessRow(name: "twin", host: "here", pid: 2), elsewhere])
    func secondOfOneName(_ second: ProcessRow) async throws {
        try await Backend.postgres.withStores(2) { stores in
            try await stores[0].register(Self.first)
            let claim = try #require(try await stores[0].begin(Samples.question(), Self.first))
            try await living(Self.first, in: stores[0]) {
                let error = try await storeError { try await stores[1].register(second) }
                #expect(error.code == .nameTaken)
                #expect(error.message.contains("name twin"))
                #expect(error.message.contains("(process 1 on here)"))
                #expect(error.message.contains("OMNI_PROCESS"))
            }
            #expect(try await stores[1].liveProcesses() == [Self.first])
            #expect(try await stores[0].renewLeases(of: Self.first, lease: .seconds(600)).held == [claim.id])
            #expect(try await stores[1].claim(claim.id, for: second) == nil)
        }
    }

    @Test("the successor of a process killed on this machine starts at once, with its questions")
    func killedHere() async throws {
        try await Backend.postgres.withStores(2) { stores in
            let killed = ProcessRow(name: "twin", host: ProcessPlace.here, pid: .max)
            try await stores[0].register(killed)
            let claim = try #require(try await stores[0].begin(Samples.question(), killed))
            let next = ProcessRow(
                name: "twin", host: ProcessPlace.here, pid: ProcessInfo.processInfo.processIdentifier)
            let start = ContinuousClock.now
            try await stores[1].register(next)
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(try await stores[1].claim(claim.id, for: next)?.epoch == 2)
        }
    }

    @Test("the successor of a process that ended on another machine waits until its heartbeat is too old")
    func diedElsewhere() async throws {
        try await Backend.postgres.withStores(2) { stores in
            try await stores[0].register(Self.elsewhere)
            try await silent(Self.elsewhere, for: 12, in: stores[0])
            try await stores[1].register(Self.first)
            #expect(try await stores[1].liveProcesses() == [Self.first])
            try await silent(Self.first, for: 16, in: stores[0])
            try await stores[0].register(Self.elsewhere)
            #expect(try await stores[1].liveProcesses() == [Self.elsewhere])
        }
    }

    @Test("a stalled process whose name was taken has to stop, and takes nothing back")
    func replaced() async throws {
        try await Backend.postgres.withStores(2) { stores in
            try await stores[0].register(Self.first)
            try await silent(Self.first, for: 20, in: stores[0])
            try await stores[1].register(Self.elsewhere)
            let claim = try #require(try await stores[1].begin(Samples.question(), Self.elsewhere))
            // The new holder of the name may have ended, until it has been seen to send a heartbeat.
            try await stores[0].stayRegistered(Self.first)
            try await living(Self.elsewhere, in: stores[1]) {
                try await eventually("it has to stop") {
                    do {
                        try await stores[0].stayRegistered(Self.first)
                        return false
                    } catch let error as StoreError where error.code == .nameTaken {
                        return true
                    }
                }
            }
            #expect(try await stores[0].liveProcesses() == [Self.elsewhere])
            let held = try await stores[1].renewLeases(of: Self.elsewhere, lease: .seconds(600)).held
            #expect(held == [claim.id])
        }
    }

    @Test("a process whose row was removed after a day without heartbeat registers again", arguments: Backend.allCases)
    func forgotten(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.register(Samples.process)
            try await silent(Samples.process, for: 90_000, in: store)
            try await store.applyRetention()
            #expect(try await store.heartbeat(Samples.process) == false)
            try await store.stayRegistered(Samples.process)
            #expect(try await store.liveProcesses() == [Samples.process])
        }
    }

    @Test("the holder of a name is known to be alive when its heartbeat has changed, and only then")
    func watch() {
        func holder(_ id: String, _ seconds: Double) -> NameHolder {
            NameHolder(id: id, place: "here", pid: 1, startedAt: nil, sign: Date(timeIntervalSince1970: seconds))
        }
        var names = NameWatch()
        let looks = [("a", 1.0), ("a", 1), ("b", 2), ("a", 3), ("a", 3), ("a", 4), ("a", 4)].map { id, seconds in
            names.meets(holder(id, seconds))
        }
        #expect(looks == [false, false, false, false, false, true, true])
        names.forget()
        let isAlive = names.meets(holder("a", 5))
        #expect(!isAlive)
    }

    @Test("whether a process has ended is known only on its own host, boot and process id namespace")
    func places() {
        let own = ProcessRow(name: "one", host: ProcessPlace.here, pid: ProcessInfo.processInfo.processIdentifier)
        #expect(ProcessPlace.hasEnded((.max, own.host), seenFrom: own))
        #expect(ProcessPlace.hasEnded((own.pid, own.host), seenFrom: own), "its id is another process's now")
        #expect(!ProcessPlace.hasEnded((1, own.host), seenFrom: own))
        #expect(!ProcessPlace.hasEnded((.max, "elsewhere"), seenFrom: own))
        #expect(own.host.split(separator: "/").count == 3, "the host, its boot and its process ids")
        #expect(ProcessPlace.name(of: own.host) == ProcessInfo.processInfo.hostName)
    }

    @Test("another process is known to be alive once it sent a heartbeat after this start", arguments: Backend.allCases)
    func live(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.register(Samples.other)
            // The store's clock has a resolution of a millisecond.
            try await Task.sleep(for: .milliseconds(5))
            try await store.register(Samples.process)
            #expect(try await store.previousProcess(of: Samples.process) == .perhaps)
            try await Task.sleep(for: .milliseconds(5))
            #expect(try await store.heartbeat(Samples.other))
            #expect(try await store.previousProcess(of: Samples.process) == .live)
            #expect(try await store.previousProcess(of: Samples.process, window: .zero) != .live)
        }
    }

    @Test("a process that was taken for ended and sends a heartbeat registers again", arguments: Backend.allCases)
    func revived(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.register(Samples.process)
            try await store.remove(Samples.process)
            #expect(try await store.heartbeat(Samples.process) == false)
            try await store.register(Samples.process)
            #expect(try await store.liveProcesses() == [Samples.process])
        }
    }

    @Test(
        "threads of questions are found, the latest first; origin keys that were accepted are known",
        arguments: Backend.allCases)
    func activeThreads(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for (index, thread) in ["T1:C1:1.0", "T1:C1:2.0", "T1:C1:1.0"].enumerated() {
                let question = Samples.question(thread: thread)
                _ = try await store.accept(NewQuestion(question, originKey: "T1:C1:\(index)"))
                try await Task.sleep(for: .milliseconds(5))
            }
            let found = try await store.activeThreads(at: .slack, within: .seconds(60))
            #expect(found.map(\.threadKey) == ["T1:C1:1.0", "T1:C1:2.0"])
            #expect(found.allSatisfy { $0.channel == "C1" && !$0.isDirect })
            #expect(try await store.activeThreads(at: .slack, within: .seconds(60), limit: 1).count == 1)
            #expect(try await store.activeThreads(at: .http, within: .seconds(60)).isEmpty)
            #expect(try await store.activeThreads(at: .slack, within: .seconds(-60)).isEmpty)
            let keys = (0..<1_200).map { "T1:C1:\($0)" }
            #expect(try await store.knownOriginKeys(among: keys) == ["T1:C1:0", "T1:C1:1", "T1:C1:2"])
            #expect(try await store.knownOriginKeys(among: []).isEmpty)
        }
    }
}
