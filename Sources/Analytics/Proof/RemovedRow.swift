/// The signed record of a row that the retention removed: one row of `audit_tombstones`. With ``wholeDay`` as its
/// position it is that of a whole day.
struct RemovedRow: Sendable, Hashable {
    /// The position that stands for all rows of a day.
    static let wholeDay: Int64 = 0

    let day: String
    let seq: Int64
    let previousHash: String
    let hash: String
    let keyID: String
    let signature: String

    init(day: String, seq: Int64, previousHash: String, hash: String, key: AuditKey) throws {
        self.day = day
        self.seq = seq
        self.previousHash = previousHash
        self.hash = hash
        keyID = key.id
        signature = try key.sign(Self.message(day, seq, previousHash, hash))
    }

    init?(_ row: SQLRow) {
        guard let day = row.text("chain_day"), let seq = row.int("seq"), let previousHash = row.text("prev_hash"),
            let hash = row.text("hash"), let keyID = row.text("key_id"), let signature = row.text("signature")
        else { return nil }
        self.day = day
        self.seq = seq
        self.previousHash = previousHash
        self.hash = hash
        self.keyID = keyID
        self.signature = signature
    }

    /// Whether it was signed by that key as it is now.
    func isSigned(by key: AuditPublicKey?) -> Bool {
        key?.verifies(signature, of: Self.message(day, seq, previousHash, hash)) ?? false
    }

    private static func message(_ day: String, _ seq: Int64, _ previousHash: String, _ hash: String) -> String {
        "omni audit removed 1\n\(day)\n\(seq)\n\(previousHash)\n\(hash)"
    }
}
