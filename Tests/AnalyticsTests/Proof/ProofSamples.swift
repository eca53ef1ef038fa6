import Bridge
import Foundation
import Testing

@testable import Analytics

/// What the tests of the audit log's proof share.
enum ProofSamples {
    static func key(_ byte: UInt8 = 7, isFromEnvironment: Bool = false) throws -> AuditKey {
        try AuditKey(seed: [UInt8](repeating: byte, count: 32), isFromEnvironment: isFromEnvironment)
    }

    static let ben = Principal(
        email: "ben@example.com", name: "Ben", role: "read_only",
        source: RuleSource(file: "users.yaml", line: 4, key: "ben"))
}

extension Store {
    /// Ends questions, each with a tool call, and returns their ids in the order of their rows.
    @discardableResult
    func ended(_ count: Int, by asker: Principal = Samples.asker, daysAgo: Double = 0) async throws -> [ULID] {
        var ids: [ULID] = []
        for number in 0..<count {
            let time = Date(timeIntervalSinceNow: -86_400 * daysAgo)
            let question = Samples.question("question \(number)", by: asker, thread: ULID().text, at: time)
            let claim = try #require(try await begin(question))
            let outcome = Samples.answered("answer \(number)", calls: [Samples.call("1")])
            let finished = FinishedQuestion(question, origin: Samples.origin, outcome: outcome, finishedAt: time)
            #expect(try await finish(finished, claim))
            ids.append(question.id)
        }
        return ids
    }

    /// Runs SQL without values, as a stranger with access to the database would.
    func tamper(_ sql: String) async throws {
        try await database.write { try $0.script(sql) }
    }

    /// The findings as `row_changed 2...2`.
    func findings(_ key: AuditKey? = nil) async throws -> [String] {
        try await verifyAudit(trusted: key).findings.map { finding in
            let positions = finding.positions.map { " \($0.lowerBound)...\($0.upperBound)" } ?? ""
            return finding.kind.rawValue + positions
        }
    }
}
