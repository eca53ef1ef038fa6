import Bridge
import Logging

/// Whether another process has a question that the store does not know: it received it while the store was unavailable,
/// and has not drained its spool yet. Until then only the thread in Slack shows it: a message of that process carries
/// the question's id in its metadata, and the id begins with the time of the asker's message.
struct OtherProcess: Sendable {
    let api: SlackAPI
    let logger: Logger
    /// Limit of the look-up: the acknowledgement, which Slack expects within 3 s, waits for it.
    var timeout = Duration.milliseconds(2_000)
    /// The time in which a process shows its first message, less than a second because the acknowledgement waits for it.
    var firstMessage = Duration.milliseconds(700)

    /// Whether a message of the thread carries an id of this question; false for a slash command, which is never
    /// redelivered. Throws ``SlackError`` when Slack did not return the thread within ``timeout``: it is not known.
    ///
    /// - Parameter isWaiting: reads the thread for ``firstMessage`` long, since a process that has just accepted the
    ///   question shows its first message only some hundred milliseconds later.
    func has(_ question: SlackQuestion, isWaiting: Bool = false) async throws -> Bool {
        guard let id = question.newID, let root = question.rootTS else { return false }
        let readUntil = ContinuousClock.now + (isWaiting ? firstMessage : .zero)
        let result = await withDeadline(timeout) { () async -> Bool? in
            while !Task.isCancelled {
                do {
                    let page = try await api.replies(
                        in: question.channel, thread: root, oldest: question.ts, isRepeated: false)
                    let isThere = page.items.contains {
                        MessageKey(of: $0)?.question.isOfSameMicrosecond(as: id) == true
                    }
                    if isThere || ContinuousClock.now >= readUntil { return isThere }
                } catch {
                    logger.debug(
                        "Whether another process has a question is not known.", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
            return nil
        }
        guard let isThere = result.value else {
            throw SlackError(
                "unreachable", method: "conversations.replies",
                detail: "the thread of a redelivered question was not read within \(timeout)")
        }
        if isThere {
            logger.notice("A question that came again is left to the process that has it.", metadata: ["like": "\(id)"])
        }
        return isThere
    }
}
