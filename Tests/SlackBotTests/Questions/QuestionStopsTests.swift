import Analytics
import Bridge
import Logging
import Testing

@testable import SlackBot

@Suite("Stopping a question", .timeLimit(.minutes(1)))
struct QuestionStopsTests {
    private static let process = ProcessRow(name: "one", host: "localhost", pid: .max)

    private static func question(by email: String) -> Question {
        let asker = Principal(email: email, name: "Ana", role: "dba", source: .builtIn("test"))
        return Question(
            asker: asker, text: "why?", place: Place(entryPoint: .http), threadKey: "http:\(ULID())")
    }

    private func stops(_ store: Store, _ inFlight: InFlightQuestions = InFlightQuestions()) -> QuestionStops {
        QuestionStops(
            store: store, inFlight: inFlight, workSignal: WorkSignal(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("a stop counts when the work has ended by it before it was stored, and not when the answer came first")
    func ended() async throws {
        let outcomes: [(QuestionOutcome, Bool)] = [
            (.cancelled(Usage()), true), (.answered(Answer(text: "so", usage: Usage())), false),
        ]
        try await StoreFixture.run { stores in
            for (outcome, isStopped) in outcomes {
                let (question, inFlight) = (Self.question(by: "ana@acme.example"), InFlightQuestions())
                _ = try await stores[0].accept(NewQuestion(question))
                let claim = try #require(try await stores[0].claim(question.id, for: Self.process))
                #expect(inFlight.begin(question.id))
                inFlight.claim(question.id)
                #expect(try await stores[0].finish(FinishedQuestion(question, outcome: outcome), claim))
                let request = StopRequest(.requested, by: "U1", email: "ana@acme.example")
                let result = try await stops(stores[0], inFlight).stop(claim.question, request)
                #expect(result == isStopped)
            }
        }
    }

    @Test("a user's own question over HTTP is theirs to stop; another's is an administrative event")
    func owners() async throws {
        try await StoreFixture.run { stores in
            for (email, isOwn) in [("ana@acme.example", true), ("ben@acme.example", false)] {
                let question = Self.question(by: email)
                _ = try await stores[0].accept(NewQuestion(question))
                let row = try #require(try await stores[0].question(question.id))
                let ana = Self.question(by: "ana@acme.example").asker
                #expect(row.isAsked(by: "U1", ana) == isOwn)
                #expect(try await stops(stores[0]).stop(row, StopRequest(.requested, by: "U1", email: ana.email)))
                let events = try await stores[0].adminEvents(limit: 10)
                #expect(events.map(\.subject) == (isOwn ? [] : [question.id.text]))
            }
        }
    }
}
