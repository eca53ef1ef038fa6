import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The spool", .timeLimit(.minutes(5)))
struct SpoolTests {
    private static func new(_ text: String = "why?", key: String? = nil, thread: String = "T1:C1:1.0") -> NewQuestion {
        NewQuestion(
            Samples.question(text, thread: thread), originKey: key, origin: Samples.origin,
            context: ["way": "mention", "response_url": "https://hooks.example/1"])
    }

    @Test(
        "what is asked and answered while the store is away is in the store once it is back, once",
        arguments: Backend.allCases)
    func wholeQuestion(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            #expect(world.files.isEmpty && !FileManager.default.fileExists(atPath: world.folder))
            world.store.trouble = .away
            let new = Self.new(key: "k1")
            #expect(try await world.record.accept(new) == .accepted(new.question.id))
            #expect(try await world.record.accept(Self.new(key: "k1")) == .duplicate(new.question.id))
            #expect(world.record.store?.spooled == 1)
            let file = try #require(world.files.first { $0.hasSuffix(".db") })
            let rights = try FileManager.default.attributesOfItem(atPath: "\(world.folder)/\(file)")[.posixPermissions]
            #expect(rights as? Int == 0o600)
            #expect(try await world.record.claimable() == [new.question.id])
            let claim = try #require(try await world.record.work(on: new.question.id))
            #expect(claim.question.context["response_url"] == "https://hooks.example/1")
            try await world.comeBack()
            #expect(world.files.isEmpty)
            try await world.inspect { try await $0.expectWhole(new.question.id) }
            #expect(try await world.record.accept(Self.new(key: "k1")) == .duplicate(new.question.id))
            let row = try #require(try await world.record.question(new.question.id))
            #expect(abs(row.askedAt.timeIntervalSince(new.question.askedAt)) < 0.001)
        }
    }

    @Test(
        "a question goes on when the store goes away at any of its steps, and is whole in the end",
        arguments: Backend.allCases, Record.Stage.allCases.filter { $0 != .delivered })
    func anywhere(_ backend: Backend, _ stage: Record.Stage) async throws {
        try await SpoolWorld.run(backend) { world in
            let new = Self.new(key: "k1")
            _ = try await world.record.accept(new)
            let claim = try #require(try await world.record.work(on: new.question.id, until: stage))
            world.store.trouble = .away
            let renewed = try await world.record.renewLeases(of: Samples.process, lease: .seconds(600))
            #expect(renewed.contains(new.question.id))
            try await world.record.goOn(claim, after: stage)
            try await world.comeBack()
            try await world.inspect { try await $0.expectWhole(new.question.id) }
            #expect(world.files.isEmpty)
        }
    }

    @Test("an ending whose commit nobody knows about is written once", arguments: Backend.allCases)
    func unknownCommit(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let new = Self.new(key: "k1")
            _ = try await world.record.accept(new)
            let claim = try #require(try await world.record.work(on: new.question.id, until: .stepped))
            // The partitions' write is over for this month: the next one is the ending's.
            world.store.trouble = .losesTheAnswer
            try await world.record.goOn(claim, after: .stepped)
            try await world.comeBack()
            try await world.inspect { try await $0.expectWhole(new.question.id) }
        }
    }

    @Test(
        "a store that is only slow may take the question later all the same: it stays one", arguments: Backend.allCases)
    func slow(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend, isHasty: true) { world in
            let new = Self.new(key: "k1")
            world.store.trouble = .slow
            // The store says nothing as long as this waits.
            #expect(try await world.record.accept(new) == .accepted(new.question.id))
            #expect(world.record.isAway)
            _ = try await world.record.work(on: new.question.id)
            #expect(try await world.inspect { try await $0.question(new.question.id) == nil })
            world.store.trouble = nil
            try await eventually("the late insert is there") {
                try await world.inspect { try await $0.question(new.question.id) != nil }
            }
            try await world.comeBack()
            try await world.inspect { try await $0.expectWhole(new.question.id) }
        }
    }

    @Test(
        "a process that is killed while the store is away loses nothing: the next one goes on",
        arguments: Backend.allCases)
    func killed(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            world.store.trouble = .away
            let (over, waiting) = (Self.new("over", thread: "a"), Self.new("waiting", thread: "b"))
            _ = try await world.record.accept(over)
            _ = try await world.record.accept(waiting)
            _ = try await world.record.work(on: over.question.id)
            // The file stays as it is, and the lock ends, as at a kill -9.
            await world.record.close()
            let (next, store) = try await world.successor(.away)
            #expect(next.store?.spooled == 2)
            #expect(try await next.claimable() == [waiting.question.id])
            _ = try await next.work(on: waiting.question.id, for: Samples.other)
            store.trouble = nil
            try await SpoolWorld.settle(next)
            await next.close()
            #expect(world.files.isEmpty)
            try await world.inspect { plain in
                try await plain.expectWhole(over.question.id)
                try await plain.expectWhole(waiting.question.id)
            }
        }
    }

    @Test("what a dead process had begun goes on from its last step in the store", arguments: Backend.allCases)
    func resumed(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            world.store.trouble = .away
            let new = Self.new()
            _ = try await world.record.accept(new)
            _ = try await world.record.work(on: new.question.id, until: .stepped)
            await world.record.close()
            let (next, _) = try await world.successor()
            let claim = try #require(try await next.claim(new.question.id, for: Samples.other))
            #expect(claim.question.attempts == 2 && claim.epoch == 2)
            #expect(try await next.journal(of: new.question.id).count == 2)
            #expect(try await next.posts(of: new.question.id).first?.ts == "7.0")
            await next.close()
            #expect(world.files.isEmpty)
        }
    }

    @Test(
        "a question of the store that a dead process had half in its spool waits for the store",
        arguments: Backend.allCases)
    func halfOnly(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let new = Self.new()
            _ = try await world.record.accept(new)
            let claim = try #require(try await world.record.work(on: new.question.id, until: .told))
            world.store.trouble = .away
            try await world.record.append(.toolStarted(Samples.call("call-1")), to: claim.id)
            await world.record.close()
            let (next, store) = try await world.successor(.away)
            #expect(try await next.claim(new.question.id, for: Samples.other) == nil)
            store.trouble = nil
            try await SpoolWorld.settle(next)
            let again = try #require(try await next.claim(new.question.id, for: Samples.other))
            #expect(again.question.attempts == 2)
            #expect(try await next.journal(of: new.question.id).count == 1)
            await next.close()
        }
    }

    @Test("a question that came home twice is there once", arguments: Backend.allCases)
    func twice(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            world.store.trouble = .away
            let new = Self.new(key: "k1")
            _ = try await world.record.accept(new)
            _ = try await world.record.work(on: new.question.id)
            let spool = try #require(world.record.spool)
            let rows = try #require(
                try await spool.file.use { try await $0.read { try SpooledRows(new.question.id, on: $0) } })
            // As if the process had died between the transfer and the removal.
            try await world.inspect { plain in
                try await plain.ensureCurrentPartitions()
                for _ in 0..<2 { try await plain.database.write { try Transfer(rows: rows).land(on: $0) } }
            }
            try await world.comeBack()
            try await world.inspect { try await $0.expectWhole(new.question.id) }
        }
    }

    @Test(
        "answered here and by another process under the same key: both are in the record, one marked",
        arguments: Backend.allCases)
    func doubled(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            world.store.trouble = .away
            let (ours, theirs) = (Self.new(key: "k1"), Self.new(key: "k1"))
            _ = try await world.record.accept(ours)
            _ = try await world.record.work(on: ours.question.id)
            let idle = Self.new(key: "k2", thread: "idle")
            _ = try await world.record.accept(idle)
            try await world.inspect { plain in
                _ = try await plain.accept(theirs)
                _ = try await plain.work(on: theirs.question.id, for: Samples.other)
                _ = try await plain.accept(Self.new(key: "k2", thread: "idle"))
            }
            try await world.comeBack()
            try await world.inspect { plain in
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
        "taken over by another process while the store was away for this one: its ending is a question of its own",
        arguments: Backend.allCases)
    func takenOver(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let new = Self.new(key: "k1")
            _ = try await world.record.accept(new)
            let claim = try #require(try await world.record.work(on: new.question.id, until: .told))
            world.store.trouble = .away
            try await world.record.goOn(claim, after: .told)
            try await world.inspect { plain in
                // The lease has run out.
                try await plain.register(ProcessRow(name: Samples.process.name, host: "localhost", pid: 1))
                let other = try #require(try await plain.claim(new.question.id, for: Samples.other))
                #expect(other.epoch == 2)
                try await plain.goOn(other, after: .told)
            }
            try await world.comeBack()
            try await world.inspect { plain in
                try await plain.expectWhole(new.question.id)
                let all = try await plain.recent()
                #expect(all.count == 2)
                let double = try #require(all.first { $0.questionID != new.question.id.text })
                #expect(double.warning == "doubled" && double.retryOf == new.question.id.text)
            }
        }
    }

    @Test(
        "a process that stood still past its lease, and takes its dead connections for an outage, does not go on",
        arguments: Backend.allCases)
    func stoodStill(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let new = Self.new(key: "k1")
            _ = try await world.record.accept(new)
            let id = new.question.id
            let claim = try #require(
                try await world.record.claim(id, for: Samples.process, lease: .milliseconds(10)))
            try await eventually("the lease is over") { !world.record.holds(claim) }
            world.store.trouble = .away
            let step = try await storeError {
                try await world.record.append(.toolStarted(Samples.call("call-1")), to: id)
            }
            #expect(step.code == .superseded)
            #expect(world.record.isAway)
            #expect(try await world.record.renewLeases(of: Samples.process).isEmpty)
            #expect(!world.record.holds(claim))
            let ending = FinishedQuestion(new.question, origin: new.origin, ending: Samples.answered(calls: []))
            #expect(try await world.record.finish(ending, claim) == false)
            #expect(world.record.store?.spooled == 0)
            // The store may still say that it is this process's; then it is given back as soon as it is there again.
            try await world.comeBack()
            #expect(try await world.record.renewLeases(of: Samples.process).isEmpty)
            try await world.inspect { plain in
                let other = try #require(try await plain.claim(id, for: Samples.other))
                #expect(other.epoch == 2)
                try await plain.goOn(other, after: .claimed)
                try await plain.expectWhole(id)
            }
            #expect(try await world.record.release(claim) == false)
        }
    }

    @Test("a thread keeps its order over the store and the spool", arguments: Backend.allCases)
    func order(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let time = Date(timeIntervalSince1970: 1_790_000_000)
            func asked(_ seconds: Double) -> NewQuestion {
                NewQuestion(Samples.question(at: time.addingTimeInterval(seconds)), origin: Samples.origin)
            }
            let (first, second, third) = (asked(0), asked(1), asked(2))
            _ = try await world.record.accept(first)
            let claim = try #require(
                try await world.record.claim(first.question.id, for: Samples.process, lease: .seconds(600)))
            world.store.trouble = .away
            _ = try await world.record.accept(second)
            #expect(try await world.record.claim(second.question.id, for: Samples.process) == nil)
            try await world.record.goOn(claim, after: .claimed)
            let next = try await world.record.claim(second.question.id, for: Samples.process, lease: .seconds(600))
            #expect(next != nil)
            world.store.trouble = nil
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await world.record.watchStore() }
                try await eventually("the store is used again") { world.record.store?.awaySince == nil }
                group.cancelAll()
            }
            _ = try await world.record.accept(third)
            #expect(world.record.store?.spooled == 1, "the second is worked on still")
            #expect(try await world.record.claim(third.question.id, for: Samples.process) == nil)
            if let next { try await world.record.goOn(next, after: .claimed) }
            try await SpoolWorld.settle(world.record)
            #expect(try await world.record.claim(third.question.id, for: Samples.process) != nil)
        }
    }

    @Test("who is disabled stays so while the store is away, and who is new is met", arguments: Backend.allCases)
    func people(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            func sighting(_ email: String, _ id: String) -> Sighting {
                Sighting(team: "T1", slackUserID: id, email: email, name: "N", role: "read_only")
            }
            _ = try await world.record.seen(sighting("gone@acme.example", "U1"))
            _ = try await world.record.setActive(false, "gone@acme.example")
            _ = try await world.record.seen(sighting("gone@acme.example", "U1"))
            world.store.trouble = .away
            #expect(try await !world.record.seen(sighting("other@acme.example", "U1")).isActive)
            let new = try await world.record.seen(sighting("new@acme.example", "U2"))
            #expect(new.isActive && new.role == "read_only")
        }
    }

    @Test("a damaged spool is set aside and does not keep the process from its start")
    func damaged() async throws {
        try await SpoolWorld.run(.sqlite) { world in
            world.store.trouble = .away
            _ = try await world.record.accept(Self.new())
            await world.record.close()
            let name = try #require(world.files.first { $0.hasSuffix(".db") })
            try Data(repeating: 0x5A, count: 9_000).write(to: URL(fileURLWithPath: "\(world.folder)/\(name)"))
            let (next, _) = try await world.successor()
            #expect(world.files == ["\(name).bad"])
            #expect(next.store?.spooled == 0)
            await next.close()
        }
    }

    @Test("the spool of a process that lives is not touched")
    func alive() async throws {
        try await SpoolWorld.run(.sqlite) { world in
            world.store.trouble = .away
            let new = Self.new()
            _ = try await world.record.accept(new)
            let (other, _) = try await world.successor()
            #expect(other.store?.spooled == 0)
            #expect(try await other.question(new.question.id) == nil)
            await other.close()
            #expect(world.files.count { $0.hasSuffix(".db") } == 1)
        }
    }

    @Test("where no spool can be made, a question is not taken in, and the error says why")
    func noRoom() async throws {
        try await SpoolWorld.run(.sqlite) { world in
            world.store.trouble = .away
            let base = URL(fileURLWithPath: world.folder).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
            try Data("a file".utf8).write(to: URL(fileURLWithPath: world.folder))
            let error = try await storeError { _ = try await world.record.accept(Self.new()) }
            #expect(error.code == .unavailable && error.message.contains("spool"))
        }
    }
}
