import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Retention and forgetting under the proof", .timeLimit(.minutes(5)))
struct AuditRetentionTests {
    @Test("old rows go with their calls and questions, and the rest goes on to be proved", arguments: Backend.allCases)
    func retention(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            let old = try await store.ended(3, daysAgo: 400)
            let fresh = try await store.ended(2)
            if backend == .postgres {
                #expect(try await store.removeOld(days: 90, key: key).waiting.count == 1, "not sealed yet")
            }
            _ = try await store.sealAudit(key: key)
            #expect(try await store.removeOld(days: 0, key: key).isEmpty)
            #expect(try await !store.removeOld(days: 90, key: key).isEmpty)

            #expect(try await store.count() == 2)
            #expect(try await store.toolCalls(of: old[0]).isEmpty)
            #expect(try await store.toolCalls(of: fresh[0]).count == 1)
            #expect(try await store.question(old[0]) == nil)
            #expect(try await store.question(fresh[0]) != nil)
            let result = try await store.verifyAudit(trusted: key)
            #expect(result.isFine && result.rows == 2 && result.removedRows == 3)
            #expect(try await store.database.scalar("SELECT count(*) FROM audit_salts") == .int(2))

            try await store.ended(1)
            _ = try await store.sealAudit(key: key)
            #expect(try await store.findings(key) == [])
            try await store.tamper("DELETE FROM audit_tombstones WHERE seq = 2")
            #expect(try await store.findings(key) == ["row_removed 2...2"])
        }
    }

    @Test("a day whose rows are all gone is proved by its head and one record", arguments: Backend.allCases)
    func wholeDay(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            try await store.ended(3, daysAgo: 400)
            let sealed = try await store.sealAudit(key: key)
            // The day is not hashed with the rows: they become those of an earlier day.
            let hash = try #require(sealed.head?.hash)
            let head = try AuditHead(day: "2020-01-05", seq: 3, hash: hash, key: key)
            try await store.tamper(
                """
                UPDATE audit_logs SET chain_day = '2020-01-05';
                UPDATE audit_heads SET chain_day = '2020-01-05', signature = '\(head.signature)';
                """)
            try await store.ended(2)
            _ = try await store.sealAudit(key: key)
            let before = try await store.verifyAudit(trusted: key)
            #expect(before.isFine && before.days == 2, "\(before.findings)")

            _ = try await store.removeOld(days: 90, key: key)
            let after = try await store.verifyAudit(trusted: key)
            #expect(after.isFine && after.days == 1 && after.removedDays == 1 && after.removedRows == 0)
            try await store.tamper("DELETE FROM audit_tombstones")
            #expect(try await store.findings(key) == ["day_removed 1...3"])
        }
    }

    @Test("a check during the retention finds nothing", arguments: Backend.allCases)
    func checkedMeanwhile(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            try await store.ended(40, daysAgo: 400)
            try await store.ended(2)
            _ = try await store.sealAudit(key: key)
            async let removed = store.removeOld(days: 90, key: key)
            for _ in 0..<5 {
                let result = try await AuditVerifier(store: store, trusted: key, since: nil, pageSize: 1).run()
                #expect(result.isFine, "\(result.findings)")
            }
            #expect(try await !removed.isEmpty)
            let result = try await AuditVerifier(store: store, trusted: key, since: nil, pageSize: 1).run()
            #expect(result.isFine && result.rows == 2 && result.removedRows == 40, "\(result.findings)")
        }
    }

    @Test("a day that was read before the retention is read again", arguments: Backend.allCases)
    func readAgain(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            try await store.ended(3, daysAgo: 400)
            try await store.ended(1)
            _ = try await store.sealAudit(key: key)
            let overview = try await store.chainOverview()
            _ = try await store.removeOld(days: 90, key: key)
            let result = try await AuditVerifier(store: store, trusted: key, since: nil).run(overview)
            #expect(result.isFine && result.rows == 1 && result.removedRows == 3, "\(result.findings)")
        }
    }

    @Test("without a key sealed rows are left and unsealed ones are deleted", arguments: Backend.allCases)
    func withoutKey(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.ended(2, daysAgo: 400)
            _ = try await store.removeOld(days: 90, key: nil)
            #expect(try await store.count() == 0)
            try await store.ended(2, daysAgo: 400)
            _ = try await store.sealAudit(key: try ProofSamples.key())
            _ = try await store.removeOld(days: 90, key: nil)
            #expect(try await store.count() == 2)
        }
    }

    @Test("a forgotten person leaves figures, no text, and a proof that holds", arguments: Backend.allCases)
    func forget(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            _ = try await store.seen(
                SeenUser(team: "T1", slackUserID: "U1", email: "ada@example.com", name: "Ada", role: "dba"))
            let ids = try await store.ended(3)
            try await store.tamper(
                """
                INSERT INTO question_steps (question_id, epoch, kind, payload)
                VALUES ('\(ids[0])', 1, 'model_turn', 'text of the person')
                """)
            try await store.ended(2, by: ProofSamples.ben)
            _ = try await store.sealAudit(key: key)
            try await store.ended(1)

            let forgotten = try await store.forget("ada@example.com", actor: "test")
            #expect(forgotten.auditRows == 4 && forgotten.questions == 4 && forgotten.hadUser)
            #expect(try await store.forget("ada@example.com", actor: "test").isEmpty)
            #expect(try await store.count(AuditFilter(user: "ada@example.com")) == 0)
            let row = try #require(try await store.recent(AuditFilter(question: ids[0])).first)
            #expect(row.userEmail == "forgotten" && row.message.isEmpty && row.toolParameters == nil)
            #expect(row.cost.nano > 0 && row.address == nil && row.slackUserID == nil)
            let question = try #require(try await store.question(ids[0]))
            #expect(question.text == "forgotten" && question.answer == nil && question.askerEmail == "forgotten")
            #expect(try await store.database.scalar("SELECT count(*) FROM question_steps") == .int(0))
            #expect(try await store.toolCalls(of: ids[0]).first?.arguments == .null)
            #expect(try await store.user(email: "ada@example.com") == nil)
            #expect(try await store.count(AuditFilter(user: "ben@example.com")) == 2)
            let event = try #require(try await store.adminEvents().first)
            #expect(event.action == "audit.forgotten" && event.detail["rows"] == 4)

            _ = try await store.sealAudit(key: key)
            let result = try await store.verifyAudit(trusted: key)
            #expect(result.isFine && result.rows == 6 && result.forgotten == 3, "\(result.findings)")
            try await store.tamper("UPDATE audit_logs SET message = 'she asked for it' WHERE seq = 1")
            #expect(try await store.findings(key) == ["row_changed 1...1"])
        }
    }

    @Test(
        "the messages of a forgotten person's errors leave the roll-ups, the counts stay", arguments: Backend.allCases)
    func forgottenErrors(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for asker in [Samples.asker, ProofSamples.ben] {
                let usage = Samples.usage(calls: [Samples.call("1", "search_logs", .failed)])
                let failure = Failure(
                    error: BridgeError(.toolFailed, "no such mailbox: \(asker.email)"), errorID: "E-1", usage: usage)
                let question = Samples.question(by: asker, thread: ULID().text)
                let claim = try #require(try await store.begin(question))
                let finished = FinishedQuestion(question, origin: Samples.origin, outcome: .failed(failure))
                #expect(try await store.finish(finished, claim))
            }
            _ = try await store.forget(Samples.asker.email, actor: "test")
            let left = try await store.rollupLines()
            #expect(!left.contains { $0.contains(Samples.asker.email) }, "\(left)")
            #expect(left.contains { $0.contains("no such mailbox: \(ProofSamples.ben.email)") })
            let sum = "SELECT CAST(sum(count) AS bigint) FROM error_rollups WHERE dimension = 'question'"
            #expect(try await store.database.scalar(sum) == .int(2))
            try await store.rebuildRollups()
            #expect(try await store.rollupLines() == left)
        }
    }

    @Test("a person whose question is being answered is not forgotten yet", arguments: Backend.allCases)
    func running(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.ended(1)
            _ = try await store.begin(Samples.question(thread: "T1:C2:1.0"))
            let error = await #expect(throws: StoreError.self) {
                _ = try await store.forget("ada@example.com", actor: "test")
            }
            #expect(error?.code == .busy && error?.message.contains("try again") == true)
            #expect(try await store.count(AuditFilter(user: "ada@example.com")) == 1)
        }
    }
}
