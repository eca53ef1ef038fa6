import Testing

@testable import Analytics

@Suite("Classification of PostgreSQL's errors")
struct PostgresFailureTests {
    private static let table: [(String, StoreError.Code)] = [
        // The store is unavailable: the question goes to the spool.
        ("25006", .unavailable), ("25P03", .unavailable), ("08000", .unavailable), ("08006", .unavailable),
        ("53000", .unavailable),
        ("53100", .unavailable), ("53200", .unavailable), ("53300", .unavailable), ("57P01", .unavailable),
        ("57P02", .unavailable), ("57P03", .unavailable), ("57P04", .unavailable), ("57P05", .unavailable),
        ("58000", .unavailable), ("58030", .unavailable), ("58P01", .unavailable), ("40001", .busy),
        ("40P01", .busy), ("55P03", .busy), ("57014", .timeout),
        // The statement or the row is at fault, and would fail again.
        ("53400", .other), ("0A000", .other), ("22001", .other), ("25P02", .other), ("42501", .other),
        ("42P01", .other), ("XX000", .other), ("23505", .constraint), ("23503", .constraint), ("XX001", .corrupt),
        ("XX002", .corrupt),
    ]

    @Test("each SQLSTATE is classified: the store is unavailable, or the statement is at fault", arguments: table)
    func conditions(state: String, code: StoreError.Code) {
        let failure = PostgresFailure(state: SQLState(rawValue: state), message: "so")
        let error = failure.error(lost: false, cancelled: false)
        #expect(error.code == code)
        #expect(error.sqlState == state)
        #expect(error.saysAway == [.unavailable, .busy, .timeout].contains(code))
    }

    @Test("a failure without a code is an outage if the connection is lost, and only then")
    func withoutCode() {
        let failure = PostgresFailure(state: nil, message: "so")
        #expect(failure.error(lost: true, cancelled: false).code == .unavailable)
        #expect(failure.error(lost: false, cancelled: false).code == .other)
    }

    @Test("a write in a read-only transaction is a programming error, not an outage")
    func writeInRead() {
        let failure = PostgresFailure(state: .readOnlyTransaction, message: "so")
        #expect(failure.error(lost: false, cancelled: false, reading: true).code == .other)
    }
}
