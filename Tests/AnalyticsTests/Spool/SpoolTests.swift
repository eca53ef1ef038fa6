import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("The spool", .timeLimit(.minutes(5)))
struct SpoolTests {
    private static func new(
        _ text: String = "why?", key: String? = nil, thread: String = "T1:C1:1.0", call: NamedToolCall? = nil
    ) -> NewQuestion {
        var question = Samples.question(text, thread: thread)
        question.call = call
        return NewQuestion(
            question, originKey: key, origin: Samples.origin,
            context: ["way": "mention", "response_url": "https://hooks.example/1"])
    }

    @Test(
        "a question asked and answered while the store is unavailable is stored once when it is back",
        arguments: Backend.allCases)
    func wholeQuestion(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            #expect(fixture.files.isEmpty && !FileManager.default.fileExists(atPath: fixture.folder))
            fixture.database.trouble = .away
            let new = Self.new(key: "k1")
            #expect(try await fixture.store.accept(new) == .accepted(new.question.id))
            #expect(try await fixture.store.accept(Self.new(key: "k1")) == .duplicate(new.question.id))
            #expect(fixture.store.status?.spooled == 1)
            let file = try #require(fixture.files.first { $0.hasSuffix(".db") })
            let rights = try FileManager.default.attributesOfItem(atPath: "\(fixture.folder)/\(file)")[
                .posixPermissions]
            #expect(rights as? Int == 0o600)
            #expect(try await fixture.store.claimable() == [new.question.id])
            let claim = try #require(try await fixture.store.work(on: new.question.id))
            #expect(claim.question.context["response_url"] == "https://hooks.example/1")
            try await fixture.comeBack()
            #expect(fixture.files.isEmpty)
            try await fixture.inspect { try await $0.expectWhole(new.question.id) }
            #expect(try await fixture.store.accept(Self.new(key: "k1")) == .duplicate(new.question.id))
            let row = try #require(try await fixture.store.question(new.question.id))
            #expect(abs(row.askedAt.timeIntervalSince(new.question.askedAt)) < 0.001)
        }
    }

    @Test(
        "a question continues when the store becomes unavailable at any step, and is complete in the end",
        arguments: Backend.allCases, Store.Stage.allCases.filter { $0 != .delivered })
    func anywhere(_ backend: Backend, _ stage: Store.Stage) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let named = NamedToolCall(ToolName(server: "ops", tool: "find"), arguments: ["limit": 5])
            let new = Self.new(key: "k1", call: named)
            _ = try await fixture.store.accept(new)
            let claim = try #require(try await fixture.store.work(on: new.question.id, until: stage))
            fixture.database.trouble = .away
            let renewed = try await fixture.store.renewLeases(of: Samples.process, lease: .seconds(600)).held
            #expect(renewed.contains(new.question.id))
            try await fixture.store.goOn(claim, after: stage)
            try await fixture.comeBack()
            let call = try await fixture.inspect { plain in
                try await plain.expectWhole(new.question.id)
                return try await plain.question(new.question.id)?.call
            }
            #expect(call == named)
            #expect(fixture.files.isEmpty)
        }
    }

    @Test("an outcome whose commit is unknown is written once", arguments: Backend.allCases)
    func unknownCommit(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = Self.new(key: "k1")
            _ = try await fixture.store.accept(new)
            let claim = try #require(try await fixture.store.work(on: new.question.id, until: .stepped))
            // The write for this month's partitions was done before, so that the next write is the outcome's.
            fixture.database.trouble = .losesTheAnswer
            try await fixture.store.goOn(claim, after: .stepped)
            try await fixture.comeBack()
            try await fixture.inspect { try await $0.expectWhole(new.question.id) }
        }
    }

    @Test(
        "a slow store that inserts the question after the timeout leads to one question", arguments: Backend.allCases)
    func slow(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend, isHasty: true) { fixture in
            let new = Self.new(key: "k1")
            fixture.database.trouble = .slow
            // The store does not respond until the fault is removed.
            #expect(try await fixture.store.accept(new) == .accepted(new.question.id))
            #expect(fixture.store.isAway)
            _ = try await fixture.store.work(on: new.question.id)
            #expect(try await fixture.inspect { try await $0.question(new.question.id) == nil })
            fixture.database.trouble = nil
            try await eventually("the late insert is there") {
                try await fixture.inspect { try await $0.question(new.question.id) != nil }
            }
            try await fixture.comeBack()
            try await fixture.inspect { try await $0.expectWhole(new.question.id) }
        }
    }

    @Test(
        "a process killed while the store is unavailable loses no question: the next process continues",
        arguments: Backend.allCases)
    func killed(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let (over, waiting) = (Self.new("over", thread: "a"), Self.new("waiting", thread: "b"))
            _ = try await fixture.store.accept(over)
            _ = try await fixture.store.accept(waiting)
            _ = try await fixture.store.work(on: over.question.id)
            // The file stays and the lock ends, as after kill -9.
            await fixture.store.close()
            let (next, database) = try await fixture.successor(.away)
            #expect(next.status?.spooled == 2)
            #expect(try await next.claimable() == [waiting.question.id])
            _ = try await next.work(on: waiting.question.id, for: Samples.other)
            database.trouble = nil
            try await SpoolFixture.settle(next)
            await next.close()
            #expect(fixture.files.isEmpty)
            try await fixture.inspect { plain in
                try await plain.expectWhole(over.question.id)
                try await plain.expectWhole(waiting.question.id)
            }
        }
    }

    @Test("a question begun by an ended process continues from its last step in the store", arguments: Backend.allCases)
    func resumed(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let new = Self.new()
            _ = try await fixture.store.accept(new)
            _ = try await fixture.store.work(on: new.question.id, until: .stepped)
            await fixture.store.close()
            let (next, _) = try await fixture.successor()
            let claim = try #require(try await next.claim(new.question.id, for: Samples.other))
            #expect(claim.question.attempts == 2 && claim.epoch == 2)
            #expect(try await next.journal(of: new.question.id).count == 2)
            #expect(try await next.posts(of: new.question.id).first?.ts == "7.0")
            await next.close()
            #expect(fixture.files.isEmpty)
        }
    }

    @Test(
        "a stored question that an ended process had partly in its spool waits for the store",
        arguments: Backend.allCases)
    func halfOnly(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = Self.new()
            _ = try await fixture.store.accept(new)
            let claim = try #require(try await fixture.store.work(on: new.question.id, until: .told))
            fixture.database.trouble = .away
            try await fixture.store.append(.toolStarted(Samples.call("call-1")), to: claim.id)
            await fixture.store.close()
            let (next, database) = try await fixture.successor(.away)
            #expect(try await next.claim(new.question.id, for: Samples.other) == nil)
            database.trouble = nil
            try await SpoolFixture.settle(next)
            let again = try #require(try await next.claim(new.question.id, for: Samples.other))
            #expect(again.question.attempts == 2)
            #expect(try await next.journal(of: new.question.id).count == 1)
            await next.close()
        }
    }

    @Test("a question that is imported twice is stored once", arguments: Backend.allCases)
    func twice(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let new = Self.new(key: "k1")
            _ = try await fixture.store.accept(new)
            _ = try await fixture.store.work(on: new.question.id)
            let spool = try #require(fixture.store.spool)
            let rows = try #require(
                try await spool.file.use { try await $0.read { try SpooledRows(new.question.id, on: $0) } })
            // The state after a crash between the import and the removal from the spool.
            try await fixture.inspect { plain in
                try await plain.ensureCurrentPartitions()
                for _ in 0..<2 { _ = try await plain.database.write { try SpoolImport(rows: rows).run(on: $0) } }
            }
            try await fixture.comeBack()
            try await fixture.inspect { try await $0.expectWhole(new.question.id) }
        }
    }

    @Test(
        "answered here and by another process under the same key: both are stored, one marked",
        arguments: Backend.allCases)
    func doubled(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let (ours, theirs) = (Self.new(key: "k1"), Self.new(key: "k1"))
            _ = try await fixture.store.accept(ours)
            _ = try await fixture.store.work(on: ours.question.id)
            let idle = Self.new(key: "k2", thread: "idle")
            _ = try await fixture.store.accept(idle)
            try await fixture.inspect { plain in
                _ = try await plain.accept(theirs)
                _ = try await plain.work(on: theirs.question.id, for: Samples.other)
                _ = try await plain.accept(Self.new(key: "k2", thread: "idle"))
            }
            try await fixture.comeBack()
            try await fixture.inspect { plain in
                try await plain.expectWhole(theirs.question.id)
                let audit = try await plain.recent(AuditFilter(question: ours.question.id))
                #expect(audit.map(\.warning) == ["doubled"] && audit.map(\.status) == [.warning])
                #expect(try await plain.question(ours.question.id)?.originKey == nil)
                #expect(
                    try await plain.question(idle.question.id) == nil, "never begun here: the other is the question")
            }
        }
    }

    @Test(
        "taken over by another process while this one was cut off: the outcome here becomes a question of its own",
        arguments: Backend.allCases)
    func takenOver(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = Self.new(key: "k1")
            _ = try await fixture.store.accept(new)
            let claim = try #require(try await fixture.store.work(on: new.question.id, until: .told))
            fixture.database.trouble = .away
            try await fixture.store.goOn(claim, after: .told)
            try await fixture.inspect { plain in
                // The lease has expired.
                try await plain.register(ProcessRow(name: Samples.process.name, host: "localhost", pid: 1))
                let other = try #require(try await plain.claim(new.question.id, for: Samples.other))
                #expect(other.epoch == 2)
                try await plain.goOn(other, after: .told)
            }
            try await fixture.comeBack()
            try await fixture.inspect { plain in
                try await plain.expectWhole(new.question.id)
                let all = try await plain.recent()
                #expect(all.count == 2)
                let double = try #require(all.first { $0.questionID != new.question.id.text })
                #expect(double.warning == "doubled" && double.retryOf == new.question.id.text)
            }
        }
    }

    @Test(
        "a process stalled past its lease, which takes its lost connections for an outage, does not go on",
        arguments: Backend.allCases)
    func stoodStill(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = Self.new(key: "k1")
            _ = try await fixture.store.accept(new)
            let id = new.question.id
            let claim = try #require(
                try await fixture.store.claim(id, for: Samples.process, lease: .milliseconds(10)))
            try await eventually("the lease is over") { !fixture.store.holds(claim) }
            fixture.database.trouble = .away
            let step = try await storeError {
                try await fixture.store.append(.toolStarted(Samples.call("call-1")), to: id)
            }
            #expect(step.code == .superseded)
            #expect(fixture.store.isAway)
            #expect(try await fixture.store.renewLeases(of: Samples.process).held.isEmpty)
            #expect(!fixture.store.holds(claim))
            let outcome = FinishedQuestion(new.question, origin: new.origin, outcome: Samples.answered(calls: []))
            #expect(try await fixture.store.finish(outcome, claim) == false)
            #expect(fixture.store.status?.spooled == 0)
            // The store may still list the claim as this process's; then it is released as soon as the store is back.
            try await fixture.comeBack()
            #expect(try await fixture.store.renewLeases(of: Samples.process).held.isEmpty)
            try await fixture.inspect { plain in
                let other = try #require(try await plain.claim(id, for: Samples.other))
                #expect(other.epoch == 2)
                try await plain.goOn(other, after: .claimed)
                try await plain.expectWhole(id)
            }
            #expect(try await fixture.store.release(claim) == false)
        }
    }

    @Test("a thread keeps its order across the store and the spool", arguments: Backend.allCases)
    func order(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let time = Date(timeIntervalSince1970: 1_790_000_000)
            func asked(_ seconds: Double) -> NewQuestion {
                NewQuestion(Samples.question(at: time.addingTimeInterval(seconds)), origin: Samples.origin)
            }
            let (first, second, third) = (asked(0), asked(1), asked(2))
            _ = try await fixture.store.accept(first)
            let claim = try #require(
                try await fixture.store.claim(first.question.id, for: Samples.process, lease: .seconds(600)))
            fixture.database.trouble = .away
            _ = try await fixture.store.accept(second)
            #expect(try await fixture.store.claim(second.question.id, for: Samples.process) == nil)
            try await fixture.store.goOn(claim, after: .claimed)
            let next = try await fixture.store.claim(second.question.id, for: Samples.process, lease: .seconds(600))
            #expect(next != nil)
            fixture.database.trouble = nil
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await fixture.store.watchStore() }
                try await eventually("the store is used again") { fixture.store.status?.awaySince == nil }
                group.cancelAll()
            }
            _ = try await fixture.store.accept(third)
            #expect(fixture.store.status?.spooled == 1, "the second is worked on still")
            #expect(try await fixture.store.claim(third.question.id, for: Samples.process) == nil)
            if let next { try await fixture.store.goOn(next, after: .claimed) }
            try await SpoolFixture.settle(fixture.store)
            #expect(try await fixture.store.claim(third.question.id, for: Samples.process) != nil)
        }
    }

    @Test("a disabled user stays disabled during an outage, and a new user is accepted", arguments: Backend.allCases)
    func people(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            func seenUser(_ email: String, _ id: String) -> SeenUser {
                SeenUser(team: "T1", slackUserID: id, email: email, name: "N", role: "read_only")
            }
            _ = try await fixture.store.seen(seenUser("gone@acme.example", "U1"))
            _ = try await fixture.store.setActive(false, "gone@acme.example")
            _ = try await fixture.store.seen(seenUser("gone@acme.example", "U1"))
            fixture.database.trouble = .away
            #expect(try await !fixture.store.seen(seenUser("other@acme.example", "U1")).isActive)
            let new = try await fixture.store.seen(seenUser("new@acme.example", "U2"))
            #expect(new.isActive && new.role == "read_only")
        }
    }

    @Test("a damaged spool is set aside and does not prevent the start")
    func damaged() async throws {
        try await SpoolFixture.run(.sqlite) { fixture in
            fixture.database.trouble = .away
            _ = try await fixture.store.accept(Self.new())
            await fixture.store.close()
            let name = try #require(fixture.files.first { $0.hasSuffix(".db") })
            try Data(repeating: 0x5A, count: 9_000).write(to: URL(fileURLWithPath: "\(fixture.folder)/\(name)"))
            let (next, _) = try await fixture.successor()
            #expect(fixture.files == ["\(name).bad"])
            #expect(next.status?.spooled == 0)
            await next.close()
        }
    }

    @Test("the spool of a running process is not touched")
    func alive() async throws {
        try await SpoolFixture.run(.sqlite) { fixture in
            fixture.database.trouble = .away
            let new = Self.new()
            _ = try await fixture.store.accept(new)
            let (other, _) = try await fixture.successor()
            #expect(other.status?.spooled == 0)
            #expect(try await other.question(new.question.id) == nil)
            await other.close()
            #expect(fixture.files.count { $0.hasSuffix(".db") } == 1)
        }
    }

    @Test("when no spool can be created, a question is refused with the reason")
    func noRoom() async throws {
        try await SpoolFixture.run(.sqlite) { fixture in
            fixture.database.trouble = .away
            let base = URL(fileURLWithPath: fixture.folder).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
            try Data("a file".utf8).write(to: URL(fileURLWithPath: fixture.folder))
            let error = try await storeError { _ = try await fixture.store.accept(Self.new()) }
            #expect(error.code == .unavailable && error.message.contains("spool"))
        }
    }
}
