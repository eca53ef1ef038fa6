import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Votes on answers", .timeLimit(.minutes(3)))
struct FeedbackTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func vote(
        _ vote: Feedback.Vote, on question: Question, by voter: String = "ben@example.com", second: Double
    ) -> Feedback {
        Feedback(question: question.id, voter: voter, vote: vote, at: Self.start.addingTimeInterval(second))
    }

    @Test("a user's last vote counts, also when an earlier one arrives later", arguments: Backend.allCases)
    func last(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            try await store.answer(question)
            let (up, down) = (vote(.up, on: question, second: 1), vote(.down, on: question, second: 2))
            try await store.vote(down)
            try await store.vote(up)
            let stored = try await store.feedback(on: question.id)
            #expect(stored == [down])
            let again = vote(.up, on: question, second: 3)
            let other = vote(.down, on: question, by: "ada@example.com", second: 1)
            try await store.vote(again)
            try await store.vote(other)
            let all = try await store.feedback(on: question.id)
            #expect(all == [other, again])
            let second = Samples.question(thread: "T1:C1:2")
            try await store.answer(second)
            let elsewhere = vote(.up, on: second, by: "zoe@example.com", second: 1)
            try await store.vote(elsewhere)
            let both = try await store.feedback(on: [question.id, second.id])
            let none = try await store.feedback(on: [])
            #expect(both == [other, again, elsewhere] && none.isEmpty)
        }
    }

    @Test("a comment belongs to a 👎: the same vote keeps it, the opposite one deletes it", arguments: Backend.allCases)
    func comment(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            try await store.answer(question)
            func comment(_ text: String) async throws -> Bool {
                try await store.comment(text, on: question.id, by: "ben@example.com")
            }
            func stored() async throws -> String? { try await store.feedback(on: question.id).first?.comment }

            let early = try await comment("too early")
            #expect(!early)
            try await store.vote(vote(.down, on: question, second: 1))
            let isFirstStored = try await comment("It is 'outdated'.")
            let isSecondStored = try await comment("Wrong service.")
            #expect(isFirstStored && isSecondStored)
            try await store.vote(vote(.down, on: question, second: 2))
            let kept = try await stored()
            #expect(kept == "Wrong service.")
            try await store.vote(vote(.up, on: question, second: 3))
            let deleted = try await stored()
            #expect(deleted == nil)
            let late = try await comment("too late")
            #expect(!late)
        }
    }

    @Test("a vote on a question that is not stored is an error", arguments: Backend.allCases)
    func unknown(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let lost = vote(.up, on: question, second: 1)
            await #expect(throws: StoreError.self) { try await store.vote(lost) }
            let none = try await store.feedback(on: question.id)
            #expect(none.isEmpty)
        }
    }

    @Test("the votes of a forgotten person are deleted, those of others stay", arguments: Backend.allCases)
    func forgotten(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            try await store.answer(question)
            let kept = vote(.up, on: question, by: "ada@example.com", second: 1)
            try await store.vote(kept)
            try await store.vote(vote(.down, on: question, second: 1))
            _ = try await store.forget("ben@example.com", actor: "test")
            let rest = try await store.feedback(on: question.id)
            #expect(rest == [kept])
        }
    }
}
