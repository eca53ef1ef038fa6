package import Bridge
package import Foundation

/// A stored question: one row of `questions`. It holds the asker's identity, not the asker's rights: they are looked up
/// again.
package struct QuestionRow: Sendable {
    package let id: ULID
    /// See ``NewQuestion/originKey``.
    package let originKey: String?
    package let place: Place
    /// Identifies the thread; its questions are processed in order.
    package let threadKey: String
    /// The asker's e-mail, name and role, as identified when the row was last written.
    package let askerEmail: String
    package let askerName: String
    package let askerRole: String
    package let text: String
    package let kind: Question.Kind
    package let state: QuestionState
    /// What the question waits for; nil unless the state is `waiting`.
    package let waitingFor: QuestionState.Reason?
    /// When it is claimed again without an answer; nil unless the state is `waiting`.
    package let waitUntil: Date?
    /// Id of the process that claimed it last; before the first claim ``NewQuestion/caller``; nil after a release.
    package let owner: String?
    /// Number of claims; a write under an older epoch is rejected.
    package let epoch: Int64
    /// Number of claims to answer it, minus those that were released or led to a wait.
    package let attempts: Int
    /// The question has ended or begun to wait, and some of its messages are not sent.
    package let isUndelivered: Bool
    /// When the asker sent it; orders the questions of a thread.
    package let askedAt: Date
    /// When it was stored, by the database's clock.
    package let receivedAt: Date
    /// When it ended; nil before.
    package let finishedAt: Date?
    /// See ``NewQuestion/deadline``.
    package let deadline: Date?
    /// The text of the answer; nil unless the state is `answered`.
    package let answer: String?
    /// The answer's warning, or `doubled` (``SpoolImport``).
    package let warning: String?
    /// See ``FinishedQuestion/isPrivate``.
    package let isPrivate: Bool
    /// The failure's id, as shown to the asker; else nil.
    package let errorID: String?
    /// The ids of the place it came from, for the audit log.
    package let origin: QuestionOrigin
    /// See ``NewQuestion/context``.
    package let context: JSONValue
    /// See `Question.call`.
    package let call: NamedToolCall?
    /// The question that this one repeats.
    package let retryOf: ULID?
    /// See ``Store/stop(_:_:)``.
    package let stop: StopRequest?

    /// nil if the row cannot be read.
    ///
    /// - Parameter machine: the state after changes since the row was read; nil: the row's own.
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
        waitUntil = machine.state == .waiting ? row.time("wait_until") : nil
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
        call = NamedToolCall(origin?["call"])
        retryOf = row.ulid("retry_of")
        stop = StopRequest(row.json("stop"))
    }
}

extension QuestionRow {
    /// The question has ended or waits, and messages are left to send.
    package var isToBeDelivered: Bool { isUndelivered && (state.isTerminal || state == .waiting) }
}

/// The right of one process to work on one question until its lease ends or another process claims it.
package struct Claim: Sendable {
    /// The question as it was when it was claimed.
    package let question: QuestionRow
    /// The process's id in `processes`.
    package let owner: String

    package var id: ULID { question.id }
    /// The epoch that this claim has set.
    package var epoch: Int64 { question.epoch }
}

/// A process that works on questions: one row of `processes`.
package struct ProcessRow: Sendable, Hashable {
    /// Unique for every start.
    package let id: String
    /// The same after a restart, and used by one process at a time: the leases of earlier processes of this name end at
    /// registration.
    package let name: String
    /// ``ProcessPlace/here`` of the process.
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
    /// Another process has claimed the question, or it has ended: the write was rejected.
    package static let superseded = StoreError.Code(rawValue: "superseded")
}
