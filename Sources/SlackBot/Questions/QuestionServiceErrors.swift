import Bridge

/// The same idempotency key was used before.
struct DuplicateQuestion: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String { "this was asked before, as question \(id)" }
}

/// The turn of a question did not come in time. It was ended, and may be asked again under the same key.
struct ConversationBusy: Error, Sendable, CustomStringConvertible {
    var description: String { "An earlier question of this conversation is still being answered; try again." }
}

/// Another process has the question, so that what was answered here is not in the record.
struct TakenOver: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String { "another process has taken over question \(id), and ends it without this answer" }
}

/// The record did not take how a question ended, and `audit.required` is set.
struct NotRecorded: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String {
        "the answer to question \(id) could not be recorded, and without its record Omni does not answer "
            + "(audit.required)"
    }
}

/// An administrator switched this person's access off.
struct UserDisabled: Error, Sendable, CustomStringConvertible {
    var description: String { UserMessages.disabled }
}
