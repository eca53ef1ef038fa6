import Bridge
import Testing

@testable import Analytics

@Suite("A private answer is shown to everyone", .timeLimit(.minutes(3)))
struct PublicationTests {
    private static let planned: @Sendable (QuestionRow, [PostRow]) -> [PostRow] = { row, outbox in
        let next = (outbox.map(\.part).max() ?? 0) + 1
        return [PostRow(question: row.id, part: next, body: ["text": "shown"])]
    }

    /// A question that ended with a private message.
    private func end(_ question: Question, in store: Store) async throws -> Claim {
        let claim = try #require(try await store.begin(question))
        let ephemeral = PostRow(question: question.id, part: 0, kind: .ephemeral, body: ["text": "private"])
        let finished = FinishedQuestion(
            question, origin: Samples.origin, outcome: Samples.answered(), isPrivate: true, posts: [ephemeral])
        #expect(try await store.finish(finished, claim))
        return claim
    }

    @Test(
        "many press at once: one plans the messages, the next claim sends them, and the answer is public",
        arguments: Backend.allCases)
    func once(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try await end(question, in: store)
            let early = try await store.publish(question.id, Self.planned)
            #expect(early == .undelivered)
            #expect(try await store.delivered(claim, lastPart: 0, ts: nil))

            let results = try await withThrowingTaskGroup(of: PublicationResult.self) { group in
                for _ in 0..<8 { group.addTask { try await store.publish(question.id, Self.planned) } }
                return try await group.reduce(into: [PublicationResult]()) { $0.append($1) }
            }
            #expect(results.count { $0 == .planned } == 1)
            #expect(results.count { $0 == .alreadyPublic || $0 == .undelivered } == 7)
            #expect(try await store.claimable() == [question.id])

            let next = try #require(try await store.claim(question.id, for: Samples.other))
            #expect(next.question.state == .answered && !next.question.isPrivate)
            let posts = try await store.posts(of: question.id)
            #expect(posts.map(\.part) == [0, 1] && posts.map(\.state) == [.sent, .planned])
            #expect(posts.last?.epoch == next.epoch, "the first claim must not search for it")
            #expect(try await store.delivered(next, lastPart: 1, ts: "2.0"))
            let late = try await store.publish(question.id, Self.planned)
            #expect(late == .alreadyPublic)
            #expect(try await store.claimable().isEmpty)
        }
    }

    @Test("what is refused or unknown changes nothing", arguments: Backend.allCases)
    func refused(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try await end(question, in: store)
            #expect(try await store.delivered(claim, lastPart: 0, ts: nil))
            let refused = try await store.publish(question.id) { _, _ in [] }
            #expect(refused == .refused)
            let unknown = try await store.publish(ULID(), Self.planned)
            #expect(unknown == .refused)
            #expect(try await store.question(question.id)?.isPrivate == true)
            #expect(try await store.claimable().isEmpty)
        }
    }
}
