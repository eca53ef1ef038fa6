/// The right of one process to post a digest: one row of `digests`.
package struct DigestClaim: Sendable, Hashable {
    /// When the digest is due, in the format of ``Timestamp``; the row's key.
    package let due: String
    /// ``ProcessRow/id`` of the process.
    package let owner: String
    /// 1 for the first claim. From the second on the message may have been posted already.
    package let attempt: Int
    /// The channel of the claim before; nil for the first.
    package let earlierChannel: String?
    /// Where the message is; nil if the store does not know that it was posted.
    package let message: DigestMessageAddress?

    package init(
        due: String, owner: String, attempt: Int, earlierChannel: String? = nil, message: DigestMessageAddress? = nil
    ) {
        self.due = due
        self.owner = owner
        self.attempt = attempt
        self.earlierChannel = earlierChannel
        self.message = message
    }
}

/// The address of a digest's message.
package struct DigestMessageAddress: Sendable, Hashable {
    package let channel: String
    package let ts: String

    package init(channel: String, ts: String) {
        self.channel = channel
        self.ts = ts
    }
}

/// What came of an attempt to claim a digest.
package enum DigestClaimResult: Sendable, Hashable {
    case claimed(DigestClaim)
    /// Another claim is too young to be taken over.
    case held
    /// All attempts were made, and no message is known.
    case exhausted
    /// It was sent or given up.
    case over
}

/// Whether a digest can be claimed.
package enum DigestState: Sendable, Hashable {
    /// No process has claimed it, or its claim is old enough to be taken over.
    case due
    /// A process works on it.
    case held
    /// It was sent or given up.
    case over
}
