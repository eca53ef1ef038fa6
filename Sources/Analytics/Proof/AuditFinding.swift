/// Something in the audit log that does not fit its proof.
package struct AuditFinding: Sendable, Hashable {
    /// What happened, with its name in JSON.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A row's columns are not those that were hashed.
        case rowChanged = "row_changed"
        /// There is no row at a position, and no signed record of its removal.
        case rowRemoved = "row_removed"
        /// A row is at another position than the one at which it was sealed.
        case rowMoved = "row_moved"
        /// A row has a position that was not given by sealing.
        case rowAdded = "row_added"
        /// A row does not follow the one before it, which was changed together with its hash or replaced.
        case linkBroken = "link_broken"
        /// A head is not what was signed.
        case headChanged = "head_changed"
        /// A day has rows and no head.
        case headMissing = "head_missing"
        /// A head was signed by a key that is unknown, or not the key of this process.
        case unknownKey = "unknown_key"
        /// All rows of a day are gone without a signed record of their removal.
        case dayRemoved = "day_removed"
        /// The record of a removed row or day is not what was signed.
        case removalChanged = "removal_changed"
    }

    package let kind: Kind
    /// The day of the chain.
    package let day: String
    /// The positions; nil for the day or its head.
    package let positions: ClosedRange<Int64>?
    /// The row's id, its question and when that was asked; nil where there is no row.
    package let rowID: Int64?
    package let questionID: String?
    package let askedAt: String?
    /// Further words, such as where a moved row belongs.
    package let detail: String?

    init(
        _ kind: Kind, day: String, positions: ClosedRange<Int64>? = nil, row: RowName? = nil, detail: String? = nil
    ) {
        self.kind = kind
        self.day = day
        self.positions = positions
        rowID = row?.id
        questionID = row?.questionID
        askedAt = row?.askedAt
        self.detail = detail
    }

    /// What a finding says about a row.
    struct RowName: Sendable, Hashable {
        let id: Int64
        let questionID: String?
        let askedAt: String

        init(_ row: SealedRow) {
            id = row.id
            questionID = row.questionID
            askedAt = row.askedAt
        }
    }
}
