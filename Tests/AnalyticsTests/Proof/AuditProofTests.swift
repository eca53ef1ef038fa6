import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The proof of the audit log", .timeLimit(.minutes(5)))
struct AuditProofTests {
    /// A change of five sealed rows, and what has to be found.
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let expected: [String]

        static let all: [Tampering] = [
            Tampering(
                testDescription: "a figure", sql: "UPDATE audit_logs SET cost_nano = 0 WHERE seq = 2",
                expected: ["row_changed 2...2"]),
            Tampering(
                testDescription: "a text", sql: "UPDATE audit_logs SET message = 'nothing' WHERE seq = 3",
                expected: ["row_changed 3...3"]),
            Tampering(
                testDescription: "the last row", sql: "UPDATE audit_logs SET status = 'error' WHERE seq = 5",
                expected: ["row_changed 5...5"]),
            Tampering(
                testDescription: "a salt",
                sql: """
                    DELETE FROM audit_salts WHERE question_id = (SELECT question_id FROM audit_logs WHERE seq = 4)
                    """,
                expected: ["row_changed 4...4"]),
            Tampering(
                testDescription: "a removed row", sql: "DELETE FROM audit_logs WHERE seq = 2",
                expected: ["row_removed 2...2"]),
            Tampering(
                testDescription: "removed last rows", sql: "DELETE FROM audit_logs WHERE seq >= 4",
                expected: ["row_removed 4...5"]),
            Tampering(
                testDescription: "two rows exchanged",
                sql: "UPDATE audit_logs SET seq = CASE seq WHEN 2 THEN 3 ELSE 2 END WHERE seq IN (2, 3)",
                expected: ["row_moved 2...2", "row_moved 3...3"]),
            Tampering(
                testDescription: "the last two rows exchanged",
                sql: "UPDATE audit_logs SET seq = CASE seq WHEN 4 THEN 5 ELSE 4 END WHERE seq IN (4, 5)",
                expected: ["row_moved 4...4", "row_moved 5...5"]),
            Tampering(
                testDescription: "a position twice", sql: "UPDATE audit_logs SET seq = 3 WHERE seq = 4",
                expected: ["row_added 3...3", "row_removed 4...4"]),
            Tampering(
                testDescription: "the head's position", sql: "UPDATE audit_heads SET seq = 4",
                expected: ["head_changed"]),
            Tampering(
                testDescription: "the head's hash", sql: "UPDATE audit_heads SET hash = 'ab'",
                expected: ["head_changed"]),
            Tampering(
                testDescription: "no head", sql: "DELETE FROM audit_heads", expected: ["head_missing"]),
            Tampering(
                testDescription: "another public key", sql: "UPDATE audit_keys SET public_key = 'AAAA'",
                expected: ["head_changed"]),
            Tampering(
                testDescription: "all rows", sql: "DELETE FROM audit_logs", expected: ["day_removed 1...5"]),
        ]
    }

    @Test("what was changed is named", arguments: Backend.allCases, Tampering.all)
    func tampering(_ backend: Backend, _ tampering: Tampering) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            try await store.ended(5)
            #expect(try await store.sealAudit(key: key).sealed == 5)
            #expect(try await store.findings(key) == [])
            try await store.tamper(tampering.sql)
            #expect(try await store.findings(key).sorted() == tampering.expected.sorted())
        }
    }

    @Test("a changed row is named with its id, its question and the time of the question", arguments: Backend.allCases)
    func names(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let ids = try await store.ended(3)
            _ = try await store.sealAudit(key: try ProofSamples.key())
            try await store.tamper("UPDATE audit_logs SET user_role = 'admin' WHERE seq = 2")
            let finding = try #require(try await store.verifyAudit().findings.first)
            #expect(finding.questionID == ids[1].text)
            #expect(finding.rowID == 2)
            #expect(finding.askedAt.flatMap(Timestamp.date) != nil)
        }
    }

    @Test("rows that come later continue the chain; those not sealed yet are counted", arguments: Backend.allCases)
    func later(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            #expect(try await store.sealAudit(key: key) == SealingResult())
            for count in 1...3 {
                try await store.ended(count)
                #expect(try await store.sealAudit(key: key).sealed == count)
            }
            try await store.ended(2)
            let result = try await store.verifyAudit(trusted: key)
            #expect(result.isFine && result.rows == 6 && result.unsealed == 2)
            #expect(result.lastHead?.seq == 6 && result.keys == [key.id: 1])
        }
    }

    @Test("a row changed together with its hash breaks the link to the next", arguments: Backend.allCases)
    func rehashed(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            try await store.ended(4)
            _ = try await store.sealAudit(key: key)
            try await store.tamper("UPDATE audit_logs SET cost_nano = 1 WHERE seq = 2")
            let day = try #require(try await store.verifyAudit().lastHead?.day)
            let page = try await store.chainPage(day, after: 1, through: 2, limit: 10)
            guard case .row(let row) = page.places.first else { throw StoreError(.other, "no row") }
            let hash = AuditDigest.hash(after: row.previousHash, row.listed, personalDigest: row.personalDigest)
            try await store.tamper("UPDATE audit_logs SET hash = '\(hash)' WHERE seq = 2")
            #expect(try await store.findings(key) == ["link_broken 2...3"])
        }
    }

    @Test("two processes seal at once: each row has one place in one chain", arguments: Backend.allCases)
    func concurrent(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let key = try ProofSamples.key()
            try await stores[0].ended(30)
            try await withThrowingTaskGroup { group in
                for store in stores {
                    group.addTask {
                        while try await store.sealAudit(key: key, limit: 7).isFull {}
                    }
                }
                try await group.waitForAll()
            }
            let result = try await stores[1].verifyAudit(trusted: key)
            #expect(result.isFine && result.rows == 30 && result.unsealed == 0)
        }
    }

    @Test("the run that begins a day has the last head of the day before", arguments: Backend.allCases)
    func finishedDay(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let key = try ProofSamples.key()
            try await stores[0].ended(2)
            let first = try await stores[0].sealAudit(key: key)
            #expect(first.finished == nil)
            let head = try AuditHead(day: "2020-01-05", seq: 2, hash: try #require(first.head).hash, key: key)
            try await stores[0].tamper(
                """
                UPDATE audit_logs SET chain_day = '2020-01-05';
                UPDATE audit_heads SET chain_day = '2020-01-05', signature = '\(head.signature)';
                """)
            try await stores[0].ended(1)
            #expect(try await stores[1].sealAudit(key: key).finished == head)
            try await stores[0].ended(1)
            #expect(try await stores[0].sealAudit(key: key).finished == nil)
        }
    }

    @Test("a day whose rows were all moved is checked in a moment, and each row is named")
    func reversed() throws {
        let columns = SQLColumns(
            ["id", "seq", "prev_hash", "hash", "hash_version", "personal_digest", "salt"])
        func row(_ id: Int64, seq: Int64, after previous: String, _ hash: String, _ digest: String) throws -> SealedRow
        {
            let values: [SQLValue] = [
                .int(id), .int(seq), .text(previous), .text(hash), .int(AuditDigest.version), .text(digest),
                .bytes([1]),
            ]
            return try #require(SealedRow(SQLRow(columns: columns, values: values)))
        }
        let count: Int64 = 4000
        var previous = AuditDigest.start
        var rows: [SealedRow] = []
        for id in 1...count {
            let plain = try row(id, seq: id, after: previous, "", "")
            let digest = AuditDigest.personalDigest(plain.personal, salt: [1])
            let hash = AuditDigest.hash(after: previous, plain.listed, personalDigest: digest)
            rows.append(try row(id, seq: count + 1 - id, after: previous, hash, digest))
            previous = hash
        }
        var day = ChainDay(day: "2026-11-28", starts: [AuditDigest.start])
        for row in rows.reversed() { day.take(row) }
        day.decide(positions: [:])
        #expect(day.findings.count == Int(count) && day.findings.allSatisfy { $0.kind == .rowMoved })
        #expect(day.findings.first?.detail == "it belongs at position \(count)")
    }

    @Test("a row with a lower id that is committed later gets the next place")
    func lateCommit() async throws {
        try await Backend.postgres.withStore { store in
            let key = try ProofSamples.key()
            try await store.ended(2)
            try await store.tamper("UPDATE audit_logs SET id = 1000 WHERE id = 2")
            _ = try await store.sealAudit(key: key)
            try await store.ended(1)
            #expect(try await store.sealAudit(key: key).sealed == 1)
            let ids = try await store.database.read {
                try $0.query("SELECT id FROM audit_logs ORDER BY seq", []).compactMap { $0.int("id") }
            }
            #expect(ids == [1, 1000, 3])
            #expect(try await store.findings(key) == [])
        }
    }

    @Test(
        "after the end was removed nothing is sealed that day, so that the removal stays to be found",
        arguments: Backend.allCases)
    func refused(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let key = try ProofSamples.key()
            try await store.ended(3)
            _ = try await store.sealAudit(key: key)
            try await store.tamper("DELETE FROM audit_logs WHERE seq = 3")
            try await store.ended(1)
            let error = await #expect(throws: StoreError.self) { _ = try await store.sealAudit(key: key) }
            #expect(error?.code == .corrupt)
            #expect(try await store.findings(key) == ["row_removed 3...3"])
        }
    }
}
