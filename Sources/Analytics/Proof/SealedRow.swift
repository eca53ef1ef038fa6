import Bridge

/// A row of the audit log as the chain sees it: what is hashed, and its place in the chain if it has one.
struct SealedRow: Sendable {
    let id: Int64
    let questionID: String?
    /// When the question was asked, as stored.
    let askedAt: String
    let listed: JSONObject
    let personal: JSONObject
    /// nil before the row is sealed.
    let seq: Int64?
    let previousHash: String
    let hash: String
    let version: Int64?
    let personalDigest: String
    /// nil before the row is sealed and after its person was forgotten.
    let salt: [UInt8]?
    /// Its question is in `audit_forgotten`.
    let isForgotten: Bool

    /// Reads a row that was selected with ``Store/sealedSelection(_:)``.
    init?(_ row: SQLRow) {
        guard let id = row.int("id") else { return nil }
        self.id = id
        questionID = row.text("question_id")
        askedAt = row.text("timestamp") ?? ""
        listed = AuditDigest.object(AuditDigest.listed, of: row)
        personal = AuditDigest.object(AuditDigest.personal, of: row)
        seq = row.int("seq")
        previousHash = row.text("prev_hash") ?? ""
        hash = row.text("hash") ?? ""
        version = row.int("hash_version")
        personalDigest = row.text("personal_digest") ?? ""
        salt = row.bytes("salt")
        isForgotten = row.bool("is_forgotten") ?? false
    }

    /// The key of its salt: the question's id, or for a row without a question a text of the row's id.
    var saltKey: String { questionID ?? "row \(id)" }

    /// What is hashed is what was hashed when the row was sealed.
    var isWhole: Bool { version == AuditDigest.version && hasItsText && fits(after: previousHash, as: hash) }

    /// Whether the row has that hash when it follows a row with the hash `previous`.
    func fits(after previous: String, as hash: String) -> Bool {
        AuditDigest.hash(after: previous, listed, personalDigest: personalDigest) == hash
    }

    /// The personal columns are those of the digest, or were cleared because the person was forgotten.
    private var hasItsText: Bool {
        if let salt { return AuditDigest.personalDigest(personal, salt: salt) == personalDigest }
        return isForgotten
            && personal.allSatisfy { name, value in
                AuditDigest.named.contains(name) ? value == .string(AuditDigest.forgotten) : value.isNull
            }
    }
}
