import Bridge
import Foundation
import Logging
import TestKit
import Testing

@testable import Analytics

/// A store with a spool over a database with injected faults.
struct SpoolFixture: Sendable {
    let database: FaultyDatabase
    let store: Store
    let folder: String
    private let location: StoreLocation

    /// - Parameters:
    ///   - place: where the store is; nil for an empty one of the backend.
    ///   - isHasty: uses the program's timeout for `accept`; false for a longer one, for tests on a busy machine.
    static func run(
        _ backend: Backend, at place: StoreLocation? = nil, isHasty: Bool = false,
        _ body: (SpoolFixture) async throws -> Void
    ) async throws {
        guard let place else {
            return try await backend.withLocation { try await run(backend, at: $0, isHasty: isHasty, body) }
        }
        let parent = try TemporaryFolder()
        defer { parent.remove() }
        let folder = parent.url.appending(path: "data/spool").path
        let plain = try await Store.open(place)
        let database = FaultyDatabase(plain.database)
        let fixture = SpoolFixture(
            database: database, store: makeStore(database, folder, isHasty: isHasty), folder: folder,
            location: place)
        do {
            try await fixture.store.register(Samples.process)
            try await body(fixture)
        } catch {
            database.trouble = nil
            await fixture.store.close()
            throw error
        }
        await fixture.store.close()
    }

    private static func makeStore(_ database: FaultyDatabase, _ folder: String, isHasty: Bool) -> Store {
        let accept = isHasty ? Duration.milliseconds(500) : .seconds(60)
        let limits = Spool.Limits(accept: accept, renewal: .seconds(60), other: .seconds(60), look: accept)
        return Store(database, spool: Spool(folder: folder, limits: limits, logger: quiet), logger: quiet)
    }

    static var quiet: Logger {
        var logger = Logger(label: "spool-test")
        logger.logLevel = .critical
        return logger
    }

    /// Another process's store over the same database and data folder. The caller closes it.
    func successor(_ trouble: FaultyDatabase.Trouble? = nil) async throws -> (store: Store, database: FaultyDatabase) {
        let database = FaultyDatabase(try await Store.open(location).database)
        database.trouble = trouble
        let store = Self.makeStore(database, folder, isHasty: false)
        try await store.begin()
        return (store, database)
    }

    /// Runs the body with a store on the same database that has no spool.
    func inspect<Value>(_ body: (Store) async throws -> Value) async throws -> Value {
        let plain = try await Store.open(location)
        do {
            let value = try await body(plain)
            await plain.close()
            return value
        } catch {
            await plain.close()
            throw error
        }
    }

    /// Removes the fault and waits until the spool is drained.
    func comeBack() async throws {
        database.trouble = nil
        try await Self.settle(store)
    }

    static func settle(_ store: Store) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await store.watchStore() }
            try await eventually("the store is back and the spool empty") {
                store.status?.awaySince == nil && store.status?.spooled == 0
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }
}

extension Store {
    /// Works on a stored question as the dispatcher does: claims and locates it, stores a step, ends it, delivers it.
    func work(
        on id: ULID, for process: ProcessRow = Samples.process, until last: Stage = .delivered
    ) async throws -> Claim? {
        // Nothing renews this lease, and the machine may be busy.
        guard let claim = try await claim(id, for: process, lease: .seconds(600)) else { return nil }
        let row = claim.question
        let question = Question(
            id: row.id, asker: Samples.asker, text: row.text, place: row.place, threadKey: row.threadKey,
            askedAt: row.askedAt)
        if last == .claimed { return claim }
        let progress = PostRow(question: id, part: 0, kind: .progress, channel: "C1", threadTS: "1.0")
        #expect(try await locate(claim, question, origin: row.origin, planning: [progress])?.isEmpty == false)
        #expect(try await sent(claim, part: 0, ts: "7.0"))
        if last == .told { return claim }
        let call = Samples.call("call-1")
        try await append(.toolStarted(call), to: id)
        try await append(.toolResult(call, .text("fine")), to: id)
        if last == .stepped { return claim }
        var post = PostRow(question: id, part: 0, channel: "C1", threadTS: "1.0", body: ["text": "Because."])
        post.ts = "7.0"
        let finished = FinishedQuestion(
            question, origin: row.origin, outcome: Samples.answered(calls: [call]), posts: [post])
        #expect(try await finish(finished, claim))
        if last == .finished { return claim }
        #expect(try await posts(of: id).first?.ts == "7.0")
        #expect(try await delivered(claim, lastPart: 0, ts: "7.0"))
        return claim
    }

    /// The steps of the work on a question.
    enum Stage: CaseIterable { case claimed, told, stepped, finished, delivered }

    /// Continues from the stage at which `work` stopped.
    func goOn(_ claim: Claim, after stage: Stage) async throws {
        let row = claim.question
        let question = Question(
            id: row.id, asker: Samples.asker, text: row.text, place: row.place, threadKey: row.threadKey,
            askedAt: row.askedAt)
        let call = Samples.call("call-1")
        if stage == .claimed {
            let progress = PostRow(question: row.id, part: 0, kind: .progress, channel: "C1", threadTS: "1.0")
            #expect(try await locate(claim, question, origin: row.origin, planning: [progress])?.isEmpty == false)
            #expect(try await sent(claim, part: 0, ts: "7.0"))
        }
        if stage == .claimed || stage == .told {
            try await append(.toolStarted(call), to: row.id)
            try await append(.toolResult(call, .text("fine")), to: row.id)
        }
        if stage != .finished {
            var post = PostRow(question: row.id, part: 0, channel: "C1", threadTS: "1.0", body: ["text": "Because."])
            post.ts = "7.0"
            let finished = FinishedQuestion(
                question, origin: row.origin, outcome: Samples.answered(calls: [call]), posts: [post])
            #expect(try await finish(finished, claim))
        }
        #expect(try await posts(of: row.id).first?.ts == "7.0", "the progress message is edited into the answer")
        #expect(try await delivered(claim, lastPart: 0, ts: "7.0"))
    }

    /// Expects that the question has ended, with one row of each kind.
    func expectWhole(_ id: ULID, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let row = try await question(id)
        #expect(row?.state == .answered && row?.isUndelivered == false, sourceLocation: sourceLocation)
        let audit = try await recent(AuditFilter(question: id))
        #expect(audit.count == 1 && audit.first?.warning == nil, sourceLocation: sourceLocation)
        #expect(audit.first?.cost == Samples.usage().cost, sourceLocation: sourceLocation)
        #expect(try await toolCalls(of: id).map(\.callID) == ["call-1"], sourceLocation: sourceLocation)
        #expect(try await steps(of: id).map(\.kind) == [.toolStarted, .toolResult], sourceLocation: sourceLocation)
        let posts = try await posts(of: id)
        #expect(posts.map(\.state) == [.sent] && posts.first?.ts == "7.0", sourceLocation: sourceLocation)
    }
}
