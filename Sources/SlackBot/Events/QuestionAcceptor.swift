import Analytics
import Bridge
import Foundation

/// Stores the questions that Slack delivers or a back-fill finds, each once, and signals the dispatcher.
struct QuestionAcceptor: Sendable {
    let store: Store
    let workSignal: WorkSignal
    let otherProcess: OtherProcess

    /// Stores a question of an envelope, unless another process answers it; returns when the envelope may be
    /// acknowledged. Throws ``StoreError`` when it could not be stored, and ``SlackError`` when the thread of one that
    /// Slack delivers for the second time could not be read.
    func receive(_ question: SlackQuestion, retryAttempt: Int) async throws {
        if try await isLeftToOtherProcess(question, retryAttempt: retryAttempt) { return }
        _ = try await accept(question)
    }

    /// Stores a question that a back-fill found, unless another process has it: in and after an outage of the store its
    /// thread is read once more, since that process may have received it after the back-fill had read the thread. False
    /// when it was stored before, or another process has it; throws ``StoreError`` when it could not be stored.
    func acceptFound(_ question: SlackQuestion) async throws -> Bool {
        // When the thread cannot be read: a question that is answered twice is better than one that is lost.
        if store.mayBeSpooledElsewhere, (try? await otherProcess.has(question)) == true { return false }
        return try await accept(question)
    }

    /// Whether another process answers a redelivered question that the store does not know. Slack delivers an envelope
    /// at once a second time and after a minute a third time (docs.slack.dev, Events API, retries). So when the thread
    /// cannot be read, the second delivery is not acknowledged; the third one is accepted, because a question that is
    /// answered twice is better than one that is lost.
    private func isLeftToOtherProcess(_ question: SlackQuestion, retryAttempt: Int) async throws -> Bool {
        guard retryAttempt > 0, await !isKnown(question) else { return false }
        do {
            return try await otherProcess.has(question, isWaiting: store.mayBeSpooledElsewhere)
        } catch {
            if retryAttempt == 1 { throw error }
            return false
        }
    }

    /// Whether this process or the store has the question; false when the store cannot be read.
    private func isKnown(_ question: SlackQuestion) async -> Bool {
        (try? await store.isKnown(originKey: question.originKey)) ?? false
    }

    /// Stores a question and signals the dispatcher. False when it was stored before;
    /// throws ``StoreError`` when it could not be stored.
    ///
    /// - Parameters:
    ///   - retryOf: the question that it repeats.
    ///   - isAskedNow: whether it is asked now, as one that repeats another is, and not when its message was sent.
    func accept(_ incoming: SlackQuestion, retryOf: ULID? = nil, isAskedNow: Bool = false) async throws -> Bool {
        let isAskedNow = isAskedNow || retryOf != nil
        // The asker is identified after the acknowledgement.
        let asker = Principal(
            email: SlackUser.provisionalEmail(incoming.user), name: incoming.user, role: "",
            source: .builtIn("unidentified"))
        let question = Question(
            id: (isAskedNow ? nil : incoming.newID) ?? ULID(), asker: asker, text: incoming.text,
            place: incoming.place, threadKey: incoming.threadKey, kind: incoming.requestKind,
            askedAt: (isAskedNow ? nil : incoming.sentAt) ?? Date(), call: incoming.call)
        let new = NewQuestion(
            question, originKey: incoming.originKey, origin: incoming.origin, context: incoming.context,
            retryOf: retryOf)
        guard case .accepted(let id) = try await store.accept(new) else { return false }
        Failpoint.accepted.reach()
        workSignal.send(for: id)
        return true
    }
}

extension SlackQuestion {
    /// The place as far as the envelope tells it.
    var place: Place {
        Place(entryPoint: .slack, channel: channel, channelName: channelName, isDirect: isDirect)
    }

    /// Whether it was asked in direct messages, where there are commands, reactions and the shortcut too.
    var isDirect: Bool { kind == .direct || channel.hasPrefix("D") }

    fileprivate var requestKind: Question.Kind { call != nil ? .tool : kind == .command ? .command : .chat }

    /// Where the question came from, as the store has it.
    var origin: QuestionOrigin {
        QuestionOrigin(team: team, channel: channel, userID: user, messageTS: about ?? ts, threadTS: rootTS)
    }

    /// Time of the message by Slack's clock, for the order of a thread's questions: in the store to a millisecond, by
    /// their ids to a microsecond. nil without a ts.
    var sentAt: Date? { microseconds.map { Date(timeIntervalSince1970: Double($0 / 1000) / 1000) } }

    /// A new id from the message's ts; nil without one. Two ids of one message have the same time part.
    var newID: ULID? { microseconds.map { ULID(microseconds: $0) } }

    /// A ts is seconds, a point and six digits; nil for anything else.
    fileprivate var microseconds: UInt64? {
        guard let parts = ts?.split(separator: "."), parts.count == 2, parts[1].utf8.count == 6,
            let seconds = UInt64(parts[0]), seconds < 1 << 40, let rest = UInt64(parts[1])
        else { return nil }
        return seconds * 1_000_000 + rest
    }

    /// The values that another process needs in order to answer and that have no column of their own.
    var context: JSONValue {
        var context: JSONObject = ["way": .string(kind.rawValue), "external": .bool(isExternallyShared)]
        if let responseURL { context["response_url"] = .string(responseURL.revealed) }
        if let channelName { context["channel_name"] = .string(channelName) }
        if !shared.isEmpty { context["shared"] = .array(shared.map(\.json)) }
        if about != nil, let ts { context["asked_ts"] = .string(ts) }
        if let fixedAnswer { context["fixed_answer"] = .string(fixedAnswer) }
        if !files.isEmpty { context["files"] = .array(files.map(\.json)) }
        if isTooLate { context["too_late"] = true }
        return .object(context)
    }
}
