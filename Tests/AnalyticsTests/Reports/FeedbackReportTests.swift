import Bridge
import Testing

@testable import Analytics

@Suite("Feedback in reports", .timeLimit(.minutes(3)))
struct FeedbackReportTests {
    @Test("votes count for each tool that was called, not for denied ones", arguments: Backend.allCases)
    func votes(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let calls = [
                Samples.call("1"), Samples.call("2", "search_logs", .failed),
                Samples.call("3", "drop_index", .denied), Samples.call("4"),
            ]
            #expect(try await store.answer(question, Samples.answered(calls: calls)))
            for (voter, vote) in [("U1", Int64(1)), ("U2", 1), ("U3", -1)] {
                _ = try await store.database.write { connection in
                    try SQLStatement.insert(
                        into: "feedback",
                        [("question_id", .text(question.id.text)), ("voter", .text(voter)), ("vote", .int(vote))],
                        on: connection)
                }
            }
            let result = try await ReportRun.result("tool_popularity", in: store)
            let rows = result.structured["rows"]?.array ?? []
            #expect(rows.map { $0["feedback_up"]?.int } == [2, 2, 0])
            #expect(rows.map { $0["feedback_down"]?.int } == [1, 1, 0])
        }
    }
}
