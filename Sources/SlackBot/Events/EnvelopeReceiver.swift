import Analytics
import Bridge
import Foundation
import Logging

/// What is done with an envelope before it is acknowledged: a question is stored, a command is queued, the rest is
/// forgotten. Slack is asked nothing here, but for the bot's own identity, once, and for the thread of a question that
/// came again and that the record does not know.
struct EnvelopeReceiver: Sendable {
    let installation: Installation
    let store: Store
    let workSignal: WorkSignal
    let commands: SlashCommandHandler
    let directory: SlackDirectory
    let followUpFilter: FollowUpFilter
    let otherProcess: OtherProcess
    let logger: Logger

    /// Returns when the envelope may be acknowledged. Throws when a question could not be stored.
    func receive(_ envelope: Envelope) async throws {
        switch DecodedEnvelope(envelope, bot: try await installation.identity()) {
        case .ignored(let reason):
            logger.debug("Ignored.", metadata: ["reason": "\(reason)"])
        case .command(let command):
            commands.take(command)
        case .userChanged(let user, let team):
            await directory.forget(user, team: team)
        case .question(let question):
            if envelope.retryAttempt > 0, await !isKnown(question), await otherProcess.has(question) { return }
            _ = try await accept(question)
        case .unaddressed(let message):
            if await followUpFilter.isForOmni(message) { _ = try await accept(message.question) }
        }
    }

    /// Whether this process or the store has it; false when the store cannot be asked.
    private func isKnown(_ question: SlackQuestion) async -> Bool {
        (try? await store.isKnown(originKey: question.originKey)) ?? false
    }

    /// Stores a question, wherever it was found. False when it was there already; throws when it could not be stored.
    func accept(_ incoming: SlackQuestion) async throws -> Bool {
        // Who asks is found out after the acknowledgement; until then the row names the Slack id.
        let asker = Principal(
            email: "\(incoming.user.lowercased())@slack.invalid", name: incoming.user, role: "",
            source: .builtIn("unidentified"))
        let question = Question(
            id: incoming.newID ?? ULID(), asker: asker, text: incoming.text, place: incoming.place,
            threadKey: incoming.threadKey, kind: incoming.kind == .command ? .command : .chat,
            askedAt: incoming.sentAt ?? Date())
        let new = NewQuestion(
            question, originKey: incoming.originKey, origin: incoming.origin, context: incoming.context)
        guard case .accepted(let id) = try await store.accept(new) else { return false }
        Failpoint.accepted.reach()
        workSignal.send(for: id)
        return true
    }
}

extension SlackQuestion {
    var place: Place {
        Place(entryPoint: .slack, channel: channel, channelName: channelName, isDirect: kind == .direct)
    }

    var origin: QuestionOrigin {
        QuestionOrigin(team: team, channel: channel, userID: user, messageTS: ts, threadTS: rootTS)
    }

    /// When the message was sent, by Slack's clock: it orders the questions of a thread, in the record to a millisecond
    /// and by their ids to a microsecond. A slash command has no ts.
    var sentAt: Date? { microseconds.map { Date(timeIntervalSince1970: Double($0 / 1000) / 1000) } }

    /// An id for it; nil for a slash command. Two of one message differ, and begin alike.
    var newID: ULID? { microseconds.map { ULID(microseconds: $0) } }

    /// A ts is seconds, a point and six digits.
    fileprivate var microseconds: UInt64? {
        guard let parts = ts?.split(separator: "."), parts.count == 2, parts[1].utf8.count == 6,
            let seconds = UInt64(parts[0]), seconds < 1 << 40, let rest = UInt64(parts[1])
        else { return nil }
        return seconds * 1_000_000 + rest
    }

    /// All that answering needs and the record's columns do not hold, so that another process can answer.
    var context: JSONValue {
        var context: JSONObject = ["way": .string(kind.rawValue), "external": .bool(isExternallyShared)]
        if let responseURL { context["response_url"] = .string(responseURL.revealed) }
        if let channelName { context["channel_name"] = .string(channelName) }
        return .object(context)
    }
}
