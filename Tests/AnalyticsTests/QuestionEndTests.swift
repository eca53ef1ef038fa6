import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The end of a question", .timeLimit(.minutes(3)))
struct QuestionEndTests {
    @Test("the audit row carries user, tools, tokens, cost, duration and place", arguments: Backend.allCases)
    func auditRow(_ backend: Backend) async throws {
        try await backend.withStore { store in
            _ = try await store.seen(
                SeenUser(team: "T1", slackUserID: "U1", email: "ada@example.com", name: "Ada", role: "dba"))
            let question = Samples.question(String(repeating: "ü", count: 201))
            let calls = [
                Samples.call("1"), Samples.call("2"), Samples.call("3", "search_logs", .failed, arguments: [:]),
                Samples.call("4", "drop_index", .denied),
            ]
            #expect(
                try await store.answer(question, Samples.answered(String(repeating: "a", count: 600), calls: calls)))
            let rows = try await store.recent()
            #expect(rows.count == 1)
            let row = try #require(rows.first)
            #expect(row.questionID == question.id.text)
            #expect(row.userEmail == "ada@example.com")
            #expect(row.userRole == "dba")
            #expect(row.message == question.text)
            #expect(row.messagePreview == String(repeating: "ü", count: 197) + "...")
            #expect(row.responsePreview == String(repeating: "a", count: 500))
            #expect(row.toolsUsed == ["demo.get_top_queries", "demo.search_logs"])
            #expect(row.mcpsAccessed == ["demo"])
            #expect(row.databasesAccessed == ["shop"])
            #expect(row.toolCallsCount == 3)
            #expect(row.iterations == 2)
            #expect(row.tokensInput == 140 && row.tokensOutput == 346 && row.tokensCached == 7589)
            #expect(row.model == "claude-3-5-haiku" && row.priceDate == "2025-12-31" && row.priceKnown)
            #expect(row.durationMilliseconds == 1234)
            #expect(row.slackChannel == "C1" && row.slackUserID == "U1")
            #expect(row.slackMessageTS == "1.5" && row.slackThreadTS == "1.0")
            #expect(row.address == "127.0.0.1")
            #expect(row.status == .success && row.success && !row.wasBlocked)
            #expect(row.requestType == "chat")
        }
    }

    @Test("140, 346 and 7,589 tokens at the original's rates cost $0.0021", arguments: Backend.allCases)
    func cost(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.answer(Samples.question())
            let row = try #require(try await store.recent().first)
            #expect(row.cost.description == "$0.0021")
            let derived = try await store.database.read { connection in
                try connection.query("SELECT cost_estimate, cost_nano FROM audit_logs", []).first?.double(
                    "cost_estimate")
            }
            #expect(derived == 0.002103)
        }
    }

    @Test("each call is a row with its verdict, and when it was sent", arguments: Backend.allCases)
    func toolCalls(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            let call = Samples.call("toolu_1", arguments: ["text": "a\u{0}b", "deep": [["n": 1.5]]])
            try await store.append(.toolStarted(call), to: question.id)
            let finished = FinishedQuestion(
                question, outcome: Samples.answered(calls: [call, Samples.call("toolu_2", "drop_index", .denied)]))
            #expect(try await store.finish(finished, claim))
            let rows = try await store.toolCalls(of: question.id)
            #expect(rows.map(\.callID) == ["toolu_1", "toolu_2"])
            #expect(rows[0].name == call.name)
            #expect(rows[0].arguments["text"] == "a\u{FFFD}b")
            #expect(rows[0].arguments["deep"]?[0]?["n"] == 1.5)
            #expect(rows[0].milliseconds == 12 && rows[0].bytes == 345)
            #expect(rows[0].notes == ["database=unspecified"])
            #expect(rows[0].startedAt != nil && rows[1].startedAt == nil)
            #expect(rows[1].outcome == .denied && rows[1].decision == .deny && rows[1].step == .role)
            #expect(rows[1].rule == "users.yaml:9 roles.dba.denied_tools[0]")
        }
    }

    @Test("a question ends once, with one audit row, for any number of attempts", arguments: Backend.allCases)
    func once(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            let finished = FinishedQuestion(
                question, outcome: Samples.answered(), posts: [PostRow(question: question.id, part: 0, body: ["a": 1])])
            let wins = try await withThrowingTaskGroup { group in
                for _ in 0..<8 { group.addTask { try await store.finish(finished, claim) } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
            #expect(try await store.count() == 1)
            let row = try #require(try await store.question(question.id))
            #expect(row.state == .answered && row.answer == "Because of the index." && row.finishedAt != nil)
            let posts = try await store.posts(of: question.id)
            #expect(posts.map(\.state) == [.planned])
            #expect(posts.first?.body?["a"] == 1)
            #expect(try await store.delivered(claim, lastPart: 0, ts: "2.5"))
            #expect(try await store.question(question.id)?.isUndelivered == false)
            #expect(try await store.posts(of: question.id).first?.ts == "2.5")
        }
    }

    @Test("an outcome that cannot be written leaves the question unchanged", arguments: Backend.allCases)
    func rollBack(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            // A post of a question that does not exist violates a foreign key, after the audit row was written.
            let finished = FinishedQuestion(
                question, outcome: Samples.answered(), posts: [PostRow(question: ULID(), part: 0)])
            let error = await #expect(throws: StoreError.self) { try await store.finish(finished, claim) }
            #expect(error?.code == .constraint)
            #expect(try await store.count() == 0)
            #expect(try await store.question(question.id)?.state == .working)
            #expect(try await store.finish(FinishedQuestion(question, outcome: Samples.answered()), claim))
        }
    }

    @Test("refused, failed, cancelled, cut short: each outcome has its status", arguments: Backend.allCases)
    func outcomes(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let usage = Samples.usage()
            let error = BridgeError(.modelUnavailable, "The model does not answer.", hint: "Ask again later.")
            let failure = Failure(error: error, errorID: "E-12345678", usage: usage)
            let outcomes: [(QuestionOutcome, QuestionState, AuditRow.Status)] = [
                (
                    .refused(Refusal(message: "Not you.", rule: "users.yaml:9 roles.dba", usage: usage)), .refused,
                    .error
                ),
                (.failed(failure), .failed, .error), (.cancelled(usage), .cancelled, .warning),
                (.interrupted(failure), .interrupted, .error),
                (.answered(Answer(text: "so far", warning: .maxIterations, usage: usage)), .answered, .warning),
            ]
            for (outcome, state, status) in outcomes {
                let question = Samples.question(thread: ULID().text)
                #expect(try await store.answer(question, outcome))
                #expect(try await store.question(question.id)?.state == state)
                let row = try #require(try await store.recent(AuditFilter(question: question.id)).first)
                #expect(row.status == status)
                #expect(row.success == (status != .error))
                #expect(row.cost == usage.cost, "what was spent until then is charged")
                #expect(row.wasBlocked == (state == .refused))
                #expect(row.blockReason == (state == .refused ? "users.yaml:9 roles.dba" : nil))
                #expect(row.errorID == (state == .failed || state == .interrupted ? "E-12345678" : nil))
            }
            #expect(try await store.count(AuditFilter(status: .error)) == 3)
            #expect(try await store.count(AuditFilter(user: "ADA@example.com")) == 5)
            #expect(try await store.count(AuditFilter(user: "U1", since: Date().addingTimeInterval(60))) == 0)
            #expect(try await store.recent(AuditFilter(user: "U1"), limit: 2).count == 2)
            #expect(try await store.count(AuditFilter(user: "U2")) == 0)
        }
    }

    @Test("a question of eighty thousand words is stored, and found by its first words", arguments: Backend.allCases)
    func longQuestion(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let text = "zebra " + (0..<80_000).map { "incomprehensible\($0)" }.joined(separator: " ")
            #expect(try await store.answer(Samples.question(text)))
            let found = try await store.database.read { connection in
                let sql =
                    switch connection.dialect {
                    case .postgres:
                        "SELECT 1 FROM audit_logs WHERE search_vector @@ to_tsquery('english', 'zebra')"
                    case .sqlite: "SELECT 1 FROM audit_logs_search WHERE audit_logs_search MATCH 'zebra'"
                    }
                return try connection.query(sql, []).count
            }
            #expect(found == 1)
        }
    }
}
