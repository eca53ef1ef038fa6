import Analytics
import Foundation
import Logging
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import SlackBot

@Suite("Background jobs", .timeLimit(.minutes(5)))
struct BackgroundJobsTests {
    /// What jobs note, in order.
    private typealias Notes = NIOLockedValueBox<[String]>

    /// The messages of a log.
    private struct MessageLog: LogHandler {
        let messages: Notes
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { messages.withLockedValue { $0.append("\(event.message)") } }
    }

    private enum Failure: Error { case odd, even }

    private static let failed = "A background job has failed; it is tried again."

    /// Runs jobs of a registered process for the duration of `body`.
    private func running(
        _ jobs: [BackgroundJob], of process: ProcessRow, in store: Store, log: Notes = Notes([]),
        lease: Duration = .seconds(60), _ body: () async throws -> Void
    ) async throws {
        let service = BackgroundJobs(
            jobs, store: store, process: process, timing: .init(lease: lease, renewal: .milliseconds(100)),
            logger: Logger(label: "test") { _ in MessageLog(messages: log) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func process(_ name: String, in store: Store) async throws -> ProcessRow {
        let process = ProcessRow(name: name, host: "localhost", pid: .max)
        try await store.register(process)
        return process
    }

    /// A job that notes its process every 20 ms.
    private func noting(_ name: String, in runs: Notes) -> BackgroundJob {
        BackgroundJob(name: "work", interval: .milliseconds(20)) { runs.withLockedValue { $0.append(name) } }
    }

    /// A job whose run lasts until it is cancelled; notes its begin and its end.
    private func lasting(in notes: Notes) -> BackgroundJob {
        BackgroundJob(name: "long work", interval: .zero) {
            notes.withLockedValue { $0.append("begun") }
            defer { notes.withLockedValue { $0.append("ended") } }
            try await Task.sleep(for: .seconds(3_600))
        }
    }

    @Test(
        "one of two processes does the work; when it stops, the other goes on", arguments: StoreFixture.Backend.allCases
    )
    func twoProcesses(_ backend: StoreFixture.Backend) async throws {
        try await StoreFixture.run(2, on: backend) { stores in
            let (one, two) = (try await process("one", in: stores[0]), try await process("two", in: stores[1]))
            let runs = Notes([])
            try await running([noting("one", in: runs)], of: one, in: stores[0]) {
                try await eventually("one works") { runs.withLockedValue { !$0.isEmpty } }
                try await running([noting("two", in: runs)], of: two, in: stores[1]) {
                    // The other looks at the job ten times meanwhile.
                    let before = runs.withLockedValue { $0.count }
                    try await eventually("one works on") { runs.withLockedValue { $0.count > before + 50 } }
                    #expect(runs.withLockedValue { Set($0) } == ["one"])
                }
            }
            try await running([noting("two", in: runs)], of: two, in: stores[1]) {
                try await eventually("two works") { runs.withLockedValue { $0.last == "two" } }
            }
        }
    }

    @Test(
        "a run whose lease another process has is cancelled, and begins again when that one leaves the job",
        arguments: StoreFixture.Backend.allCases)
    func lost(_ backend: StoreFixture.Backend) async throws {
        try await StoreFixture.run(2, on: backend) { stores in
            let (one, two) = (try await process("one", in: stores[0]), try await process("two", in: stores[1]))
            let notes = Notes([])
            try await running([lasting(in: notes)], of: one, in: stores[0]) {
                try await eventually("it has begun") { notes.withLockedValue { $0 == ["begun"] } }
                // The store takes the process for ended, as after a long interruption of its heartbeats.
                try await stores[1].remove(one)
                let lease = try await stores[1].claimJob("long work", for: two, lease: .seconds(600))
                let other = try #require(lease)
                try await eventually("it is cancelled") { notes.withLockedValue { $0 == ["begun", "ended"] } }
                try await stores[1].releaseJob(other)
                try await eventually("it begins again") { notes.withLockedValue { $0 == ["begun", "ended", "begun"] } }
            }
            #expect(notes.withLockedValue { $0 } == ["begun", "ended", "begun", "ended"], "stopped with the service")
        }
    }

    @Test("each failure of a job is logged once until it has succeeded; it is tried again, and stops no other")
    func failing() async throws {
        try await StoreFixture.run { stores in
            let one = try await process("one", in: stores[0])
            let (tries, runs, log) = (NIOLockedValueBox(0), Notes([]), Notes([]))
            let failing = BackgroundJob(name: "bad work", interval: .milliseconds(20), pause: .milliseconds(20)) {
                let number = tries.withLockedValue { tries in
                    tries += 1
                    return tries
                }
                guard number == 4 else { throw number.isMultiple(of: 2) ? Failure.even : .odd }
            }
            try await running([failing, noting("good", in: runs)], of: one, in: stores[0], log: log) {
                try await eventually("it has failed three times after its success") {
                    tries.withLockedValue { $0 } >= 7
                }
                let before = runs.withLockedValue { $0.count }
                try await eventually("the other runs on") { runs.withLockedValue { $0.count } > before }
            }
            #expect(log.withLockedValue { $0 } == Array(repeating: Self.failed, count: 4))
        }
    }

    @Test("while PostgreSQL does not answer no run begins, one under way ends with its lease, and the log is quiet")
    func outage() async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let location = try StoreLocation(databaseURL: try await cluster.database(), dataFolder: "")
        let store = try await Store.open(location, spoolFolder: temporary.url.appending(path: "spool").path())
        let one = try await process("one", in: store)
        let (runs, notes, log) = (Notes([]), Notes([]), Notes([]))
        let asking = BackgroundJob(name: "work", interval: .milliseconds(20), pause: .milliseconds(20)) {
            runs.withLockedValue { $0.append("run") }
            _ = try await store.liveProcesses()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await store.watchStore() }
            defer { group.cancelAll() }
            try await running([asking, lasting(in: notes)], of: one, in: store, log: log, lease: .seconds(5)) {
                try await eventually("both have begun") {
                    runs.withLockedValue { !$0.isEmpty } && notes.withLockedValue { !$0.isEmpty }
                }
                try cluster.freeze()
                try await eventually("the outage is noticed") { store.isAway }
                let before = runs.withLockedValue { $0.count }
                try await eventually("the run under way has ended") { notes.withLockedValue { $0.last == "ended" } }
                #expect(runs.withLockedValue { $0.count } <= before + 1, "one may have begun as the outage was noticed")
                try cluster.thaw()
                try await eventually("both go on", within: .seconds(60)) {
                    runs.withLockedValue { $0.count } > before + 1 && notes.withLockedValue { $0.last == "begun" }
                }
            }
        }
        #expect(!log.withLockedValue { $0.contains(Self.failed) })
        await store.close()
        try await cluster.stop()
    }
}
