import Logging
import NIOConcurrencyHelpers

/// The calls of Slack's agent messaging, on which no answer depends: an error is logged and not thrown. After an error
/// which says that this workspace or token does not have the feature, the method is not called again by this process.
struct AgentMessaging: Sendable {
    private let api: SlackAPI
    private let logger: Logger
    /// Methods that are not called any more.
    private let missing = NIOLockedValueBox<Set<String>>([])

    init(api: SlackAPI, logger: Logger) {
        self.api = api
        self.logger = logger
    }

    /// See ``SlackAPI/setStatus(_:of:isRequired:)``. False when Slack does not show it.
    func setStatus(_ status: String, of thread: MessageAddress) async -> Bool {
        await attempt("assistant.threads.setStatus") {
            try await api.setStatus(status, of: thread, isRequired: status.isEmpty)
        }
    }

    /// See ``SlackAPI/setTitle(_:of:)``.
    func setTitle(_ title: String, of thread: MessageAddress) async {
        _ = await attempt("assistant.threads.setTitle") { try await api.setTitle(title, of: thread) }
    }

    /// See ``SlackAPI/setSuggestedPrompts(_:in:thread:)``.
    func suggest(_ prompts: [SuggestedPrompt], in channel: String, thread: String?) async {
        _ = await attempt("assistant.threads.setSuggestedPrompts") {
            try await api.setSuggestedPrompts(prompts, in: channel, thread: thread)
        }
    }

    private func attempt(_ method: String, _ call: () async throws -> Void) async -> Bool {
        guard !missing.withLockedValue({ $0.contains(method) }) else { return false }
        do {
            try await call()
            return true
        } catch let error as SlackError where error.isFeatureMissing {
            let isFirst = missing.withLockedValue { $0.insert(method).inserted }
            if isFirst {
                logger.notice(
                    "A method of Slack's agent messaging is not available here, and not called again.",
                    metadata: ["error": "\(error)"])
            }
            return false
        } catch {
            logger.debug("A call of Slack's agent messaging failed.", metadata: ["error": "\(error)"])
            // After a lost response Slack may have carried it out.
            return (error as? SlackError)?.mayHaveHappened ?? true
        }
    }
}
