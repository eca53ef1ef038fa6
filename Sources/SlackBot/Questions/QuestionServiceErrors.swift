import Bridge

/// The same idempotency key was used before, for the question `id`.
struct DuplicateQuestion: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String { "this was asked before, as question \(id): GET /chat/questions/\(id) returns its answer" }
}

/// The question waited too long for older ones of its conversation. It was ended, and may be asked again under the same
/// key.
struct ConversationBusy: Error, Sendable, CustomStringConvertible {
    var description: String { "An earlier question of this conversation is still being answered; try again." }
}

/// This process has given the question up, because it stops or was suspended; another process goes on with it.
struct GoesOnElsewhere: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String {
        "another process goes on with question \(id): GET /chat/questions/\(id) returns its answer"
    }
}

/// The outcome of the question could not be stored, and `audit.required` is set.
struct NotRecorded: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String {
        "the answer to question \(id) could not be stored, and without its audit log Omni does not answer "
            + "(audit.required)"
    }
}

/// An administrator disabled this user.
struct UserDisabled: Error, Sendable, CustomStringConvertible {
    var description: String { UserMessages.disabled }
}
