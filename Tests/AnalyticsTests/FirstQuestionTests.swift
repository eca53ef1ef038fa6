import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("What the store knows for a welcome and the status", .timeLimit(.minutes(3)))
struct FirstQuestionTests {
    private static let unidentified = Principal(
        email: "u1@slack.invalid", name: "U1", role: "", source: .builtIn("unidentified"))
    private static let bob = Principal(email: "bob@example.com", name: "Bob", role: "dba", source: .builtIn("bob"))
    private static let emails = ["ada@example.com", "u1@slack.invalid"]

    @Test(
        "of questions that somebody asks at once, to two processes, exactly one is the first",
        arguments: Backend.allCases)
    func first(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let elsewhere = Question(
                asker: Samples.asker, text: "by HTTP", place: Place(entryPoint: .http), threadKey: "http")
            _ = try await stores[0].accept(NewQuestion(elsewhere))
            let questions = (0..<6).map {
                Samples.question("\($0)", by: $0 < 3 ? Samples.asker : Self.unidentified, thread: "T\($0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, question) in questions.enumerated() {
                    group.addTask { _ = try await stores[number % 2].accept(NewQuestion(question)) }
                }
                try await group.waitForAll()
            }
            var first: [ULID] = []
            for question in questions {
                let isFirst = try await stores[1].isFirstQuestion(question.id, of: Self.emails)
                if isFirst { first.append(question.id) }
            }
            #expect(first.count == 1)
            let other = Samples.question("Bob's", by: Self.bob, thread: "T9")
            _ = try await stores[0].accept(NewQuestion(other))
            let (isHis, isKnown) = (
                try await stores[0].isFirstQuestion(other.id, of: ["bob@example.com"]),
                try await stores[0].isFirstQuestion(ULID(), of: ["bob@example.com"])
            )
            #expect(isHis && !isKnown)
        }
    }

    @Test("the figures of the day count today's questions and their users", arguments: Backend.allCases)
    func today(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.answer(Samples.question(thread: "1"))
            try await store.answer(Samples.question(thread: "2"))
            try await store.answer(Samples.question(by: Self.bob, thread: "3"))
            let old = FinishedQuestion(
                Samples.question(thread: "4"), outcome: Samples.answered(),
                finishedAt: Date(timeIntervalSinceNow: -2 * 86_400))
            try await store.record([old])
            let today = try await store.today()
            #expect(today == TodayFigures(questions: 3, users: 2))
        }
    }

    @Test("a server was last seen when it was healthy, also while it is not", arguments: Backend.allCases)
    func lastSeen(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let start = Date().addingTimeInterval(-1)
            func observe(_ state: ServerStatus.State) async throws {
                let status = ServerStatus(name: "ops", displayName: "Ops", state: state, tools: 1)
                try await store.observed(status, url: "http://ops.example")
            }
            try await observe(.unhealthy)
            #expect(try await store.lastSeen(server: "ops") == nil)
            try await observe(.healthy)
            try await observe(.unhealthy)
            let seen = try #require(try await store.lastSeen(server: "ops"))
            #expect(seen > start && seen < Date().addingTimeInterval(1))
            #expect(try await store.lastSeen(server: "other") == nil)
        }
    }
}
