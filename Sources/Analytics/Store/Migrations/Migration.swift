import Crypto
import Foundation

/// One numbered change of the schema. Number and SQL do not change once released.
struct Migration: Sendable {
    let version: Int
    let description: String
    /// The SQL of a dialect, as scripts in the order in which they run.
    let scripts: @Sendable (SQLDialect) -> [String]
    /// Work after the scripts whose SQL depends on the present, such as partitions; not part of the digest.
    let afterwards: @Sendable (any SQLConnection) throws -> Void

    init(
        version: Int, description: String, scripts: @escaping @Sendable (SQLDialect) -> [String],
        afterwards: @escaping @Sendable (any SQLConnection) throws -> Void = { _ in }
    ) {
        self.version = version
        self.description = description
        self.scripts = scripts
        self.afterwards = afterwards
    }

    /// SHA-256 of the SQL, as 64 hexadecimal digits. Stored with the version, so that a database whose migration had
    /// other SQL is detected.
    func digest(_ dialect: SQLDialect) -> String {
        let text = scripts(dialect).joined(separator: "\n")
        return SHA256.hash(data: Data(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0\(digits)" : digits
        }.joined()
    }

    /// Runs inside the transaction of ``Migrations/run(on:through:)``.
    func apply(_ connection: any SQLConnection) throws {
        for script in scripts(connection.dialect) { try connection.script(script) }
        try afterwards(connection)
    }
}
