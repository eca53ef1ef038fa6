import Foundation

extension StoreError.Code {
    /// This process's audit key may not sign: another key is in use, or it was replaced.
    package static let auditKey = StoreError.Code(rawValue: "audit_key")
}

extension Store {
    /// Why this process would not seal with that key (nil: the data folder has none yet); nil if it would.
    package func auditKeyProblem(_ key: AuditKey?) async throws -> String? {
        try await database.read { try Self.problem(of: key, on: $0)?.message }
    }

    /// Registers the key if it is new. Throws ``StoreError`` `.auditKey` if this process may not sign.
    ///
    /// A new `OMNI_AUDIT_KEY` replaces the key in use, and so does a new key file of the embedded store. On PostgreSQL
    /// a key file does not: it would be one of several processes, each with a key of its own.
    static func adopt(_ key: AuditKey, on connection: any SQLConnection) throws {
        if let problem = try problem(of: key, on: connection) { throw problem }
        guard try auditKeys(on: connection)[key.id] == nil else { return }
        try connection.execute(
            "UPDATE audit_keys SET retired_at = \(connection.dialect.now) WHERE retired_at IS NULL", [])
        try SQLStatement.insert(
            into: "audit_keys",
            [
                ("id", .text(key.id)), ("algorithm", .text("ed25519")),
                ("public_key", .text(Data(key.publicKey.bytes).base64EncodedString())),
            ], on: connection)
    }

    /// The public keys by their ids, also those that were replaced.
    static func auditKeys(on connection: any SQLConnection) throws -> [String: AuditPublicKey] {
        let rows = try connection.query("SELECT id, public_key FROM audit_keys", [])
        return Dictionary(
            rows.compactMap { row in
                guard let id = row.text("id") else { return nil }
                let bytes = row.text("public_key").flatMap { Data(base64Encoded: $0) } ?? Data()
                return (id, AuditPublicKey(id: id, bytes: Array(bytes)))
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func problem(of key: AuditKey?, on connection: any SQLConnection) throws -> StoreError? {
        let rows = try connection.query("SELECT id, retired_at IS NOT NULL AS is_retired FROM audit_keys", [])
        let live = rows.filter { $0.bool("is_retired") == false }.compactMap { $0.text("id") }
        guard let key else {
            guard let other = live.first, connection.dialect == .postgres else { return nil }
            return foreignKey(other)
        }
        if let own = rows.first(where: { $0.text("id") == key.id }) {
            guard own.bool("is_retired") == true else { return nil }
            return StoreError(
                .auditKey,
                "the audit key \(key.id) was replaced by \(live.first ?? "another"): give this process that key in "
                    + "OMNI_AUDIT_KEY")
        }
        guard let other = live.first, connection.dialect == .postgres, !key.isFromEnvironment else { return nil }
        return foreignKey(other)
    }

    private static func foreignKey(_ id: String) -> StoreError {
        StoreError(
            .auditKey,
            "the audit log is sealed with the key \(id), which this process does not have: set OMNI_AUDIT_KEY, the "
                + "same in every process that shares the database")
    }
}
