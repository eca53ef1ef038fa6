import Bridge
import Logging

/// Whether another process has a question that the record does not know: it took it in while the store was away, and its
/// spool has not come home. Until then only Slack tells: what that process says stands in the thread, and the id of each
/// question begins with the time of its message.
struct OtherProcess: Sendable {
    let api: SlackAPI
    let logger: Logger
    /// An acknowledgement waits for the answer, and has three seconds.
    var timeout = Duration.milliseconds(2_000)

    /// False also when Slack does not say it in time: a question too many is answered, rather than one too few.
    func has(_ question: SlackQuestion) async -> Bool {
        guard let id = question.newID, let root = question.rootTS else { return false }
        let result = await withDeadline(timeout) { () async -> Bool in
            while !Task.isCancelled {
                do {
                    let page = try await api.replies(
                        in: question.channel, thread: root, oldest: question.ts, isRepeated: false)
                    return page.items.contains { MessageKey(of: $0)?.question.isOfSameMicrosecond(as: id) == true }
                } catch {
                    logger.debug(
                        "Whether another process has a question is not known.", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .milliseconds(200))
                }
            }
            return false
        }
        if result.value {
            logger.notice("A question that came again is left to the process that has it.", metadata: ["like": "\(id)"])
        }
        return result.value
    }
}
