import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The questions of one asker", .timeLimit(.minutes(3)))
struct AskedQuestionsTests {
    private static let other = Principal(
        email: "bob@example.com", name: "Bob", role: "dba", source: RuleSource(file: "users.yaml", line: 4, key: "bob"))

    @Test(
        "the newest come first, in any state, with the cost that the audit log has; those of others are left out",
        arguments: Backend.allCases)
    func newest(_ backend: Backend) async throws {
        try await backend.withStore { store in
            func question(_ number: Int, by asker: Principal = Samples.asker) -> Question {
                Samples.question(
                    "\(number)?", by: asker, thread: "T1:C1:\(number)", at: Date(timeIntervalSinceNow: Double(number)))
            }
            try await store.answer(question(1))
            try await store.answer(question(2))
            try await store.answer(question(3, by: Self.other))
            _ = try #require(try await store.begin(question(4)))
            let all = try await store.questions(askedBy: [Samples.asker.email], limit: 10)
            #expect(all.map(\.row.text) == ["4?", "2?", "1?"])
            #expect(all.map(\.row.state) == [.working, .answered, .answered])
            let expense = AskedQuestion.Expense(milliseconds: 1234, cost: Samples.usage().cost)
            #expect(all.map(\.expense) == [nil, expense, expense])
            #expect(all.last?.row.origin.channel == "C1")
            let two = try await store.questions(askedBy: [Samples.asker.email], limit: 2)
            #expect(two.map(\.row.text) == ["4?", "2?"])
            #expect(try await store.questions(askedBy: ["nobody@example.com"], limit: 10).isEmpty)
            #expect(try await store.questions(askedBy: [], limit: 10).isEmpty)
        }
    }

    @Test("a question whose asker is not identified yet is among them", arguments: Backend.allCases)
    func unidentified(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.answer(Samples.question("1?", at: Date(timeIntervalSinceNow: -1)))
            let provisional = Principal(
                email: "u1@slack.invalid", name: "U1", role: "", source: .builtIn("unidentified"))
            let received = Samples.question("2?", by: provisional, thread: "T1:C1:2")
            _ = try await store.accept(NewQuestion(received, origin: Samples.origin))
            let all = try await store.questions(askedBy: [Samples.asker.email, provisional.email], limit: 10)
            #expect(all.map(\.row.text) == ["2?", "1?"] && all.map(\.row.state) == [.received, .answered])
        }
    }

    @Test("a cost is that after repricing; one of unknown price is none", arguments: Backend.allCases)
    func costs(_ backend: Backend) async throws {
        try await backend.withStore { store in
            var usage = Samples.usage()
            usage.priceKnown = false
            try await store.answer(Samples.question(), .answered(Answer(text: "Because.", usage: usage)))
            let before = try await store.questions(askedBy: [Samples.asker.email], limit: 1)
            #expect(before.map(\.expense?.cost) == [nil])
            _ = try await store.reprice(since: Date(timeIntervalSince1970: 0)) { _, _, _ in
                ModelCost(money: Money(nano: 42), date: "2026-11-28")
            }
            let after = try await store.questions(askedBy: [Samples.asker.email], limit: 1)
            #expect(after.map(\.expense?.cost) == [Money(nano: 42)])
        }
    }
}
