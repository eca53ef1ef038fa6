package import Bridge
package import Foundation

/// A question as the record keeps it. Of the asker it holds who he was, not what he may do: rights are looked up anew.
/// A reference: it is handed on at every step.
package struct QuestionRow: Sendable {
    package let id: ULID
    package let originKey: String?
    package let place: Place
    package let threadKey: String
    package let askerEmail: String
    package let askerName: String
    package let askerRole: String
    package let text: String
    package let kind: Question.Kind
    package let state: QuestionState
    package let waitingFor: QuestionState.Reason?
    /// The process that works on it.
    package let owner: String?
    /// How often it was claimed; a write with an older epoch is refused.
    package let epoch: Int64
    /// How often it was begun and neither ended nor given back.
    package let attempts: Int
    /// It has ended, and not all that is to be said of it was said.
    package let isUndelivered: Bool
    package let askedAt: Date
    package let receivedAt: Date
    package let finishedAt: Date?
    package let deadline: Date?
    package let answer: String?
    package let warning: String?
    package let isPrivate: Bool
    package let errorID: String?
    package let origin: QuestionOrigin
    package let context: JSONValue
    package let retryOf: ULID?

    /// - Parameter machine: what has become of it since the row was read; nil when nothing has.
    init?(_ row: SQLRow, _ machine: QuestionStateMachine? = nil) {
        guard let id = row.ulid("id"), let entryPoint = row.text("door").flatMap(Place.EntryPoint.init(rawValue:)),
            let kind = row.text("kind").flatMap(Question.Kind.init(rawValue:)),
            let machine = machine ?? QuestionStateMachine(row),
            let askedAt = row.time("asked_at"), let receivedAt = row.time("received_at")
        else { return nil }
        self.id = id
        originKey = row.text("origin_key")
        place = Place(
            entryPoint: entryPoint, channel: row.text("channel"), channelName: row.text("channel_name"),
            isDirect: row.bool("is_direct") ?? false)
        threadKey = row.text("thread_key") ?? ""
        askerEmail = row.text("asker_email") ?? ""
        askerName = row.text("asker_name") ?? ""
        askerRole = row.text("asker_role") ?? ""
        text = row.text("text") ?? ""
        self.kind = kind
        state = machine.state
        waitingFor = machine.waitingFor
        owner = machine.owner
        epoch = machine.epoch
        attempts = machine.attempts
        isUndelivered = machine.isUndelivered
        self.askedAt = askedAt
        self.receivedAt = receivedAt
        finishedAt = row.time("finished_at")
        deadline = row.time("deadline")
        answer = row.text("answer")
        warning = row.text("warning")
        isPrivate = row.bool("is_private") ?? false
        errorID = row.text("error_id")
        let origin = row.json("origin")
        self.origin = QuestionOrigin(origin?["ids"] ?? .null)
        context = origin?["context"] ?? .null
        retryOf = row.ulid("retry_of")
    }
}

/// The right of one process to work on one question, until its lease ends or another process claims it.
package struct Claim: Sendable {
    package let question: QuestionRow
    /// The process's id in `processes`.
    package let owner: String

    package var id: ULID { question.id }
    package var epoch: Int64 { question.epoch }
}

/// A process that works on questions.
package struct ProcessRow: Sendable, Hashable {
    /// New at every start.
    package let id: String
    /// The same after a restart, and of one process at a time: the questions of an earlier process of this name are
    /// free at once.
    package let name: String
    package let host: String
    package let pid: Int32
    package let version: String

    package init(id: String = ULID().text, name: String, host: String, pid: Int32, version: String = "") {
        self.id = id
        self.name = name
        self.host = host
        self.pid = pid
        self.version = version
    }
}

extension StoreError.Code {
    /// Another process took the question over, or it has ended: what this one writes no longer counts.
    package static let superseded = StoreError.Code(rawValue: "superseded")
}
