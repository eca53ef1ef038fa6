/// The last row of a day of the chain, signed: one row of `audit_heads`. It stays when the day's rows are removed.
package struct AuditHead: Sendable, Hashable {
    /// The day (UTC) on which the rows got their positions, `2026-11-28`.
    package let day: String
    /// The position of the last row; the first row of a day has 1.
    package let seq: Int64
    package let hash: String
    /// The id of the key that signed it.
    package let keyID: String
    let signature: String

    init(day: String, seq: Int64, hash: String, key: AuditKey) throws {
        self.day = day
        self.seq = seq
        self.hash = hash
        keyID = key.id
        signature = try key.sign(Self.message(day, seq, hash))
    }

    init?(_ row: SQLRow) {
        guard let day = row.text("chain_day"), let seq = row.int("seq"), let hash = row.text("hash"),
            let keyID = row.text("key_id"), let signature = row.text("signature")
        else { return nil }
        self.day = day
        self.seq = seq
        self.hash = hash
        self.keyID = keyID
        self.signature = signature
    }

    /// Whether it was signed by that key as it is now.
    func isSigned(by key: AuditPublicKey?) -> Bool {
        key?.verifies(signature, of: Self.message(day, seq, hash)) ?? false
    }

    private static func message(_ day: String, _ seq: Int64, _ hash: String) -> String {
        "omni audit head 1\n\(day)\n\(seq)\n\(hash)"
    }
}
