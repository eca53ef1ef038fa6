import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("The state machine of a question", .timeLimit(.minutes(3)))
struct QuestionStateMachineTests {
    typealias Event = QuestionStateMachine.Event

    private static let endings = QuestionState.allCases.filter(\.isTerminal)

    /// All events of a question at that epoch, with this epoch and with the one before.
    private static func events(_ epoch: Int64) -> [Event] {
        var events: [Event] = [.claim(by: "one"), .claim(by: "two"), .leaseEnded, .wake, .waitOver, .stop, .publish]
        events += endings.map { .withdraw(by: "one", $0) }
        for epoch in [epoch, epoch - 1] {
            events += [.release(epoch: epoch), .delivered(epoch: epoch)]
            events += QuestionState.Reason.allCases.flatMap { reason in
                [true, false].map { .suspend(epoch: epoch, for: reason, undelivered: $0) }
            }
            events += endings.flatMap { ending in
                [true, false].map { .finish(epoch: epoch, ending, undelivered: $0) }
            }
            events.append(.finish(epoch: epoch, .working, undelivered: false))
        }
        return events
    }

    /// All states that at most `depth` events can lead to, each with the events that led there.
    private static func lives(within depth: Int) -> [QuestionStateMachine: [Event]] {
        var found: [QuestionStateMachine: [Event]] = [QuestionStateMachine(): []]
        var edge = [QuestionStateMachine()]
        for _ in 0..<depth {
            var next: [QuestionStateMachine] = []
            for life in edge {
                for event in events(life.epoch) {
                    var later = life
                    guard later.handle(event), found[later] == nil else { continue }
                    found[later] = (found[life] ?? []) + [event]
                    next.append(later)
                }
            }
            edge = next
        }
        return found
    }

    @Test("the invariants hold after all sequences of events")
    func invariants() {
        let lives = Self.lives(within: 6)
        #expect(lives.count > 200)
        for (life, _) in lives {
            #expect((life.waitingFor != nil) == (life.state == .waiting))
            #expect(!life.isUndelivered || life.state != .working)
            #expect(!life.isHeld || life.owner != nil)
            #expect(!life.isHeld || life.state == .working || life.isUndelivered)
            #expect(!life.isDue || life.state == .waiting)
            #expect(life.attempts >= 0 && life.attempts <= life.epoch)
            #expect(life.state != .working || (life.owner != nil && life.attempts > 0))
            for event in Self.events(life.epoch) {
                var later = life
                guard later.handle(event) else {
                    #expect(later == life, "a refused event changed something: \(event)")
                    continue
                }
                #expect(!life.isOver || [.leaseEnded, .publish].contains(event), "\(event) after the end")
                #expect(!life.state.isTerminal || later.state == life.state, "an ended question changed its end")
                switch event {
                case .claim: #expect(!life.isHeld && later.epoch == life.epoch + 1 && later.isHeld)
                case .withdraw: #expect(!life.isHeld && later.epoch == life.epoch + 1 && later.isOver)
                default: #expect(later.epoch == life.epoch)
                }
                Self.checkWait(life, event, later)
            }
        }
    }

    /// A wait ends with an answer or with its time; nothing else moves the question on or counts as an attempt.
    private static func checkWait(
        _ life: QuestionStateMachine, _ event: Event, _ later: QuestionStateMachine
    ) {
        guard life.state == .waiting else { return }
        switch later.state {
        case .waiting: #expect(later.attempts == life.attempts && later.waitingFor == life.waitingFor)
        case .received: #expect([.wake, .stop].contains(event) && later.attempts == life.attempts)
        default: #expect(life.isDue)
        }
        if case .claim = event { #expect(life.isDue || life.isUndelivered) }
    }

    @Test("an event of an old epoch changes nothing")
    func oldEpoch() {
        for (life, _) in Self.lives(within: 5) where life.epoch > 0 {
            for event in Self.events(life.epoch - 1) {
                switch event {
                case .claim, .leaseEnded, .wake, .waitOver, .stop, .publish, .withdraw: continue
                default:
                    var later = life
                    let happened = later.handle(event)
                    #expect(!happened, "\(event) passed under an old epoch of \(life)")
                }
            }
        }
    }

    /// Applies an event to the row; returns whether it was allowed.
    private static func apply(_ event: Event, to id: ULID, on connection: any SQLConnection) throws -> Bool {
        switch event {
        case .leaseEnded:
            return try connection.execute(
                "UPDATE questions SET lease_until = NULL WHERE id = $1", [.text(id.text)]) == 1
        case .waitOver:
            let past = connection.dialect.now(plus: -60_000)
            let sql = "UPDATE questions SET wait_until = \(past) WHERE id = $1 AND state = 'waiting'"
            return try connection.execute(sql, [.text(id.text)]) == 1
        case .claim(let owner):
            return try Store.claim(id, by: owner, lease: .seconds(60), on: connection) != nil
        default: return try Store.change(id, by: event, on: connection) != nil
        }
    }

    @Test("the store and the state machine agree on each event", arguments: Backend.allCases)
    func agreement(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let seed = SplitMix64.seed()
            var random = SplitMix64(seed: seed)
            for round in 0..<(backend == .sqlite ? 60 : 30) {
                let question = Samples.question(thread: "T:\(round)")
                _ = try await store.accept(NewQuestion(question))
                var life = QuestionStateMachine()
                var path: [Event] = []
                for _ in 0..<12 {
                    // Half of the events are allowed ones, which are few.
                    let allowed = Self.events(life.epoch).filter { [life] in
                        var later = life
                        return later.handle($0)
                    }
                    let events = Bool.random(using: &random) ? allowed : Self.events(life.epoch)
                    guard let event = events.randomElement(using: &random) else { continue }
                    path.append(event)
                    let expected = life.handle(event)
                    let happened = try await store.database.write { try Self.apply(event, to: question.id, on: $0) }
                    #expect(happened == expected, "seed \(seed): \(path)")
                    let row = try #require(try await store.question(question.id))
                    #expect(row.state == life.state && row.waitingFor == life.waitingFor, "seed \(seed): \(path)")
                    #expect(row.owner == life.owner && row.epoch == life.epoch, "seed \(seed): \(path)")
                    #expect(
                        row.attempts == life.attempts && row.isUndelivered == life.isUndelivered,
                        "seed \(seed): \(path)")
                    let isClaimable = try await store.claimable().contains(question.id)
                    var claimed = life
                    #expect(isClaimable == claimed.handle(.claim(by: "one")), "seed \(seed): \(path)")
                }
                _ = try await store.database.write {
                    try $0.execute("DELETE FROM questions WHERE id = $1", [.text(question.id.text)])
                }
            }
        }
    }

    @Test(
        "an undelivered answer blocks its thread, and its question is claimed again to be delivered",
        arguments: Backend.allCases)
    func undelivered(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let first = Samples.question(at: Date(timeIntervalSinceNow: -10))
            let second = Samples.question()
            let claim = try #require(try await store.begin(first))
            _ = try await store.accept(NewQuestion(second))
            let post = PostRow(question: first.id, part: 0, body: ["text": "so"])
            #expect(try await store.finish(FinishedQuestion(first, outcome: Samples.answered(), posts: [post]), claim))
            #expect(store.holds(claim))
            #expect(try await store.claim(second.id, for: Samples.other) == nil)
            #expect(try await store.renewLeases(of: Samples.process, lease: .seconds(600)).held == [first.id])
            #expect(try await store.release(claim))
            #expect(!store.holds(claim))
            let again = try #require(try await store.claim(first.id, for: Samples.other))
            #expect(again.question.state == .answered && again.epoch == 2 && again.question.attempts == 1)
            #expect(try await store.sent(claim, part: 0, ts: "9.9") == false, "an old epoch says nothing")
            #expect(try await store.posts(of: first.id).map(\.state) == [.planned])
            #expect(try await store.delivered(again, lastPart: 0, ts: "2.5"))
            #expect(try await store.posts(of: first.id).map(\.ts) == ["2.5"])
            #expect(try await store.claim(second.id, for: Samples.other) != nil)
            #expect(try await store.count() == 1)
        }
    }

    @Test("a progress message becomes the answer, and an unknown state stays unknown", arguments: Backend.allCases)
    func becoming(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for (number, state) in [PostRow.State.sent, .unknown, .failed].enumerated() {
                let question = Samples.question(thread: "T:\(number)")
                let claim = try #require(try await store.begin(question))
                let progress = PostRow(question: question.id, part: 0, kind: .progress)
                _ = try await store.locate(claim, question, origin: Samples.origin, planning: [progress])
                switch state {
                case .sent: #expect(try await store.sent(claim, part: 0, ts: "3.5"))
                case .failed: #expect(try await store.failed(claim, part: 0, error: "no"))
                default: break
                }
                let posts = [0, 1].map { PostRow(question: question.id, part: $0, body: ["text": "answer"]) }
                let finished = FinishedQuestion(question, outcome: Samples.answered(), posts: posts)
                #expect(try await store.finish(finished, claim))
                let rows = try await store.posts(of: question.id)
                #expect(rows.map(\.kind) == [.answer, .answer])
                #expect(rows[0].ts == (state == .sent ? "3.5" : nil))
                #expect(rows[0].state == (state == .unknown ? .unknown : .planned))
                let plain = [PostRow(question: question.id, part: 0, body: ["text": "plain"])]
                #expect(try await store.replan(claim, from: 0, plain, keepingTS: state == .sent))
                let again = try await store.posts(of: question.id)
                #expect(again.count == 1 && again[0].state == .planned && again[0].body?["text"] == "plain")
                #expect(again[0].ts == (state == .sent ? "3.5" : nil))
            }
        }
    }
}
